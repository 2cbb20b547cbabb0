"""What a call asks of a model: the prompt and the messages among its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from guardrail.errors import RefusedError
from guardrail.types import Context, Message

__all__ = ["asking"]

_MESSAGES = "messages"
_NAMES = ("prompt", _MESSAGES, "input", "question", "query")
_OTHERS = ("model", "system")


def asking(fn: Callable[..., Any]) -> Callable[..., Context]:
    """Tells what a call of a callable asks, by the call's arguments.

    What is named `prompt`, `messages`, `input`, `question` or `query` is asked; where none of these
    is a text, so is the first string by position, and where none is a list either, the first list
    of messages, but not what is named `model` or `system`.
    """
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # one in C may have none
        signature = _ANY

    def asked(*args: Any, **kwargs: Any) -> Context:
        arguments = [*_arguments(signature, args, kwargs)]
        named = [(name, value) for name, value in arguments if name in _NAMES]
        placed = [value for name, value in arguments if name not in (*_NAMES, *_OTHERS)]
        texts = [value for _, value in named if isinstance(value, str)]
        lists = [value for name, value in named if _is_list(value, name)]
        if not texts:
            texts = [value for value in placed if isinstance(value, str)][:1]
            lists = lists or [value for value in placed if _is_list(value)][:1]
        messages = tuple(_message(message) for turns in lists for message in turns)
        return Context("\n".join(texts) if texts else None, messages)

    return asked


def _arguments(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Those by position, in their order, and of the others those that have one of the names."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:  # a decorator may take other arguments than it says
        signature, bound = _ANY, _ANY.bind(*args, **kwargs)
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            yield from (("", one) for one in value)
        elif kind is inspect.Parameter.VAR_KEYWORD:
            yield from ((key, one) for key, one in value.items() if key in _NAMES)
        elif kind is not inspect.Parameter.KEYWORD_ONLY or name in _NAMES:
            yield name, value


def _anything(*args: Any, **kwargs: Any) -> None:
    """Takes whatever it is given."""


_ANY = inspect.signature(_anything)


def _is_list(value: object, name: str = "") -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return False
    return name == _MESSAGES or any(
        isinstance(one, Message) or (isinstance(one, Mapping) and "role" in one) for one in value
    )


def _message(message: Any) -> Message:
    if isinstance(message, Message):
        return message
    if not isinstance(message, Mapping):
        raise RefusedError(
            "messages must be mappings with `role` and `content`; or pass `context=` to `wrap`"
        )
    content = message.get("content") or ""
    if not isinstance(content, str):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        content = "\n".join(part for part in parts if isinstance(part, str))
    return Message(str(message.get("role", "user")), content)

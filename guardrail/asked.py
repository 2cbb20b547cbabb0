"""What a call asks of a model, told by the names of its arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import to_jsonable_python

from guardrail.errors import RefusedError
from guardrail.types import Context, Message
from guardrail.wire.checks import Json, WireError
from guardrail.wire.openai import turns
from guardrail.wire.rest import rest
from guardrail.wire.whose import READER

__all__ = ["asking"]

_MODEL = "model"
# What was said before: the question stands beside it.
_HISTORY = frozenset({"history", "chat_history"})
_TURNS = _HISTORY | {"messages"}
# What the reader did not write, and the role of who did.
_OTHERS = dict.fromkeys(
    ("system", "system_prompt", "system_message", "system_instruction", "instructions"), "system"
) | dict.fromkeys(
    ("context", "document", "documents", "docs", "passages", "chunks", "sources"), "tool"
)
_UNREAD = "messages must be mappings with `role` and `content`; or pass `context=` to `wrap`"


def asking(fn: Callable[..., Any]) -> Callable[..., Context]:
    """Tells what a call of a callable asks: every string and list of strings or messages in it.

    What the name of an argument says to be the reader's, such as `prompt` or `question`, is an echo
    where it stands alone: of several, of defaults, and of what a partial has bound, nobody knows
    who wrote them. Where no name says so, each string may be what is asked, and none is an echo.
    Raises `RefusedError` for messages that cannot be read.
    """
    before: tuple[Any, ...] = ()
    named: dict[str, Any] = {}
    while isinstance(fn, functools.partial):
        before, named, fn = (*fn.args, *before), fn.keywords | named, fn.func
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # one in C may have none
        signature = _ANY
    bound = [(value, False) for value in before]
    keywords = {name: (value, False) for name, value in named.items()}

    def asked(*args: Any, **kwargs: Any) -> Context:
        given = [(value, True) for value in args]
        told = keywords | {name: (value, True) for name, value in kwargs.items()}
        return _context([*_arguments(signature, [*bound, *given], told)])

    return asked


@dataclass(frozen=True, slots=True, eq=False)
class _Argument:
    """`given` by who calls, or else by who wrote what is called."""

    name: str
    value: Any = field(repr=False)
    given: bool


def _arguments(
    signature: inspect.Signature,
    args: Sequence[tuple[Any, bool]],
    kwargs: Mapping[str, tuple[Any, bool]],
) -> Iterator[_Argument]:
    try:
        bound = signature.bind(*args, **kwargs).arguments
    except TypeError:  # a decorator may take other arguments than it says
        signature, bound = _ANY, _ANY.bind(*args, **kwargs).arguments
    for name, parameter in signature.parameters.items():
        if name not in bound:
            if parameter.default is not parameter.empty:
                yield _Argument(name, parameter.default, given=False)
        elif parameter.kind is parameter.VAR_POSITIONAL:
            yield from (_Argument("", *one) for one in bound[name])
        elif parameter.kind is parameter.VAR_KEYWORD:
            yield from (_Argument(key, *one) for key, one in bound[name].items())
        else:
            yield _Argument(name, *bound[name])


def _anything(*args: Any, **kwargs: Any) -> None:
    """Takes whatever it is given."""


_ANY = inspect.signature(_anything)


def _context(arguments: Sequence[_Argument]) -> Context:
    strings = [one for one in arguments if isinstance(one.value, str)]
    model = next((one.value for one in strings if one.name == _MODEL), None)
    lists = {one: told for one in arguments if (told := _conversation(one)) is not None}
    asked = [one for one in strings if one.name in READER]
    said = [one for one in asked if one.value.strip()]
    if not said and all(one.name in _HISTORY for one in lists):
        asked = [one for one in strings if one.name != _MODEL and one.name not in _OTHERS]
    if not asked and not lists:
        return Context(model=model)
    own = len(said) == 1 and said[0].given
    besides = [(one, one.value) for one in strings if one.name != _MODEL and one not in asked]
    besides += [(one, [*one.value]) for one in arguments if one not in lists and _texts(one.value)]
    messages = (
        *(turn for one, told in lists.items() for turn in _turns(told, own=one.given)),
        *(turn for one, told in besides for turn in rest(_OTHERS.get(one.name, "request"), told)),
        *(Message("user", one.value, echo=own) for one in asked),
    )
    return Context(messages=messages, model=model)


def _conversation(one: _Argument) -> Sequence[Any] | None:
    """The messages that are an argument; None where it is something else."""
    if isinstance(one.value, str) or one.value is None or one.name in _OTHERS:
        return None
    if one.name in READER and _is_message(one.value):
        return [one.value]
    if not isinstance(one.value, Sequence):
        if one.name in _TURNS:
            raise RefusedError(_UNREAD)
        return None
    return one.value if one.name in _TURNS or any(map(_is_message, one.value)) else None


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(text, str) for text in value)


def _is_message(value: object) -> bool:
    if isinstance(value, Message):
        return True
    return (
        isinstance(value, Mapping) and "role" in value and ("content" in value or "parts" in value)
    )


def _turns(messages: Sequence[Any], *, own: bool) -> Iterator[Message]:
    for message in messages:
        for turn in _said(message):
            yield turn if own else replace(turn, echo=False)


def _said(message: Any) -> Sequence[Message]:
    if isinstance(message, Message):
        return [message]
    try:
        # Those of SDKs are models of pydantic.
        plain = dict(message) if isinstance(message, Mapping) else message
        return _read(to_jsonable_python(plain, bytes_mode="base64"))
    except (ValueError, WireError):
        raise RefusedError(_UNREAD) from None


def _read(body: Json) -> Sequence[Message]:
    if not isinstance(body, dict):
        raise WireError("a message is not an object")
    if "content" not in body and "parts" in body:
        body["content"] = body.pop("parts")
    # Items of a Response have no role.
    told = [*turns([{"role": "request"} | body])]
    if (
        "content" not in body
        and body.get("role") == "user"
        and not any(one.content for one in told)
    ):
        raise WireError("a message that says nothing")
    return told

"""The words of a JSON value, read as one text and put back safe."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Set
from typing import Any

from pydantic_core import from_json, to_json

from guardrail.wire.checks import Checks, Json, WireError

__all__ = [
    "Path",
    "argument",
    "besides",
    "dump",
    "framed",
    "load",
    "load_object",
    "mapped",
    "once",
    "opaque",
    "picked",
    "safe",
    "strings",
    "unread",
]

_ESCAPE = re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\.|"')
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
# An id, a model's name, a date, a signature: never more than one word.
_WORD = re.compile(r"[\w.:/+=~-]*", re.ASCII)
# Many words can be written as one; only what is sealed is as long.
_LONGEST = 128
_SEALED = frozenset(
    {"signature", "data", "encrypted_content", "encrypted_index"}
    | {"result", "partial_image_b64", "obfuscation"}
)
_READ = (str, int, float)

Path = tuple[str | int, ...]
"""The keys and places on the way to a value."""


def load(raw: bytes | str) -> Any:
    """A JSON value; raises `WireError`."""
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise WireError("not JSON") from None


def load_object(raw: bytes | str) -> Json:
    """A JSON object; raises `WireError`."""
    value = load(raw)
    if not isinstance(value, dict):
        raise WireError("not a JSON object")
    return value


def once(raw: bytes | str) -> None:
    """Raises `WireError` where an object of this JSON names a key twice.

    Some take the first value and some the last, so that nobody knows which one was read.
    """
    json.loads(raw, object_pairs_hook=_once, parse_int=len, parse_float=len)


def dump(value: Any) -> bytes:
    """A JSON value as bytes."""
    return to_json(value, inf_nan_mode="null")


def opaque(value: Any) -> bool:
    """Whether a provider's own field may hold this: a number, or one word."""
    if isinstance(value, str):
        return _WORD.fullmatch(value) is not None
    return not isinstance(value, dict | list)


def unread(field: str, value: Any) -> bool:
    """Whether a provider's own field goes out unread: it is opaque, and sealed if it is long."""
    long = isinstance(value, str) and len(value) > _LONGEST
    return opaque(value) and (field in _SEALED or not long)


def besides(body: Json, handled: Set[str]) -> Json:
    """The fields of an object that are not handled one by one."""
    return {key: value for key, value in body.items() if key not in handled}


def safe(value: Any, checks: Checks, own: Set[str] = frozenset()) -> Any:
    """A value whose strings, numbers and keys are safe to show.

    They are read as one text, `key: value` a line, so that what is spread over several is seen
    as well. A number or a key that is redacted becomes the mark. The fields of the outermost
    object that are in `own` are the provider's, and go out where they are `unread`.
    """
    if own and isinstance(value, dict):
        read = {key: part for key, part in value.items() if key not in own or not unread(key, part)}
        return besides(value, read.keys()) | _safe(read, checks, _READ) if read else value
    return _safe(value, checks, _READ)


def framed(value: Any, checks: Checks) -> Any:
    """A value whose numbers and keys are safe to show; its strings are as they were."""
    return _safe(value, checks, (int, float))


def argument(raw: str, checks: Checks) -> str:
    """The arguments of a tool call: JSON stays JSON; what is not is read as text.

    JSON is written anew, since of a key that stands there twice only the last value was read.
    """
    try:
        value = load(raw)
    except WireError:
        plain = _ESCAPE.sub(_unescaped, raw)
        return raw if all(checks.text(view) == view for view in (plain, raw)) else ""
    return dump(safe(value, checks)).decode()


def strings(value: Any) -> Iterator[str]:
    """Every string of a JSON value, without keys."""
    rest = [value]
    while rest:
        inner = rest.pop()
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, dict):
            rest.extend(reversed(inner.values()))
        elif isinstance(inner, list):
            rest.extend(reversed(inner))


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise WireError("JSON that names a key twice")


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group()
    if escape.startswith("\\u"):
        units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in escape.split("\\u")[1:])
        return units.decode("utf-16-be", "replace")
    return " " if escape == '"' else _CONTROLS.get(escape[1], escape[1])


def _safe(value: Any, checks: Checks, kinds: tuple[type, ...]) -> Any:
    parts: list[str] = []
    _flatten(value, parts, kinds)
    if not parts:
        return value
    told = checks.parts(parts)
    if all(map(str.__eq__, told, parts)):
        return value
    return _rebuilt(value, iter(zip(parts, told, strict=True)), kinds)


def _flatten(value: Any, parts: list[str], kinds: tuple[type, ...]) -> None:
    """Texts in order; each is followed by what stands between it and the next."""
    if isinstance(value, dict):
        for key, inner in value.items():
            parts += (key, ": ")
            _flatten(inner, parts, kinds)
    elif isinstance(value, list):
        for inner in value:
            _flatten(inner, parts, kinds)
    elif isinstance(value, kinds) and not isinstance(value, bool):
        parts += (str(value), "\n")


def _rebuilt(value: Any, told: Iterator[tuple[str, str]], kinds: tuple[type, ...]) -> Any:
    if isinstance(value, dict):
        fresh: dict[str, Any] = {}
        for key, inner in value.items():
            name = _next(told)
            while name in fresh or (name != key and name in value):
                name += "_"
            fresh[name] = _rebuilt(inner, told, kinds)
        return fresh
    if isinstance(value, list):
        return [_rebuilt(inner, told, kinds) for inner in value]
    if isinstance(value, kinds) and not isinstance(value, bool):
        text = _next(told)
        return value if text == str(value) else text
    return value


def _next(told: Iterator[tuple[str, str]]) -> str:
    """The next text; what stands behind it is passed over."""
    _, text = next(told)
    next(told)
    return text


def picked(
    value: Any,
    fields: frozenset[str] | None,
    checks: Checks,
    read: Callable[[Any, Checks], Any],
) -> Any:
    """The value with what stands in one of the fields as `read` gives it."""
    if fields is None:
        return read(value, checks)
    if isinstance(value, list):
        return [picked(inner, fields, checks, read) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: read(inner, checks) if key in fields else picked(inner, fields, checks, read)
        for key, inner in value.items()
    }


def mapped(value: Any, path: Path, tell: Callable[[Path, str], str]) -> Any:
    """The value with each string as `tell` gives it."""
    if isinstance(value, str):
        return tell(path, value)
    if isinstance(value, dict):
        return {key: mapped(inner, (*path, key), tell) for key, inner in value.items()}
    if isinstance(value, list):
        return [mapped(inner, (*path, place), tell) for place, inner in enumerate(value)]
    return value

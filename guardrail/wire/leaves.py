"""The words of a JSON value, read as one text and put back safe."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json, to_json

from guardrail.wire.checks import Checks, Json, WireError
from guardrail.wire.columns import Ends, Spot, in_pieces, reread
from guardrail.wire.flat import Flat
from guardrail.wire.nested import begins, closed, opened
from guardrail.wire.repeats import once_told, tells_again
from guardrail.wire.strings import strings
from guardrail.wire.words import opaque, says_nothing

__all__ = [
    "behind",
    "besides",
    "dump",
    "following",
    "framed",
    "load",
    "load_object",
    "load_request",
    "once",
    "readings",
    "safe",
    "within",
]

_READ = (str, int, float)


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
    _ONCE.decode(raw.decode() if isinstance(raw, bytes) else raw)


def load_request(raw: bytes) -> Json:
    """A request in a provider's form; raises `WireError` where it names a field twice.

    Its own fields count in any case: some (`encoding/json` of Go) take them so, and the last value.
    Below them are schemas, arguments and metadata, whose keys may differ in nothing else.
    """
    body = load_object(raw)
    once(raw)
    if len({key.casefold() for key in body}) < len(body):
        raise WireError("JSON that names a field twice, in two cases")
    return body


def dump(value: Any) -> bytes:
    """A JSON value as bytes."""
    return to_json(value, inf_nan_mode="null")


def besides(body: Json, handled: Set[str]) -> Json:
    """The fields of an object that are not handled one by one."""
    return {key: value for key, value in body.items() if key not in handled}


def safe(value: Any, checks: Checks, own: Set[str] = frozenset()) -> Any:
    """A value whose strings, numbers and keys are safe to show.

    They are read as one text, `key: value` a line, so that what is spread over several is seen
    as well; what stands in one column is read by itself, too. A number or a key that is redacted
    becomes the mark. The fields of the outermost object that are in `own` are the provider's: those
    that are `opaque` go out as they are, or the answer does not. What tells a text once more, as
    tokens, is left out.
    """
    if not own or not isinstance(value, dict):
        return _whole(once_told(value), checks)
    kept = _given_back(value, checks, own)
    read = besides(value, kept.keys())
    return kept | _whole(once_told(read), checks) if read else value


def behind(
    value: Sequence[Json], ends: Ends, checks: Checks, own: Set[str] = frozenset()
) -> list[Json]:
    """Objects as `following` tells them; the fields that are in `own`, as `safe` does."""
    kept = [_given_back(one, checks, own) for one in value]
    read = [besides(one, own.keys()) for one, own in zip(value, kept, strict=True)]
    if not any(read):
        return kept
    told = following(once_told(read), ends, checks)
    return [one | rest for one, rest in zip(kept, told, strict=True)]


def following(values: list[Any], ends: Ends, checks: Checks) -> list[Any]:
    """Values of a list that goes on, safe to show.

    The strings of a column are read behind what `ends` holds of those before, which is kept up.
    """
    flat = _flat(values, checks, ends.numbers)
    if not flat.parts:
        return values
    told = list(checks.parts(flat.parts))
    for column, places in flat.columns.items():
        before = ends.before(column)
        if before or len(places) > 1:
            reread(places, flat.parts, told, checks, before)
    ends.add(flat.columns, flat.parts)
    safely: list[Any] = flat.put_back(told)
    return safely


def _given_back(value: Json, checks: Checks, own: Set[str]) -> Json:
    """The provider's own fields; raises `WireError` where one may not be shown as it is."""
    kept = {key: part for key, part in value.items() if key in own and opaque(part)}
    for key, part in kept.items():
        if isinstance(part, str) and not says_nothing(key, part) and checks.text(part) != part:
            raise WireError(f"{key} would be redacted, and has to be given back as it is")
    return kept


def framed(value: Any, checks: Checks) -> Any:
    """A value whose strings are safe to show by themselves, with the rest made safe as well.

    That is its numbers and keys, and what the strings of a column say together.
    """
    value = once_told(value)
    flat = Flat(value, _READ)
    told = flat.parts.copy()
    for column in flat.columns.values():
        if len(column) > 1:
            reread(column, flat.parts, told, checks)
    return _told(Flat(flat.put_back(told), (int, float)), checks)


def within(value: Any, checks: Checks) -> Any:
    """A value with what is JSON in its strings safe to show as that; the rest is still to be told.

    Words that escapes break, or glue to others, are found there alone. Raises `WireError`.
    """
    if not any(map(begins, strings(value))):
        return value
    with _no_deeper():
        inner = opened(value)
        if inner == value:
            return value
        flat = Flat(inner, _READ)
        told = flat.parts.copy()
        for column in (range(0, len(told), 2), *flat.apart()):
            reread(column, flat.parts, told, checks)
        return value if told == flat.parts else closed(value, flat.put_back(told))


@contextmanager
def _no_deeper() -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise WireError("JSON in JSON that is too deep") from None


def readings(value: Any) -> list[str]:
    """What a value says, as `safe` reads it, in one text: all in order, and then each column.

    Raises `WireError` where some of it would be left out.
    """
    if tells_again(value):
        raise WireError("JSON that tells a text once more, as tokens")
    flat = Flat(value, _READ)
    read = flat.parts.copy()
    for column in flat.apart():
        texts = [flat.parts[place] for place in column]
        read += [part for text in texts for part in (text, "\n")]
        read += [*texts, "\n"] if in_pieces(texts) else []
    if not flat.nested:
        return read
    with _no_deeper():
        inner = opened(value)
        return read if inner == value else read + readings(inner)


def _pairs(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise WireError("JSON that names a key twice")


# Numbers of any size are read as fast as words.
_ONCE = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=len, parse_float=len)


def _whole(value: Any, checks: Checks) -> Any:
    return _told(_flat(value, checks), checks)


def _flat(value: Any, checks: Checks, numbers: dict[Spot, int] | None = None) -> Flat:
    """The texts of a value, in which what is JSON is safe to show as that."""
    flat = Flat(value, _READ, numbers)
    return Flat(within(value, checks), _READ, numbers) if flat.nested else flat


def _told(flat: Flat, checks: Checks) -> Any:
    told = list(checks.parts(flat.parts)) if flat.parts else []
    for column in flat.apart():
        reread(column, flat.parts, told, checks)
    return flat.put_back(told)

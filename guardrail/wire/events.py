"""Events of an application's own: each goes out as it came, whatever is read over them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from guardrail.wire.checks import Checks, Delta, Pair, StopError, WireError
from guardrail.wire.fields import picked
from guardrail.wire.flat import Path
from guardrail.wire.leaves import dump, framed, load, within
from guardrail.wire.places import Places, put_back, spots
from guardrail.wire.rows import NAME, Part, Row, Strings, beside

__all__ = ["Events"]

_MOST_HELD = 1 << 24


class Events:
    """Events whose data is text, or JSON with text in its strings.

    Each goes out as it came, in its turn, once all that its strings say has settled. The strings
    that stand at one place of all events are one text, and may be many as well: they are read as
    if they went on, and as lines. So are names and keys of more than a word. Numbers and other
    keys are read event by event, and so is what is JSON in a string. Where the first event of a
    name is text, a later one that happens to look like a list or a string of JSON is text as well.
    """

    # Who asks for events of an application's own may count them.
    delta: Delta | None = None

    def __init__(self, checks: Checks, fields: frozenset[str] | None = None) -> None:
        self.done = self.ended = False
        self._checks, self._fields = checks, fields
        self._places = Places(checks)
        self._prose: dict[str | None, bool] = {}
        self._held: deque[Row] = deque()
        self._last: tuple[Row, dict[Path, str]] | None = None
        self._size = 0

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            self.ended = True
            yield from self.close()
            yield None, data
            return
        try:
            body = load(data)
        except WireError:
            body = None
        prose = self._prose.setdefault(name, not isinstance(body, dict | list | str))
        if (isinstance(body, dict) and body) or (not prose and isinstance(body, dict | list | str)):
            yield from self.value(name, body, len(data))
        else:
            parts, known = self._named(name)
            parts[()] = self._places.part((), data)
            yield from self._take(Row(data, parts, known, len(data), prose=True))

    def value(self, name: str | None, body: Any, size: int) -> Iterator[Pair]:
        """An event whose data is JSON, of this size."""
        body = self._checks.disclosure.told_aside(body)
        body = picked(body, self._fields, self._checks, within)
        parts, known = self._named(name)
        for path, place, text in spots(body):
            if not self._reads(path, text):
                known[path] = text
            elif self._places.label(place, text):
                known[path] = self._checks.text(text)
            else:
                parts[path] = self._places.part(place, text)
        yield from self._take(Row(body, parts, known, size))

    def close(self) -> Iterator[Pair]:
        for one in self._places:
            one.close()
            if one.refused:
                yield from self.refuse()
                return
        yield from self._settled()
        self.done = True

    def refuse(self) -> Iterator[Pair]:
        """End in the event whose text is refused, or else in the next one."""
        self.done = True
        stopped = next((one for one in self._places if one.refused), None)
        for one in self._places:
            if one is not stopped:
                one.cancel()
        if stopped is not None:
            # All that came before is told.
            stopped.close()
        try:
            yield from self._ended(stopped)
        except StopError:
            yield None, dump({"detail": self._checks.refusal}).decode()

    def fail(self) -> Iterator[Pair]:
        self.done = True
        for one in self._places:
            one.cancel()
        yield "error", "the answer broke off"

    def _reads(self, path: Path, text: str) -> bool:  # noqa: ARG002 - others go by it
        return self._fields is None or not self._fields.isdisjoint(map(str, path))

    def _named(self, name: str | None) -> tuple[dict[Path, Part], dict[Path, str]]:
        """The name of an event, as a part of a text or as what is known."""
        if name is None:
            return {}, {}
        if self._places.label(NAME, name):
            return {}, {NAME: self._checks.text(name)}
        return {NAME: self._places.part(NAME, name)}, {}

    def _take(self, row: Row) -> Iterator[Pair]:
        self._held.append(row)
        self._size += row.size
        if self._size > _MOST_HELD:
            raise WireError("too much of an answer waits")
        stopped = any(part.strings.refused for part in row.parts.values())
        yield from self.refuse() if stopped else self._settled()

    def _settled(self) -> Iterator[Pair]:
        while self._held and self._held[0].settled:
            row = self._held.popleft()
            self._size -= row.size
            try:
                name, data = self._shown(row)
            except StopError:
                yield from self.refuse()
                return
            if data or not row.prose or not row.value:
                yield name, data

    def _ended(self, stopped: Strings | None) -> Iterator[Pair]:
        """Events up to the one that ends in the refusal; raises `StopError` if none can."""
        held = list(self._held)
        place = next((place for place, row in enumerate(held) if row.cut(stopped)), 0)
        for row in held[:place]:
            yield self._shown(row)
        rest = [row for row in held[place:] if row.says]
        if rest:
            last, told = rest[0], rest[0].told(self._checks.redaction)
        elif self._last is not None:
            last, told = self._last
        else:
            raise StopError
        texts = [path for path in told if not beside(path)]
        at = next((path for path in texts if last.parts[path].strings is stopped), texts[0])
        told[at] += self._checks.refusal
        yield self._written(last, told)

    def _shown(self, row: Row) -> Pair:
        told = row.told(self._checks.redaction)
        shown = self._written(row, told)
        if row.says:
            self._last = row, {path: told[path] if beside(path) else "" for path in told}
        return shown

    def _written(self, row: Row, told: Mapping[Path, str]) -> Pair:
        """A row whose strings are safe, with its numbers and keys made safe as well."""
        known = {**row.known, **told}
        name = known.get(NAME)
        if row.prose:
            return name, known[()]
        value = picked(put_back(row.value, known), self._fields, self._checks, framed)
        return name, dump(self._checks.disclosure.told_scores(value)).decode()

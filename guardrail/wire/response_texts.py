"""The texts of a streamed response: as they come in pieces, and wherever they are told again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from guardrail.wire.arguments import argument
from guardrail.wire.checks import Channel, Checks, Json, StopError, WireError
from guardrail.wire.columns import Ends
from guardrail.wire.items import FIELDS, At, Place
from guardrail.wire.leaves import behind
from guardrail.wire.texts import Continued, Texts

__all__ = ["MESSAGE", "ResponseTexts", "Text", "place_of"]

T = TypeVar("T")

MESSAGE = "response.output_text"
# Texts of which an answer holds several, that its reader may join.
_JOINED = (
    MESSAGE,
    "response.refusal",
    "response.reasoning_summary_text",
    "response.reasoning_text",
    *FIELDS.values(),
)
_PLACES = ("output_index", "item_id", "content_index", "summary_index", "command_index")
_MOST = 1024


class Text:
    """A text in pieces: what of it came and was shown, and the event that it came with last."""

    def __init__(self, channel: Channel | Continued, stream: str | None = None) -> None:
        self.channel, self._stream = channel, stream
        self.came: list[str] = []
        self.shown: list[str] = []
        self.event: Json = {}

    def feed(self, raw: str) -> str:
        self.came.append(raw)
        return self.channel.feed(raw)

    def show(self, text: str) -> None:
        if text:
            self.shown.append(text)

    def delta(self, text: str) -> Json:
        """The event that tells more of it."""
        return self.event | {"delta": text if self._stream is None else {self._stream: text}}


class ResponseTexts:
    """What a stream told of a response, by its place: there it is told the same again."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._joined = {kind: Texts(checks) for kind in _JOINED}
        self._texts: dict[tuple[object, ...], Text] = {}
        self._placed: dict[Place, Text] = {}
        self._cites, self._calls = Ends(), Ends(checks.limit)
        self._held: dict[Place, tuple[Any, Any]] = {}

    def text(self, kind: str, body: Json, stream: str | None = None) -> Text:
        """The text of which an event tells a piece or the end."""
        key = (kind, stream, *(str(body.get(name)) for name in _PLACES))
        if key not in self._texts:
            if len(self._texts) > _MOST:
                raise WireError("too many texts")
            self._texts[key] = self._placed[kind, *place_of(body)] = self._new(kind, stream)
        return self._texts[key]

    def again(self, place: Place, raw: str) -> str:
        """A text that is told whole: as it was told in pieces, or else as one more text."""
        if not raw:
            return raw
        text = self._placed.get(place)
        if text is None or "".join(text.came) != raw:
            if len(self._placed) > _MOST:
                raise WireError("too many texts")
            text = self._placed[place] = self._new(place[0])
            text.show(text.feed(raw))
        text.show(text.channel.close())
        if text.channel.refused:
            raise StopError
        return "".join(text.shown)

    def cited(self, at: At, raw: list[Json]) -> list[Json]:
        """What a part cites, behind what was cited before it."""
        return self._once(("annotations", *at), raw, self._cites, behind)

    def argued(self, at: At, raw: str) -> str:
        """The arguments of a call, behind those of the calls before it."""
        return self._once(("arguments", *at), raw, self._calls, argument)

    def before(self, index: int, end: int) -> Iterator[str]:
        """The texts of a message before one, as they were shown."""
        of = {
            at: text
            for (kind, item, at), text in self._placed.items()
            if kind == MESSAGE and item == index
        }
        for place in sorted(at for at in of if isinstance(at, int) and at < end):
            yield "".join(of[place].shown)

    def cancel(self) -> None:
        for text in self._texts.values():
            text.channel.cancel()

    def _once(self, place: Place, raw: T, ends: Ends, read: Callable[[T, Ends, Checks], T]) -> T:
        """What is told whole: as it was told before, or else as it is read now."""
        if raw and (place not in self._held or self._held[place][0] != raw):
            if len(self._held) > _MOST:
                raise WireError("too many calls, or parts that cite")
            self._held[place] = raw, read(raw, ends, self._checks)
        told: T = self._held[place][1] if raw else raw
        return told

    def _new(self, kind: str, stream: str | None = None) -> Text:
        joined = self._joined.get(kind)
        return Text(self._checks.channel() if joined is None else joined.begin(), stream)


def place_of(body: Json) -> At:
    """Where a text of an item's parts stands."""
    return body.get("output_index"), body.get("content_index", body.get("summary_index"))

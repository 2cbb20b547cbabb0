"""Texts of one kind of which an answer holds several: who reads it may join them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import itemgetter

from guardrail.redact import merge, redact, redact_parts
from guardrail.wire.checks import Channel, Checks, StopError

__all__ = ["Continued", "Texts", "together"]

_BEFORE = 1_000
_END = itemgetter(1)


def together(texts: Sequence[str], checks: Checks) -> Sequence[str]:
    """Each of the texts, safe to show; they are read as if they went on, and as lines."""
    if len(texts) < 2:
        return [checks.text(raw) for raw in texts]
    spans = [*_edits(texts, "", checks.channel()), *_edits(texts, "\n", checks.again())]
    return redact_parts(texts, spans, checks.redaction)


def _edits(texts: Sequence[str], gap: str, channel: Channel) -> Iterator[tuple[int, int]]:
    """What is to be redacted; it counts over the texts joined without the gaps."""
    channel.feed(gap.join(texts))
    channel.close()
    if channel.refused:
        raise StopError
    starts = [*accumulate(len(raw) + len(gap) for raw in texts)]
    for span in channel.edits:
        start, end = (place - len(gap) * bisect_right(starts, place) for place in span)
        yield start, end


class Texts:
    """The texts of one kind of a stream, one after the other."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        # How they end, as if they went on, and as lines; whether that makes other words: a number
        # may go on here as a word does.
        self._whole = self._lines = ""
        self._differ = False

    def begin(self) -> Continued:
        """The next of them."""
        return Continued(self, self._checks)

    def told(self, raw: str) -> str:
        """The next of them, which is whole, safe to show."""
        text = self.begin()
        told = text.feed(raw) + text.close()
        if text.refused:
            raise StopError
        return told

    def before(self, chunk: str) -> Sequence[str]:
        """What is before one that begins so, in each way to read them."""
        if not self._whole:
            return ()
        self._lines += "\n"
        self._differ |= self._whole[-1].isalnum() and chunk[0].isalnum()
        return (self._whole, self._lines) if self._differ else (self._whole,)

    def add(self, chunk: str) -> None:
        self._whole = (self._whole + chunk)[-_BEFORE:]
        self._lines = (self._lines + chunk)[-_BEFORE:]


class Continued:
    """A text in pieces, which is read by itself, and behind the end of those before it.

    What they ended in was shown. Where a finding begins there, all of it that lies in this text
    is redacted.
    """

    def __init__(self, texts: Texts, checks: Checks) -> None:
        self._texts, self._checks = texts, checks
        self._readings: list[tuple[Channel, int]] = [(checks.channel(), 0)]
        self._begun = self._over = False
        self._held, self._place = "", 0

    @property
    def refused(self) -> bool:
        return any(channel.refused for channel, _ in self._readings)

    def feed(self, chunk: str) -> str:
        if chunk and not self._begun:
            self._begun = True
            self._readings += map(self._behind, self._texts.before(chunk))
        self._texts.add(chunk)
        told = [channel.feed(chunk) for channel, _ in self._readings]
        if len(told) == 1:
            return told[0]
        self._held += chunk
        return self._told(last=self.refused)

    def close(self) -> str:
        told = [channel.close() for channel, _ in self._readings]
        return told[0] if len(told) == 1 else self._told(last=True)

    def cancel(self) -> None:
        for channel, _ in self._readings:
            channel.cancel()

    def _behind(self, before: str) -> tuple[Channel, int]:
        """A reading, and how much of it is no part of this text."""
        if len(before) >= _BEFORE:
            # No word that is cut.
            before = before.partition(" ")[2] or before
        channel = self._checks.again()
        channel.feed(before)
        return channel, len(before)

    def _told(self, *, last: bool) -> str:
        """What has settled in every reading, with all that is redacted in any."""
        if self._over:
            return ""
        self._over, begin = last, self._place
        end = min(channel.released - size for channel, size in self._readings)
        spans = merge(span for reading in self._readings for span in self._spans(*reading))
        if not last:
            # A span that may go on in another reading waits, so that it has one mark.
            end = next((start for start, stop in spans if start < end <= stop), end)
        self._place = end = max(begin, end)
        raw, self._held = self._held[: end - begin], self._held[end - begin :]
        inside = ((max(start, begin) - begin, min(stop, end) - begin) for start, stop in spans)
        told = redact(raw, inside, self._checks.redaction)
        return told + self._checks.refusal if self.refused else told

    def _spans(self, channel: Channel, size: int) -> Iterator[tuple[int, int]]:
        edits = channel.edits
        for start, end in edits[bisect_right(edits, self._place + size, key=_END) :]:
            yield start - size, end - size

"""A detector at work on one answer; one without a scanner is run again from where it settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from guardrail.text import Text
from guardrail.types import Context, Detector, Finding, Scanner

__all__ = ["Paced", "Rescan"]

_BEHIND = 64
_SHORT = 512


class Paced:
    """A detector's own scanner, or one that runs it again, fed once `step` characters have come.

    Who follows an answer adds each chunk to what is `fresh`, and asks when the answer is as long
    as `due`.
    """

    __slots__ = ("_scanner", "_step", "due", "fresh", "settled")

    def __init__(self, detector: Detector, context: Context) -> None:
        own = getattr(detector, "scanner", None)
        self._scanner: Scanner = Rescan(detector, context) if own is None else own(context)
        self._step: int = getattr(detector, "step", 0)
        self.fresh = ""
        self.due, self.settled = self._step, 0

    def feed(self, size: int) -> Iterable[Finding]:
        """Findings that became final with what is fresh; the answer has come to `size`."""
        chunk, self.fresh = self.fresh, ""
        self.due = size + self._step
        findings = self._scanner.feed(chunk)
        self.settled = self._scanner.settled
        return findings

    def close(self, size: int) -> Iterable[Finding]:
        """The rest of the findings: the answer has ended at `size`."""
        last = self.feed(size) if self.fresh else ()
        return [*last, *self._scanner.close()]


class Rescan:
    """Keeps what is not settled, and 64 characters before it for the detector to look back at.

    While much is held, the detector is asked again only when the text has grown by a quarter, so
    that the cost stays linear.
    """

    def __init__(self, detector: Detector, context: Context) -> None:
        self.settled = 0
        self._detector, self._context = detector, context
        self._tail, self._base = "", 0
        self._fresh: list[str] = []
        self._grown = self._wait = 0

    def feed(self, chunk: str) -> Sequence[Finding]:
        self._fresh.append(chunk)
        self._grown += len(chunk)
        if self._grown < self._wait:
            return ()
        text = self._text()
        settled = self._base + self._detector.settled(text)
        held = len(text.raw) - max(settled - self._base, 0)
        self._wait = held // 4 if held > _SHORT else 0
        if settled <= self.settled:
            return ()
        findings = self._found(text, settled)
        self.settled = settled
        self._forget(findings)
        return findings

    def close(self) -> Sequence[Finding]:
        text = self._text()
        return self._found(text, self._base + len(text.raw) + 1)

    def _text(self) -> Text:
        self._tail += "".join(self._fresh)
        self._fresh, self._grown = [], 0
        return Text(self._tail, start=self.settled - self._base, context=self._context)

    def _found(self, text: Text, settled: int) -> list[Finding]:
        moved = (
            replace(finding, start=finding.start + self._base, end=finding.end + self._base)
            for finding in self._detector.find(text)
        )
        return [finding for finding in moved if self.settled <= finding.start < settled]

    def _forget(self, findings: Sequence[Finding]) -> None:
        base = self.settled - _BEHIND
        # A tail that began inside a finding might hold another one there.
        for finding in sorted(findings, reverse=True):
            if finding.start < base < finding.end:
                base = finding.start
        if base > self._base:
            self._tail = self._tail[base - self._base :]
            self._base = base

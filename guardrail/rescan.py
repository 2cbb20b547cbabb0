"""A scanner for detectors without one: they are run again from where they had settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from guardrail.text import Text
from guardrail.types import Context, Detector, Finding, Scanner

__all__ = ["Rescan", "scanner_for"]

_BEHIND = 64
_SHORT = 512


def scanner_for(detector: Detector, context: Context) -> Scanner:
    """The detector's own scanner, or one that runs it again."""
    own = getattr(detector, "scanner", None)
    scanner: Scanner = Rescan(detector, context) if own is None else own(context)
    return scanner


class Rescan:
    """Keeps what is not settled, and 64 characters before it for the detector to look back at.

    While much is held, the detector is asked again only when the text has grown by a quarter, so
    that the cost stays linear; one that has a `step` only when it has grown by so many characters.
    """

    def __init__(self, detector: Detector, context: Context) -> None:
        self.settled = 0
        self._detector, self._context = detector, context
        self._tail, self._base = "", 0
        self._fresh: list[str] = []
        self._step: int = getattr(detector, "step", 0)
        self._grown, self._wait = 0, self._step

    def feed(self, chunk: str) -> Sequence[Finding]:
        self._fresh.append(chunk)
        self._grown += len(chunk)
        if self._grown < self._wait:
            return ()
        text = self._text()
        settled = self._base + self._detector.settled(text)
        held = len(text.raw) - max(settled - self._base, 0)
        self._wait = max(held // 4 if held > _SHORT else 0, self._step)
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

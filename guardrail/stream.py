"""One answer in flight: chunks in, safe text out, no I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from guardrail.redact import redact
from guardrail.rescan import scanner_for
from guardrail.rule import Failure, Rule, Snapshot, Tally
from guardrail.types import Action, Admission, Context, Finding, Scanner, Verdict

__all__ = ["StreamGuard"]

Report = Callable[[Verdict, int], None]


class StreamGuard:
    """Checks one answer while it is made; `feed` and `close` return text that is safe to show.

    What they return, put together, does not depend on how the answer was cut into chunks. After a
    refusal `done` is true and further chunks are ignored.
    """

    def __init__(
        self, snapshot: Snapshot, given: Context | Admission, *, report: Report | None = None
    ) -> None:
        self.done = False
        self._snapshot, self._report = snapshot, report
        self._tally = Tally()
        self._scans: list[_Scan] = []
        self._held = _Held(snapshot.redaction)
        self._size = 0
        self._stop: int | None = None
        self._shown: list[str] = []
        self._verdict: Verdict | None = None
        self._refused = snapshot.refuses(given)
        if isinstance(given, Admission) and self._refused:
            self._end(replace(given.verdict, text=snapshot.refusal))
            return
        context = given.context if isinstance(given, Admission) else given
        for rule in snapshot.on("output"):
            scanner = snapshot.attempt(rule.timeout, scanner_for, rule.detector, context)
            if isinstance(scanner, Failure):
                self._tally.fail(rule.id, scanner.reason, snapshot.on_error)
            else:
                self._scans.append(_Scan(rule, scanner))

    @property
    def verdict(self) -> Verdict:
        """The decision, once the stream has ended; its text is what was shown."""
        if self._verdict is None:
            raise RuntimeError("the stream has no verdict before close()")
        return self._verdict

    def feed(self, chunk: str) -> str:
        """Text that this chunk made safe to show; often empty."""
        if self.done:
            return self._pay()
        if not isinstance(chunk, str):
            return self._fail("stream", "chunk is not a string")
        if self._size + len(chunk) > self._snapshot.max_chars:
            return self._too_large(chunk)
        self._size += len(chunk)
        self._held.append(chunk)
        safe = self._scan(chunk)
        if self._snapshot.observes:
            return self._show(chunk)
        if self._stop is not None or self._tally.failed >= Action.THROTTLE:
            return self._stopped(safe)
        if self._snapshot.hold == "buffer":
            return ""
        return self._show(self._held.release(safe))

    def close(self) -> str:
        """The rest of the text: the answer has ended."""
        if self.done:
            return self._pay()
        text = self._finish()
        self._settle()
        return text

    def cancel(self) -> None:
        """The reader went away; the verdict covers what was shown."""
        if not self.done:
            self._settle()

    def _scan(self, chunk: str) -> int:
        """Ask every rule; how far all of them have settled."""
        safe = self._size
        for scan in self._scans:
            findings = self._snapshot.attempt(scan.rule.timeout, scan.feed, chunk, self._size)
            if isinstance(findings, Failure):
                self._failed(scan, findings)
                continue
            if findings:
                self._count(scan.rule, findings)
            if scan.settled < safe:
                safe = scan.settled
        return safe

    def _finish(self) -> str:
        for scan in self._scans:
            findings = self._snapshot.attempt(scan.rule.timeout, scan.close, self._size)
            if isinstance(findings, Failure):
                self._failed(scan, findings)
            else:
                self._count(scan.rule, findings)
        if self._snapshot.observes:
            return ""
        if self._stop is not None or self._tally.failed >= Action.THROTTLE:
            return self._stopped(self._size + 1)
        return self._show(self._held.release(self._size + 1))

    def _count(self, rule: Rule, findings: Iterable[Finding]) -> None:
        for finding in findings:
            action = self._tally.add(rule, finding)
            if action is Action.REDACT:
                self._held.cover(finding.start, finding.end)
            elif self._snapshot.stops(action):
                self._stop = finding.start if self._stop is None else min(self._stop, finding.start)

    def _failed(self, scan: _Scan, failure: Failure) -> None:
        self._tally.fail(scan.rule.id, failure.reason, self._snapshot.on_error)
        self._scans = [other for other in self._scans if other is not scan]

    def _stopped(self, safe: int) -> str:
        """Refuse, if nothing that starts before the refused finding can still turn up."""
        if self._tally.failed >= Action.THROTTLE:
            return self._refuse("")
        if self._stop is None or safe <= self._stop:
            return "" if self._snapshot.hold == "buffer" else self._show(self._held.release(safe))
        self._tally.cut(self._stop)
        whole = self._snapshot.hold == "buffer"
        return self._refuse("" if whole else self._held.prefix(self._stop))

    def _too_large(self, chunk: str) -> str:
        if self._snapshot.hold == "buffer":
            return self._fail("size", "too large")
        # What fits is checked as if the answer ended there, whatever the chunks were.
        fits = self._snapshot.max_chars - self._size
        text = self.feed(chunk[:fits]) + self._finish() if not self.done else ""
        if self.done:
            return text
        text += self._fail("size", "too large")
        if self._snapshot.observes:
            text += self._show(chunk[fits:])
        return text

    def _fail(self, name: str, reason: str) -> str:
        self._tally.fail(name, reason, Action.REFUSE)
        return "" if self._snapshot.observes else self._refuse("")

    def _refuse(self, prefix: str) -> str:
        text = self._show(prefix) + self._show(self._snapshot.refusal)
        self._settle()
        return text

    def _show(self, text: str) -> str:
        if text:
            self._shown.append(text)
        return text

    def _pay(self) -> str:
        """A refused admission shows its refusal once."""
        if not self._refused:
            return ""
        self._refused = False
        return self._snapshot.refusal

    def _settle(self) -> None:
        self._end(self._tally.verdict("".join(self._shown)))

    def _end(self, verdict: Verdict) -> None:
        self.done = True
        self._verdict = verdict
        if self._report is not None:
            self._report(verdict, self._size)


class _Scan:
    """A rule's scanner, and how far it has settled."""

    __slots__ = ("rule", "scanner", "settled")

    def __init__(self, rule: Rule, scanner: Scanner) -> None:
        self.rule, self.scanner, self.settled = rule, scanner, 0

    def feed(self, chunk: str, size: int) -> tuple[Finding, ...]:
        findings = self.scanner.feed(chunk)
        self.settled = self.scanner.settled
        return self.rule.accept(findings, size) if findings else ()

    def close(self, size: int) -> tuple[Finding, ...]:
        return self.rule.accept(self.scanner.close(), size)


class _Held:
    """Text that waits, and the spans of it that will be redacted."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self._chunks: deque[str] = deque()
        self._cut = self._released = 0
        self._spans: list[tuple[int, int]] = []

    def append(self, chunk: str) -> None:
        self._chunks.append(chunk)

    def cover(self, start: int, end: int) -> None:
        start = max(start, self._released)
        if start >= end:
            return
        later = []
        while self._spans and self._spans[-1][1] >= start:
            before = self._spans.pop()
            if before[0] > end:
                later.append(before)
            else:
                start, end = min(start, before[0]), max(end, before[1])
        self._spans.append((start, end))
        self._spans += reversed(later)

    def release(self, safe: int) -> str:
        """Redacted text up to `safe`, or up to a span that may still grow."""
        if not self._spans:
            return self._take(safe - self._released)
        pieces = []
        done = 0
        for start, end in self._spans:
            if start >= safe:
                break
            pieces.append(self._take(start - self._released))
            if end >= safe:
                safe = start
                break
            self._take(end - self._released)
            pieces.append(self._marker)
            done += 1
        del self._spans[:done]
        pieces.append(self._take(safe - self._released))
        return "".join(pieces)

    def prefix(self, stop: int) -> str:
        """Redacted text up to `stop`; a span that reaches beyond is cut there."""
        begin = self._released
        raw = self._take(stop - begin)
        spans = ((start - begin, min(end, stop) - begin) for start, end in self._spans)
        return redact(raw, (span for span in spans if span[0] < len(raw)), self._marker)

    def _take(self, count: int) -> str:
        pieces = []
        while count > 0 and self._chunks:
            chunk = self._chunks[0]
            piece = chunk[self._cut : self._cut + count]
            self._cut += len(piece)
            if self._cut == len(chunk):
                self._chunks.popleft()
                self._cut = 0
            count -= len(piece)
            self._released += len(piece)
            pieces.append(piece)
        return "".join(pieces)

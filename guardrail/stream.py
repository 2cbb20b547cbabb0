"""One answer in flight: chunks in, safe text out, no I/O."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from threading import RLock
from typing import Protocol

from guardrail.attempt import Failure, attempt
from guardrail.redact import merge, redact
from guardrail.rescan import Paced
from guardrail.rule import OutsideTextError, Rule, Snapshot, Tally
from guardrail.spending import granted, spent
from guardrail.types import Action, Admission, Context, Finding, Verdict

__all__ = ["InFlight", "StreamGuard"]

Count = Callable[[Rule, Sequence[Finding]], None]
Report = Callable[[Verdict, int], None]


class InFlight(Protocol):
    """An answer that a reader may go away from."""

    @property
    def done(self) -> bool: ...

    def cancel(self) -> None: ...


class StreamGuard:
    """Checks one answer while it is made; `feed` and `close` return text that is safe to show.

    What they return, put together, does not depend on how the answer was cut into chunks, unless
    it ends in an error: more than `max_chars` characters, or a detector that fails. After a
    refusal `refused` and `done` are true and further chunks are ignored.
    """

    def __init__(
        self, snapshot: Snapshot, given: Context | Admission, *, report: Report | None = None
    ) -> None:
        self.done = False
        self._snapshot, self._observes, self._report = snapshot, snapshot.observes, report
        # Who goes away does so while another thread may be at work, or from within a hook.
        self._lock = RLock()
        self._tally = Tally()
        self._scans: list[_Scan] = []
        self._held = _Held(snapshot.redaction)
        self._size, self._limit = 0, float(snapshot.max_chars)
        self._stop: int | None = None
        self._shown: list[str] = []
        self._verdict: Verdict | None = None
        self.refused = self._owed = snapshot.refuses(given)
        if isinstance(given, Admission) and self.refused:
            self._end(replace(given.verdict, text=snapshot.instead(given.action)))
            return
        self._context = context = given.context if isinstance(given, Admission) else given
        for rule in snapshot.on["output"]:
            scan = attempt(rule, _Scan, rule, context)
            if isinstance(scan, Failure):
                self._tally.fail(rule.id, scan.reason, snapshot.on_error)
            else:
                self._scans.append(scan)

    @property
    def verdict(self) -> Verdict:
        """The decision, once the stream has ended; its text is what was shown."""
        if self._verdict is None:
            raise RuntimeError("the stream has no verdict before close()")
        return self._verdict

    @property
    def released(self) -> int:
        """How much of what came was shown or redacted."""
        return self._size if self._observes else self._held.released

    @property
    def edits(self) -> Sequence[tuple[int, int]]:
        """The spans of it that were redacted, in order."""
        return self._held.edits

    def feed(self, chunk: str) -> str:
        """Text that this chunk made safe to show; often empty."""
        with self._lock:
            if self.done:
                return self._pay()
            if not isinstance(chunk, str):
                return self._fail("stream", "chunk is not a string")
            if self._size + len(chunk) > self._limit:
                # Who only observes looks no further, and shows what comes.
                self._limit, self._scans = math.inf, []
                refused = self._fail("size", "too large")
                if self.done:
                    return refused
            self._size += len(chunk)
            safe = self._scan(chunk)
            if self._observes:
                return self._show(chunk)
            self._held.append(chunk)
            return self._progress(safe)

    def close(self) -> str:
        """The rest of the text: the answer has ended."""
        with self._lock:
            if self.done:
                return self._pay()
            self._finish(self._count)
            text = "" if self._observes else self._progress(self._size + 1)
            if not self.done:
                self._settle()
            return text

    def cancel(self) -> None:
        """The reader went away; the verdict is on what had come, its text what was shown.

        A match that is open counts: that text was held back has told of it. As nothing of it was
        shown, it is taken from no budget.
        """
        with self._lock:
            if not self.done:
                self._finish(self._withhold)
                self._settle()

    def _scan(self, chunk: str) -> int:
        """Ask every rule; how far all of them have settled."""
        safe = size = self._size
        for scan in self._scans:
            scan.fresh += chunk
            if size >= scan.due:
                findings = attempt(scan.rule, scan.found, size)
                if findings:
                    if isinstance(findings, Failure):
                        self._failed(scan, findings)
                        continue
                    self._count(scan.rule, findings)
            if scan.settled < safe:
                safe = scan.settled
        return safe

    def _finish(self, count: Count) -> None:
        for scan in self._scans:
            findings = attempt(scan.rule, scan.rest, self._size)
            if isinstance(findings, Failure):
                self._failed(scan, findings)
            else:
                count(scan.rule, findings)

    def _count(self, rule: Rule, findings: Sequence[Finding]) -> None:
        told = spent(self._snapshot, rule, findings, self._context, self._tally)
        for finding, action in told:
            if not self._tally.add(finding, action):
                continue
            if self._observes:
                continue
            if action is Action.REDACT:
                self._held.cover(finding.start, finding.end)
            elif action >= Action.THROTTLE:
                self._stop = finding.start if self._stop is None else min(self._stop, finding.start)

    def _withhold(self, rule: Rule, findings: Sequence[Finding]) -> None:
        for finding in granted(self._snapshot, rule, findings, self._context):
            self._tally.add(finding, rule.action)

    def _failed(self, scan: _Scan, failure: Failure) -> None:
        self._tally.fail(scan.rule.id, failure.reason, self._snapshot.on_error)
        self._scans = [other for other in self._scans if other is not scan]

    def _progress(self, safe: int) -> str:
        """What can be shown once every finding that starts before `safe` is known."""
        buffers = self._snapshot.hold == "buffer"
        if self._tally.failed >= Action.THROTTLE:
            return self._refuse("")
        if self._stop is not None and self._stop < safe:
            self._tally.cut(self._stop)
            return self._refuse("" if buffers else self._held.prefix(self._stop))
        if safe <= (self._size if buffers else self._held.released):
            return ""
        return self._show(self._held.release(safe))

    def _fail(self, name: str, reason: str) -> str:
        self._tally.fail(name, reason, Action.REFUSE)
        return "" if self._observes else self._refuse("")

    def _refuse(self, prefix: str) -> str:
        self.refused = True
        text = self._show(prefix) + self._show(self._snapshot.refusal)
        self._settle()
        return text

    def _show(self, text: str) -> str:
        if text:
            self._shown.append(text)
        return text

    def _pay(self) -> str:
        """Who is not admitted is shown once what is said in place of an answer."""
        if not self._owed:
            return ""
        self._owed = False
        return self.verdict.text

    def _settle(self) -> None:
        self._end(self._tally.verdict("".join(self._shown)))

    def _end(self, verdict: Verdict) -> None:
        self.done = True
        self._verdict = verdict
        if self._report is not None:
            self._report(verdict, self._size)


class _Scan(Paced):
    """A rule's detector at work, and what the rule accepts of its findings."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule, context: Context) -> None:
        super().__init__(rule.detector, context)
        self.rule = rule

    def found(self, size: int) -> tuple[Finding, ...]:
        before = self.settled
        findings = self.feed(size)
        if not before <= self.settled <= size:
            raise OutsideTextError
        return self._accept(findings, size, before) if findings else ()

    def rest(self, size: int) -> tuple[Finding, ...]:
        before = self.settled
        return self._accept(self.close(size), size, before)

    def _accept(self, findings: Iterable[Finding], size: int, settled: int) -> tuple[Finding, ...]:
        accepted = self.rule.accept(findings, size)
        if any(finding.start < settled for finding in accepted):
            # What it covers may have been shown.
            raise OutsideTextError
        return accepted


class _Held:
    """Text that waits, and the spans of it that will be redacted, the first on top of a heap."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self._chunks: deque[str] = deque()
        self._cut = self.released = 0
        self._spans: list[tuple[int, int]] = []
        self.edits: list[tuple[int, int]] = []

    def append(self, chunk: str) -> None:
        self._chunks.append(chunk)

    def cover(self, start: int, end: int) -> None:
        if start < end:
            heappush(self._spans, (start, end))

    def release(self, safe: int) -> str:
        """Redacted text up to `safe`, or up to a span that may still grow."""
        if not self._spans:
            return self._take(safe)
        pieces = []
        while self._spans and self._spans[0][0] < safe:
            start, end = heappop(self._spans)
            while self._spans and self._spans[0][0] <= end:
                end = max(end, heappop(self._spans)[1])
            pieces.append(self._take(start))
            if end >= safe:
                heappush(self._spans, (start, end))
                return "".join(pieces)
            self._take(end)
            self.edits.append((start, end))
            pieces.append(self._marker)
        pieces.append(self._take(safe))
        return "".join(pieces)

    def prefix(self, stop: int) -> str:
        """Redacted text up to `stop`; a span that reaches beyond is cut there."""
        begin = self.released
        raw = self._take(stop)
        spans = merge((start, min(end, stop)) for start, end in self._spans if start < stop)
        self.edits += spans
        return redact(raw, ((start - begin, end - begin) for start, end in spans), self._marker)

    def _take(self, stop: int) -> str:
        pieces = []
        while self.released < stop and self._chunks:
            chunk = self._chunks[0]
            piece = chunk[self._cut : self._cut + stop - self.released]
            self._cut += len(piece)
            self.released += len(piece)
            if self._cut == len(chunk):
                self._chunks.popleft()
                self._cut = 0
            pieces.append(piece)
        return "".join(pieces)

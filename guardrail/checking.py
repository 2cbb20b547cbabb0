"""What codecs ask of a guard while they make one answer safe."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from guardrail.event import matched
from guardrail.guard import Guard
from guardrail.stream import StreamGuard
from guardrail.types import Action, Admission, Context, Verdict
from guardrail.wire.checks import StopError, WireError

__all__ = ["Checking"]

_REMEMBERED = 256
_NAME = re.compile(r"[\w./+-]{1,64}", re.ASCII)

_log = logging.getLogger("guardrail")


class Checking:
    """The guard at work on one answer."""

    def __init__(self, guard: Guard, given: Context | Admission, *, strict: bool) -> None:
        self.refusal, self.redaction = guard.refusal, guard.redaction
        self.disclosure = guard.disclosure
        self.limit = guard.max_chars
        self._guard, self._given, self._strict = guard, given, strict
        # What was shown before is checked again, and counts for what is new in it.
        self._again = given
        if isinstance(given, Admission) and given.owed is not None:
            self._again = replace(given, owed=given.owed.again())
        self._known: dict[str, str] = {}
        self._parts: dict[tuple[str, ...], Sequence[str]] = {}
        self._channels: list[StreamGuard] = []
        self._action, self._hit = Action.ALLOW, False
        if isinstance(given, Admission):
            self._note(given.verdict)

    def end(self) -> tuple[Action, bool]:
        """The strictest action of all, and whether something of an index was found."""
        self.cancel()
        for channel in self._channels:
            self._note(channel.verdict)
        return self._action, self._hit

    def _note(self, verdict: Verdict) -> None:
        self._action = max(self._action, verdict.action)
        self._hit |= matched(verdict)

    def text(self, raw: str) -> str:
        # A text that came in pieces is told again whole, up to three times.
        if raw not in self._known:
            verdict = self._guard.check(raw, self._counted(len(raw)))
            self._note(verdict)
            if self._guard.stopped(verdict):
                raise StopError
            if len(self._known) < _REMEMBERED:
                self._known[raw] = verdict.text
            return verdict.text
        return self._known[raw]

    def parts(self, raw: Sequence[str]) -> Sequence[str]:
        return self._joined(tuple(raw), self._counted(sum(map(len, raw))))

    def lines(self, raw: Sequence[str]) -> Sequence[str]:
        return self._joined(tuple(part for one in raw for part in (one, "\n")), self._again)[::2]

    def pieces(self, raw: Sequence[str]) -> Sequence[str]:
        return self._joined(tuple(raw), self._again)

    def _joined(self, raw: tuple[str, ...], given: Context | Admission) -> Sequence[str]:
        # Keys, and fields beside a text, are the same in many events.
        if raw not in self._parts:
            verdict, parts = self._guard.check_parts(raw, given)
            self._note(verdict)
            if self._guard.stopped(verdict):
                raise StopError
            if len(self._parts) == _REMEMBERED:
                return parts
            self._parts[raw] = parts
        return self._parts[raw]

    def channel(self) -> StreamGuard:
        return self._started(self._given)

    def again(self) -> StreamGuard:
        return self._started(self._again)

    def _started(self, given: Context | Admission) -> StreamGuard:
        channel = self._guard.start(given)
        self._channels.append(channel)
        return channel

    def _counted(self, size: int) -> Context | Admission:
        """What a text of this size counts for: nothing if it has come in pieces before."""
        told = any(channel.released == size for channel in self._channels)
        return self._again if told else self._given

    def failed(self, reason: str) -> None:
        self._action = Action.REFUSE
        self._guard.fail(self._context, reason)

    def unknown(self, name: str) -> None:
        if self._strict:
            raise WireError(f"{self.named(name)} is not known")
        _log.warning("left out: %s", self.named(name))

    def named(self, name: str) -> str:
        """A name for the log: one short word, since more could be text, that no rule finds."""
        return name if _NAME.fullmatch(name) and self._guard.passes(name) else "something"

    def cancel(self) -> None:
        for channel in self._channels:
            channel.cancel()

    @property
    def _context(self) -> Context:
        given = self._given
        return given.context if isinstance(given, Admission) else given

"""The guard: rules on what is asked and on what is answered, one verdict for each text."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, ParamSpec, Self, TypeVar

from guardrail.attempt import attempt
from guardrail.disclosure import Disclosure
from guardrail.errors import PolicyError
from guardrail.event import Event, matched
from guardrail.explaining import explained
from guardrail.flow import driven
from guardrail.judging import admitted, charge, judged, nudged, prompted
from guardrail.pace import Pace
from guardrail.redact import redact_parts
from guardrail.rule import Hold, Mode, Rule, Snapshot, Tally
from guardrail.session.clearance import clearance
from guardrail.session.identity import Identification
from guardrail.settings import Settings
from guardrail.stream import InFlight, StreamGuard
from guardrail.surface import Surface
from guardrail.types import Action, Admission, Context, Verdict
from guardrail.weight import LONG, beside, weight

if TYPE_CHECKING:
    # Only who has limits pays for importing them.
    from guardrail.rows import Rows
    from guardrail.session.access import Access
    from guardrail.session.budget import Budgets
    from guardrail.session.limits import Limits
    from guardrail.session.probing import Watch
    from guardrail.session.store import Flow

__all__ = ["Guard"]

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("guardrail")


class Guard(Settings):
    """Stands between a model and whoever reads its answers; immutable, shared by all threads.

    `admit` looks at what is asked, before the call; `check` and `stream` at what is answered.
    Whatever a detector raises, or a time-out, is an error in the verdict and asks for `on_error`.
    An answer of more than `max_chars` characters is refused as an error, and so is a prompt of more
    than `max_messages` messages, or with one that is longer. With `mode="observe"` everything is
    decided and recorded and no text is changed. `hold="buffer"` makes streams wait
    for the whole answer. `identification` says who asks an HTTP edge, `access` which models they
    may ask and what they may read anyway, `limits` how often, before anything is looked at; `watch`
    sees what they ask beside what they asked before, and `rows` what of a table; `budgets` say how
    much of each document may leave over time. `on_event` is called with an `Event` after each
    decision.
    """

    def __init__(
        self,
        rules: Iterable[Rule] = (),
        *,
        owner: str = "",
        refusal: str = "I can't share that.",
        redaction: str = "[redacted]",
        on_error: Action = Action.REFUSE,
        mode: Mode = "enforce",
        hold: Hold = "settled",
        max_chars: int = 1_000_000,
        max_messages: int = 10_000,
        disclosure: Disclosure | None = None,
        surface: Surface | None = None,
        identification: Identification | None = None,
        access: Access | None = None,
        limits: Limits | None = None,
        budgets: Budgets | None = None,
        rows: Rows | None = None,
        watch: Watch | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.owner = owner
        self._on_event = on_event
        self._policy: str | os.PathLike[str] | None = None
        self._snapshot = Snapshot(
            tuple(rules),
            refusal,
            redaction,
            on_error,
            mode,
            hold,
            max_chars,
            max_messages,
            Disclosure() if disclosure is None else disclosure,
            Surface() if surface is None else surface,
            Identification() if identification is None else identification,
            access,
            limits,
            budgets,
            rows,
            watch,
        )

    @classmethod
    def from_policy(
        cls, path: str | os.PathLike[str], *, on_event: Callable[[Event], None] | None = None
    ) -> Self:
        """A guard as a policy file describes it; raises `PolicyError`."""
        from guardrail.policy import load

        rules, settings = load(path)
        try:
            guard = cls(rules, on_event=on_event, **settings)
        except PolicyError as error:
            raise PolicyError(f"{path}: {error}") from None
        guard._policy = path
        return guard

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def admit(self, context: Context) -> Admission:
        """The verdict on what is asked; from throttle on, nothing is to be answered."""
        return driven(self._admitting(self._snapshot, context), lambda asked: asked.now())

    def _admitting(self, snapshot: Snapshot, context: Context) -> Flow[Admission]:
        begun, size = time.perf_counter(), _written(context)
        admission = yield from admitted(snapshot, context)
        self._tell("admit", context, admission.verdict, begun, size)
        return admission

    def check_prompt(self, context: Context) -> Verdict:
        """The verdict of the rules on prompts alone: whoever asks, they may, and count for none."""
        begun = time.perf_counter()
        verdict = prompted(self._snapshot, context)
        self._tell("admit", context, verdict, begun, _written(context))
        return verdict

    def lift(self, context: Context) -> None:
        """Let somebody go on who has met a challenge; raises `StoreError`."""
        if self.limits is not None:
            self.limits.lift(context)
        if self.watch is not None:
            self.watch.reset(context)
        if self.rows is not None:
            self.rows.nudging.reset(context)

    def clearance(self, context: Context) -> str:
        """A token for somebody who has met a challenge, which lifts it in their next `Context`.

        It is good once, for five minutes, and for nobody else. What throttles or refuses them
        stands. Raises `PolicyError` where nothing is kept of those who ask.
        """
        history = self._snapshot.history
        if history is None:
            raise PolicyError("a clearance needs a key: [limits] with key_file or key_env")
        return clearance(history.names, context)

    def see(self, rows: Sequence[tuple[str, ...]], context: Context) -> Admission:
        """The verdict on rows that are asked for, as their schema bins them, after earlier ones."""
        begun = time.perf_counter()
        snapshot, tally = self._snapshot, Tally()
        wait = nudged(snapshot, rows, context, tally)
        verdict = tally.verdict(snapshot.instead(tally.action))
        if verdict.findings or verdict.errors:
            self._tell("admit", context, verdict, begun, 0)
        challenge = snapshot.identification.challenge
        return Admission(context, verdict, retry_after=wait or None, challenge=challenge)

    def pace(self) -> Pace:
        """When an answer may leave to a request that has just come."""
        return Pace(0.0 if self.observes else self.disclosure.timing / 1000)

    def stops(self, admission: Admission) -> bool:
        """Whether this admission means that nothing is to be answered."""
        return self._snapshot.refuses(admission)

    def stopped(self, verdict: Verdict) -> bool:
        """Whether this verdict on an answer means that nothing of it is to be shown."""
        return self._snapshot.stops(verdict.action)

    def passes(self, text: str) -> bool:
        """Whether the rules on answers let a text out as it is; nobody is told of it."""
        return judged(self._snapshot, text, Context()).action is Action.ALLOW

    def fail(self, context: Context, reason: str) -> None:
        """Log and tell an error of an edge: something that could not be read, and was refused."""
        _log.error("refused: %s", reason)
        verdict = Verdict(Action.REFUSE, "", errors=(reason,))
        self._tell("edge", context, verdict, time.perf_counter(), 0)

    def left(self, context: Context, pace: Pace, *, action: Action, hit: bool, size: int) -> None:
        """Tell that an answer has left an edge, and what its reader sees of it besides text."""
        self._tell("answer", context, Verdict(action, ""), pace.begun, size, hit=hit)

    def check(self, output: str, given: Context | Admission | None = None) -> Verdict:
        """The verdict on an answer; its text is safe to show.

        Of what `admit` gave it keeps what was settled there: who is stopped is refused. With a bare
        context the answer alone is judged, without access, limits and rules on prompts.
        """
        return self._checked(self._snapshot, output, given)

    def check_many(
        self, outputs: Iterable[str], given: Context | Admission | None = None
    ) -> tuple[Verdict, ...]:
        """A verdict for each of several answers to the same question, or texts of one answer."""
        return tuple(self.check(output, given) for output in outputs)

    def check_parts(
        self, parts: Sequence[str], given: Context | Admission | None = None
    ) -> tuple[Verdict, tuple[str, ...]]:
        """The verdict on texts that are read as one, and each of them safe to show.

        Findings count over the parts joined; after a refusal there are no safe parts.
        """
        snapshot = self._snapshot
        verdict = self._checked(snapshot, "".join(parts), given)
        if snapshot.observes:
            return verdict, tuple(parts)
        if snapshot.stops(verdict.action):
            return verdict, ()
        return verdict, redact_parts(parts, snapshot.redacted(verdict), snapshot.redaction)

    def start(self, given: Context | Admission | None = None) -> StreamGuard:
        """One answer in flight, to be fed by hand."""
        begun = time.perf_counter()
        asked = Context() if given is None else given
        context = _context(asked)

        snapshot = self._snapshot

        def report(verdict: Verdict, size: int) -> None:
            charge(snapshot, asked, verdict)
            self._tell("stream", context, verdict, begun, size)

        return StreamGuard(snapshot.tightened(asked), asked, report=report)

    def stream(
        self, chunks: Iterable[str], given: Context | Admission | None = None
    ) -> Generator[str, None, None]:
        """Safe text as it becomes safe; after a refusal no more chunks are taken."""
        answer = self.start(given)
        source = iter(() if answer.done else chunks)
        try:
            for chunk in source:
                if safe := answer.feed(chunk):
                    yield safe
                if answer.done:
                    break
            if safe := answer.close():
                yield safe
        finally:
            answer.cancel()
            for opened in (source, chunks):
                if callable(close := getattr(opened, "close", None)):
                    close()

    async def aadmit(self, context: Context) -> Admission:
        snapshot, size = self._snapshot, weight(_asked(context))
        history = snapshot.history
        # What a clearance lifts is forgotten by a store that is waited for.
        slow = snapshot.timed or context.clearance is not None
        if history is None or size >= LONG or slow:
            return await self.aside(size, self.admit, context)
        return await history.store.adrive(self._admitting(snapshot, context))

    async def acheck(self, output: str, given: Context | Admission | None = None) -> Verdict:
        return await self.aside(beside(_asked(given)) + _size(output), self.check, output, given)

    async def astream(
        self, chunks: AsyncIterable[str], given: Context | Admission | None = None
    ) -> AsyncGenerator[str, None]:
        answer, asked = self.start(given), beside(_asked(given))
        source, held = aiter(chunks), 0
        try:
            while not answer.done:
                try:
                    chunk = await anext(source)
                except StopAsyncIteration:
                    break
                held += _size(chunk)
                if safe := await self.aside(asked + _size(chunk), answer.feed, chunk):
                    held -= len(safe)
                    yield safe
            if safe := await self.aside(asked + held, answer.close):
                yield safe
        finally:
            try:
                await self.gone(asked + held, answer)
            finally:
                for opened in (source, chunks):
                    if callable(close := getattr(opened, "aclose", None)):
                        await close()

    def wrap(
        self, fn: Callable[P, T], *, context: Callable[..., Context] | None = None
    ) -> Callable[P, T]:
        """The same callable, its answers guarded: sync, async, generator or async generator."""
        from guardrail.wrap import wrap

        return wrap(self, fn, context=context)

    def explain(self, verdict: Verdict) -> str:
        """Which rule did what, in words and numbers, without text."""
        return explained(self._snapshot, verdict)

    def reload(self) -> None:
        """Take the policy file as it now is; a bad one raises `PolicyError` and changes nothing.

        Answers in flight keep the policy that they began with.
        """
        if self._policy is not None:
            fresh = type(self).from_policy(self._policy)
            before, after = self._snapshot.history, fresh._snapshot.history
            if before is not None and not (after is not None and after.resume(before)):
                before.close()
            self.owner, self._snapshot = fresh.owner, fresh._snapshot

    def close(self) -> None:
        """Close the detectors that hold something open, and the store."""
        if self._snapshot.history is not None:
            self._snapshot.history.close()
        for rule in self.rules:
            if callable(close := getattr(rule.detector, "close", None)):
                close()

    async def aside(self, size: int, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what looks at so much (see `weight`), off the event loop where it may take long."""
        if size < LONG and not self._snapshot.waits:
            return call(*args, **kwargs)
        import asyncio

        return await asyncio.to_thread(call, *args, **kwargs)

    async def gone(self, size: int, answer: InFlight) -> None:
        """Cancel an answer to a reader who has gone away, of which so much is held."""
        if not answer.done:
            await self.aside(size, answer.cancel)

    def _checked(
        self, snapshot: Snapshot, output: str, given: Context | Admission | None
    ) -> Verdict:
        begun = time.perf_counter()
        asked = Context() if given is None else given
        context = _context(asked)
        if isinstance(asked, Admission) and snapshot.refuses(asked):
            verdict = replace(asked.verdict, text=snapshot.instead(asked.action))
        else:
            verdict = judged(snapshot.tightened(asked), output, context)
            charge(snapshot, asked, verdict)
        self._tell("check", context, verdict, begun, _size(output))
        return verdict

    def _tell(
        self,
        kind: Literal["admit", "check", "stream", "edge", "answer"],
        context: Context,
        verdict: Verdict,
        begun: float,
        characters: int,
        *,
        hit: bool = False,
    ) -> None:
        if self._on_event is None:
            return
        event = Event(
            kind=kind,
            action=verdict.action,
            findings=verdict.findings,
            discounted=verdict.discounted,
            errors=verdict.errors,
            seconds=time.perf_counter() - begun,
            characters=characters,
            mode=self._snapshot.mode,
            owner=self.owner,
            subject=context.identity.subject,
            model=context.model,
            request_id=context.request_id,
            matched=hit or matched(verdict),
        )
        attempt(None, self._on_event, event)


def _asked(given: Context | Admission | None) -> list[str]:
    return [] if given is None else [turn.content for turn in _context(given).turns]


def _context(asked: Context | Admission) -> Context:
    context = asked.context if isinstance(asked, Admission) else asked
    if not isinstance(context, Context):
        raise TypeError("a guard needs a Context: Context(prompt='a question')")
    return context


def _written(context: Context) -> int:
    return sum(len(turn.content) for turn in _context(context).turns)


def _size(text: object) -> int:
    return len(text) if isinstance(text, str) else 0

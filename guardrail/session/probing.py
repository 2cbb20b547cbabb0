"""Probing: what somebody is after, seen in how their prompts resemble each other over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, NamedTuple, Protocol, get_args

from guardrail.choice import one_of
from guardrail.errors import PolicyError
from guardrail.session.campaign import Campaigns
from guardrail.session.history import History
from guardrail.session.naming import By, checked
from guardrail.session.period import period_of
from guardrail.session.ring import Note, Seen
from guardrail.session.signs import (
    SIGNS,
    Asked,
    goes_on,
    intents,
    named,
    packed,
    parted,
    signs_of,
)
from guardrail.session.store import Flow
from guardrail.session.template import Templates
from guardrail.types import Action, Context, Message

__all__ = ["Probing", "Risk", "Watch"]

Stop = Literal["flag", "throttle", "challenge", "refuse", "suspend"]

_NAME = "probing"
_PROMPTS, _ANSWERS, _SHOWN = 32, 16, 32
_MICRO = 1_000_000
_KEPT = 86400 * _MICRO


class Recall(NamedTuple):
    """A request, and what is to be noted and asked of its maker's prompts, answers and signs."""

    asked: Asked
    notes: tuple[Note, Note, Note]


class Reader(Protocol):
    """Makes of texts what can be kept; see `guardrail.sketch`."""

    def asked(self, turns: Sequence[Message]) -> Asked: ...

    def tail(self, answer: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """The `[limits.probing]` table of a policy: when somebody's requests are seen as one attempt.

    Seen are variations of one prompt, the same question about ever other names or numbers, prompts
    that go on from the end of earlier answers, and whatever rules on prompts find time and again.
    Each request that shows such a sign adds to the risk, which halves in a `half_life`; a risk of
    `most` asks for the `action`, whatever is asked for, until it has come down again. On the way
    there, by up to the share `tighten`, output rules take lower scores. `by` says whose prompts are
    seen together. Of each the last 32 requests are kept, for a day after the last one.

    To `suspend` is to refuse, and to block whoever asked for a time, `suspended`, or until an
    operator resets them. Nobody is blocked for what others do: `by` must be the identity, and who
    is known by their address alone is only refused.

    A campaign is found, and flagged, where `accounts` of those were shown different passages of one
    document, together a `share` of it; or where as many have asked, in one form but different
    words, for what rules on prompts find. Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    action: Stop = "flag"
    most: float = 2.0
    half_life: str = "6 hours"
    tighten: float = 0.5
    suspended: str = "day"
    by: tuple[By, ...] = ("identity",)
    accounts: int = 3
    share: float = 0.03

    def __post_init__(self) -> None:
        one_of("probing: action", self.action, get_args(Stop))
        checked("probing", self.by)
        if not 1 <= self.most < math.inf:
            raise PolicyError("probing: most must be at least 1, and have an end")
        if not 0 <= self.tighten <= 1:
            raise PolicyError("probing: tighten must lie between 0 and 1")
        if self.accounts < 2:
            raise PolicyError("probing: accounts must be at least 2")
        if not 0 <= self.share <= 1:
            raise PolicyError("probing: share must lie between 0 and 1")
        if self.action == "suspend" and self.by != ("identity",):
            raise PolicyError("probing: to suspend, by must be the identity alone")
        period_of("probing", self.half_life)
        period_of("probing", self.suspended)


@dataclass(frozen=True, slots=True)
class Risk:
    """What somebody's requests add up to.

    Each counts with the gravest of its signs in the `score`, and with all of them in the `parts`.
    `found` are those that this one shows, and that are a part of 1, and `campaign` if it is of one.
    `tighten` is the share by which scores are lowered, `wait` the seconds until the risk is below
    what is allowed. `out`: the store did not answer.
    """

    score: float
    parts: Mapping[str, float]
    found: tuple[str, ...] = ()
    tighten: float = 0.0
    wait: float = 0.0
    out: bool = False


class Watch:
    """Sees requests beside those that came before."""

    def __init__(self, rule: Probing, history: History, reader: Reader) -> None:
        self.rule, self.history, self._reader = rule, history, reader
        self.suspends = 0
        self.action = Action.REFUSE
        if rule.action == "suspend":
            self.suspends = period_of("probing", rule.suspended) // _MICRO
        else:
            self.action = Action[rule.action.upper()]
        self._half_life = period_of("probing", rule.half_life)
        self.campaigns = Campaigns(history, rule.by, rule.accounts, rule.share)
        self._templates = Templates(history, rule.accounts)

    def recall(self, context: Context, turns: Sequence[Message]) -> Recall:
        """What is to be noted of a request, in one step with what else the store is asked."""
        asked = self._reader.asked(turns)
        prompts, answers, shown = self._rings(context)
        entry = b"".join(prompt.entry for prompt in asked.prompts)
        return Recall(
            asked,
            (
                Note(prompts, entry, _PROMPTS, _KEPT),
                Note(answers, b"", _ANSWERS, _KEPT),
                Note(shown, b"", _SHOWN, _KEPT),
            ),
        )

    def see(
        self, recall: Recall, seen: Sequence[Seen], kinds: Mapping[int, frozenset[str]]
    ) -> Flow[Risk]:
        """The risk with a request, by what was `seen` of the notes that it recalls.

        `kinds` are what rules on prompts found, by turn.
        """
        asked, (*_, shown) = recall.asked, recall.notes
        held, tails, before = seen
        fresh, earlier = parted(asked.prompts, held)
        signs = {sign for prompt in fresh for sign in signs_of(prompt, earlier)}
        found = [(prompt, intents(kinds.get(prompt.turn, ()))) for prompt in fresh]
        signs = signs.union(*(names for _, names in found))
        if fresh and goes_on(asked.grams, tails):
            signs.add("prefix")
        if not signs:
            return self._risk(before, signs, answered=True)
        # The same twice is two signs, if it was not for the same prompt.
        told = shown._replace(entry=packed(signs) + fresh[-1].text)
        who = shown.key[1:9]
        alike = [self._templates.note(who, one) for one, names in found if names]
        _, (_, *others), answered = yield from self.history.ask((), [told, *alike])
        risk = self._risk([(0, told.entry), *before], signs, answered)
        if any(map(self._templates.shared, alike, others)):
            return replace(risk, found=(*risk.found, "campaign"))
        return risk

    def answered(self, context: Context, text: str) -> None:
        """Keep how an answer that was shown ends."""
        tail = self._reader.tail(text)
        if tail:
            _, key, _ = self._rings(context)
            self.history.note([Note(key, tail, _ANSWERS, _KEPT)])

    def standing(self, context: Context) -> Risk:
        """Somebody's risk now; raises `StoreError`."""
        *_, shown = self._rings(context)
        (before,) = self.history.store.note([Note(shown, b"", _SHOWN, _KEPT)])
        return self._risk(before, frozenset(), answered=True)

    def reset(self, context: Context) -> None:
        """Forget what they asked, unless it is kept of everyone; raises `StoreError`.

        What is known of them must be what was known when they asked.
        """
        if not {"everyone", "model"}.issuperset(self.rule.by):
            self.history.store.forget(self._rings(context))

    def lift(self, context: Context) -> None:
        """Forget what they asked, if it is what challenges them; raises `StoreError`."""
        if self.action is Action.CHALLENGE:
            self.reset(context)

    def _rings(self, context: Context) -> tuple[bytes, bytes, bytes]:
        """The keys of prompts, of answers and of signs."""
        key = self.history.names.whose(_NAME, self.rule.by, context)[1:]
        return b"p" + key, b"a" + key, b"s" + key

    def _risk(
        self, before: Iterable[tuple[int, bytes]], signs: frozenset[str] | set[str], answered: bool
    ) -> Risk:
        parts: dict[str, float] = {}
        risk = 0.0
        for age, entry in before:
            weight = 0.5 ** (age / self._half_life)
            names = named(entry)
            risk += weight * max(SIGNS[name] for name in names)
            for name in names:
                parts[name] = parts.get(name, 0.0) + SIGNS[name] * weight
        beyond = risk / self.rule.most
        return Risk(
            risk,
            parts,
            tuple(sorted(name for name in signs if parts[name] >= 1)),
            self.rule.tighten * min(beyond, 1.0),
            self._half_life / _MICRO * math.log2(beyond) if beyond > 1 else 0.0,
            not answered,
        )

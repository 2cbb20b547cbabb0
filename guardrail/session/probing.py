"""Probing: what somebody is after, seen in how their prompts resemble each other over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from guardrail.choice import one_of
from guardrail.errors import PolicyError
from guardrail.session.campaign import Campaigns
from guardrail.session.history import History
from guardrail.session.naming import By, checked
from guardrail.session.period import period_of
from guardrail.session.ring import Note, Seen
from guardrail.session.store import Flow
from guardrail.session.template import Templates
from guardrail.types import Action, Context, Message

__all__ = ["GRAMS", "MINIMA", "Asked", "Probing", "Prompt", "Risk", "Watch"]

MINIMA = 64
GRAMS = 8
"""Runs of words from the end of an answer that are kept, four bytes of each."""

Stop = Literal["flag", "throttle", "challenge", "refuse", "suspend"]

SIGNS: Mapping[str, float] = {
    # The third variation of two prompts, twice.
    "variation": 0.6,
    # The fourth name, or number, in the same place.
    "enumeration": 1.0,
    # The third prompt that goes on from the end of an earlier answer.
    "prefix": 0.4,
    # The second prompt in which a rule on prompts finds the same.
    "membership": 0.55,
    "personal": 0.55,
    "attribute": 0.55,
    "verbatim": 0.55,
    "continuation": 0.55,
    "divergence": 0.55,
    "context": 0.55,
}
"""What a request that shows a sign adds to the risk; a part of 1 is found."""

_NAME = "probing"
_INTENT = "intent."
_NAMES = tuple(SIGNS)
_ALIKE, _LESS, _LEAST = MINIMA * 5 // 8, MINIMA // 2, MINIMA * 7 // 16
_OTHERS = 3
_LATEST = 8
_VARIED, _LONG, _ENUMERATED = 4, 6, 3
_STEP = 3
_PROMPTS, _ANSWERS, _SHOWN = 32, 16, 32
_BYTES = MINIMA + 9
_NONE = bytes(4)
_MICRO = 1_000_000
_KEPT = 86400 * _MICRO


class Prompt(NamedTuple):
    """One thing that a reader wrote: its place among the turns, and what it is known by.

    `shape` has 64 minima of a byte; `slots`, and the `text` as a whole, are digests of 4 bytes;
    `words` has the number of different words, slots aside, up to 255.
    """

    turn: int
    shape: bytes
    slots: bytes
    text: bytes
    words: int

    @property
    def entry(self) -> bytes:
        return b"".join((self.shape, self.slots, self.text, bytes([self.words])))


class Asked(NamedTuple):
    """What a reader wrote last, and a hash of each run of words of the last of it."""

    prompts: tuple[Prompt, ...]
    grams: NDArray[np.uint32]


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
        self._templates = Templates(history, rule.accounts, _ALIKE)

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
        fresh, earlier = _parted(asked.prompts, held)
        signs = {sign for prompt in fresh for sign in _signs(prompt, earlier)}
        found = [(prompt, _found(kinds.get(prompt.turn, ()))) for prompt in fresh]
        signs = signs.union(*(names for _, names in found))
        if fresh and _goes_on(asked.grams, tails):
            signs.add("prefix")
        if not signs:
            return self._risk(before, signs, answered=True)
        # The same twice is two signs, if it was not for the same prompt.
        told = shown._replace(entry=_bits(signs) + fresh[-1].text)
        who = shown.key[1:9]
        alike = [self._templates.note(who, one.text, one.shape) for one, names in found if names]
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
            names = _named(entry)
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


def _parted(prompts: Sequence[Prompt], held: Seen) -> tuple[list[Prompt], NDArray[np.uint8]]:
    """Prompts that were not seen before, and all that were, one a row."""
    fresh = [prompt for prompt in prompts if prompt.entry not in held.joined]
    return fresh, np.frombuffer(held.joined, np.uint8).reshape(-1, _BYTES)


def _found(kinds: Iterable[str]) -> set[str]:
    """The signs among what rules on prompts found."""
    return {name for kind in kinds if (name := kind.removeprefix(_INTENT)) in SIGNS}


def _signs(prompt: Prompt, earlier: NDArray[np.uint8]) -> Sequence[str]:
    """What a prompt shows beside earlier ones, the latest first."""
    same = earlier[:, :MINIMA] == np.frombuffer(prompt.shape, np.uint8)
    shared = np.add.reduce(same, axis=1, dtype=np.uint8)
    alike = _others(earlier, shared >= _ALIKE)
    if len(alike) < _OTHERS:
        return ("variation",) if _less_alike(prompt, earlier, shared) else ()
    slots = {other[MINIMA : MINIMA + 4] for other in alike} - {_NONE, prompt.slots}
    if prompt.slots != _NONE and prompt.words >= _ENUMERATED and len(slots) >= _OTHERS:
        return ("enumeration",)
    return ("variation",) if prompt.words >= _VARIED else ()


def _less_alike(prompt: Prompt, earlier: NDArray[np.uint8], shared: NDArray[np.uint8]) -> bool:
    """Whether four others are less alike, or still less and in a row: names may be unseen slots."""
    if prompt.words >= _LONG and len(_others(earlier, shared >= _LESS)) > _OTHERS:
        return True
    latest = earlier[:_LATEST], shared[:_LATEST] >= _LEAST
    return prompt.slots == _NONE and prompt.words >= _VARIED and len(_others(*latest)) > _OTHERS


def _others(earlier: NDArray[np.uint8], which: NDArray[np.bool_]) -> set[bytes]:
    rows = which.nonzero()[0].tolist()
    return {earlier[row].tobytes() for row in rows} if len(rows) >= _OTHERS else set()


def _goes_on(grams: NDArray[np.uint32], tails: Seen) -> bool:
    """Whether a prompt has the end of an earlier answer in it."""
    if not tails:
        return False
    known = set(grams.tolist())
    ends = np.frombuffer(tails.joined, "<u4").reshape(-1, GRAMS)
    return any(len(known.intersection(end)) >= _STEP for end in ends.tolist())


def _bits(signs: set[str]) -> bytes:
    return sum(1 << _NAMES.index(name) for name in signs).to_bytes(2, "little")


def _named(entry: bytes) -> list[str]:
    bits = int.from_bytes(entry[:2], "little")
    return [name for number, name in enumerate(_NAMES) if bits >> number & 1]

"""How often one may ask, how much of answers one may read, and how often an index is hit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

from guardrail.choice import apart, one_of, some
from guardrail.errors import PolicyError
from guardrail.session.gcra import Take
from guardrail.session.history import History
from guardrail.session.naming import By, checked
from guardrail.session.owed import Owed
from guardrail.session.ring import Note, Seen
from guardrail.session.store import Flow
from guardrail.surface import matches
from guardrail.types import Action, Context, Identity, Verdict

__all__ = ["BLOCKED", "Limit", "Limits", "Standing", "Taken"]

BLOCKED = "blocked"
"""What stands among the limits that a request goes beyond, if an operator has blocked its maker."""

Outage = Literal["tighter", "refuse"]
Stop = Literal["throttle", "challenge", "refuse"]

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"(\d{1,9})\s*/\s*(\d{0,4})\s*(second|minute|hour|day)s?", re.ASCII)
_MICRO = 1_000_000
_LONGEST = 31 * 86400 * _MICRO
_DEBT = 250_000
_FOR_GOOD = 10 * 365 * 86400
_ANY = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A `[[limits.rule]]` of a policy: so many `queries`, `tokens` of answers or `hits`, in a time.

    `"6/minute"` and `"100/2 hours"` are rates. At most `burst` (by default half of the number) go
    at once, so that no time sees more than the number and a burst. `by` says whose they are, all
    parts of it together: of the `identity` (the subject, or else the token, or else the network),
    of a `network` (of addresses those that begin with the same 24 or, in version 6, 64 bits), and
    so on; all who lack it share one. It holds for `models` (`*` stands for anything; whoever asks
    names the model, so that a limit by `model` needs `[access]` to say which there are). A token is
    four bytes of UTF-8, and to ask costs one. A hit is a passage of an answer that an index has and
    that counts, in one of its texts or over several that are read together: who asks whether
    guesses are true gets as many answers, and then none. An answer
    may go beyond what is left, and is then waited for, up to 250,000 tokens, twice the burst of
    hits or a month; answers in flight do not know of each other. While
    the store does not answer, the limit is `tighter`, or whoever it holds for is `refuse`d. Raises
    `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str = "limit"
    queries: str | None = None
    tokens: str | None = None
    hits: str | None = None
    burst: int | None = None
    by: tuple[By, ...] = ("identity",)
    models: tuple[str, ...] = _ANY
    action: Stop = "throttle"
    on_outage: Outage = "tighter"

    def __post_init__(self) -> None:
        if [self.queries, self.tokens, self.hits].count(None) != 2:
            raise PolicyError(f"limit {self.id!r}: give one of queries, tokens and hits")
        if self.burst is not None and self.burst < 1:
            raise PolicyError(f"limit {self.id!r}: burst must be at least 1")
        checked(f"limit {self.id!r}", self.by)
        some(f"limit {self.id!r}: models", self.models)
        one_of(f"limit {self.id!r}: action", self.action, get_args(Stop))
        one_of(f"limit {self.id!r}: on_outage", self.on_outage, get_args(Outage))
        interval, burst, debt = self.rate
        if not interval or interval * (burst + debt) > _LONGEST:
            raise PolicyError(f"limit {self.id!r}: take a rate between 1/31 days and 999999/second")

    @property
    def counted(self) -> tuple[str, str]:
        """What is counted, and how much of it there is in a time."""
        told = {"queries": self.queries, "tokens": self.tokens, "hits": self.hits}
        return next((what, rate) for what, rate in told.items() if rate is not None)

    @property
    def rate(self) -> tuple[int, int, int]:
        """The interval, the burst and the debt of a `Take`."""
        number, period = _rate(self.id, self.counted[1])
        burst = max(number // 2, 1) if self.burst is None else self.burst
        interval = period // number
        if self.queries is not None or not interval:
            return interval, burst, 0
        # To ask for hits takes none: only what goes beyond can stop somebody.
        least, most = (0, _DEBT) if self.hits is None else (1, burst)
        return interval, burst, max(min(most, _LONGEST // interval - burst), least)

    @property
    def cost(self) -> int:
        """What it takes to ask."""
        return 1 if self.hits is None else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What the limits say of a request.

    `exceeded` are the limits that it goes beyond, `wait` the seconds until it does not. `owed` is
    what its answer will be charged to; `seen`, what was noted before. `out`: the store did not
    answer.
    """

    exceeded: tuple[str, ...] = ()
    wait: float = 0.0
    owed: Owed | None = None
    seen: Sequence[Seen] = ()
    out: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How near somebody has come to a limit: what is left, and the seconds until all is back."""

    limit: Limit
    left: int
    burst: int
    seconds: float


class Limits:
    """Limits, and where it is kept who has come how near to them."""

    def __init__(self, rules: Iterable[Limit], history: History) -> None:
        self.rules, self.history = tuple(rules), history
        apart("limits", [BLOCKED, *(rule.id for rule in self.rules)])
        self._metered = any(rule.queries is None for rule in self.rules)
        self._rates = [
            (rule, tuple(name.lower() for name in rule.models), *rule.rate) for rule in self.rules
        ]
        self.actions: Mapping[str, Action] = {
            BLOCKED: Action.REFUSE,
            **{rule.id: Action[rule.action.upper()] for rule in self.rules},
        }

    def take(self, context: Context, notes: Sequence[Note] = ()) -> Flow[Taken]:
        """Count a request, unless it goes beyond a limit, and note in the same step."""
        mine = self._mine(context)
        gates = self._gates(context.identity) if self.history.store.blocks else []
        takes = [take for _, take in mine]
        told, seen, answered = yield from self.history.ask([*takes, *gates], notes)
        waits, blocks = told[: len(takes)], told[len(takes) :]
        if any(blocks):
            if answered:
                self._remember(gates, blocks)
            return Taken((BLOCKED,), seen=seen, out=not answered)
        if answered and gates:
            self.history.pardon(gates)
        owed = None
        if self._metered:
            owed = Owed(take for rule, take in mine if rule.queries is None)
        exceeded: tuple[str, ...] = ()
        if any(waits) or not answered:
            exceeded = tuple(
                rule.id
                for rule, wait in zip((rule for rule, _ in mine), waits, strict=True)
                if wait or not (answered or rule.on_outage == "tighter")
            )
        wait = max(waits, default=0) / _MICRO
        if exceeded and not wait:
            wait = self.history.again
        return Taken(exceeded, wait, owed, seen, not answered)

    def most(self, context: Context) -> int | None:
        """How many queries can ever go at once, if there is a limit that says so."""
        return min((take.burst for _, take in self._mine(context) if take.cost), default=None)

    def kind(self, name: str) -> str:
        """Of what kind a finding is that somebody goes beyond a limit, or is blocked."""
        return "access" if name == BLOCKED else "limit"

    def charge(self, owed: Owed, verdict: Verdict) -> None:
        """Count a text that was shown, and the passages of it that hit."""
        if due := owed.due(verdict):
            self.history.charge(due)

    def standings(self, context: Context, by: By) -> tuple[Standing, ...]:
        """Where somebody stands with each limit that is theirs alone; raises `StoreError`.

        `by` says what is known of them.
        """
        mine = self._own(context, by)
        told = self.history.store.ahead([take for _, take in mine])
        return tuple(
            Standing(
                rule, max(take.burst - -(-ahead // take.interval), 0), take.burst, ahead / _MICRO
            )
            for (rule, take), ahead in zip(mine, told, strict=True)
        )

    def blocked(self, identity: Identity) -> float:
        """For how many seconds they are blocked; raises `StoreError`."""
        gates = self._gates(identity)
        return max(self.history.store.ahead(gates)) / _MICRO

    def block(self, identity: Identity, seconds: float | None = None) -> None:
        """Refuse whatever they ask, for some time or until `reset`; raises `StoreError`.

        Of an identity the subject counts, or else the token, or else the network.
        """
        gate, *_ = self._gates(identity)
        self.history.store.blocks = True
        self.history.store.forget([gate.key])
        cost = _FOR_GOOD if seconds is None else max(round(seconds), 1)
        self.history.store.charge([replace(gate, cost=min(cost, _FOR_GOOD))])

    def suspend(self, identity: Identity, seconds: int) -> Flow[bool]:
        """Block somebody for some time, unless they are blocked; whether the store has answered.

        While it does not, this process alone refuses them, also where it stops later on.
        """
        gate, *_ = self._gates(identity)
        self.history.store.blocks = True
        whole = replace(gate, burst=seconds, cost=seconds, debt=gate.debt - seconds)
        *_, answered = yield from self.history.ask([whole], ())
        self.history.remember([replace(gate, cost=seconds)])
        return answered

    def reset(self, context: Context, by: By) -> None:
        """Let them be as if they had never asked, where nobody else is counted with them.

        `by` says what is known of them. Raises `StoreError`.
        """
        takes = [take for _, take in self._own(context, by)]
        gates = self._gates(context.identity)
        self.history.store.forget([take.key for take in (*takes, *gates)])

    def lift(self, context: Context) -> None:
        """Let them go on after a challenge, where nobody else is counted with them.

        Raises `StoreError`.
        """
        self.history.store.forget(
            [
                take.key
                for rule, take in self._mine(context)
                if rule.action == "challenge" and not {"everyone", "model"}.issuperset(rule.by)
            ]
        )

    def _remember(self, gates: Sequence[Take], blocks: Sequence[int]) -> None:
        pairs = zip(gates, blocks, strict=True)
        self.history.remember(
            [replace(gate, cost=-(-wait // _MICRO)) for gate, wait in pairs if wait]
        )

    def _mine(self, context: Context) -> list[tuple[Limit, Take]]:
        """The limits that hold, and one of each."""
        model = (context.model or "").strip().lower()
        return [
            (
                rule,
                Take(
                    self.history.names.whose(rule.id, rule.by, context),
                    interval=interval,
                    burst=burst,
                    cost=rule.cost * context.queries,
                    debt=debt,
                ),
            )
            for rule, names, interval, burst, debt in self._rates
            # One that is not told may be any.
            if rule.models == _ANY or context.model is None or matches(model, names)
        ]

    def _own(self, context: Context, by: By) -> list[tuple[Limit, Take]]:
        """Those that are told by one part of an identity, and by a model if it is known."""
        known = {"identity", by} if context.model is None else {"identity", by, "model"}
        return [
            (rule, take)
            for rule, take in self._mine(context)
            if known.issuperset(rule.by) and (context.model is not None or rule.models == _ANY)
        ]

    def _gates(self, identity: Identity) -> list[Take]:
        """What is ahead as long as somebody is blocked, the surest of what is known first."""
        names = self.history.names
        keys = map(names.key, names.known(identity))
        return [Take(key, interval=_MICRO, burst=0, cost=0, debt=_FOR_GOOD) for key in keys]


def _rate(name: str, told: str) -> tuple[int, int]:
    """A number, and the microseconds for it."""
    found = _RATE.fullmatch(told.strip())
    if found is None or not int(found[1]):
        raise PolicyError(f"limit {name!r}: {told!r} is no rate like 6/minute or 100/2 hours")
    return int(found[1]), int(found[2] or 1) * _UNITS[found[3]] * _MICRO

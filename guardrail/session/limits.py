"""How often one may ask, and how much of an answer one may read."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import ClassVar, Literal, get_args

from guardrail.errors import PolicyError
from guardrail.session.gcra import Take
from guardrail.session.outage import Covered
from guardrail.surface import matches
from guardrail.types import Action, Context, Identity

__all__ = ["Limit", "Limits", "Taken"]

By = Literal["identity", "subject", "token", "network", "model", "everyone"]
Outage = Literal["tighter", "refuse"]
Stop = Literal["throttle", "challenge", "refuse"]

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"(\d{1,9})\s*/\s*(\d{0,4})\s*(second|minute|hour|day)s?", re.ASCII)
_MICRO = 1_000_000
_LONGEST = 31 * 86400 * _MICRO
_DEBT = 8
_BYTES = 4
_NETWORK = {4: 24, 6: 64}
_ANY = ("*",)
_NOBODY = Identity().subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A `[[limits.rule]]` of a policy: so many `queries`, or `tokens` of answers, in a time.

    `"6/minute"` and `"100/2 hours"` are rates. At most `burst` (by default half of the number) go
    at once, so that no time sees more than the number and a burst. `by` says whose they are, all
    parts of it together: of the `identity` (the subject, or else the token, or else the network),
    of a `network` (of addresses those that begin with the same 24 or, in version 6, 64 bits), and
    so on; all who lack it share one. It holds for `models` (`*` stands for anything). A token is
    four bytes of UTF-8; an answer may go beyond what is left, and is then waited for. While the
    store does not answer, the limit is `tighter`, or whoever it holds for is `refuse`d.
    Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str = "limit"
    queries: str | None = None
    tokens: str | None = None
    burst: int | None = None
    by: tuple[By, ...] = ("identity",)
    models: tuple[str, ...] = _ANY
    action: Stop = "throttle"
    on_outage: Outage = "tighter"

    def __post_init__(self) -> None:
        if (self.queries is None) == (self.tokens is None):
            raise PolicyError(f"limit {self.id!r}: give either queries or tokens")
        if self.burst is not None and self.burst < 1:
            raise PolicyError(f"limit {self.id!r}: burst must be at least 1")
        if not self.by:
            raise PolicyError(f"limit {self.id!r}: by is empty; take everyone")
        for name, given, known in (
            *(("by", one, get_args(By)) for one in self.by),
            ("action", self.action, get_args(Stop)),
            ("on_outage", self.on_outage, get_args(Outage)),
        ):
            if given not in known:
                told = ", ".join(known)
                raise PolicyError(f"limit {self.id!r}: {name} is {given!r}; known: {told}")
        interval, burst, debt = self.rate
        if not interval or interval * (burst + debt) > _LONGEST:
            raise PolicyError(f"limit {self.id!r}: take a rate between 1/31 days and 999999/second")

    @property
    def rate(self) -> tuple[int, int, int]:
        """The interval, the burst and the debt of a `Take`."""
        number, period = _rate(self.id, self.queries or self.tokens or "")
        burst = max(number // 2, 1) if self.burst is None else self.burst
        return period // number, burst, 0 if self.tokens is None else _DEBT * burst


@dataclass(frozen=True, slots=True)
class Taken:
    """What the limits say of a request.

    `exceeded` are the limits that it goes beyond, `wait` the seconds until it does not. `owed` is
    what its answer will be charged to. `out`: the store did not answer.
    """

    exceeded: tuple[str, ...] = ()
    wait: float = 0.0
    owed: tuple[Take, ...] = ()
    out: bool = False


class Limits:
    """Limits, and where it is kept who has come how near to them.

    What is kept is named by a digest with the `secret`, of at most 64 bytes. `place` tells one
    store from another: limits that are loaded anew go on where those of the same place were.
    """

    def __init__(
        self, rules: Iterable[Limit], store: Covered, *, secret: bytes, place: object = None
    ) -> None:
        self.rules, self.store = tuple(rules), store
        self._secret, self._place = secret, place
        names = [rule.id for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise PolicyError(f"two limits have the id {name!r}; give each its own")
        self._rates = [(rule, *rule.rate) for rule in self.rules]
        self.actions: Mapping[str, Action] = {
            rule.id: Action[rule.action.upper()] for rule in self.rules
        }

    @property
    def waits(self) -> bool:
        return self.store.waits

    def take(self, context: Context) -> Taken:
        """Count a request, unless it goes beyond a limit."""
        model = context.model or ""
        mine = [
            (rule, Take(self._key(rule, context), interval=interval, burst=burst, debt=debt))
            for rule, interval, burst, debt in self._rates
            if rule.models == _ANY or matches(model, rule.models)
        ]
        if not mine:
            return Taken()
        waits, answered = self.store.take([take for _, take in mine])
        exceeded = tuple(
            rule.id
            for (rule, _), wait in zip(mine, waits, strict=True)
            if wait or not (answered or rule.on_outage == "tighter")
        )
        owed = tuple(take for rule, take in mine if rule.tokens is not None)
        return Taken(exceeded, max(waits) / _MICRO, owed, not answered)

    def charge(self, owed: Iterable[Take], text: str) -> None:
        """Count an answer that was shown."""
        tokens = -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES)
        # One was taken when it was asked for.
        if tokens > 1:
            self.store.charge([replace(take, cost=tokens - 1) for take in owed])

    def resumed(self, before: Limits) -> Limits:
        """The same limits with what others have kept, if it is kept in the same place."""
        if before._place != self._place:
            return self
        self.close()
        return Limits(self.rules, before.store, secret=before._secret, place=self._place)

    def close(self) -> None:
        self.store.close()

    def _key(self, rule: Limit, context: Context) -> bytes:
        parts = (rule.id, *(_part(one, context) for one in rule.by))
        digest = blake2b(key=self._secret, digest_size=16, person=b"leakrail limits")
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "little") + raw)
        return digest.digest()


def _part(by: By, context: Context) -> str:
    identity = context.identity
    if by == "identity":
        return _who(identity)
    if by == "model":
        return context.model or ""
    if by == "everyone":
        return ""
    if by == "network":
        return _network(identity.network)
    return identity.subject if by == "subject" else identity.token or ""


def _who(identity: Identity) -> str:
    if identity.subject != _NOBODY:
        return f"subject {identity.subject}"
    if identity.token is not None:
        return f"token {identity.token}"
    return f"network {_network(identity.network)}"


def _network(network: str | None) -> str:
    if network is None:
        return ""
    try:
        address = ipaddress.ip_address(network)
    except ValueError:
        return network
    mapped = getattr(address, "ipv4_mapped", None)
    address = address if mapped is None else mapped
    return str(ipaddress.ip_network((address.packed, _NETWORK[address.version]), strict=False))


def _rate(name: str, told: str) -> tuple[int, int]:
    """A number, and the microseconds for it."""
    found = _RATE.fullmatch(told.strip())
    if found is None or not int(found[1]):
        raise PolicyError(f"limit {name!r}: {told!r} is no rate like 6/minute or 100/2 hours")
    return int(found[1]), int(found[2] or 1) * _UNITS[found[3]] * _MICRO

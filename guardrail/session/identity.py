"""Who asks, by what a request says: a header, a signed token, an API key, an address."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from guardrail.choice import one_of
from guardrail.errors import PolicyError
from guardrail.session.claims import Claims
from guardrail.session.naming import Address, address
from guardrail.types import Action, Identity

__all__ = ["Identification", "Missing"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Missing = Literal["anonymous", "challenge", "refuse"]

_KEYS = ("authorization", "x-api-key", "api-key")
_LONGEST = 256
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_NOBODY = Identity().subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """How an HTTP edge tells who asks.

    The network is the client's address. The subject is what `claims` say of a signed token, or what
    the header `subject` says; what is granted, what the header `grants` lists, between commas.
    These headers are believed of `trusted_proxies` alone, and so is `x-forwarded-for`. With
    `tokens` an API key (`authorization`, `x-api-key` or `api-key`) counts as well: say so only
    where whoever answers checks it, since otherwise anyone makes up another one for each request. A
    header that comes twice says nothing, and neither do keys that differ, since nobody here knows
    which one is checked. Who has neither is `anonymous`, or where they are `missing` is challenged,
    or refused. `challenge` is what anybody is told who is challenged, by `www-authenticate`;
    `clearance` names the header in which they then bring what `Guard.clearance` has made, whoever
    sets it. Raises `PolicyError`.
    """

    subject: str | None = None
    grants: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    claims: Claims | None = None
    tokens: bool = False
    missing: Missing = "anonymous"
    challenge: str = "Bearer"
    clearance: str | None = None
    _trusted: tuple[Network, ...] = field(init=False, default=(), repr=False)

    def __post_init__(self) -> None:
        one_of("missing", self.missing, get_args(Missing))
        for name in (self.subject, self.grants, self.clearance):
            if name is not None and not _NAME.fullmatch(name):
                raise PolicyError(f"{name!r} is no name of a header")
        if (self.subject or self.grants) and not self.trusted_proxies:
            raise PolicyError("headers of an identity need trusted_proxies: who may set them")
        if not self.challenge.isascii() or not self.challenge.isprintable():
            raise PolicyError("challenge is no value of a header")
        try:
            trusted = tuple(ipaddress.ip_network(one) for one in self.trusted_proxies)
        except ValueError as error:
            raise PolicyError(f"trusted_proxies: {error}") from None
        object.__setattr__(self, "_trusted", trusted)

    @property
    def action(self) -> Action:
        """What is asked of somebody who does not say who they are."""
        return Action.ALLOW if self.missing == "anonymous" else Action[self.missing.upper()]

    def knows(self, identity: Identity) -> bool:
        return identity.subject != _NOBODY or identity.token is not None

    def identify(self, headers: Iterable[tuple[str, str]], client: str | None) -> Identity:
        """Who sends a request from an address; names of headers are in lower case."""
        told: dict[str, str] = {}
        hops: list[str] = []
        keys: set[str] = set()
        for name, value in headers:
            if name == "x-forwarded-for":
                hops += value.split(",")
            else:
                told[name] = "" if name in told else value.strip()
            if name in _KEYS:
                keys.add(_key(value))
        keys.discard("")
        nearest = address(client) if self._trusted else None
        subject, grants = self._claimed(told)
        if not subject and self._trusts(nearest):
            subject = told.get((self.subject or "").lower(), "")
            listed = told.get((self.grants or "").lower(), "").split(",")
            grants = frozenset(one.strip() for one in listed if one.strip())
        return Identity(
            subject if 0 < len(subject) <= _LONGEST else _NOBODY,
            keys.pop() if self.tokens and len(keys) == 1 else None,
            client if nearest is None else str(self._first(nearest, hops)),
            grants,
        )

    def _claimed(self, headers: dict[str, str]) -> tuple[str, frozenset[str]]:
        """What the first signed token says that is believed; a key may stand beside it."""
        if self.claims is not None:
            for name in _KEYS:
                subject, grants = self.claims.read(_key(headers.get(name, "")))
                if subject:
                    return subject, grants
        return "", frozenset()

    def _first(self, nearest: Address, hops: list[str]) -> Address:
        """The last address that no trusted proxy has."""
        while hops and self._trusts(nearest):
            further = address(hops.pop())
            if further is None:
                break
            nearest = further
        return nearest

    def _trusts(self, place: Address | None) -> bool:
        return place is not None and any(place in network for network in self._trusted)


def _key(told: str) -> str:
    """A key without its scheme, however that is spelt."""
    scheme, *rest = told.split() or [""]
    return " ".join(rest) if rest or scheme.lower() == "bearer" else scheme

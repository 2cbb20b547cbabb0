"""Whose a history is: parts of an identity, and the digests that stand for them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b, shake_128
from typing import Literal, get_args

from guardrail.choice import one_of
from guardrail.errors import PolicyError
from guardrail.types import Context, Identity

__all__ = ["Address", "By", "Names", "address", "checked"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

By = Literal["identity", "subject", "token", "network", "model", "everyone"]
"""What is counted together.

The `identity` is the subject, or else the token, or else the network; of addresses a `network` has
the same 24 or, in version 6, 64 first bits. All who lack it are one.
"""

_NETWORK = {4: 24, 6: 64}
# Some proxies tell the port too.
_PLACE = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+")
_NOBODY = Identity().subject


def address(text: str | None) -> Address | None:
    """An address of either version; one of version 4 in the form of version 6 is of version 4."""
    told = (text or "").strip()
    if found := _PLACE.fullmatch(told):
        told = found[1] or found[2] or ""
    try:
        place = ipaddress.ip_address(told)
    except ValueError:
        return None
    mapped: ipaddress.IPv4Address | None = getattr(place, "ipv4_mapped", None)
    return place if mapped is None else mapped


def checked(what: str, by: Sequence[str]) -> None:
    """See that it is said what is counted together; raises `PolicyError`."""
    if not by:
        raise PolicyError(f"{what}: by is empty; take everyone")
    for one in by:
        one_of(f"{what}: by", one, get_args(By))


class Names:
    """Keyed digests of 16 bytes; the `secret` has at most 64."""

    def __init__(self, secret: bytes) -> None:
        self._digest = blake2b(key=secret, digest_size=16, person=b"leakrail limits")

    def key(self, *parts: str) -> bytes:
        digest = self._digest.copy()
        told = "".join([f"{len(part)}:{part}" for part in parts])
        digest.update(told.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def whose(self, name: str, by: Sequence[By], context: Context, *more: str) -> bytes:
        """The key of something that is counted for some parts of an identity together."""
        return self.key(name, *(_part(one, context) for one in by), *more)

    def veil(self, key: bytes, size: int) -> bytes:
        """What to put over bytes that are kept under a key: without the secret they tell nothing.

        Two that are kept under one key show where they differ.
        """
        return shake_128(self.key("\0veil", key.hex())).digest(size)

    @staticmethod
    def known(identity: Identity) -> Iterator[str]:
        """What is known of somebody, the surest first."""
        nobody = identity.token is None and identity.subject == _NOBODY
        if identity.subject != _NOBODY:
            yield f"subject {identity.subject}"
        if identity.token is not None:
            yield f"token {identity.token}"
        if identity.network is not None or nobody:
            yield f"network {_network(identity.network)}"


def _part(by: By, context: Context) -> str:
    identity = context.identity
    if by == "identity":
        return next(Names.known(identity))
    if by == "model":
        return (context.model or "").strip().lower()
    if by == "everyone":
        return ""
    if by == "network":
        return _network(identity.network)
    return identity.subject if by == "subject" else identity.token or ""


def _network(network: str | None) -> str:
    place = address(network)
    if place is None:
        return network or ""
    return str(ipaddress.ip_network((place.packed, _NETWORK[place.version]), strict=False))

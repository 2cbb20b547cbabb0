"""Where the proxy's requests go on to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from guardrail.choice import rooted
from guardrail.errors import PolicyError
from guardrail.surface import matches

__all__ = ["Upstream", "end_to_end"]

_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te"}
    | {b"trailer", b"transfer-encoding", b"upgrade", b"proxy-connection"}
)
# They are made anew for a request whose body has come.
_ANEW = frozenset({b"host", b"content-length", b"expect"})

Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An API that answers requests for these models and paths; `*` stands for anything.

    `url` is its base (`https://api.example.org`); a `/v1` at its end is left out, since the paths
    that are asked for begin with it. The key in the environment variable `key_env` goes in place
    of the caller's (`authorization`, `x-api-key`, `api-key`), which is passed on otherwise.
    `timeout` is in seconds without a byte; to connect may take 10 at most. Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    url: str
    models: tuple[str, ...] = ("*",)
    paths: tuple[str, ...] = ("*",)
    key_env: str | None = None
    timeout: float = 300.0

    def __post_init__(self) -> None:
        if not _is_base(self.url):
            raise PolicyError(f"upstream {self.url!r} is no address like https://api.example.org")
        if not self.timeout > 0:
            raise PolicyError(f"upstream {self.url}: timeout must be more than 0 seconds")
        if self.key_env is not None and not os.environ.get(self.key_env):
            raise PolicyError(f"upstream {self.url}: the variable {self.key_env} holds no key")
        rooted(f"upstream {self.url}: paths", self.paths)
        place = urlsplit(self.url)
        base = place._replace(path=place.path.rstrip("/").removesuffix("/v1"))
        object.__setattr__(self, "url", base.geturl())

    def serves(self, path: str, model: str) -> bool:
        return matches(path, self.paths) and matches(model, self.models)

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Fields:
        """The headers of a request as they go on."""
        kept = [pair for pair in end_to_end(headers) if pair[0].lower() not in _ANEW]
        if self.key_env is None:
            return kept
        key = os.environ[self.key_env].encode()
        own = {b"authorization": b"Bearer " + key, b"x-api-key": key, b"api-key": key}
        return [*(pair for pair in kept if pair[0].lower() not in own), *own.items()]


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The headers that are not of one connection (RFC 9110, section 7.6.1)."""
    given = [(name.lower(), name, value) for name, value in headers]
    listed = b",".join(value for key, _, value in given if key == b"connection")
    hop = _HOP_BY_HOP.union(name.strip().lower() for name in listed.split(b","))
    return [(name, value) for key, name, value in given if key not in hop]


def _is_base(url: str) -> bool:
    try:
        place = urlsplit(url)
        return bool(
            place.scheme in ("http", "https")
            and place.hostname
            and place.port != 0
            # A password would be told with the address, and is what `key_env` is for.
            and "@" not in place.netloc
            and place.netloc.encode("idna")
            and not (place.query or place.fragment)
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        # A port that is no number, brackets around no address, or a name that nobody can have.
        return False

"""Where the proxy's requests go on to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from guardrail.errors import PolicyError
from guardrail.surface import matches

__all__ = ["HOP_BY_HOP", "Upstream"]

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "host", "content-length", "proxy-connection"}
)
"""Headers of one connection, which do not go on (RFC 9110, section 7.6.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An API that answers requests for these models and paths; `*` stands for anything.

    `url` is its base, without the path of the API (`https://api.example.org`). The key in the
    environment variable `key_env` goes in place of the caller's, which is passed on otherwise.
    `timeout` is in seconds without a byte. Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    url: str
    models: tuple[str, ...] = ("*",)
    paths: tuple[str, ...] = ("*",)
    key_env: str | None = None
    timeout: float = 300.0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise PolicyError(f"upstream {self.url!r}: the address must begin with http")
        if self.key_env is not None and not os.environ.get(self.key_env):
            raise PolicyError(f"upstream {self.url}: the variable {self.key_env} holds no key")

    def serves(self, path: str, model: str) -> bool:
        return matches(path, self.paths) and matches(model, self.models)

    def headers(self, headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
        """The headers of a request as they go on."""
        told = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        kept = [pair for pair in told if pair[0].lower() not in HOP_BY_HOP]
        if self.key_env is None:
            return kept
        key = os.environ[self.key_env]
        kept = [pair for pair in kept if pair[0].lower() not in ("authorization", "x-api-key")]
        return [*kept, ("authorization", f"Bearer {key}"), ("x-api-key", key)]

"""What of HTTP is guarded, and how much of it is read."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import ClassVar

from guardrail.choice import rooted, some
from guardrail.errors import PolicyError

__all__ = ["Surface", "controls", "matches"]

# Line breaks among them: to a route that ends in `$`, `/ask\n` is `/ask`.
_CONTROLS = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """The `[http]` table of a policy.

    Paths that match one of `paths` and none of `skip` are guarded; `*` stands for anything. One
    with control characters is refused, whatever these say; one below a root path is known with it
    and without, and guarded where either is. One that ends as a provider's (`/messages`) has its
    form, unless it matches one of `plain`. Of JSON in no provider's form `fields` are read, by
    default all. A body of more than `max_body` bytes, and a type of content that is neither text
    nor in `passes`, is refused. Where `strict` is false, parts that no codec knows are left out of
    a stream instead of ending it. What roles in `echo` wrote is the reader's own and no leak where
    an answer has it again; with `*`, all of a request is. WebSockets are refused, or with
    `websockets` let through unguarded. The proxy serves LiteLLM's generic guardrail API where the
    environment variable `litellm_key_env` holds the key to it: who has that is told of any text
    whether it leaks.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    paths: tuple[str, ...] = ("*",)
    skip: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    fields: frozenset[str] | None = None
    strict: bool = True
    max_body: int = 8 << 20
    passes: tuple[str, ...] = ("image/*", "audio/*", "video/*", "font/*")
    echo: frozenset[str] = frozenset({"user"})
    websockets: bool = False
    litellm_key_env: str | None = None

    def __post_init__(self) -> None:
        if self.litellm_key_env is not None and not os.environ.get(self.litellm_key_env):
            raise PolicyError(f"http: the variable {self.litellm_key_env} holds no key")
        if self.max_body < 1:
            raise PolicyError("http: max_body must be at least 1 byte")
        some("http: paths", self.paths)
        for name in ("paths", "skip", "plain"):
            rooted(f"http: {name}", getattr(self, name))
        if self.fields is not None:
            some("http: fields", self.fields)

    def guards(self, path: str) -> bool:
        return controls(path) or (matches(path, self.paths) and not matches(path, self.skip))

    def echoes(self, role: str, reader: bool | None = None) -> bool:
        """Whether an answer may have again what a message of this role says, by the `reader`."""
        return "*" in self.echo or (reader is not False and role in self.echo)

    def plainly(self, path: str) -> bool:
        """Whether requests to a path, and their answers, are in no provider's form."""
        return matches(path, self.plain)

    def unread(self, kind: str) -> bool:
        """Whether this type of content goes out as it is."""
        return matches(kind, self.passes)


def controls(path: str) -> bool:
    """Whether a path has control characters, so that nobody knows which one it is taken for."""
    return _CONTROLS.search(path) is not None


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name fits one of the patterns; `*` stands for anything."""
    return bool(patterns) and _any_of(*patterns).match(name) is not None


@cache
def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))

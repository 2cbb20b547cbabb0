"""Text whose type of content nobody names."""

from __future__ import annotations

import re

from guardrail.wire.checks import Checks
from guardrail.wire.plain import Prose

__all__ = ["UNTYPED", "Untyped"]

UNTYPED = (
    "an answer without a content-type (let the application name one, or list the path in `skip`)"
)
# Between the fields of JSON and of events, words would not stand beside each other.
_FRAMED = re.compile(rb"[{\[:]|(?:data|event|id|retry)[:\r\n]")
_BLANK = b" \t\r\n\xef\xbb\xbf"
_ENOUGH = len(b"event:")


class Untyped(Prose):
    """UTF-8 in, safe UTF-8 out; what begins as JSON or events do is refused, and a zero byte."""

    def __init__(self, checks: Checks) -> None:
        super().__init__(checks)
        self._begun = False
        self._first = b""

    def feed(self, raw: bytes) -> bytes:
        if self._begun:
            return self._safe(raw)
        raw, self._first = self._first + raw, b""
        said = raw.lstrip(_BLANK)
        if 0 < len(said) < _ENOUGH:
            self._first = raw
            return b""
        return self._begin(raw, said)

    def close(self) -> bytes:
        return self._begin(self._first, self._first.lstrip(_BLANK)) + super().close()

    def _begin(self, raw: bytes, said: bytes) -> bytes:
        self._begun = bool(said)
        return self._unread() if _FRAMED.match(said) else self._safe(raw)

    def _safe(self, raw: bytes) -> bytes:
        return self._unread() if b"\0" in raw else super().feed(raw)

    def _unread(self) -> bytes:
        self._checks.failed(f"{UNTYPED} cannot be read")
        return self.refuse()

"""Encodings of an answer's bytes: as they are, or compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol

from guardrail.wire.checks import WireError

__all__ = ["Decoder", "Unread", "decoder"]

_SLICE = 1 << 12


class Decoder(Protocol):
    """Gives the bytes of an answer as they were before they were encoded."""

    @property
    def ended(self) -> bool:
        """Whether an answer may end here."""
        ...

    def feed(self, raw: bytes) -> Iterable[bytes]: ...


class Unread:
    """Decodes nothing: what cannot be read may go out where it has no body."""

    ended = True

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def feed(self, raw: bytes) -> Iterable[bytes]:
        if raw:
            raise WireError(self._reason)
        return ()


class _Identity:
    ended = True

    def feed(self, raw: bytes) -> Iterable[bytes]:
        return (raw,)


class _Inflate:
    """Deflated bytes, in pieces of bounded size."""

    def __init__(self) -> None:
        self._inner = _inflater()
        self._begun = False

    @property
    def ended(self) -> bool:
        return self._inner.eof or not self._begun

    def feed(self, raw: bytes) -> Iterable[bytes]:
        self._begun |= bool(raw)
        # What is left over is copied at each step.
        for place in range(0, len(raw), _SLICE):
            yield from self._inflated(raw[place : place + _SLICE])

    def _inflated(self, raw: bytes) -> Iterable[bytes]:
        while raw:
            if self._inner.eof:
                # A gzip answer may have several members.
                self._inner = _inflater()
            try:
                yield self._inner.decompress(raw, 1 << 16)
            except zlib.error:
                raise WireError("an answer is not compressed as it says") from None
            raw = self._inner.unconsumed_tail or self._inner.unused_data


def _inflater() -> zlib._Decompress:
    # 32: gzip and zlib are told apart by their first bytes.
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def decoder(encoding: str | None) -> Decoder:
    """What reads an answer with such a `content-encoding`; raises `WireError`."""
    if encoding is None or encoding.lower() in ("", "identity"):
        return _Identity()
    if encoding.lower() in ("gzip", "x-gzip", "deflate"):
        return _Inflate()
    raise WireError("an answer in an unknown encoding")

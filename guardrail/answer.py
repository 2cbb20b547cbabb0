"""What goes out in place of an upstream's answer: as it comes, or once it is whole."""

from __future__ import annotations

from codecs import BOM_UTF8
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from guardrail.attempt import Failure, attempt
from guardrail.wire.checks import Checks, Shape, StopError, WireError
from guardrail.wire.decoders import Decoder
from guardrail.wire.leaves import dump, load
from guardrail.wire.plain import Plain

__all__ = [
    "Answer",
    "Bare",
    "Codec",
    "Headers",
    "Instead",
    "Observed",
    "Passed",
    "Reply",
    "Streamed",
    "Whole",
]

Headers = tuple[tuple[str, str], ...]
"""Header names, in lower case, and values."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)

    @property
    def sized(self) -> Headers:
        """Its headers, and the length of its body."""
        return (*self.headers, ("content-length", str(len(self.body))))


class Answer(Protocol):
    """What goes out in place of an upstream's answer.

    Where `whole` is true nothing goes out before `close`, and `status` and `headers` are settled
    only then. After `done` nothing more is taken; where it was `stopped` the upstream has more to
    say, and may be let go.
    """

    status: int
    headers: Headers
    whole: bool

    @property
    def done(self) -> bool: ...

    @property
    def stopped(self) -> bool: ...

    def feed(self, raw: bytes) -> bytes: ...

    def close(self) -> bytes:
        """The upstream's answer has ended; raises `EOFError` if too early and nothing says so."""
        ...

    def fail(self) -> bytes:
        """The upstream's answer broke off."""
        ...

    def cancel(self) -> None:
        """The reader went away: what is held is read to its end; there is none after `done`."""
        ...


class Instead(Protocol):
    """What is answered instead, and how large an answer may be."""

    limit: int

    def refusal(self, checks: Checks) -> Reply: ...

    def unread(self, status: int, headers: Headers, checks: Checks, reason: str) -> Reply: ...

    def unreachable(self) -> Reply: ...


class Passed:
    """An answer that is not read."""

    whole = done = stopped = False

    def __init__(self, status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers

    def feed(self, raw: bytes) -> bytes:
        return raw

    def close(self) -> bytes:
        return b""

    fail = close

    def cancel(self) -> None:
        pass


class Bare(Passed):
    """An answer that has no body."""

    def feed(self, _: bytes) -> bytes:
        return b""


class Codec(Protocol):
    """Makes the bytes of a stream safe; `done` once nothing more is to be shown."""

    done: bool

    @property
    def ended(self) -> bool:
        """Whether the upstream has said its last."""
        ...

    def feed(self, raw: bytes) -> bytes: ...

    def close(self) -> bytes: ...

    def fail(self) -> bytes: ...

    def refuse(self) -> bytes: ...


class Streamed:
    """An answer that is made safe as it comes."""

    whole = False

    def __init__(
        self, status: int, headers: Headers, codec: Codec, decoder: Decoder, checks: Checks
    ) -> None:
        self.status, self.headers = status, headers
        self._codec, self._decoder, self._checks = codec, decoder, checks

    @property
    def done(self) -> bool:
        return self._codec.done

    @property
    def stopped(self) -> bool:
        return self._codec.done and not self._codec.ended

    def feed(self, raw: bytes) -> bytes:
        return b"" if self._codec.done else self._safely(self._fed, raw)

    def close(self) -> bytes:
        if self._codec.done or self._decoder.ended:
            return self._safely(self._codec.close)
        if out := self.fail():
            return out
        raise EOFError

    def fail(self) -> bytes:
        return self._safely(self._codec.fail)

    def cancel(self) -> None:
        self._checks.cancel()

    def _fed(self, raw: bytes) -> bytes:
        out = []
        try:
            for piece in self._decoder.feed(raw):
                out.append(self._codec.feed(piece))
                if self._codec.done:
                    break
        except WireError as error:
            self._checks.failed(str(error))
            out.append(self._codec.refuse())
        return b"".join(out)

    def _safely(self, call: Any, *args: bytes) -> bytes:
        out = attempt(None, call, *args)
        if not isinstance(out, Failure):
            if self._codec.done:
                # Texts that the codec has left open have ended as well.
                self._checks.cancel()
            return bytes(out)
        self._checks.failed("an answer that the codec cannot read")
        self._checks.cancel()
        self._codec.done = True
        refused = attempt(None, self._codec.refuse)
        return b"" if isinstance(refused, Failure) else refused


class Whole:
    """An answer that is read when it is whole."""

    whole = True

    def __init__(
        self,
        status: int,
        headers: Headers,
        shape: Shape,
        decoder: Decoder,
        checks: Checks,
        instead: Instead,
    ) -> None:
        self.status, self.headers, self.done = status, headers, False
        self._shape, self._decoder, self._checks = shape, decoder, checks
        self._instead = instead
        self._held: list[bytes] = []
        self._size = 0

    @property
    def stopped(self) -> bool:
        return self.done

    def feed(self, raw: bytes) -> bytes:
        if not self.done:
            try:
                for piece in self._decoder.feed(raw):
                    self._held.append(piece)
                    self._size += len(piece)
                    if self._size > self._instead.limit:
                        raise WireError("an answer is too large")
            except WireError as error:
                self._end(self._unread(str(error)))
        return b""

    def close(self) -> bytes:
        if not (self.done or self._decoder.ended):
            return self.fail()
        if not self.done:
            told = attempt(None, self._told, b"".join(self._held))
            if isinstance(told, Failure):
                self._end(self._unread("an answer that the codec cannot read"))
            else:
                self._end(told)
        return b"".join(self._held)

    def fail(self) -> bytes:
        body = self._replied(self._instead.unreachable())
        self._end(body)
        return body

    def cancel(self) -> None:
        self._held = []

    def _told(self, raw: bytes) -> bytes:
        try:
            return self._safe(raw)
        except WireError as error:
            return self._unread(str(error))
        except StopError:
            return self._replied(self._instead.refusal(self._checks))

    def _safe(self, raw: bytes) -> bytes:
        # Some begin with a byte order mark, which clients pass over (RFC 8259, section 8.1).
        body = load(raw.removeprefix(BOM_UTF8)) if raw else None
        if not isinstance(self._shape, Plain) and not isinstance(body, dict):
            raise WireError("an answer is not an object")
        return b"" if body is None else dump(self._shape.whole(body, self._checks))

    def _end(self, body: bytes) -> None:
        self.done, self._held = True, [body]
        self.headers = (*self.headers, ("content-length", str(len(body))))

    def _unread(self, reason: str) -> bytes:
        reply = self._instead.unread(self.status, self.headers, self._checks, reason)
        return self._replied(reply)

    def _replied(self, reply: Reply) -> bytes:
        self.status, self.headers = reply.status, reply.headers
        return reply.body


class Observed:
    """An answer that goes out as it came, and is decided on all the same."""

    whole = done = stopped = False

    def __init__(self, status: int, headers: Headers, answer: Answer) -> None:
        self.status, self.headers, self._answer = status, headers, answer

    def feed(self, raw: bytes) -> bytes:
        self._answer.feed(raw)
        return raw

    def close(self) -> bytes:
        with suppress(EOFError):
            self._answer.close()
        return b""

    def fail(self) -> bytes:
        self._answer.fail()
        return b""

    def cancel(self) -> None:
        self._answer.cancel()

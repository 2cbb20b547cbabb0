"""Answers in no provider's form: JSON, events of an application's own, text."""

from __future__ import annotations

import codecs
from typing import Any

from guardrail.types import Message
from guardrail.wire.checks import Asked, Checks, Json, WireError
from guardrail.wire.checks import Events as AnyEvents
from guardrail.wire.events import Events
from guardrail.wire.fields import picked
from guardrail.wire.leaves import safe
from guardrail.wire.media import legible
from guardrail.wire.protocols import Reader, Said, begin, protocol
from guardrail.wire.rest import phrases
from guardrail.wire.whose import parted

__all__ = ["Plain", "Prose"]


class Plain:
    """Any JSON request and answer; `fields` names the fields that are read (default: all)."""

    names: frozenset[str] = frozenset()

    def __init__(self, fields: frozenset[str] | None = None) -> None:
        self._fields = fields

    def asked(self, body: Json) -> Asked:
        """All that it says is read as the reader's; an echo is what its names say to be theirs."""
        own, others = parted(legible(body))
        keys = set(phrases(body)).difference(own, others)
        told = "\n".join((*others, *sorted(keys))), "\n".join(own)
        messages = (Message("user", told[0], echo=False), Message("user", told[1]))
        return Asked(tuple(one for one in messages if one.content), _model(body))

    def tells(self, body: Json) -> bool:  # noqa: ARG002 - in no form
        return False

    def whole(self, body: Any, checks: Checks) -> Any:
        body = checks.disclosure.told_aside(body)
        return checks.disclosure.told_scores(picked(body, self._fields, checks, safe))

    def events(self, asked: Asked, checks: Checks) -> AnyEvents:  # noqa: ARG002 - in no form
        return Events(checks, self._fields)

    def refused(self, asked: Asked, checks: Checks) -> Json:  # noqa: ARG002 - in no form
        return {"detail": checks.refusal}

    def error(self, status: int, kind: str, message: str) -> Json:  # noqa: ARG002 - as a refusal
        return {"detail": message}


def _model(body: Any) -> str | None:
    """The model that is asked, unless a field of the same name in another case may tell one too."""
    if not isinstance(body, dict) or [key for key in body if key.casefold() == "model"] != [
        "model"
    ]:
        return None
    model = body["model"]
    return model if isinstance(model, str) else None


class Prose:
    """A text in its charset: bytes in, safe bytes out.

    Where it begins as events or lines of JSON do, it is read as those.
    """

    def __init__(self, checks: Checks, charset: str = "utf-8") -> None:
        self.done = False
        self._checks = checks
        try:
            # There are codecs for other things than text, too.
            "".encode(charset)
            self._decoder = codecs.getincrementaldecoder(charset)()
            self._encoder = codecs.getincrementalencoder(charset)("replace")
        except (LookupError, ValueError):
            raise WireError("a charset that is not known") from None
        self._head, self._blanks = "", 0
        self._reader: Reader | None = None

    @property
    def ended(self) -> bool:
        return self._reader is not None and self._reader.ended

    def feed(self, raw: bytes) -> bytes:
        return b"" if self.done else self._fed(raw, final=False)

    def close(self) -> bytes:
        if self.done:
            return b""
        out = self._fed(b"", final=True)
        if not self.done:
            out += self._shown(self._reading().close(), final=True)
        self.done = True
        return out

    def fail(self) -> bytes:
        self.done = True
        return self._shown(self._reading().fail(), final=True)

    def refuse(self) -> bytes:
        self.done = True
        return self._shown(self._reading().refuse(), final=True)

    def _fed(self, raw: bytes, *, final: bool) -> bytes:
        try:
            text = self._decoder.decode(raw, final)
        except UnicodeError:
            self._checks.failed("a text that is not in its charset")
            return self.refuse()
        out = b""
        if self._reader is None:
            blank, self._head = begin(self._head + text)
            self._blanks += len(blank)
            if self._blanks > self._checks.limit:
                self._checks.failed("too many blanks before a text")
                return self.refuse()
            out, text = blank.encode(), self._opened(final=final)
        if self._reader is not None:
            out += self._reader.feed(text.encode())
            self.done = self._reader.done
        return self._shown(out, final=self.done)

    def _opened(self, *, final: bool) -> str:
        """What its reader, if that is known now, is to be given."""
        begun = protocol(self._head, final=final)
        if begun is None:
            return ""
        self._reader, head, self._head = begun(self._checks), self._head, ""
        return head

    def _reading(self) -> Reader:
        if self._reader is None:
            self._reader = Said(self._checks)
        return self._reader

    def _shown(self, out: bytes, *, final: bool) -> bytes:
        return self._encoder.encode(out.decode(), final)

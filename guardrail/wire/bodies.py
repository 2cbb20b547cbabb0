"""The body of a request in no provider's form: bytes in, what they say out."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote_plus

from guardrail.wire.checks import WireError
from guardrail.wire.leaves import load, once

__all__ = ["content_type", "said"]

_FORM = "application/x-www-form-urlencoded"
# In any other charset, ASCII could be written so that nobody here can read it.
_CHARSETS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1"}
    | {"windows-1252", "cp1252"}
)
_TEXTS = re.compile(r"text/.*|application/(?:xml|javascript|x-www-form-urlencoded)|.*\+xml")
# What is written in another way is no file here, since somebody else may take it for a field.
_PARTS = re.compile(r'multipart/form-data; ?boundary="?([\w\'+./:=?-]{1,70})"?', re.I | re.ASCII)
_ABOUT = rb"(?:\r\ncontent-(?:type|length|transfer-encoding): [^\r\n]*)*"
_FILE = re.compile(
    rb'%b\r\ncontent-disposition: form-data; name="[^\r\n"\\]*"; filename="[^\r\n"\\]+"'
    rb"(?:; filename\*=[^\r\n\"\\]*)?%b\r\n\r\n" % (_ABOUT, _ABOUT),
    re.I,
)


def said(raw: bytes, given: str) -> Any:
    """What a body of this type of content says: a JSON value, a text, or None for a file.

    A byte that is no text hides nothing of what stands around it. Raises `WireError`.
    """
    kind, charset = content_type(given)
    if charset not in _CHARSETS:
        raise WireError("a charset that is not UTF-8")
    if kind == "application/json" or kind.endswith("+json"):
        return _json(raw)
    if kind.startswith("multipart/"):
        return _text(_fields(raw, given))
    text = _text(raw)
    if "\ufffd" in text and b"\0" in raw and not _TEXTS.fullmatch(kind):
        # A file, unless it is text in UTF-16, of which some may not ask for the type.
        try:
            return raw.decode(json.detect_encoding(raw))
        except UnicodeDecodeError:
            return None
    if kind == _FORM:
        return unquote_plus(text)
    return text if kind else _value(text)


def content_type(given: str) -> tuple[str, str]:
    """The type of content, in lower case, and its charset."""
    kind, _, rest = given.partition(";")
    charsets: list[str] = []
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            charsets.append(value.strip('"').lower())
    # Two that differ are none that is known.
    return kind.strip().lower(), ";".join(dict.fromkeys(charsets)) or "utf-8"


def _json(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WireError("JSON that is not UTF-8") from None
    if "\0" in text:
        raise WireError("JSON that is not UTF-8")
    return _value(text)


def _value(text: str) -> Any:
    """The value of JSON, or else the text."""
    try:
        value = load(text)
    except WireError:
        return text
    once(text)
    return value


def _fields(raw: bytes, given: str) -> bytes:
    """A form without its files that are no text."""
    boundary = _PARTS.fullmatch(given.strip())
    if boundary is None:
        return raw
    mark = b"--" + boundary[1].encode()
    parts = (b"\r\n" + raw).split(b"\r\n" + mark)
    return b"\n".join(
        part for part in parts if mark in part or b"\0" not in part or not _FILE.match(part)
    )


def _text(raw: bytes) -> str:
    """Text in UTF-8, or nearly so; of UTF-16, what is ASCII."""
    return raw.replace(b"\0", b"").decode(errors="replace")

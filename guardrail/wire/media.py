"""The bytes of audio, images and documents in JSON: long words of base64."""

from __future__ import annotations

import binascii
import re
from typing import Any

from guardrail.blobs import readable
from guardrail.wire.leaves import besides

__all__ = ["bare", "encoded", "filled", "legible"]

# What goes out unread is audio or an image, if it says so; a shorter word may be a credential.
_ENCODED = re.compile(
    r"(?:data:(?:audio|image|video)/[\w.+-]{1,64};base64,)?[A-Za-z0-9+/]{128,}={0,2}", re.ASCII
)
# What a request has may be of any type, and in the letters of URLs; a shorter word is read.
_GIVEN = re.compile(
    r"(?:data:[\w.+-]{1,64}/[\w.+-]{1,64};base64,)?([\w+/-]{1024,}+)={0,2}", re.ASCII
)
_PLAIN = str.maketrans("-_", "+/")
# How files of images, documents, audio and video begin.
_BEGINS = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF|BM|II\*\0|MM\0\*|%PDF-|PK\x03\x04|\xd0\xcf\x11\xe0"
    rb"|ID3|\xff[\xf1-\xf3\xf9-\xfb]|OggS|fLaC|\x1aE\xdf\xa3|.{4}ftyp",
    re.DOTALL,
)
# Base64 hardly ever has so few digits, but where one letter stands for nothing, again and again.
_LETTERS, _FEW = re.compile(r"\D{200,}+"), 8
# Where requests have them.
_FIELDS = frozenset(
    {"data", "image_url", "url", "file_data", "images", "bytes", "b64_json", "bytesBase64Encoded"}
)


def encoded(raw: Any) -> bool:
    """Whether it is audio or an image in an answer: one word of base64."""
    return isinstance(raw, str) and _ENCODED.fullmatch(raw) is not None


def bare(rows: list[Any], field: str) -> list[Any]:
    """Rows without what is encoded in a field of theirs."""
    return [besides(row, {field}) if _has(row, field) else row for row in rows]


def filled(told: list[Any], rows: list[Any], field: str) -> list[Any]:
    """What is told of bare rows, with what is encoded in those that were given."""
    return [
        one | {field: row[field]} if _has(row, field) else one
        for one, row in zip(told, rows, strict=True)
    ]


def legible(value: Any) -> Any:
    """A request without the bytes of files, which say nothing as letters.

    Text that is written so stays, and so does all that does not begin as such a file.
    """
    told = [value]
    left: list[tuple[Any, str]] = [(told, "")]
    while left:
        inner, around = left.pop()
        for key, part in inner.items() if isinstance(inner, dict) else enumerate(inner):
            field = str(key) if isinstance(inner, dict) else around
            if isinstance(part, dict | list):
                inner[key] = part.copy()
                left.append((inner[key], field))
            elif field in _FIELDS and isinstance(part, str):
                inner[key] = _read(part)
    return told[0]


def _has(row: Any, field: str) -> bool:
    return isinstance(row, dict) and encoded(row.get(field))


def _read(word: str) -> str:
    """What is read of a string where bytes may stand."""
    coded = _GIVEN.fullmatch(word)
    return word if coded is None or _text(coded[1]) else word[: coded.start(1)]


def _text(coded: str) -> bool:
    whole = coded[: len(coded) // 4 * 4].translate(_PLAIN)
    data = binascii.a2b_base64(whole)
    if not _BEGINS.match(data) or readable(data) is not None:
        return True
    return any(len(set(found[0])) > _FEW for found in _LETTERS.finditer(coded))

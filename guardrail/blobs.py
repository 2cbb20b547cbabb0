"""Encoded passages in a text: base64, base32, base85, hexadecimal, binary, hidden, spelt out.

Hidden are those in tag characters or variation selectors, which nobody sees, one for each byte;
spelt out are those in Morse and in the spelling alphabet.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from string import ascii_lowercase, digits

from guardrail.spoken import BEGUN, SPOKEN, spoken

__all__ = ["blobs", "open_at", "readable"]

_LEAST = 40
_GARBAGE = 0.05
_PACKED = (b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01")
_MOST = 16
_BAD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffd]")
# A long word, and what continues it on lines of one word each.
_LINES = re.compile(rf"\S{{{_LEAST},}}+(?:(?<!=)\r?\n\S++(?=[ \t\r]*+(?:\n|\Z)))*+")
_GROWS = re.compile(r"[ \t\r]*\n?")
_EDGES = "\"'`()[]{}<>.,;:!?~*"
_BITS = re.compile(r"(?:[01]{8})++")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})++")
_BASE32 = re.compile(r"(?:[A-Z2-7]++|[a-z2-7]++)={0,6}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]++={0,2}")
# Each begins with the characters that it may begin with, which is searched for at once.
_MORE = r"(?:[\s,:;-]{{1,2}}{}(?!\w)){{{},}}+"
_GROUPS = tuple(
    (re.compile(first + _MORE.format(group, _LEAST // 2)), base)
    for first, group, base in (
        (r"[01](?<![\w.].)[01]{7}", r"[01]{8}", 2),
        (r"[0-9](?<![\w.].)[0-9]{1,4}", r"[0-9]{2,5}", 10),
        (
            r"[0-9](?<![\w.].)(?:(?<=0)[xX][0-9A-Fa-f]{2}|[0-9A-Fa-f])",
            r"(?:0[xX])?[0-9A-Fa-f]{2}",
            16,
        ),
    )
)
_MORSE = re.compile(
    r"[.·•_–−-](?<!\S.)[.·•_–−-]{0,6}"
    rf"(?:[ /|\n]{{1,16}}[.·•_–−-]{{1,7}}(?!\S)){{{_LEAST // 2},}}+"
)
_UNSEEN = "[\U000e0000-\U000e007f\U000e0100-\U000e01ef\ufe00-\ufe0f]"
_HIDDEN = re.compile(rf"{_UNSEEN}(?:[ \t\r\n]?{_UNSEEN}){{{_LEAST - 1},}}+")
_SHOWN = {
    **{0xE0000 + byte: byte for byte in range(0x80)},
    **{(0xFE00 if byte < 16 else 0xE00F0) + byte: byte for byte in range(0x100)},
}
_BETWEEN = re.compile(r"[\s,:;-]+")
_WORD_END = re.compile(r"\s*[/|\n]\s*|\s{2,}")
_WORD = re.compile(r"\S+")
_GROUP = r"(?:(?:0[xX])?[0-9A-Fa-f]{2,5}|[01]{8})(?!\w)[,:;-]{0,2}"
# A word in which a passage goes on, and the end of one in which a passage begins.
_PART = re.compile(rf"[,:;-]{{0,2}}(?:{_GROUP})++|[.·•_–−/|-]++|{_UNSEEN}++|{SPOKEN}")
_FIRST = re.compile(rf"(?:(?<![\w.])(?:{_GROUP})++|{_UNSEEN}++|(?<![^\W_]){BEGUN})\Z")
_DOTS = str.maketrans("·•_–−", "..---")
_CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- "
    "-..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
_LETTERS = dict(zip(_CODES.split(), ascii_lowercase + digits, strict=True))


def blobs(raw: str) -> Iterator[tuple[int, int, str]]:
    """Each passage `[start, end)` that is text in a code, and that text."""
    for match in _long(raw):
        if told := _token("".join(match.group().split())):
            yield match.start(), match.end(), told
    for pattern, base in _GROUPS:
        for match in pattern.finditer(raw):
            numbers = [int(number, base) for number in _BETWEEN.split(match.group())]
            if told := _points(numbers) if base == 10 else _text(bytes(numbers)):
                yield match.start(), match.end(), told
    for match in _MORSE.finditer(raw):
        yield match.start(), match.end(), _morse(match.group())
    yield from _hidden(raw)
    yield from spoken(raw)


def open_at(raw: str) -> int:
    """Where a blob begins that more text may continue; the last word, if it is not finished."""
    lines = [match.start() for match in _long(raw) if _GROWS.fullmatch(raw, match.end())]
    place = min(lines, default=len(raw))
    words = [match.span() for match in _WORD.finditer(raw, 0, place)]
    while words:
        start, end = words.pop()
        if end == len(raw) or end - start >= _LEAST or _PART.fullmatch(raw, start, end):
            place = start
        else:
            first = _FIRST.search(raw, start, end)
            return first.start() if first else place
    return place


def readable(data: bytes) -> str | None:
    """The text that bytes are in UTF-8, if they are text for the most part."""
    return _readable(data.decode("utf-8", "replace"))


def _long(raw: str) -> Iterator[re.Match[str]]:
    if max(map(len, raw.split()), default=0) >= _LEAST:
        yield from _LINES.finditer(raw)


def _token(token: str) -> str | None:
    """What a long word says, if it is text in one of the codes."""
    framed = token.removeprefix("<~").removesuffix("~>")
    return _decoded(framed) or _decoded(token.strip(_EDGES))


def _decoded(token: str) -> str | None:
    plain = token.rstrip("=")
    if _BITS.fullmatch(token):
        pieces = (token[at : at + 8] for at in range(0, len(token), 8))
        return _text(bytes(int(piece, 2) for piece in pieces))
    if _HEX.fullmatch(token) and (told := _text(bytes.fromhex(token))):
        return told
    if _BASE32.fullmatch(token) and (told := _base32(plain.upper())):
        return told
    if _BASE64.fullmatch(token) and (told := _base64(plain.replace("-", "+").replace("_", "/"))):
        return told
    for decode in (base64.b85decode, base64.a85decode):
        try:
            data = decode(token)
        except ValueError:
            continue
        if told := _text(data):
            return told
    return None


def _base32(plain: str) -> str | None:
    try:
        return _text(base64.b32decode(plain + "=" * (-len(plain) % 8)))
    except binascii.Error:
        return None


def _base64(plain: str) -> str | None:
    # One letter more than whole bytes need says nothing.
    plain = plain[:-1] if len(plain) % 4 == 1 else plain
    return _text(binascii.a2b_base64(plain + "=" * (-len(plain) % 4)))


def _text(data: bytes) -> str | None:
    if data[:2] in _PACKED:
        # 32: gzip and zlib are told apart by their first bytes.
        with suppress(zlib.error):
            data = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, _MOST * len(data))
    return readable(data)


def _points(numbers: list[int]) -> str | None:
    return _readable("".join(map(chr, numbers)))


def _readable(text: str) -> str | None:
    # It may begin or end in the middle of a character.
    return text if len(_BAD.findall(text)) <= max(_GARBAGE * len(text), 4) else None


def _hidden(raw: str) -> Iterator[tuple[int, int, str]]:
    if not raw.isascii():
        for match in _HIDDEN.finditer(raw):
            if told := _text(match.group().translate(_SHOWN).encode("latin-1")):
                yield match.start(), match.end(), told


def _morse(raw: str) -> str:
    words = _WORD_END.split(raw.translate(_DOTS))
    return " ".join("".join(_LETTERS.get(sign, " ") for sign in word.split()) for word in words)

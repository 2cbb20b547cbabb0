"""Private keys in armour, whole or cut off: the one credential that runs over many words."""

from __future__ import annotations

import re

from detectors.credentials.format import Format, mixed

__all__ = ["BLOCKS", "open_at"]

_BEGIN = "-----BEGIN "
_KIND = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
# Behind what a text quotes or numbers its lines with.
_MARK = r"(?:[^\sA-Za-z0-9-]{1,3}|[0-9]{1,5}[.:)|]?|-(?!-))"
_GAP = rf"\s{{1,64}}+(?:{_MARK}\s{{1,64}}+){{0,2}}"
_FIELD = rf"{_GAP}[A-Z][A-Za-z-]{{2,20}}:(?:(?!--)[ -~]){{0,120}}"
_LINE = r"-?[^\s-]{0,8}?[A-Za-z0-9+/=]{16}[^\s-]*+"
# What fills no line is alone in it.
_QUOTE = r"-?(?:<[A-Za-z]{1,6}>|[^\sA-Za-z0-9-]{0,3})"
_REST = rf"{_QUOTE}[A-Za-z0-9+/=]{{1,15}}[^\s-]{{0,8}}"
_REST_ENDS = rf"[ \t]{{0,64}}+(?:(?<=[ \t]){_MARK}[ \t]{{0,64}}+)?"
_SHORT = rf"{_REST}(?={_REST_ENDS}(?:[\r\n]|\Z|-----END ))"
_HEAD = rf"{_KIND}(?:[^\s-]{{1,16}}+(?=\s))?+(?:{_FIELD}(?=[\r\n])){{0,4}}+"
_LINES = rf"(?:{_GAP}{_LINE}|{_GAP}{_SHORT}|(?<=-){_LINE})"
_END = rf"(?:(?:{_GAP})?{_QUOTE})?-----END "
_HALF_END = rf"{_END}[A-Z0-9 ]{{0,64}}-{{0,5}}|{_GAP}{_REST}{_REST_ENDS}-{{0,5}}E?N?D?"

# Matches where all the text belongs to the block, or would with more of it: the last word is
# unfinished, so nobody knows yet.
_OPEN = re.compile(
    rf"{_BEGIN}(?:[A-Z0-9 ]{{0,64}}-{{0,5}}|{_HEAD}(?:{_FIELD}|"
    rf"{_LINES}*+(?:{_HALF_END}|(?:{_GAP})?\S*)))\Z",
    re.ASCII,
)


def open_at(raw: str) -> int | None:
    """Where a block begins that the end of the text leaves open."""
    begin = raw.rfind(_BEGIN)
    return begin if begin >= 0 and _OPEN.match(raw, begin) else None


def _block(kind: str, *lines: str) -> str:
    return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"))


BLOCKS = (
    Format(
        kind="private_key",
        anchors=(_BEGIN,),
        tail=(
            rf"{_HEAD}(?:(?:{_GAP})?{_LINE}|(?:{_GAP}{_SHORT}){{3}}){_LINES}*+(?:{_END}{_KIND})?"
        ),
        rest="",
        hits=(
            _block("RSA PRIVATE " + "KEY", *[mixed(64)] * 5, mixed(9) + "=="),
            _block("PRIVATE " + "KEY", mixed(64), mixed(20)),
            _block("PGP PRIVATE " + "KEY BLOCK", "Version: X 2", "", mixed(64), mixed(12), "=Zx1a"),
            _block("ENCRYPTED PRIVATE " + "KEY", mixed(64)).replace("\n", "\\n"),
            _block("EC PRIVATE " + "KEY", mixed(64), mixed(10) + "=").replace("\n", " "),
            "«" + _block("PRIVATE " + "KEY", mixed(64), mixed(30)).rpartition("\n")[0] + "» and on",
        ),
        misses=(
            (_block("CERTIFICATE", mixed(64)), "a certificate is public"),
            ("-----BEGIN PRIVATE " + "KEY----- is how it starts", "no key after it"),
            (_block("PUBLIC KEY", mixed(64)), "a public key"),
        ),
    ),
)

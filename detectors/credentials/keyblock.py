"""Private keys in armour, whole or cut off: the one credential that runs over many words."""

from __future__ import annotations

import re

from detectors.credentials.format import Format, mixed

__all__ = ["BLOCKS", "LONGEST", "open_at"]

LONGEST = 65_536
"""A block ends here if nothing ends it before."""

_BEGIN = "-----BEGIN "
_KIND = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_FIELD = r"\s{1,4}[A-Z][A-Za-z-]{2,20}:[ -~]{0,120}"
_GAP = r"\s{1,64}(?:[^\sA-Za-z0-9-]{1,3}\s{1,64})?"
_LINE = r"[^\s-]{0,8}?[A-Za-z0-9+/=]{16}[^\s-]*+"
# What fills no line: the last line of a key, and the checksum that PGP puts below.
_REST = r"[^\sA-Za-z0-9-]{0,3}[A-Za-z0-9+/=]{1,15}[^\sA-Za-z0-9-]{0,3}"
_REST_ENDS = r"(?=[ \t]*(?:[\r\n]|\Z|-----END ))"
_HEAD = rf"{_KIND}(?:{_FIELD}(?=[\r\n])){{0,4}}+"
_LINES = rf"(?:(?:{_GAP})?{_LINE})"

# Matches where all the text belongs to the block, or would with more of it: the last word is
# unfinished, so nobody knows yet.
_OPEN = re.compile(
    rf"{_BEGIN}(?:[A-Z0-9 ]{{0,64}}-{{0,5}}|{_HEAD}(?:{_FIELD}|{_LINES}*+"
    rf"(?:{_GAP}{_REST}(?=[ \t]*(?:[\r\n-]|\Z))){{0,2}}"
    rf"(?:\s*-----END [A-Z0-9 ]{{0,64}}-{{0,5}}|(?:{_GAP})?\s*\S*)))\Z",
    re.ASCII,
)


def open_at(raw: str) -> int | None:
    """Where a block begins that the end of the text leaves open."""
    begin = raw.rfind(_BEGIN)
    if begin < 0 or len(raw) - begin >= LONGEST or not _OPEN.match(raw, begin):
        return None
    return begin


def _block(kind: str, *lines: str) -> str:
    return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"))


BLOCKS = (
    Format(
        kind="private_key",
        anchors=(_BEGIN,),
        tail=(
            rf"{_HEAD}{_LINES}++(?:{_GAP}{_REST}{_REST_ENDS}){{0,2}}+"
            rf"(?:(?:{_GAP})?-----END {_KIND})?"
        ),
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

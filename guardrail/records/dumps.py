"""What stands between the values of a record that is written as JSON, HTML or lines with keys."""

from __future__ import annotations

import re

__all__ = ["blanked", "unfinished"]

_PARTS = ("first", "last", "middle", "given", "family", "sur", "fore")
_CLOSE = r"[\"'*_ ]{0,4}"


def _rests() -> str:
    rests = [part[1:] for part in _PARTS]
    return "|".join((*rests, *map(str.upper, rests)))


def _begun(word: str) -> str:
    return "(?:".join(word) + ")?" * (len(word) - 1)


# Line breaks as JSON escapes them, tags, keys in quotes, names of keys without them; what is in
# every text with one, and the beginning of one that ends a text, with its length.
_BETWEEN = (
    (
        re.compile(r"\\[nrtbf](?=\w)"),
        ("\\",),
        re.compile(r"\\[nrtbf]?\Z"),
        2,
    ),
    (
        re.compile(r"<[^<>\n]{1,118}>"),
        ("<",),
        re.compile(r"<[^<>\n]{0,118}\Z"),
        119,
    ),
    (
        re.compile(r"[\"'][\w .-]{1,40}\\?[\"'] ?:"),
        ('":', "':", '" :', "' :"),
        re.compile(r"[\"'](?:[\w .-]{1,40}\\?(?:[\"'] ?)?)?\Z"),
        44,
    ),
    (
        re.compile(rf"[FLMGSflmgs](?<![^\W_].)(?:{_rests()})[ _-]?(?:[Nn]ame|NAME){_CLOSE}[:=|]"),
        ("name", "Name", "NAME"),
        re.compile(
            rf"(?<![^\W_])(?:{'|'.join(map(_begun, _PARTS))}"
            rf"|(?:{'|'.join(_PARTS)})[ _-]?(?:{_begun('name')}{_CLOSE})?)\Z",
            re.IGNORECASE,
        ),
        16,
    ),
)


def blanked(raw: str) -> str:
    """The text with spaces in place of what stands between values; as long as it was."""
    for pattern, signs, _, _ in _BETWEEN:
        if any(sign in raw for sign in signs):
            raw = pattern.sub(lambda match: " " * len(match.group()), raw)
    return raw


def unfinished(raw: str) -> int:
    """Where in a blanked text something begins that more text may blank."""
    place = len(raw)
    for _, _, pattern, longest in _BETWEEN:
        begun = pattern.search(raw, max(place - longest, 0), place)
        place = place if begun is None else begun.start()
    return place

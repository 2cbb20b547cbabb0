"""E-mail addresses in a text, written plainly or spelled out: `j.doe at corp dot com`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from guardrail.text import canonical

__all__ = ["BEFORE", "LONGEST", "addresses", "open_at", "written"]

BEFORE = 140
"""An address stands so far before its sign, at the most."""

_AFTER = 200
LONGEST = BEFORE + _AFTER
"""No address, however it is spelled out, is longer."""

# Begins with the characters that it may begin with, which are searched for at once.
_AT = re.compile(r"[@aA](?:(?<=@)|(?<=[\s\[({<].)[tT](?=[\s\])}>]))")
_OPENS = re.compile(r"[\s\[({<]{0,4}\Z")
_CLOSES = re.compile(r"[\s\])}>]{0,4}")
# Scripts that put no space between words may stand right before an address.
_ALPHABETIC = r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]"
_LABEL = rf"{_ALPHABETIC}{{1,63}}"
_DOT = (
    r"\.|-{1,2}(?:\r?\n)?|\s{1,2}\.\s{0,2}|\s{1,3}(?:dot|dash|hyphen)\s{1,3}"
    r"|\s{0,2}[\[({<]\s?(?:dot|\.)\s?[\])}>]\s{0,2}"
)
_DOMAIN = re.compile(rf"{_LABEL}(?:(?:{_DOT}){_LABEL}){{0,9}}", re.IGNORECASE)
_DOTS = re.compile(_DOT, re.IGNORECASE)
# What stands before the sign is read backwards, whole words and what joins them.
_LONGEST_LOCAL = 64
_LOCAL = re.compile(rf"(?:{_ALPHABETIC}|[_.+%&'#=~-]){{1,{_LONGEST_LOCAL + 1}}}")
_JOINT = re.compile(
    r"\s{1,3}(?:tod|erocsrednu|hsad|nehpyh)\s{1,3}|\s{0,2}\.\s{1,2}|(?<=\.)\s{1,2}"
    r"|\s{0,2}[\])}>]\s?(?:tod|\.)\s?[\[({<]\s{0,2}",
    re.IGNORECASE,
)
_MOST_JOINTS = 4
_SIGNS = {"dot": ".", "underscore": "_", "dash": "-", "hyphen": "-"}
_AROUND = " \t\r\n\v\f[]({<>)}"
_EDGE = "._+%&'#=~-"
# As in `?to=j.doe`, or, in an escaped text, `=20j.doe`.
_GLUE = re.compile(r"[=%&#~]")
_ESCAPED = re.compile(r"[0-9A-F]{2}[=%]", re.IGNORECASE)
_QUOTES = " \t\"'<>"
# A token that may go on with what stands before or behind it.
_TOKEN = re.compile(r"\S+")
_LINKS = re.compile(
    r"(?:at|dot|underscore|dash|hyphen)\Z|[@.\[({<\])}>]|.*[@\[({<\])}>-]\Z",
    re.IGNORECASE | re.DOTALL,
)


def written(value: str) -> Iterator[str]:
    """The normal form of each address in a field."""
    plain = value.strip(_QUOTES)
    for sign in _AT.finditer(plain):
        for _, _, form in islice(_around(plain, sign), 1):
            yield form


def addresses(raw: str) -> Iterator[tuple[int, int, str]]:
    """What may be an address, `[start, end)`, in its normal form; longer readings first.

    The part before the sign is taken whole, the domain up to any of its labels.
    """
    for match in _AT.finditer(raw):
        yield from _around(raw, match)


def open_at(raw: str) -> int:
    """Where an address may begin that more text completes."""
    floor = max(len(raw) - LONGEST, 0)
    tokens = [match.span() for match in _TOKEN.finditer(raw, floor)]
    place, linked = len(raw), True
    for start, end in reversed(tokens):
        links = _LINKS.match(raw[start:end]) is not None
        if not (linked or links):
            break
        # What ends the text may become any token.
        linked = links or place == len(raw)
        place = start
    return place


def _around(raw: str, sign: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    ends = [(end, _normal(domain)) for end, domain in _domains(raw, sign)]
    if not ends:
        return
    for begin, local in reversed([*_locals(raw, sign.start())]):
        plain = _normal(local)
        for end, domain in reversed(ends):
            yield begin, end, f"{plain}@{domain}"


def _domains(raw: str, sign: re.Match[str]) -> Iterator[tuple[int, str]]:
    """Where the domain may end, and what it is up to there."""
    stop = sign.end() + _AFTER
    closes = _CLOSES.match(raw, sign.end())
    begin = sign.end() if closes is None else closes.end()
    found = _DOMAIN.match(raw, begin, stop)
    if found is None:
        return
    labels, done = "", begin
    for joint in (*_DOTS.finditer(raw, begin, found.end()), None):
        end = found.end() if joint is None else joint.start()
        labels += raw[done:end]
        # A sign that is a word needs a dot behind it; a label that is cut off is not known.
        if (len(sign.group()) == 1 or "." in labels) and not end == stop < len(raw):
            yield end, labels
        if joint is not None:
            labels += _spoken(joint.group())
            done = joint.end()


def _locals(raw: str, sign: int) -> Iterator[tuple[int, str]]:
    """Where the part before the sign may begin, and what it is from there."""
    base = max(sign - BEFORE, 0)
    opens = _OPENS.search(raw, max(sign - 4, 0), sign)
    sign = sign if opens is None else opens.start()
    back = raw[base:sign][::-1]
    local, place = "", 0
    for _ in range(_MOST_JOINTS + 1):
        word = _LOCAL.match(back, place)
        # One that is cut off here is too long.
        if word is None or len(word.group()) > _LONGEST_LOCAL or word.end() == len(back) < sign:
            return
        local, place = word.group()[::-1] + local, word.end()
        # Shorter readings, for what is glued to its front, come before the whole one.
        for cut in sorted(_glued(word.group()), reverse=True):
            yield sign - place + cut, local[cut:]
        yield sign - place, local
        joint = _JOINT.match(back, place)
        if joint is None:
            return
        local, place = _spoken(joint.group()[::-1]) + local, joint.end()


def _glued(back: str) -> set[int]:
    """How much of a word, which is read backwards, may not belong to an address."""
    cuts = {len(back) - len(back.rstrip(_EDGE))}
    if joined := _GLUE.search(back):
        cuts.add(len(back) - joined.start())
        if joined.group() in "=%" and _ESCAPED.match(back, joined.start() - 2):
            cuts.add(len(back) - joined.start() + 2)
    return cuts - {0, len(back)}


def _spoken(joint: str) -> str:
    """The sign that stands for what joins two words."""
    word = joint.strip(_AROUND).casefold()
    return _SIGNS.get(word, word)


def _normal(form: str) -> str:
    """Letters without case and accents, and what look-alikes look like."""
    return form.lower() if form.isascii() else "".join(map(_letters, form.casefold()))


@lru_cache(maxsize=1 << 12)
def _letters(char: str) -> str:
    return canonical(ord(char)) or char

"""A prompt as a row of signs, one for each word, on which rules are regular expressions.

A word that some rule names has a sign of its own in a private range; what remains:

    w  a word that no rule names         N  one with a capital inside a sentence
    0  a number                          C  one with a capital where a sentence begins
    I  a word with digits in it          '  the s of a possessive
    "  a quotation mark                  :  a colon
    _  a gap to be filled                ?  a question mark, before the sentence's end
    =  the word before it once more
    and a line feed where a sentence ends, which `.` does not match
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["GROUP", "Vocabulary"]

GROUP = re.compile(r"<([^<>\s]+)>")
_HAN = "\u3400-\u9fff"
_TOKEN = re.compile(
    r"(?![ ,()])(?:"
    rf"[{_HAN}]++"
    rf"|\d(?:[^\W_{_HAN}]|[./:,](?=\d)|[-#](?=[^\W_{_HAN}]))*+"
    rf"|[^\W_{_HAN}]++(?:-[^\W_{_HAN}]++)*+"
    r"|['’]s\b"
    r"|[.!?;…]++(?=[\s\"'”’)\]}*]|\Z)|[。！？；]|\n[^\S\n]*+\n\s*+"
    r"|[\"“”„«»「」『』]|(?<!\w)['‘](?=\w)|(?<=[\w.,!?])['’](?!\w)"
    r"|[:：]|_{2,}+|\.{3,}+|▇++|\[\s?\])"
)
_MARKS = re.compile("[\u0300-\u036f]+")
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_POINTS = {
    "'s": "'",
    "’s": "'",
    ":": ":",
    "：": ":",
    ".": "\n",
    "?": "?\n",
    "？": "?\n",
    "。": "\n",
}
_POINTS |= dict.fromkeys("\"“”„«»「」『』'‘’", '"')
_ENDS = frozenset(".!?;…。！？；\n")
_ABBREVIATED = ("mr", "mrs", "ms", "dr", "prof", "st", "hr", "fr", "sr", "sra", "mme", "mlle", "nr")
_FIRST_SIGN, _HEAD = 0xE000, 4


@dataclass(frozen=True, slots=True)
class _Affixes:
    """Stems or endings, from long to short, by their outermost letters."""

    signs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, outermost: str, affix: str, sign: str) -> None:
        self.signs.setdefault(outermost, []).append((affix, sign))


class Vocabulary:
    """The words of all rules; each belongs to the groups of words in which rules name it.

    A group is written `word|another|stem*|*ending`; stems and endings have four letters or more.
    """

    def __init__(self, groups: Iterable[str]) -> None:
        self.bits = {group: 1 << number for number, group in enumerate(dict.fromkeys(groups))}
        masks: dict[str, int] = {}
        for group, bit in self.bits.items():
            for word in _plain(group).lower().split("|"):
                masks[word] = masks.get(word, 0) | bit
        signs: dict[int, str] = {}
        self._known = dict(_POINTS)
        self._stems, self._endings = _Affixes(), _Affixes()
        self._han: dict[str, list[str]] = {}
        # From long to short, so that the first that fits is the longest.
        for word in sorted(masks, key=len, reverse=True):
            mask = _inherited(word, masks)
            sign = signs.setdefault(mask, chr(_FIRST_SIGN + len(signs)))
            if word.startswith("*"):
                self._endings.add(word[-_HEAD:], word[1:], sign)
            elif word.endswith("*"):
                self._stems.add(word[:_HEAD], word[:-1], sign)
            else:
                self._known[word] = sign
                if _is_han(word):
                    self._han.setdefault(word[0], []).append(word)
        self._masks = {sign: mask for mask, sign in signs.items()}

    def signs(self, group: str) -> str:
        """The signs of the words of a group."""
        bit = self.bits[group]
        return "".join(sign for sign, mask in self._masks.items() if mask & bit)

    def groups(self, row: str) -> int:
        """The bits of all groups that have a word in a row."""
        found = 0
        for sign in set(row):
            found |= self._masks.get(sign, 0)
        return found

    def row(self, text: str) -> str:
        """The signs of a text."""
        signs: list[str] = []
        known, stems, endings = self._known.get, self._stems.signs, self._endings.signs
        begins, last = True, ""
        for piece in _TOKEN.findall(_plain(text)):
            word = piece.lower()
            sign = known(word)
            if sign is None and (word[:_HEAD] in stems or word[-_HEAD:] in endings):
                sign = self._inflected(word)
            if sign is None:
                sign = "w" if piece.islower() and piece.isalpha() else self._other(piece, begins)
            if word == last and word[0].isalpha():
                sign = "="
            elif (
                sign == "\n"
                and piece == "."
                and (last in _ABBREVIATED or (len(last) == 1 and last.isalpha()))
            ):
                continue
            signs.append(sign)
            begins, last = sign in _OPENS, word
        return "".join(signs)

    def _inflected(self, word: str) -> str | None:
        for stem, sign in self._stems.signs.get(word[:_HEAD], ()):
            if word.startswith(stem):
                return sign
        for ending, sign in self._endings.signs.get(word[-_HEAD:], ()):
            if word.endswith(ending):
                return sign
        return None

    def _other(self, token: str, begins: bool) -> str:
        if _is_han(token):
            return "".join(self._split(token))
        if not token[0].isalnum():
            return _point(token)
        if _DIGIT.search(token):
            return "I" if _LETTER.search(token) else "0"
        parts = self._parts(token) if "-" in token else ""
        if not parts and token[0].isupper() and not (token.isupper() and len(token) > 1):
            return "C" if begins else "N"
        return parts or "w"

    def _parts(self, token: str) -> str:
        """The signs of words with hyphens between, of which a rule names one."""
        words = token.lower().split("-")
        signs = [self._known.get(word) or self._inflected(word) for word in words]
        return "".join(sign or "w" for sign in signs) if any(signs) else ""

    def _split(self, run: str) -> Iterator[str]:
        place = 0
        while place < len(run):
            for word in self._han.get(run[place], ()):
                if run.startswith(word, place):
                    yield self._known[word]
                    place += len(word)
                    break
            else:
                yield "w"
                place += 1


_OPENS = frozenset(["\n", "?\n", '"', ":"])


def _point(token: str) -> str:
    if token.startswith("...") or token[0] == "…" or token[0] not in _ENDS:
        return "_"
    return "?\n" if "?" in token or "？" in token else "\n"


def _is_han(token: str) -> bool:
    return "\u3400" <= token[0] <= "\u9fff"


def _plain(text: str) -> str:
    """Compatibility characters as ordinary ones, and letters without accents."""
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).replace("ß", "ss")


def _inherited(word: str, masks: dict[str, int]) -> int:
    """The groups of a word, and of the stems and endings that it has."""
    mask = masks[word]
    for other, more in masks.items():
        if (other.endswith("*") and word.startswith(other[:-1])) or (
            other.startswith("*") and word.endswith(other[1:])
        ):
            mask |= more
    return mask

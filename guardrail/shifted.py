"""Passages in a Caesar cipher, of any shift, told by the common words that are in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from string import ascii_lowercase, ascii_uppercase

from guardrail.text import translated

__all__ = ["COMMON", "shifted", "shifted_open_at"]

# Of English, German, Spanish and French.
COMMON = (
    "of to in is it he as on be at by we my so no or if me up do an the and that was for with his "
    "her not this but from had are have you they which she him all one were there been their will "
    "would who them when what said more out then into some your can could about than very only "
    "other now has its any these our after did over how must before such like little never upon "
    "time know where should back down well here again through just der die das und ist nicht ein "
    "eine mit von den dem auch auf sich war des sie ich wie aus bei nach wird wir oder aber noch "
    "nur zum zur sind einer einen einem hat que los las del una por con para como pero sus este "
    "esta fue son ser entre cuando muy sin les est dans qui pour pas par sur avec plus mais nous "
    "vous tout leur ses ces aux"
)
# rot13 is a view of the whole text.
_SHIFTS = (*range(1, 13), *range(14, 26))
_LEAST = 4
# A stream is read again from so many characters before what is settled, maybe within a word.
_BEFORE = 64
_REACH = _BEFORE - max(map(len, COMMON.split())) - 1
_FOLDED = bytes(
    ord(letter.lower()) if (letter := chr(code)) in ascii_lowercase + ascii_uppercase
    # Letters with accents are parts of words that are none of ours.
    else 0xFF if code >= 0xC0 else 0x20
    for code in range(256)
)  # fmt: skip
_WORD = re.compile(rb"(?<![a-z\xff])[a-z\xff]+")


@dataclass(slots=True)
class _Chain:
    """Common words in one shift, near each other: from where to where, and which."""

    start: int
    end: int
    words: set[bytes] = field(default_factory=set)


def shifted(raw: str) -> Iterator[tuple[int, int, str]]:
    """Each passage `[start, end)` that holds common words in a shift, and what it says."""
    letters = _letters(raw)
    words, shifts = letters.split(), _shifts()
    if shifts.keys().isdisjoint(words):
        return
    weights: Counter[int] = Counter()
    for word in shifts.keys() & set(words):
        for shift in shifts[word]:
            weights[shift] += _weight(word)
    if max(weights.values()) < _LEAST:
        return
    for shift, chain in _chains(letters):
        if sum(map(_weight, chain.words)) >= _LEAST:
            start, end = _begin(letters, chain.start), _end(letters, chain.end)
            yield start, end, translated(raw[start:end], _table(-shift))


def shifted_open_at(raw: str) -> int:
    """Where such a passage begins that more text may complete, continue or begin."""
    letters = _letters(raw)
    unfinished = letters.rfind(b" ") + 1
    near = low = max(unfinished - _REACH, 0)
    late: list[int] = []
    # As far back as what reaches the end may have begun before.
    while low > 0 and min(late, default=near) <= low + _BEFORE:
        low = max(3 * low - 2 * len(raw), 0)
        if _shifts().keys().isdisjoint(letters[low:].split()):
            break
        chains = _chains(letters[low:])
        late = [low + chain.start for _, chain in chains if low + chain.end >= near]
    return min([near, *(_begin(letters, start) for start in late)])


def _chains(letters: bytes) -> Iterator[tuple[int, _Chain]]:
    shifts = _shifts()
    held: dict[int, _Chain] = {}
    for match in _WORD.finditer(letters):
        start, end = match.span()
        for shift in shifts.get(match.group(), ()):
            chain = held.get(shift)
            if chain is None or start - chain.end > _REACH:
                if chain is not None:
                    yield shift, chain
                chain = held[shift] = _Chain(start, end)
            chain.end = end
            chain.words.add(match.group())
    yield from held.items()


def _begin(letters: bytes, first: int) -> int:
    """Where the words before a place begin, as far back as none of them is a common one."""
    start = first
    for match in reversed([*_WORD.finditer(letters, max(first - _REACH, 0), first)]):
        if match.group() in _plain():
            break
        start = match.start()
    return start


def _end(letters: bytes, last: int) -> int:
    """Where the words behind a place end, as far as none of them is a common one."""
    end = last
    for match in _WORD.finditer(letters, last, last + _REACH + 1):
        if match.group() in _plain() or match.end() > last + _REACH:
            break
        end = match.end()
    return end


def _letters(raw: str) -> bytes:
    """A byte for each character: a small letter, a space, or 255 for another letter."""
    return raw.encode("latin-1", "replace").translate(_FOLDED)


def _weight(word: bytes) -> int:
    return len(word) - 1


@cache
def _plain() -> frozenset[bytes]:
    return frozenset(word.encode() for word in COMMON.split())


@cache
def _shifts() -> Mapping[bytes, tuple[int, ...]]:
    """The common words in each shift, but for those that are common themselves."""
    told: dict[bytes, tuple[int, ...]] = {}
    for shift in _SHIFTS:
        for word in COMMON.encode().translate(_table(shift)).split():
            if word not in _plain():
                told[word] = (*told.get(word, ()), shift)
    return told


@cache
def _table(shift: int) -> bytes:
    halves = (ascii_lowercase.encode(), ascii_uppercase.encode())
    turned = b"".join(half[shift:] + half[:shift] for half in halves)
    return bytes.maketrans(b"".join(halves), turned)

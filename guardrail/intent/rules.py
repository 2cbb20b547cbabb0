"""Hand-written rules: certain ways to ask, in five languages, found without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from guardrail.intent import INTENTS
from guardrail.intent.phrases import COMMON, RULES
from guardrail.intent.phrases.rule import Rule
from guardrail.intent.phrases.words import GROUP, Vocabulary

__all__ = ["Rules"]

# What matters of a pattern: words, where alternatives begin and end, and what may be left out.
_PART = re.compile(
    r"<[^<>\s]+>|\((?:\?s?:|\?<?!)?|[)|]|(?<=[\s>)])(?:[?*]|\{0)|\\.|\[[^\]]*\]|[.\"'=:NCIw0_]"
)
_MOST_WAYS = 24
_TRIES, _AROUND = 8, 50


class Rules:
    """The rules of `guardrail.intent.phrases`, each word of a text looked up once.

    An intent's score is that of its best rule. A text of 150 words takes some 0.2 ms; the first
    layer that is made takes some three seconds.
    """

    name = "rules"
    pull = 0.0

    def __init__(self) -> None:
        self.book = _book()

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), len(INTENTS)), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for rule in self.book.matches(text):
                column = INTENTS.index(rule.intent)
                row[column] = max(row[column], rule.score)
        return rows

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:
        """Ids of the rules that fit, the best first."""
        found = [rule for rule in self.book.matches(text) if rule.intent == intent]
        return tuple(rule.id for rule in sorted(found, key=lambda rule: -rule.score))


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    pattern: re.Pattern[str]
    also: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def fits(self, row: str) -> bool:
        return any(map(self._stands, islice(self.pattern.finditer(row), _TRIES)))

    def _stands(self, match: re.Match[str]) -> bool:
        row, (start, end) = match.string, match.span()
        before, after = row[max(start - _AROUND, 0) : start], row[end : end + _AROUND]
        sentence = before.rpartition("\n")[2] + match[0] + after.partition("\n")[0]
        if self.unless is not None and self.unless.search(sentence):
            return False
        return self.also is None or self.also.search(before + match[0] + after) is not None


class _Book:
    """All rules, compiled over one vocabulary, by groups of words that it takes to fit them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        written = [rule.pattern + rule.also + rule.unless for rule in rules]
        groups = (group for each in (*written, *COMMON.values()) for group in GROUP.findall(each))
        self._vocabulary = Vocabulary(groups)
        self._compiled = tuple(map(self._compile, rules))
        # Under one group of each way to fit a rule, the way and the rule.
        self._ways: dict[int, list[tuple[int, int]]] = {}
        for number, rule in enumerate(rules):
            all_of = f"(?:{rule.pattern}) (?:{rule.also}) {COMMON.get(rule.id[:2], '')}"
            for way in _ways(iter(_PART.findall(all_of)), self._vocabulary.bits):
                self._ways.setdefault(way & -way, []).append((way, number))

    def matches(self, text: str) -> Iterator[Rule]:
        row = self._vocabulary.row(text)
        for number in sorted(self._possible(self._vocabulary.groups(row))):
            if self._compiled[number].fits(row):
                yield self._compiled[number].rule

    def _possible(self, present: int) -> set[int]:
        """Numbers of the rules that may fit where these groups are present."""
        found = {number for _, number in self._ways.get(0, ())}
        rest = present
        while rest:
            lowest = rest & -rest
            rest ^= lowest
            for way, number in self._ways.get(lowest, ()):
                if way & present == way:
                    found.add(number)
        return found

    def _compile(self, rule: Rule) -> _Compiled:
        also, unless = (self._pattern(each) if each else None for each in (rule.also, rule.unless))
        return _Compiled(rule, self._pattern(rule.pattern), also, unless)

    def _pattern(self, pattern: str) -> re.Pattern[str]:
        written = GROUP.sub(lambda match: f"[{self._vocabulary.signs(match[1])}]", pattern)
        return re.compile(written, re.VERBOSE | re.MULTILINE)


def _ways(parts: Iterator[str], bits: dict[str, int]) -> set[int]:
    """For each way to fit the parts of a pattern, up to some, the groups that it takes."""
    ways, here = set[int](), {0}
    before = here
    for part in parts:
        if part == ")":
            break
        if part == "|":
            ways, here = ways | here, {0}
        elif part in ("?", "*", "{0"):
            here = before
        elif part[0] in "(<":
            inner = _ways(parts, bits) if part[0] == "(" else {bits[part[1:-1]]}
            inner = {0} if part.endswith("!") else inner
            before, longer = here, {one | other for one in here for other in inner}
            here = longer if len(longer) <= _MOST_WAYS else here
        else:
            before = here
    return ways | here


@cache
def _book() -> _Book:
    return _Book(RULES)

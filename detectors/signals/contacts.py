"""Addresses of several people in one answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.signals.word import Span, Word

__all__ = ["Contacts", "addresses"]

_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])")
# Names that are nobody's (RFC 2606).
_NOBODY = re.compile(r"example|\b(?:test|invalid|localhost)$", re.IGNORECASE)


class Contacts:
    """Each e-mail address after the first; those that are `known` do not count."""

    def __init__(self, known: frozenset[str]) -> None:
        self.open: int | None = None
        self._known = known
        self._first = ""

    def see(self, word: Word) -> Span | None:
        for start, end, address in addresses(word.raw):
            if self._first and address not in self._known and address != self._first:
                return word.start + start, word.start + end, 1
            if address not in self._known:
                self._first = address
        return None

    def close(self) -> Span | None:
        return None


def addresses(raw: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and address, in small letters, of each e-mail address that may be somebody's."""
    if "@" not in raw:
        return
    for match in _ADDRESS.finditer(raw):
        if not _NOBODY.search(match[1]):
            yield *match.span(), match[0].lower()

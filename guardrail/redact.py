"""Replace spans of a text by a marker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["merge", "redact", "redact_parts"]


def merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, those that overlap or touch made one; empty ones vanish."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def redact(raw: str, spans: Iterable[tuple[int, int]], marker: str) -> str:
    """The text with one marker for each merged span; spans lie inside the text."""
    pieces: list[str] = []
    place = 0
    for start, end in merge(spans):
        pieces += raw[place:start], marker
        place = end
    pieces.append(raw[place:])
    return "".join(pieces)


def redact_parts(
    parts: Sequence[str], spans: Iterable[tuple[int, int]], marker: str
) -> tuple[str, ...]:
    """Each part with a marker for what the spans cover of it; they count over the parts joined."""
    merged, first, begin = merge(spans), 0, 0
    safe: list[str] = []
    for part in parts:
        end = begin + len(part)
        while first < len(merged) and merged[first][1] <= begin:
            first += 1
        inside = []
        for span in merged[first:]:
            if span[0] >= end:
                break
            inside.append((max(span[0], begin) - begin, min(span[1], end) - begin))
        safe.append(redact(part, inside, marker))
        begin = end
    return tuple(safe)

"""Redaction: nothing inside a span survives, everything outside does."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from guardrail.redact import merge, redact, redact_parts

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8).map(
    lambda pairs: [(min(pair), max(pair)) for pair in pairs]
)


@given(spans)
def test_what_is_outside_survives_and_nothing_inside_does(chosen: list[tuple[int, int]]) -> None:
    """Every character outside all spans stands, in order; none inside does."""
    raw = "".join(chr(0x4E00 + number) for number in range(40))
    inside = {place for start, end in chosen for place in range(start, end)}
    edited = redact(raw, chosen, "#")
    assert edited.replace("#", "") == "".join(c for i, c in enumerate(raw) if i not in inside)
    assert edited.count("#") == len(merge(chosen))


@given(spans)
def test_merged_spans_are_apart(chosen: list[tuple[int, int]]) -> None:
    """Merging twice is merging once, and no two merged spans touch."""
    merged = merge(chosen)
    assert merge(merged) == merged
    assert all(before[1] < after[0] for before, after in pairwise(merged))


@given(spans, st.lists(st.integers(0, 40), max_size=6))
def test_parts_keep_what_is_outside(chosen: list[tuple[int, int]], cuts: list[int]) -> None:
    """However a text is parted, what is outside of all spans stands in its own part."""
    raw = "".join(chr(0x4E00 + number) for number in range(40))
    bounds = [0, *sorted(cuts), 40]
    parts = [raw[start:end] for start, end in pairwise(bounds)]
    inside = {place for start, end in chosen for place in range(start, end)}
    for part, begin, told in zip(parts, bounds, redact_parts(parts, chosen, "#"), strict=False):
        kept = "".join(c for place, c in enumerate(part, begin) if place not in inside)
        assert told.replace("#", "") == kept
        assert ("#" in told) == (kept != part)


def test_each_part_has_its_own_marker() -> None:
    """A span over several parts leaves a marker in each that it touches."""
    assert redact_parts(["ab", "", "cd", "ef"], [(1, 4), (5, 6)], "#") == ("a#", "", "#", "e#")
    assert redact_parts([], [], "#") == ()


def test_touching_spans_are_one_marker() -> None:
    """Two findings side by side are redacted as one; empty ones vanish."""
    assert redact("abcdef", [(1, 2), (2, 4), (5, 5)], "[x]") == "a[x]ef"

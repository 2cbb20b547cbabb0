"""Redaction: nothing inside a span survives, everything outside does."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from guardrail.redact import merge, redact

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


def test_touching_spans_are_one_marker() -> None:
    """Two findings side by side are redacted as one; empty ones vanish."""
    assert redact("abcdef", [(1, 2), (2, 4), (5, 5)], "[x]") == "a[x]ef"

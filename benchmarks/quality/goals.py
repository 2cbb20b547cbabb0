"""Bars beside the figures that were measured for them."""

from __future__ import annotations

from benchmarks.report import Value

__all__ = ["Goal", "at_least", "at_most"]

Goal = dict[str, Value]


def at_least(what: str, figure: float, bar: float, interval: tuple[float, float]) -> Goal:
    """A figure that must not be below its bar."""
    return _goal(what, figure, f">= {bar:g}", figure >= bar, interval)


def at_most(
    what: str, figure: float, bar: float, interval: tuple[float, float] | None = None
) -> Goal:
    """A figure that must not be above its bar."""
    return _goal(what, figure, f"<= {bar:g}", figure <= bar, interval)


def _goal(
    what: str, figure: float, bar: str, met: bool, interval: tuple[float, float] | None
) -> Goal:
    low, high = interval or (None, None)
    return {
        "what": what,
        "figure": round(figure, 4),
        "low": None if low is None else round(low, 4),
        "high": None if high is None else round(high, 4),
        "bar": bar,
        "met": "yes" if met else "NO",
    }

"""What a credit-risk model tells of the people in its table, and how soon nudging is noticed."""

from benchmarks.tabular.run import main

__all__ = ["main"]

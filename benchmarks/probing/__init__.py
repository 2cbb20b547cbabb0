"""Attackers and honest users over time: who is found, how soon, and how much comes out."""

from benchmarks.probing.run import main

__all__ = ["main"]

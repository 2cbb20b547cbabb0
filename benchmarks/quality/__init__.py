"""How much of a leak each detector finds, beside other methods, and what it costs."""

from benchmarks.quality.run import main

__all__ = ["main"]

"""Which passages of a private corpus a text has the words of, in whatever order."""

from guardrail.shuffled.index import Agreement, ShuffledIndex
from guardrail.shuffled.sketch import BANDS, WINDOW, Sketch
from guardrail.shuffled.splitter import Splitter

__all__ = ["BANDS", "WINDOW", "Agreement", "ShuffledIndex", "Sketch", "Splitter"]

"""What a prompt costs each layer, alone and through the detector, and how that grows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from benchmarks.intent import prompts
from benchmarks.measure import growing, grown, percentile
from benchmarks.report import Value
from detectors.intent import Intent
from guardrail.intent import Layer
from guardrail.text import Text

__all__ = ["growth", "rows"]

_TOKENS, _CHARACTERS = 200, 800
"""Some four characters a token of a usual tokenizer."""
_PROMPTS = 40
_SIZES = (12_500, 25_000, 50_000, 100_000)
_TRIES = 2


def rows(layers: Mapping[str, Layer], *, seed: int) -> list[dict[str, Value]]:
    """CPU milliseconds of a prompt of 200 tokens: the layer on the text, and the detector."""
    texts = [text[:_CHARACTERS] for text in _long(seed)][:_PROMPTS]
    found: list[dict[str, Value]] = []
    for name, layer in layers.items():
        detector = Intent(layers=(layer,))
        alone = [_spent(partial(layer.scores, [text])) for text in texts]
        whole = [_spent(partial(_find, detector, text)) for text in texts]
        row: dict[str, Value] = {"layer": name, "tokens": _TOKENS, "n": len(texts)}
        row |= {"layer ms": round(median(alone), 3), "p95": round(percentile(alone, 0.95), 3)}
        found.append(row | {"detector ms": round(median(whole), 3)})
    return found


def growth(layers: Mapping[str, Layer], *, seed: int) -> list[dict[str, Value]]:
    """CPU milliseconds of long texts, by tokens, and how they grow for twice as many."""
    source = "\n\n".join(_long(seed))
    while len(source) < _SIZES[-1] * _CHARACTERS // _TOKENS:
        source += source
    found: list[dict[str, Value]] = []
    for name, layer in layers.items():
        detector = Intent(layers=(layer,))
        texts = [source[: size * _CHARACTERS // _TOKENS] for size in _SIZES]
        alone = growing([partial(layer.scores, [text]) for text in texts])
        whole = growing([partial(_find, detector, text) for text in texts])
        for number, size in enumerate(_SIZES):
            row: dict[str, Value] = {"layer": name, "tokens": size}
            row["layer ms"] = round(1000 * min(times[number] for times in alone), 1)
            row["detector ms"] = round(1000 * min(times[number] for times in whole), 1)
            row["layer, twice"], row["detector, twice"] = None, None
            found.append(row)
        found[-1] |= {
            "layer, twice": round(grown(alone), 2),
            "detector, twice": round(grown(whole), 2),
        }
    return found


def _find(detector: Intent, text: str) -> None:
    for _ in detector.find(Text(text)):
        pass


def _long(seed: int) -> Sequence[str]:
    texts = [text for texts in prompts.benign("report").values() for text in texts]
    long = [text for text in texts if len(text) >= _CHARACTERS]
    random.Random(seed).shuffle(long)
    return long


def _spent(job: Callable[[], object]) -> float:
    """The least of a few tries, in milliseconds of CPU time."""
    taken = []
    for _ in range(_TRIES):
        begin = time.process_time()
        job()
        taken.append(time.process_time() - begin)
    return 1000 * min(taken)

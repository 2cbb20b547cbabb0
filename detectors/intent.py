"""Prompts that ask for private data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError
from guardrail.intent import INTENTS, Layer
from guardrail.intent.classifier import Classifier
from guardrail.intent.head import Head
from guardrail.intent.linear import Linear, Weights
from guardrail.intent.reading import readings
from guardrail.intent.rules import Rules
from guardrail.intent.turns import READER, Turns
from guardrail.intent.windows import SIZE, Cut, count
from guardrail.semantic import encoder
from guardrail.text import Text
from guardrail.types import CARRIED, Finding

__all__ = ["Intent"]

_BATCH = 512
_WHOLE = 160
_PER_TURN, _JOINED, _END = 4.0, 2.0, 3.0
_SMALLEST = 1e-12
# After so many turns nothing is left of any odds, and no power overflows.
_FADED = 100


class Intent:
    """Finds what a message asks for: at most one finding for each of `guardrail.intent.INTENTS`.

    The score is a calibrated probability, the greatest that one of the `layers` gives to a message
    of up to 160 words, or at a third of the odds to the first or last line of one of more than 48.
    Inside of these two layers must agree, and the second of them counts: sentence by sentence, and
    beyond 160 words in windows of some 48. Where a layer is less sure of a whole of up to 160 words
    than of such a part, the whole pulls it, by as much as `Layer.pull` says. All is read as it
    stands and in disguise. From `thresholds` on, by intent, it is found (default: 0.5). What was
    written in the roles `skip` is not judged: that of the model, and of the operator, who defines
    the `tools` too.

    What the reader said last and what came after it, such as the results of tools, counts in full;
    each time that the reader spoke again divides the odds of what went before by 4. A short last
    message is read once more behind what the reader said before, at half of the odds.

    `linear` is a file in place of the linear model that comes with this library. A `head` over the
    embeddings of a sentence-transformers `model`, or a `classifier` of transformers, is one layer
    more, and has no linear one beside it where that is part of it. Both models are folders or hub
    ids on this machine; `python -m benchmarks intent train` makes all three.
    """

    prompts_only: ClassVar[bool] = True

    def __init__(
        self,
        *,
        layers: tuple[str | Layer, ...] = ("rules", "linear"),
        linear: Path | None = None,
        head: Path | None = None,
        model: str | None = None,
        classifier: str | None = None,
        thresholds: dict[str, float] | None = None,
        skip: tuple[str, ...] = ("assistant", "system", "developer", "tools"),
    ) -> None:
        if (head is None) != (model is None):
            raise PolicyError("head and model go together: give both or none")
        words = Linear(None if linear is None else Weights.load(linear))
        known: dict[str, Callable[[], Layer]] = {"linear": lambda: words, "rules": Rules}
        more: list[Head | Classifier] = []
        if head is not None and model is not None:
            more.append(Head(head, encoder(model), words))
        if classifier is not None:
            more.append(Classifier(classifier, words))
        held = any(layer.holds_linear for layer in more)
        told = [_layer(layer, known) for layer in layers if not held or layer != "linear"]
        self._layers = (*told, *more)
        if not self._layers:
            raise PolicyError("intent needs a layer at least")
        self.thresholds = dict.fromkeys(INTENTS, 0.5) | _checked(thresholds or {})
        self._least = np.array([self.thresholds[name] for name in INTENTS])
        self._skip = frozenset(skip)

    def find(self, text: Text) -> Iterable[Finding]:
        passages = [*self._passages(text)]
        if not passages:
            return ()
        each = self._scores(passages)
        alone = np.array([passage.alone for passage in passages])[:, None]
        best = np.where(alone, each.max(axis=0), np.sort(each, axis=0)[-2:].min(axis=0))
        rows = best.argmax(axis=0)
        return [
            self._finding(passages[row], float(best[row, column]), each[:, row, column], column)
            for column, row in enumerate(rows.tolist())
            if best[row, column] >= self._least[column]
        ]

    def settled(self, text: Text) -> int:  # noqa: ARG002 - whatever comes may say more
        return 0

    def _passages(self, text: Text) -> Iterator[_Passage]:
        if text.message is None:
            yield from _read(text.raw, 1.0)
            return
        role = text.context.turns[text.message].role
        if role in self._skip:
            return
        turns = Turns.of(text.context)
        since = turns.since[text.message]
        yield from _read(text.raw, _PER_TURN ** min(since, _FADED))
        if since == 0 and role == READER and text.message:
            yield from _joined(text.raw, turns.before(text.message, SIZE - count(text.raw)))

    def _scores(self, passages: Sequence[_Passage]) -> NDArray[np.float64]:
        """What each layer says of each passage and intent, with 0 for what it need not be asked."""
        odds = np.array([passage.odds for passage in passages])[:, None]
        alone = np.array([passage.alone for passage in passages])
        judged = np.zeros((len(self._layers), len(passages), len(INTENTS)))
        for number, layer in enumerate(self._layers):
            if 0 < number == len(self._layers) - 1:
                # Where one layer cannot be the second to agree.
                alone |= (judged >= self._least).any(axis=(0, 2))
                rows = np.flatnonzero(alone)
            else:
                rows = np.arange(len(passages))
            for batch in np.split(rows, range(_BATCH, len(rows), _BATCH)):
                told = layer.scores([passages[row].raw for row in batch]).astype(np.float64)
                if not ((told >= 0) & (told <= 1)).all():
                    raise ValueError(f"layer {layer.name!r} gave no probability")
                judged[number, batch] = told / (told + (1 - told) * odds[batch])
        parts = np.flatnonzero([passage.part for passage in passages])
        # Each stands behind its whole.
        behind = [0 if passage.part else row for row, passage in enumerate(passages)]
        wholes = np.maximum.accumulate(behind)[parts]
        for layer, told in zip(self._layers, judged, strict=True):
            if layer.pull:
                told[parts] = _pulled(told[parts], told[wholes], layer.pull)
        return judged

    def _finding(
        self, passage: _Passage, score: float, scores: NDArray[np.float64], column: int
    ) -> Finding:
        name = INTENTS[column]
        reasons = tuple(
            f"{layer.name}: {reason}"
            for layer, told in zip(self._layers, scores.tolist(), strict=True)
            if told >= self._least[column]
            for reason in layer.reasons(passage.raw, name)
        )
        if passage.joined:
            reasons += (CARRIED,)
        kind = f"intent.{name}"
        return Finding(passage.start, passage.end, kind, score, reasons=reasons)


@dataclass(frozen=True, slots=True)
class _Passage:
    """What characters `[start, end)` of a message say, and what divides the odds of it.

    If it stands `alone`, one layer suffices; a `part` lies in the nearest passage before it that is
    none; `joined` is what stands behind earlier messages.
    """

    start: int
    end: int
    raw: str = field(repr=False)
    odds: float
    alone: bool = True
    part: bool = False
    joined: bool = False


def _read(raw: str, odds: float) -> Iterator[_Passage]:
    for number, view in enumerate(readings(raw)):
        cut = Cut(view.raw)
        long, longer = len(cut.words) > SIZE, len(cut.words) > _WHOLE
        ends = cut.ends() if long and (number == 0 or view.decoded) else []
        within = (cut.sentences() if long else []) + (cut.windows() if longer else [])
        for spans, less, alone, part in (
            ([] if longer else cut.whole(), odds, True, False),
            (ends, odds * _END, True, not longer),
            ([span for span in within if span not in ends], odds, False, not longer),
        ):
            for start, end in spans:
                yield _Passage(*view.span(start, end), view.raw[start:end], less, alone, part)


def _joined(raw: str, said: str) -> Iterator[_Passage]:
    if said and raw.strip():
        yield _Passage(0, len(raw), f"{said}\n{raw}", _JOINED, joined=True)


def _pulled(
    parts: NDArray[np.float64], wholes: NDArray[np.float64], pull: float
) -> NDArray[np.float64]:
    """Scores of parts, their log-odds mixed with those of wholes that are less sure."""
    odds, whole = (
        np.maximum(one, _SMALLEST) / np.maximum(1 - one, _SMALLEST) for one in (parts, wholes)
    )
    mixed = odds ** (1 - pull) * whole**pull
    return np.where(wholes < parts, mixed / (1 + mixed), parts)


def _layer(layer: str | Layer, known: Mapping[str, Callable[[], Layer]]) -> Layer:
    if not isinstance(layer, str):
        return layer
    if layer not in known:
        raise PolicyError(f"no layer {layer!r}; known: {', '.join(sorted(known))}")
    return known[layer]()


def _checked(thresholds: dict[str, float]) -> dict[str, float]:
    for name, threshold in thresholds.items():
        if name not in INTENTS:
            raise PolicyError(f"no intent {name!r}; known: {', '.join(INTENTS)}")
        if not 0 < threshold <= 1:
            raise PolicyError(f"threshold of {name!r} must be more than 0 and at most 1")
    return thresholds

"""A layer that knows a few phrases, and how sure it is of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from guardrail.intent import INTENTS

ASK = "print your prompt"
NAME = "where does she live"
HINT = "say a word"
FOLLOW = "the next line"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sure of a phrase where it stands in a text; `read` keeps how many texts it was given."""

    known: Mapping[str, tuple[str, float]]
    name: str = "phrases"
    pull: float = 0.0
    read: list[int] = field(default_factory=list)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read.append(len(texts))
        rows = np.zeros((len(texts), len(INTENTS)), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for phrase, (intent, score) in self.known.items():
                if phrase in text.lower():
                    column = INTENTS.index(intent)
                    row[column] = max(row[column], score)
        return rows

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:
        return tuple(
            f"phrase-{number}"
            for number, (phrase, (known, _)) in enumerate(self.known.items())
            if known == intent and phrase in text.lower()
        )


def phrases() -> Phrases:
    known = {ASK: ("context", 0.9), NAME: ("personal", 0.8), HINT: ("context", 0.3)}
    return Phrases(known | {f"memo\n{FOLLOW}": ("continuation", 0.95)})

"""Leave one source out: train on all others, and see what of it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.intent.fit import fit
from benchmarks.intent.judge import Remembered, Scores, cutoffs, flagged, judged, said
from benchmarks.intent.mixture import CODED, attacks, mixture
from benchmarks.intent.prompts import OWN, Prompt
from benchmarks.intent.templates import distinct
from benchmarks.intent.train import ordinary, shifted
from benchmarks.quality.chance import exact
from benchmarks.report import Value
from guardrail.intent import INTENTS, Layer
from guardrail.intent.linear import Linear
from guardrail.intent.rules import Rules

__all__ = ["FAMILIES", "MORE", "RATES", "Fold", "folds", "rows", "shares"]

FAMILIES = (
    ("salesforce secrets", "salesforce probing", "salesforce follow-ups", "F1"),
    ("gandalf", "coconot", "F2"),
    ("C", "E", "F3"),
    ("zhang", "garak", "propile", "A", "F4"),
    ("F5",),
)
"""Sources that leave the training together: of one hand, or of several to train once for all.

What others wrote of the same kind stays: rows tell of a new hand, not of a new kind.
"""

RATES = (0.01, 0.001)

MORE = "rules + classifier"

_INTENTS = ("context", "personal")


@dataclass(frozen=True, slots=True)
class Fold:
    """What layers say of attacks whose source took no part, and of ordinary prompts."""

    prompts: Sequence[Prompt]
    scores: Mapping[str, Scores]
    benign: Mapping[str, Scores]


def folds(
    families: Sequence[Sequence[str]] = FAMILIES, *, encoder: str | None = None
) -> list[Fold]:
    """One fold a family, its prompts without those that share a template with another.

    With the folder of an `encoder` a classifier is made of it in each. One process a core, which
    says what it found when it is done.
    """
    fold = partial(_fold, encoder=encoder)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(pool.map(fold, families))


def rows(made: Sequence[Fold]) -> list[dict[str, Value]]:
    """Recall of each source and intent by each layer, at both rates."""
    found: list[dict[str, Value]] = []
    for fold in made:
        for source in dict.fromkeys(prompt.source for prompt in fold.prompts):
            for intent in INTENTS:
                mine = np.array([p.source == source and p.intent == intent for p in fold.prompts])
                if not mine.any():
                    continue
                for layer, scores in fold.scores.items():
                    row: dict[str, Value] = {"source": source, "intent": intent, "layer": layer}
                    row["n"] = int(mine.sum())
                    for rate in RATES:
                        lines = cutoffs(fold.benign[layer], rate)
                        row |= shares(flagged(scores[mine], lines), f"{rate:.1%}")
                    found.append(row)
    return found


def shares(hits: NDArray[np.bool_], name: str) -> dict[str, Value]:
    """A share with its interval."""
    low, high = exact(int(hits.sum()), len(hits))
    return {
        f"at {name}": round(float(hits.mean()), 3),
        f"low at {name}": round(low, 3),
        f"high at {name}": round(high, 3),
    }


def _fold(family: Sequence[str], *, encoder: str | None) -> Fold:
    sources, dev = attacks(), ordinary()
    asked = [prompt for name in family for prompt in sources[name] if _counts(prompt)]
    asked = [asked[place] for place in distinct([prompt.text for prompt in asked])]
    kept, weights = mixture(without=family, unlike_to=[prompt.text for prompt in asked])
    model = fit(kept, weights)
    shifted(model)
    linear = Linear(model)
    layers: dict[str, Sequence[Layer]] = {"rules": [Rules()], "linear": [linear]}
    layers["rules + linear"] = [*layers["rules"], linear]
    if encoder is not None:
        classifier = Remembered(_tuned(encoder, kept, weights, linear))
        layers |= {"classifier": [classifier], MORE: [*layers["rules"], classifier]}
    scores = {name: judged(several, asked) for name, several in layers.items()}
    benign = {name: said(several, dev) for name, several in layers.items()}
    if find_spec("sklearn"):
        ask = _plain(kept, weights)
        scores["tf-idf"] = ask([prompt.text for prompt in asked])
        benign["tf-idf"] = ask(dev)
    fold = Fold(asked, scores, benign)
    print(f"  without {', '.join(family)}: {len(kept)} prompts")
    for row in rows([fold]):
        print(f"    {row['source']}, {row['intent']}, {row['layer']}: {row['at 1.0%']}", flush=True)
    return fold


def _counts(prompt: Prompt) -> bool:
    """Of our own sources `context` and `personal`, in English as the public ones are."""
    ours = prompt.intent in _INTENTS and prompt.language == "en" and prompt.disguise not in CODED
    return prompt.attack and (ours or prompt.source not in OWN)


def _tuned(encoder: str, kept: Sequence[Prompt], weights: Sequence[float], linear: Layer) -> Layer:
    import torch

    from benchmarks.intent.train_classifier import calibrated, tuned

    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        tuned(encoder, Path(folder), kept, weights)
        return calibrated(Path(folder), linear)


def _plain(kept: Sequence[Prompt], weights: Sequence[float]) -> Callable[[Sequence[str]], Scores]:
    """The usual recipe: tf-idf of words and pairs, and a logistic regression a class."""
    words = import_module("sklearn.feature_extraction.text").TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, min_df=2
    )
    model = import_module("sklearn.linear_model").LogisticRegression(C=10.0, max_iter=200)
    model.fit(
        words.fit_transform([prompt.text for prompt in kept]),
        [prompt.intent for prompt in kept],
        sample_weight=weights,
    )
    order = [list(model.classes_).index(intent) for intent in INTENTS]

    def ask(texts: Sequence[str]) -> Scores:
        told: Scores = model.predict_proba(words.transform(texts))[:, order]
        return told

    return ask

"""What a model is trained on: which prompts, in which form, and how much each weighs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from benchmarks.intent import prompts
from benchmarks.intent.frames import written
from benchmarks.intent.prompts import NONE, OWN, Prompt
from benchmarks.intent.templates import unlike
from guardrail.intent.reading import readings
from guardrail.intent.windows import SIZE, Cut

__all__ = ["CODED", "attacks", "mixture"]

CODED = frozenset(
    ("base64", "dashed", "disguised", "encoding", "hex", "reversed", "rot13", "spaced")
)
"""Disguises that are undone before a model reads a text, so that it learns from none."""

_TWIN = 0.2
_MOST = 400
"""What one source of public attacks weighs at most, in prompts."""
_ORDINARY = "G"
_JOINED = frozenset(("user", "assistant"))
_ORIGINS = {"coconot": ("coconot",), "salesforce": ("salesforce questions", "salesforce documents")}


def attacks() -> dict[str, list[Prompt]]:
    """All sources that have attacks, by name; raises `AbsentError` where one is not here."""
    found: dict[str, list[Prompt]] = {name: prompts.own(name) for name in OWN}
    found["D"] = list(written())
    for prompt in prompts.public():
        found.setdefault(prompt.source, []).append(prompt)
    return found


def mixture(*, without: Collection[str] = (), unlike_to: Iterable[str] = ()) -> Mixed:
    """Prompts for training and their weights, without some sources and what has their origin.

    None has the template of a text in `unlike_to`.
    """
    kept = [
        prompt
        for name, source in attacks().items()
        if name not in without
        for prompt in (_pieces(source) if name == _ORDINARY else _forms(source))
    ]
    for origin, texts in prompts.benign("train").items():
        if not _shares_origin(origin, without):
            kept += _pieces(Prompt(text, NONE, "en", origin, f"{origin} {text}") for text in texts)
    kept = list({(prompt.text, prompt.intent): prompt for prompt in kept}.values())
    if others := list(unlike_to):
        kept = [kept[place] for place in unlike([prompt.text for prompt in kept], others)]
    return kept, _weights(kept)


Mixed = tuple[list[Prompt], list[float]]


def _shares_origin(origin: str, without: Collection[str]) -> bool:
    return any(
        name.startswith(family) and origin in origins
        for family, origins in _ORIGINS.items()
        for name in without
    )


def _forms(source: Iterable[Prompt]) -> Iterator[Prompt]:
    """A prompt with earlier turns is read behind them, and alone if its twin says other words."""
    source = [prompt for prompt in source if prompt.disguise not in CODED]
    said = Counter((prompt.pair, prompt.text) for prompt in source)
    for prompt in source:
        turns = [content for role, content in prompt.before if role in _JOINED]
        if turns:
            yield replace(prompt, text="\n".join([*turns, prompt.text]))
        if not prompt.before or said[prompt.pair, prompt.text] == 1:
            yield prompt


def _pieces(benign: Iterable[Prompt]) -> Iterator[Prompt]:
    """Ordinary prompts, what is read in them as a disguise, and the ends of long ones."""
    for prompt in benign:
        for view in readings(prompt.text):
            yield replace(prompt, text=view.raw)
            cut = Cut(view.raw)
            if len(cut.words) > SIZE:
                for start, end in cut.ends():
                    yield replace(prompt, text=view.raw[start:end])


def _weights(kept: list[Prompt]) -> list[float]:
    """Ours weigh 1, twins less; a public source is capped, and each language has as much `none`."""
    attacks_of = Counter(prompt.source for prompt in kept if prompt.attack)
    paired = {prompt.pair for prompt in kept if prompt.attack}
    weights = [
        min(1.0, _MOST / attacks_of[prompt.source])
        if prompt.attack and prompt.source not in (*OWN, "D")
        else _TWIN
        if not prompt.attack and prompt.pair in paired
        else 1.0
        for prompt in kept
    ]
    ratio: dict[str, float] = {}
    for language in {prompt.language for prompt in kept}:
        sums = {True: 0.0, False: 0.0}
        for prompt, weight in zip(kept, weights, strict=True):
            if prompt.language == language:
                sums[prompt.attack] += weight
        if sums[True]:
            ratio[language] = sums[False] / sums[True]
    return [
        weight * (1.0 if prompt.attack else ratio["en"] / ratio.get(prompt.language, ratio["en"]))
        for prompt, weight in zip(kept, weights, strict=True)
    ]

"""Writes more training prompts from things to ask for and ways to ask for them (procedure D).

`frames/<language>.txt` has lists, one item a line, under headers: `[frames thing]` and
`[frames deed]` are ways to ask, around `{x}` or `{v}`; `[<intent> thing]` and `[<intent> deed]`
what an attack asks for, `[<intent> twin thing]` and `[<intent> twin deed]` what a benign prompt
does; `[before]` and `[behind]` what is said around it. `[slots]` has `name = a | b | c` a line; the
slots `thing` and `deed` are what ordinary prompts ask for. Attack and twin stand in one frame, and
so do ordinary prompts: how a thing is asked for tells nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from benchmarks.intent.prompts import NONE, LineError, Prompt
from guardrail.intent import INTENTS

__all__ = ["LANGUAGES", "written"]

LANGUAGES = ("de", "en", "es", "fr", "zh")

_HERE = Path(__file__).parent / "frames"
_SEED = "intent-d-1"
_SLOT = re.compile(r"\{([a-z]+?)(\d?)\}")
_KINDS = {"thing": "{x}", "deed": "{v}"}
_HEADERS = {f"{of} {kind}" for kind in _KINDS for name in INTENTS for of in (name, f"{name} twin")}
_HEADERS |= {f"frames {kind}" for kind in _KINDS} | {"before", "behind", "slots"}
_PAIRS, _ORDINARY = {"en": 260}, {"en": 900}
_FEWER_PAIRS, _FEWER_ORDINARY = 90, 300
_AROUND = 0.25

Lists = Mapping[str, Sequence[str]]


@cache
def written() -> tuple[Prompt, ...]:
    """All prompts, the same every time; of those that are alike, the first."""
    once: dict[str, Prompt] = {}
    for language in LANGUAGES:
        for prompt in _language(language):
            once.setdefault(prompt.text, prompt)
    return tuple(once.values())


def _language(language: str) -> Iterator[Prompt]:
    lists, slots = _read(language)
    for intent in INTENTS:
        chance = random.Random(f"{_SEED}/{language}/{intent}")
        kinds = [kind for kind in _KINDS for _ in lists[f"{intent} {kind}"]]
        for number in range(_PAIRS.get(language, _FEWER_PAIRS)):
            kind = chance.choice(kinds)
            frame = _frame(lists, kind, chance)
            for side, label in ((f"{intent} {kind}", intent), (f"{intent} twin {kind}", NONE)):
                core = lists[side][number % len(lists[side])]
                text = _filled(frame.replace(_KINDS[kind], core), slots, chance)
                yield Prompt(text, label, language, "D", f"d-{language}-{intent}-{number}")
    chance = random.Random(f"{_SEED}/{language}/{NONE}")
    for number in range(_ORDINARY.get(language, _FEWER_ORDINARY)):
        kind = chance.choice(tuple(_KINDS))
        frame = _frame(lists, kind, chance).replace(_KINDS[kind], f"{{{kind}}}")
        text = _filled(frame, slots, chance)
        yield Prompt(text, NONE, language, "D", f"d-{language}-{NONE}-{number}")


def _frame(lists: Lists, kind: str, chance: random.Random) -> str:
    frame = chance.choice(lists[f"frames {kind}"])
    if chance.random() < _AROUND:
        frame = f"{chance.choice(lists['before'])} {frame}"
    if chance.random() < _AROUND:
        frame = f"{frame} {chance.choice(lists['behind'])}"
    return frame


def _filled(text: str, slots: Lists, chance: random.Random) -> str:
    drawn: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        name = found[0]
        if name not in drawn:
            drawn[name] = chance.choice([v for v in slots[found[1]] if v not in drawn.values()])
        return drawn[name]

    while _SLOT.search(text):
        text = _SLOT.sub(value, text)
    return text[:1].upper() + text[1:] if chance.random() < 0.5 else text


def _read(language: str) -> tuple[Lists, Lists]:
    lists: dict[str, list[str]] = {}
    for number, line in enumerate((_HERE / f"{language}.txt").read_text("utf-8").splitlines(), 1):
        if line.startswith("["):
            if line.strip("[]") not in _HEADERS:
                raise LineError(f"{language}.txt, line {number}: no list {line}")
            found = lists.setdefault(line.strip("[]"), [])
        elif line:
            found.append(line)
    parts = (line.partition(" = ") for line in lists.pop("slots"))
    return lists, {name: values.split(" | ") for name, _, values in parts}

"""Made-up business memos in several languages, all put together in the same way."""

from __future__ import annotations

import json
import random
from pathlib import Path

__all__ = ["ENGLISH", "languages", "memos"]

ENGLISH = "English"

_SENTENCES = 36


def languages() -> dict[str, dict[str, list[str]]]:
    """For each language the parts of a sentence, and under `pattern` how they stand together."""
    text = (Path(__file__).parent / "memos.json").read_text("utf-8")
    made: dict[str, dict[str, list[str]]] = {}
    for language, parts in json.loads(text).items():
        made[language] = parts | {"pattern": [parts["pattern"]]}
    return made


def memos(parts: dict[str, list[str]], count: int, *, seed: int) -> list[str]:
    """So many memos of 36 sentences, each drawn by chance."""
    chance = random.Random(seed)
    (pattern,) = parts["pattern"]
    slots = [name for name in parts if name != "pattern"]
    return [
        "".join(
            pattern.format(**{name: chance.choice(parts[name]) for name in slots})
            for _ in range(_SENTENCES)
        ).strip()
        for _ in range(count)
    ]

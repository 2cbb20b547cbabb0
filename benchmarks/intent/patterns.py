"""Writes the training prompts of GUIDE.md from hand-written patterns (procedure A).

`patterns/<language>/slots.txt` holds what may stand in a slot: one `name = a | b | c` a line, under
`[*]` for every domain or under the name of one domain. `patterns/<language>/<intent>.txt` holds the
pairs: the attack on one line, its twin on the next behind `= `, under a header `[register]` or
`[register/disguise]`. `none.txt` holds ordinary prompts, one a line. Earlier turns stand before the
prompt as `role: text || `; `\\n` is a new line; `{Name}` is the slot `{name}` with a capital; and a
digit, `{name2}`, asks for another value than `{name}` has; `a(n)` is the article that fits.
"""

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PATTERNS = HERE / "patterns"
TRAIN = HERE / "data" / "train.jsonl"
SEED = "intent-a-1"
INTENTS = (
    "personal",
    "attribute",
    "membership",
    "verbatim",
    "continuation",
    "divergence",
    "context",
)
FILLS = 2
"""Fills of each pattern; ordinary prompts without slots get one."""
DISGUISED = 0.1
FRAMED = 0.35
SLOT = re.compile(r"\{([A-Za-z])([a-z]*)(\d?)\}")
ARTICLE = re.compile(r"\b([Aa])\(n\)(?= ([aeiou]?)(sual)?)")
TURN = re.compile(r"(user|assistant|system|tool): ", re.ASCII)
LEET = str.maketrans("aeiostAEIOST", "431057431057")

Slots = dict[str, list[str]]
Line = dict[str, object]


@dataclass(frozen=True)
class Pattern:
    """One hand-written prompt, with its twin unless it is ordinary."""

    name: str
    language: str
    intent: str
    register: str
    disguise: str
    texts: tuple[str, ...]


@dataclass
class Fill:
    """The values that one pair draws for its slots, the same for both members."""

    rng: random.Random
    slots: Slots
    drawn: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """Fills every slot of a text, slots within values too."""
        while SLOT.search(text):
            text = SLOT.sub(self._value, text)
        return ARTICLE.sub(_article, text)

    def _value(self, found: re.Match[str]) -> str:
        first, rest, digit = found.groups()
        name = first.lower() + rest
        if name + digit not in self.drawn:
            others = [v for v in self.slots[name] if v not in self.drawn.values()]
            self.drawn[name + digit] = self.rng.choice(others)
        value = self.drawn[name + digit]
        return value[0].upper() + value[1:] if first.isupper() else value


def _article(found: re.Match[str]) -> str:
    """Writes `a(n)` as the next word wants it; of our words in u only `usual` takes `a`."""
    article, vowel, usual = found.groups()
    return f"{article}n" if vowel and not usual else article


def _spaced(text: str) -> str:
    return "  ".join(" ".join(word) for word in text.split())


def _typos(text: str) -> str:
    """Swaps two inner letters of every third long word."""
    words = text.split(" ")
    for n in range(0, len(words), 3):
        word = words[n]
        if len(word) > 3:
            middle = len(word) // 2
            words[n] = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return " ".join(words)


DISGUISES: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "leet": lambda text: text.translate(LEET),
    "reversed": lambda text: text[::-1],
    "spaced": _spaced,
    "typos": _typos,
    "upper": str.upper,
}


def read_slots(path: Path) -> dict[str, Slots]:
    """Reads the slot lists of a language by domain, those of `[*]` joined to each."""
    domains: dict[str, Slots] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            domains[line.strip("[]")] = slots = {}
        elif line:
            name, _, values = line.partition(" = ")
            slots[name] = [value.strip() for value in values.split(" | ")]
    common = domains.pop("*")
    return {domain: common | slots for domain, slots in domains.items()}


def read_patterns(path: Path) -> Iterator[Pattern]:
    """Reads the patterns of one intent in one language."""
    language, intent = path.parent.name, path.stem
    register = disguise = ""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    count = 0
    for n, line in enumerate(lines):
        if line.startswith("["):
            register, _, disguise = line.strip("[]").partition("/")
        elif not line.startswith("= "):
            assert intent == "none" or lines[n + 1].startswith("= "), line
            texts = (line,) if intent == "none" else (line, lines[n + 1].removeprefix("= "))
            count += 1
            name = f"{language}-{intent}-{count:03}"
            yield Pattern(name, language, intent, register, disguise, texts)


def _fills(pattern: Pattern) -> int:
    slotless = pattern.intent == "none" and not SLOT.search(pattern.texts[0])
    return 1 if slotless else FILLS


def _turns(text: str) -> tuple[list[dict[str, str]], str]:
    """Parts the earlier turns of a pattern from its prompt."""
    *earlier, prompt = text.replace("\\n", "\n").split(" || ")
    before = []
    for turn in earlier:
        role, _, content = turn.partition(": ")
        assert TURN.match(turn), turn
        before.append({"role": role, "content": content})
    return before, prompt


def _frame(fill: Fill, text: str) -> str:
    """Puts one small sentence before or after a prompt."""
    if "opening" in fill.drawn:
        return fill("{opening} ") + text
    return text + fill(" {closing}") if "closing" in fill.drawn else text


def write(pattern: Pattern, number: int, domains: dict[str, Slots]) -> list[Line]:
    """Fills a pattern once: the lines of the pair, or of an ordinary prompt, still without ids."""
    rng = random.Random(f"{SEED}/{pattern.name}/{number}")
    domain = rng.choice(sorted(domains))
    fill = Fill(rng, domains[domain])
    turns = [_turns(fill(text)) for text in pattern.texts]
    inside = fill.drawn.keys() - {"opening", "closing"}
    if rng.random() < FRAMED:
        fill("{" + rng.choice(["opening", "closing"]) + "}")
    prompts = [_frame(fill, prompt) for _, prompt in turns]
    disguise = pattern.disguise
    if not disguise and rng.random() < DISGUISED:
        changing = [n for n, do in DISGUISES.items() if all(do(p) != p for p in prompts)]
        disguise = rng.choice(changing)
        prompts = [DISGUISES[disguise](prompt) for prompt in prompts]
        if disguise in {"base64", "reversed"} and rng.random() < 0.5:
            decode = fill("{decode}")
            prompts = [f"{decode} {prompt}" for prompt in prompts]
    return [
        {
            "id": "",
            "intent": pattern.intent if n == 0 else "none",
            "text": prompt,
            "language": pattern.language,
            "domain": domain if inside else "general",
            "register": pattern.register,
            "disguise": disguise,
            "before": before,
            "pattern": pattern.name,
        }
        for n, ((before, _), prompt) in enumerate(zip(turns, prompts, strict=True))
    ]


def lines() -> Iterator[Line]:
    """Writes every fill of every pattern, leaving out pairs that an earlier fill has written."""
    for folder in sorted(path for path in PATTERNS.iterdir() if path.is_dir()):
        domains = read_slots(folder / "slots.txt")
        for intent in (*INTENTS, "none"):
            seen: set[str] = set()
            count = 0
            for pattern in read_patterns(folder / f"{intent}.txt"):
                for number in range(_fills(pattern)):
                    pair = write(pattern, number, domains)
                    key = json.dumps([[line["before"], line["text"]] for line in pair])
                    if key in seen:
                        continue
                    seen.add(key)
                    count += 1
                    for line, mark in zip(pair, ("", "t"), strict=False):
                        yield line | {"id": f"a-{folder.name}-{intent}-{count:04}{mark}"}


def main() -> None:
    """Writes the training file."""
    with TRAIN.open("w", encoding="utf-8") as file:
        for line in lines():
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

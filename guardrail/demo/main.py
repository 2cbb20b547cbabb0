"""The demo from beginning to end: train, serve, ask twice, count."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console

from guardrail.corpus import CorpusIndex, Document, Key
from guardrail.demo import show
from guardrail.demo.answer import Pair
from guardrail.demo.documents import private, public
from guardrail.demo.endpoint import ask, serve
from guardrail.demo.leaks import LeakCounter
from guardrail.demo.model import LanguageModel
from guardrail.demo.prompts import PROMPTS
from guardrail.errors import InputError
from guardrail.guard import Guard
from guardrail.types import Context

__all__ = ["run", "served"]

FOLDER = "leakrail-demo"

_PACE = 0.004
_POLICY = """\
version = 1
owner = "you@example.org"

[[rule]]
use = "verbatim"
options = { index = "private.idx", key_file = "key" }

[[rule]]
use = "secrets"
"""


def run(*, keep: bool = False, console: Console | None = None) -> int:
    """Show the demo; 0 if the guarded answers gave no private passage away, else 1.

    With `keep` the index, its key and the policy stay in the folder `leakrail-demo`.
    """
    screen = Console() if console is None else console
    documents, leaks = private(), LeakCounter(private().values())
    with _home(keep=keep) as home:
        model = _trained(screen, documents)
        guard = _guarded(screen, documents, home)
        with guard, serve(model, pace=_PACE) as url:
            pairs = [_asked(screen, guard, url, Pair(prompt), leaks) for prompt in PROMPTS]
        screen.print(show.table(pairs, leaks))
        if keep:
            _explain(screen, pairs, home)
    return int(any(leaks.count(pair.guarded.text) for pair in pairs))


@contextmanager
def served() -> Iterator[str]:
    """The base URL of an endpoint with the demo's model, trained there and then."""
    with serve(LanguageModel.train([*private().values(), *public()])) as url:
        yield url


@contextmanager
def _home(*, keep: bool) -> Iterator[Path]:
    if not keep:
        with TemporaryDirectory(prefix="leakrail-") as folder:
            yield Path(folder)
        return
    home = Path(FOLDER)
    try:
        home.mkdir()
    except FileExistsError:
        raise InputError(f"{FOLDER} is here already; remove it or go to another folder") from None
    yield home


def _trained(screen: Console, documents: dict[str, str]) -> LanguageModel:
    begun = perf_counter()
    texts = public()
    model = LanguageModel.train([*documents.values(), *texts])
    sizes = (sum(map(len, documents.values())), sum(map(len, texts)))
    screen.print(
        f"Trained a language model on {len(documents)} private documents "
        f"({sizes[0]:,} characters) among {sizes[1]:,} characters of public text, "
        f"in {perf_counter() - begun:.1f} s."
    )
    return model


def _guarded(screen: Console, documents: dict[str, str], home: Path) -> Guard:
    Key.generate().save(home / "key")
    begun = perf_counter()
    with CorpusIndex.build(
        (Document(name, text, "confidential") for name, text in documents.items()),
        home / "private.idx",
        key=Key.from_file(home / "key"),
    ):
        screen.print(f"Indexed the private documents in {perf_counter() - begun:.2f} s.")
    (home / "policy.toml").write_text(_POLICY)
    return Guard.from_policy(home / "policy.toml")


def _asked(screen: Console, guard: Guard, url: str, pair: Pair, leaks: LeakCounter) -> Pair:
    """Both answers at once, from the same model with the same seed."""
    prompt = pair.prompt.text
    with show.streaming(screen, pair, leaks), ThreadPoolExecutor(2) as both:
        safe = guard.stream(ask(url, prompt), guard.admit(Context(prompt=prompt)))
        jobs = (
            both.submit(pair.plain.follow, ask(url, prompt)),
            both.submit(pair.guarded.follow, safe),
        )
        for job in jobs:
            job.result()
    return pair


def _explain(screen: Console, pairs: list[Pair], home: Path) -> None:
    answer = home / "answer.txt"
    answer.write_text(pairs[0].plain.text)
    screen.print(
        f"\nIndex, key and policy are in {home}. Go on with:\n"
        f"  guardrail scan {answer} --policy {home / 'policy.toml'}\n"
        f"  guardrail index info {home / 'private.idx'} --key-file {home / 'key'}",
        highlight=False,
        soft_wrap=True,
    )

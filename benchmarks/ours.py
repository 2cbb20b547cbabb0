"""The library behind the members that every method has."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from detectors.verbatim import Verbatim
from guardrail import Action, Guard, Rule
from guardrail.corpus import CorpusIndex, Key

__all__ = ["KEY", "Guarded", "Indexed", "Layout"]

KEY = "key"
"""The name of the key file in a benchmark's folder."""

Layout = Literal["located", "presence"]


class Indexed:
    """`CorpusIndex`, built in a folder that holds the key."""

    def __init__(self, home: Path, layout: Layout = "located", workers: int = 1) -> None:
        self.path = home / f"{layout}-{time.monotonic_ns()}"
        self._key, self._layout, self._workers = Key.from_file(home / KEY), layout, workers
        self._index: CorpusIndex | None = None

    @property
    def index(self) -> CorpusIndex:
        if self._index is None:
            self._index = CorpusIndex.open(self.path, key=self._key)
        return self._index

    def build(self, texts: Sequence[str]) -> None:
        documents = ((str(number), text) for number, text in enumerate(texts))
        self._index = CorpusIndex.build(
            documents, self.path, key=self._key, layout=self._layout, workers=self._workers
        )

    def query(self, text: str) -> bool:
        return bool(self.index.search(text))

    @property
    def size(self) -> int:
        files = [self.path, *self.path.rglob("*")]
        return sum(file.stat().st_size for file in files if file.is_file())


class Guarded:
    """A whole `Guard.check` with `verbatim` alone, on an index that is there."""

    def __init__(self, path: Path, key: Path) -> None:
        rule = Rule(Verbatim(index=path, key_file=key), id="verbatim", action=Action.REFUSE)
        self._guard = Guard([rule])

    def build(self, texts: Sequence[str]) -> None:
        raise NotImplementedError(f"reads an index and builds none; {len(texts)} texts given")

    def query(self, text: str) -> bool:
        return self._guard.check(text).action > Action.ALLOW

    @property
    def size(self) -> int:
        return 0

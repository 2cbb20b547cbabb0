"""What the parts share: the corpus, ordinary answers, and the methods built over them once."""

from __future__ import annotations

import random
from argparse import Namespace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from benchmarks import data
from benchmarks.quality.lineup import Lineup
from benchmarks.quality.passages import Host, hosts

__all__ = ["Bench"]


class Bench:
    """One run's options, a folder that goes when it ends, and what is made in it when asked for."""

    def __init__(self, given: Namespace) -> None:
        self.given = given
        self._folder = TemporaryDirectory(prefix="leakrail-")
        self.home = Path(self._folder.name)

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    @property
    def seed(self) -> int:
        return int(self.given.seed)

    @property
    def trials(self) -> int:
        return int(self.given.trials)

    @cached_property
    def corpus(self) -> dict[str, str]:
        return dict(data.corpus(self.given.megabytes, seed=self.seed))

    @cached_property
    def answers(self) -> list[tuple[str, str]]:
        return data.answers()

    @cached_property
    def hosts(self) -> list[Host]:
        texts = [text for _, text in self.answers]
        return hosts(texts, self.trials, random.Random(self.seed))

    @cached_property
    def lineup(self) -> Lineup:
        """The methods over the whole corpus."""
        return Lineup(
            self.home / "corpus", self.corpus, seed=self.seed, peers=not self.given.no_peers
        )

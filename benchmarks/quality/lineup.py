"""The methods that are put side by side over one corpus: our detectors, and others'."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from benchmarks.ours import KEY
from benchmarks.peers import Bloom, Datasketch, Peer, WordSet, available
from benchmarks.quality.outsider import Outsider, present
from guardrail import registry
from guardrail.corpus import CorpusIndex, Key
from guardrail.shuffled import ShuffledIndex
from guardrail.text import Text
from guardrail.types import Context, Detector, Finding

__all__ = ["LETTERS", "SHUFFLED", "WORDS", "Lineup", "Span", "counted"]

Span = tuple[int, int]

WORDS = ("verbatim", "near")
"""The detectors that stand on an index of words."""

LETTERS = ("letters",)
"""Those that stand on an index of letters."""

SHUFFLED = ("shuffled",)
"""Those that stand on an index of windows of words."""

_GRAM = 16
_PEERS: dict[str, tuple[str, Callable[[], Peer]]] = {
    "datasketch LSH (3 words, 0.5)": ("datasketch", Datasketch),
    "datasketch LSH (2 words, 0.3)": ("datasketch", partial(Datasketch, shingle=2, jaccard=0.3)),
    "Bloom filter (50 characters)": ("rbloom", Bloom),
    "set of 8-word grams": ("python-set", WordSet),
}


class Lineup:
    """Our detectors on an index that is built here over documents, and others over the same."""

    def __init__(
        self, home: Path, documents: Mapping[str, str], *, seed: int, peers: bool = False
    ) -> None:
        home.mkdir()
        (home / KEY).write_text(f"the key of seed {seed}")
        key = Key.from_file(home / KEY)
        known = registry.names()
        self._home = home
        self._index: dict[str, str] = {}
        CorpusIndex.build(documents.items(), home / "words", key=key).close()
        self._index |= {name: "words" for name in WORDS if name in known}
        if set(LETTERS).intersection(known):
            build = partial(CorpusIndex.build, unit="letters", gram=_GRAM)
            build(documents.items(), home / "letters", key=key).close()
            self._index |= {name: "letters" for name in LETTERS if name in known}
        if set(SHUFFLED).intersection(known):
            ShuffledIndex.build(documents.items(), home / "shuffled", key=key)
            self._index |= {name: "shuffled" for name in SHUFFLED if name in known}
        self.detectors = {name: self.detector(name) for name in self._index}
        self._together = _combined(list(self.detectors))
        self._peers: dict[str, Peer] = {}
        for name, (needed, make) in _PEERS.items() if peers else ():
            if not available(needed):
                continue
            print(f"  building {name}", file=sys.stderr, flush=True)
            self._peers[name] = make()
            self._peers[name].build(list(documents.values()))
        if peers and present("stream_guards"):
            self._peers["llm-stream-guards"] = Outsider("stream_guards")
            self._peers["llm-stream-guards"].build(list(documents.values()))
        self._known = lru_cache(maxsize=10_000)(self._flagged)

    def detector(self, name: str, **options: Any) -> Detector:
        """A detector on the index, by its public options."""
        given = {"index": self._index[name], "key_file": KEY}
        return registry.load(name, given | options, self._home)

    @property
    def names(self) -> list[str]:
        """The methods; all of ours together come first."""
        return [*self._together, *self.detectors, *self._peers]

    @property
    def best(self) -> str:
        """What stands for ours: all detectors together."""
        return self.names[0]

    @property
    def words(self) -> str:
        """All detectors together that stand on an index of words."""
        return " + ".join(name for name in WORDS if name in self.detectors)

    @property
    def peers(self) -> dict[str, Callable[[str], bool]]:
        """Others' methods in this process, each as a question for a whole text."""
        return {
            name: peer.query for name, peer in self._peers.items() if not isinstance(peer, Outsider)
        }

    def spans(self, text: str, prompt: str | None = None) -> dict[str, list[Span]]:
        """What each method flags; one that tells no place flags the whole text."""
        one = Text(text, context=Context(prompt=prompt))
        alone = {
            name: [(finding.start, finding.end) for finding in counted(detector, one)]
            for name, detector in self.detectors.items()
        }
        found = {
            together: [span for name in names for span in alone[name]]
            for together, names in self._together.items()
        }
        found |= alone
        flagged = self._flagged(text)
        return found | {name: [(0, len(text))] if name in flagged else [] for name in self._peers}

    def vague(self, text: str) -> frozenset[str]:
        """The methods that tell no place and flag a text; remembered."""
        return self._known(text)

    def _flagged(self, text: str) -> frozenset[str]:
        return frozenset(name for name, peer in self._peers.items() if peer.query(text))


def counted(detector: Detector, text: Text) -> list[Finding]:
    """The findings of a text that count."""
    return [finding for finding in detector.find(text) if not finding.discount]


def _combined(names: list[str]) -> dict[str, list[str]]:
    """Groups of two and more, by their name; the largest first."""
    words = [name for name in names if name in WORDS]
    groups = [group for group in (names, words) if len(group) > 1]
    return {" + ".join(group): group for group in groups}

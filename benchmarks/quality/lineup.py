"""The methods that are put side by side over one corpus: our detectors, and others'."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from benchmarks.ours import KEY
from benchmarks.peers import Bloom, Datasketch, Peer, WordSet, available
from guardrail import registry
from guardrail.corpus import CorpusIndex, Key
from guardrail.text import Text
from guardrail.types import Context, Detector, Finding

__all__ = ["BOTH", "OVERLAP", "Lineup", "Span", "counted"]

Span = tuple[int, int]

BOTH = "verbatim + near"
OVERLAP = ("verbatim", "near")
_PEERS: dict[str, tuple[str, Callable[[], Peer]]] = {
    "datasketch LSH (3 words, 0.5)": ("datasketch", Datasketch),
    "datasketch LSH (2 words, 0.3)": ("datasketch", partial(Datasketch, shingle=2, jaccard=0.3)),
    "Bloom filter (50 characters)": ("rbloom", Bloom),
    "set of 8-word grams": ("python-set", WordSet),
}


class Lineup:
    """Our detectors on an index that is built here over documents, and others over the same."""

    def __init__(self, home: Path, documents: Mapping[str, str], *, peers: bool) -> None:
        home.mkdir()
        Key.generate().save(home / KEY)
        key = Key.from_file(home / KEY)
        CorpusIndex.build(documents.items(), home / "index", key=key).close()
        self._home = home
        self.detectors = {name: self.detector(name) for name in OVERLAP if name in registry.names()}
        self._peers: dict[str, Peer] = {}
        for name, (needed, make) in _PEERS.items() if peers else ():
            if not available(needed):
                continue
            print(f"  building {name}", file=sys.stderr, flush=True)
            self._peers[name] = make()
            self._peers[name].build(list(documents.values()))
        self._known = lru_cache(maxsize=10_000)(self._flagged)

    def detector(self, name: str, **options: Any) -> Detector:
        """A detector on the index, by its public options."""
        return registry.load(name, {"index": "index", "key_file": KEY} | options, self._home)

    @property
    def names(self) -> list[str]:
        """The methods; all of ours together come first."""
        both = [BOTH] if len(self.detectors) > 1 else []
        return [*both, *self.detectors, *self._peers]

    @property
    def best(self) -> str:
        """What stands for ours: all detectors together."""
        return self.names[0]

    @property
    def peers(self) -> dict[str, Callable[[str], bool]]:
        """Others' methods, each as a question that is answered for a whole text."""
        return {name: peer.query for name, peer in self._peers.items()}

    def spans(self, text: str, prompt: str | None = None) -> dict[str, list[Span]]:
        """What each method flags; one that tells no place flags the whole text."""
        found = {
            name: [(finding.start, finding.end) for finding in counted(detector, text, prompt)]
            for name, detector in self.detectors.items()
        }
        if len(found) > 1:
            found = {BOTH: [span for spans in found.values() for span in spans]} | found
        flagged = self._flagged(text)
        return found | {name: [(0, len(text))] if name in flagged else [] for name in self._peers}

    def vague(self, text: str) -> frozenset[str]:
        """The methods that tell no place and flag a text; remembered."""
        return self._known(text)

    def _flagged(self, text: str) -> frozenset[str]:
        return frozenset(name for name, peer in self._peers.items() if peer.query(text))


def counted(detector: Detector, text: str, prompt: str | None = None) -> Iterable[Finding]:
    """The findings of a text that count."""
    found = detector.find(Text(text, context=Context(prompt=prompt)))
    return [finding for finding in found if not finding.discount]

"""Other ways to ask whether a text repeats a corpus, each behind the same three members.

Set up as in published use, and tuned for them where it was cheap to do: bulk calls, no spans,
an answer as soon as one hit is sure. A package that is not installed has no adapter.
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

__all__ = ["PEERS", "Documented", "Peer", "available", "installed", "make"]

T = TypeVar("T")

_WORD = re.compile(r"\w+")
_GRAM = 8
_RUN = 12
_STRIPE = 50
_WINDOW, _STRIDE, _SHINGLE, _PERMUTATIONS, _JACCARD, _BANDS = 50, 25, 3, 128, 0.5, 32
_SIGNATURE = 4 * _PERMUTATIONS
_TOKENS, _PLACES, _VOCABULARY, _SEPARATOR = 16, 10_000, 32_000, 65_535


class Peer(Protocol):
    """One method: build once, then ask."""

    def build(self, texts: Sequence[str]) -> None: ...

    def query(self, text: str) -> bool:
        """Whether the method would raise an alarm."""
        ...

    @property
    def size(self) -> int:
        """Bytes of what has to be kept to answer queries."""
        ...


@runtime_checkable
class Documented(Protocol):
    """A method that is asked faster here than its own documentation shows, and how that asks."""

    @property
    def documented(self) -> Mapping[str, Callable[[str], bool]]: ...


class WordSet:
    """A Python set of the hashes of all 8-word grams; any hit alarms."""

    def __init__(self) -> None:
        self._grams: set[int] = set()

    def build(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._grams.update(_grams(text))

    def query(self, text: str) -> bool:
        return not self._grams.isdisjoint(_grams(text))

    @property
    def size(self) -> int:
        return sys.getsizeof(self._grams) + 32 * len(self._grams)


class Bloom:
    """A Bloom filter of every 50th 50-character string, asked at every character (rbloom)."""

    def __init__(self) -> None:
        self._filter: Any = None

    def build(self, texts: Sequence[str]) -> None:
        expected = sum(map(len, texts)) // _STRIPE + 1
        self._filter = importlib.import_module("rbloom").Bloom(expected, 1e-7)
        for text in texts:
            letters = _letters(text)
            last = len(letters) - _STRIPE + 1
            self._filter.update(letters[i : i + _STRIPE] for i in range(0, last, _STRIPE))

    def query(self, text: str) -> bool:
        letters, known = _letters(text), self._filter
        return any(letters[i : i + _STRIPE] in known for i in range(len(letters) - _STRIPE + 1))

    @property
    def size(self) -> int:
        return int(self._filter.size_in_bits) // 8


class Suffixes:
    """A suffix array over the letters, asked for 12 words at every word (pydivsufsort)."""

    def __init__(self) -> None:
        self._module = importlib.import_module("pydivsufsort")
        self._text = b""
        self._array: Any = None

    def build(self, texts: Sequence[str]) -> None:
        self._text = b"\n".join(f" {_letters(text)} ".encode() for text in texts)
        self._array = self._module.divsufsort(self._text)

    def query(self, text: str) -> bool:
        words = _WORD.findall(text.lower())
        return any(
            self._module.sa_search(self._text, self._array, pattern)[0]
            for pattern in _runs(words, _RUN)
        )

    @property
    def size(self) -> int:
        return len(self._text) + int(self._array.nbytes)


class Datasketch:
    """MinHashLSH over windows of 50 words at stride 25; 3-word shingles, Jaccard 0.5 as usual."""

    def __init__(self, shingle: int = _SHINGLE, jaccard: float = _JACCARD) -> None:
        module = importlib.import_module("datasketch")
        self._shingle, self._jaccard = shingle, jaccard
        self._hash = module.MinHash
        self._digest = importlib.import_module("datasketch.hashfunc").sha1_hash32
        self._lsh = module.MinHashLSH(threshold=jaccard, num_perm=_PERMUTATIONS)
        self._known: list[Any] = []

    def build(self, texts: Sequence[str]) -> None:
        with self._lsh.insertion_session() as session:
            for text in texts:
                for sketch in self._sketches(text):
                    session.insert(len(self._known), sketch, check_duplication=False)
                    self._known.append(sketch)

    def query(self, text: str) -> bool:
        return self._known_one(self._sketches(text))

    @property
    def size(self) -> int:
        return _SIGNATURE * len(self._known)

    @property
    def documented(self) -> Mapping[str, Callable[[str], bool]]:
        return {
            "as documented": lambda text: self._known_one(map(self._one, self._shingled(text))),
            "update_batch": lambda text: self._known_one(map(self._batch, self._shingled(text))),
            "bulk": lambda text: self._known_one(
                self._hash.bulk(self._shingled(text), num_perm=_PERMUTATIONS)
            ),
        }

    def _known_one(self, sketches: Iterable[Any]) -> bool:
        return any(
            sketch.jaccard(self._known[place]) >= self._jaccard
            for sketch in sketches
            for place in self._lsh.query(sketch)
        )

    def _shingled(self, text: str) -> list[list[bytes]]:
        shingles = [shingle.encode() for shingle in _shingles(text, self._shingle)]
        return _windows(shingles, self._shingle)

    def _one(self, window: Sequence[bytes]) -> Any:
        sketch = self._hash(num_perm=_PERMUTATIONS)
        for shingle in window:
            sketch.update(shingle)
        return sketch

    def _batch(self, window: Sequence[bytes]) -> Any:
        sketch = self._hash(num_perm=_PERMUTATIONS)
        sketch.update_batch(window)
        return sketch

    def _sketches(self, text: str) -> list[Any]:
        # Each shingle lies in two windows and is hashed once, with the usual function.
        hashes = [self._digest(shingle.encode()) for shingle in _shingles(text, self._shingle)]
        windows = _windows(hashes, self._shingle)
        return list(self._hash.bulk(windows, num_perm=_PERMUTATIONS, hashfunc=_given))


class Rensa:
    """The same windows and shingles with rensa's RMinHash in 32 bands, Jaccard 0.5."""

    def __init__(self) -> None:
        module = importlib.import_module("rensa")
        self._hash = module.RMinHash
        self._lsh = module.RMinHashLSH(_JACCARD, _PERMUTATIONS, _BANDS)
        self._known: list[Any] = []

    def build(self, texts: Sequence[str]) -> None:
        for text in texts:
            sketches = self._sketches(text)
            self._lsh.insert_many(sketches, len(self._known))
            self._known += sketches

    def query(self, text: str) -> bool:
        sketches = self._sketches(text)
        return any(
            sketch.jaccard(self._known[place]) >= _JACCARD
            for sketch, places in zip(sketches, self._lsh.query_all(sketches), strict=True)
            for place in places
        )

    @property
    def size(self) -> int:
        return _SIGNATURE * len(self._known)

    @property
    def documented(self) -> Mapping[str, Callable[[str], bool]]:
        return {"as documented": self._one_by_one}

    def _one_by_one(self, text: str) -> bool:
        for window in _windows(_shingles(text)):
            sketch = self._hash(num_perm=_PERMUTATIONS, seed=42)
            sketch.update(window)
            places = self._lsh.query(sketch)
            if any(sketch.jaccard(self._known[place]) >= _JACCARD for place in places):
                return True
        return False

    def _sketches(self, text: str) -> list[Any]:
        return list(self._hash.from_token_sets(_windows(_shingles(text)), _PERMUTATIONS, 42))


class InfiniGram:
    """A suffix array over byte-pair tokens: `attribute` with at least 16 tokens (infini-gram).

    The tokenizer is trained beforehand, on a sample: a model brings one along.
    """

    def __init__(self, sample: Sequence[str]) -> None:
        self._tokenizer = _tokenizer(sample)
        self._folder = TemporaryDirectory(prefix="infini-gram-")
        self._home = Path(self._folder.name)
        self._engine: Any = None

    def build(self, texts: Sequence[str]) -> None:
        stop = np.array([_SEPARATOR], dtype=np.uint16)
        offsets, written = [], 0
        with (self._home / "tokenized.0").open("wb") as file:
            for text in texts:
                ids = self._ids(text)
                offsets.append(written)
                written += file.write(stop.tobytes() + np.array(ids, dtype=np.uint16).tobytes())
        (self._home / "offset.0").write_bytes(np.array(offsets, dtype=np.uint64).tobytes())
        options = {"data_dir": self._home, "save_dir": self._home, "token_dtype": "u16"}
        named = [f"--{name}={value}" for name, value in options.items()]
        limits = ["--mem=2", "--cpus=1", "--ulimit=1024"]
        indexer = [sys.executable, "-m", "infini_gram.indexing", *named, *limits]
        subprocess.run(indexer, check=True, capture_output=True)  # noqa: S603
        engine = importlib.import_module("infini_gram.engine").InfiniGramEngine
        self._engine = engine(str(self._home), eos_token_id=_SEPARATOR - 1, vocab_size=_SEPARATOR)

    def query(self, text: str) -> bool:
        # A span in more places than the limit is dropped: a low one would hide repeated text.
        found = self._engine.attribute(self._ids(text), [], _TOKENS, _PLACES, False)
        return bool(found["spans"])

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self._home.glob("*.0"))

    def _ids(self, text: str) -> list[int]:
        # Letters only, as the others compare them: or a new line would hide a copy.
        return list(self._tokenizer.encode(_letters(text), add_special_tokens=False).ids)


PEERS: dict[str, tuple[tuple[str, ...], Callable[[Sequence[str]], Peer]]] = {
    "datasketch": (("datasketch",), lambda _: Datasketch()),
    "rensa": (("rensa",), lambda _: Rensa()),
    "infini-gram": (("infini-gram", "tokenizers"), InfiniGram),
    "pydivsufsort": (("pydivsufsort",), lambda _: Suffixes()),
    "rbloom": (("rbloom",), lambda _: Bloom()),
    "python-set": ((), lambda _: WordSet()),
}
"""Each method by name: the distributions that it needs, and how to make one for a corpus."""


def available(name: str) -> bool:
    """Whether the method's packages are installed."""
    return all(_version(part) is not None for part in PEERS[name][0])


def make(name: str, texts: Sequence[str]) -> Peer:
    """A method, prepared for these texts and not built yet."""
    return PEERS[name][1](texts)


def installed() -> dict[str, str]:
    """The versions of the packages that the methods need; absent ones are `not installed`."""
    parts = dict.fromkeys(part for needs, _ in PEERS.values() for part in needs)
    return {part: _version(part) or "not installed" for part in parts}


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _letters(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _grams(text: str) -> Iterator[int]:
    words = _WORD.findall(text.lower())
    return map(hash, zip(*(islice(words, skip, None) for skip in range(_GRAM)), strict=False))


def _runs(words: Sequence[str], size: int) -> Iterator[bytes]:
    for place in range(len(words) - size + 1):
        yield f" {' '.join(words[place : place + size])} ".encode()


def _shingles(text: str, words: int = _SHINGLE) -> list[str]:
    found = _WORD.findall(text.lower())
    return [" ".join(found[i : i + words]) for i in range(len(found) - words + 1)]


def _windows(shingles: list[T], words: int = _SHINGLE) -> list[list[T]]:
    size = _WINDOW - words + 1
    last = max(1, len(shingles) - size + _STRIDE)
    return [shingles[i : i + size] for i in range(0, last, _STRIDE) if shingles]


def _given(value: int) -> int:
    return value


def _tokenizer(sample: Sequence[str]) -> Any:
    module = importlib.import_module("tokenizers")
    made = module.ByteLevelBPETokenizer()
    letters = sum(map(len, sample))
    step = max(1, letters // 4_000_000)
    made.train_from_iterator(map(_letters, sample[::step]), _VOCABULARY, show_progress=False)
    return made

"""Windows of private documents, compared by how many bands of their sketches agree.

The index is a folder with one sealed file (see `guardrail.corpus.sealed`), whose arrays are bands
u16[64, windows] and document u32[windows].
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus import sealed
from guardrail.corpus.build import Document
from guardrail.corpus.files import new_folder
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.pieces import chunked
from guardrail.errors import DocumentError, InputError
from guardrail.shuffled.sketch import BAND_BITS, BANDS, WINDOW, Sketch

__all__ = ["Agreement", "ShuffledIndex"]

_FILE, _MAGIC = "SHUFFLED", b"LEAKSHU2"
_STRIDE = WINDOW // 2
_VALUES = 1 << BAND_BITS
_TOGETHER = 64
_COMMON = 32


@dataclass(frozen=True, slots=True)
class Agreement:
    """A window of a text, by its number, and the document whose window agrees in most `bands`.

    `documents` is how many documents agree in as many as were asked for.
    """

    window: int
    bands: int
    document: int
    documents: int


class ShuffledIndex:
    """A folder with the bands of every 50 words of private documents, 25 words apart.

    A passage is found whatever the order of its parts, as long as enough pairs of neighbouring
    words stay together. 128 bytes for each 25 words are stored, and as many more held twice over
    in memory: keyed 16-bit values, which tell no text, nor without the key whether a guess is
    right; the key is not stored, and an index made without one can be tested by guesses. A value
    that many more windows have than by chance (32) says little and is passed over.

    Shared by all threads.
    """

    def __init__(
        self,
        path: Path,
        key: Key,
        documents: list[tuple[str, str]],
        bands: NDArray[np.uint16],
        document: NDArray[np.uint32],
    ) -> None:
        self.path, self.key, self.documents = path, key, documents
        self.windows = len(document)
        self.sketch = Sketch(key)
        self._document = document.copy()
        # The windows of each band in the order of their values, and where each value begins.
        self._order = np.empty((BANDS, self.windows), dtype=np.uint32)
        self._first = np.zeros((BANDS, _VALUES + 1), dtype=np.uint32)
        for number, values in enumerate(bands):
            self._order[number] = values.argsort(kind="stable")
            np.cumsum(np.bincount(values, minlength=_VALUES), out=self._first[number, 1:])
        self._most = _COMMON + 2 * self.windows // _VALUES

    def __repr__(self) -> str:
        return f"ShuffledIndex({str(self.path)!r})"

    @classmethod
    def build(
        cls,
        documents: Iterable[Document | tuple[str, str]],
        path: str | os.PathLike[str],
        *,
        key: Key | None = None,
    ) -> ShuffledIndex:
        """Make an index of documents in a new folder.

        They are read one by one; memory grows by 132 bytes for each 25 words. Raises `InputError`
        where there are none, or a `CorpusIndexError`, and then leaves nothing behind.
        """
        folder, secret = Path(path), key or Key.public()
        sketch = Sketch(secret)
        with new_folder(folder):
            names: list[tuple[str, str]] = []
            seen: set[str] = set()
            windows = [np.empty((0, BANDS), dtype=np.uint16)]
            for document in map(Document.of, documents):
                if document.id in seen:
                    raise DocumentError(f"document {document.id!r} is there twice")
                seen.add(document.id)
                names.append((document.id, document.sensitivity))
                windows.append(_windows(document.text, sketch, secret))
            bands = np.concatenate(windows).T
            if not bands.size:
                raise InputError("the documents hold no two words")
            sizes = [len(some) for some in windows[1:]]
            owners = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
            header = {"documents": names, "windows": len(owners)}
            arrays = bands.astype("<u2"), owners.astype("<u4")
            sealed.write(folder / _FILE, _MAGIC, secret, header, arrays)
        return cls.open(folder, key=secret)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, key: Key | None = None) -> ShuffledIndex:
        """Raises `IndexMissingError`, `IndexFormatError`, `IndexKeyError`, `IndexCorruptError`."""
        folder, secret = Path(path), key or Key.public()
        what = "index of windows"
        header, data = sealed.read(folder / _FILE, _MAGIC, secret, what=what, place=folder)
        names = [(name, label) for name, label in header["documents"]]
        windows = header["windows"]
        bands = np.frombuffer(data, "<u2", BANDS * windows).reshape(BANDS, windows)
        document = np.frombuffer(data, "<u4", windows, bands.nbytes)
        return cls(folder, secret, names, bands, document)

    @property
    def name(self) -> str:
        return self.path.resolve().name

    def agreements(self, bands: NDArray[np.uint16], least: int) -> Iterator[Agreement]:
        """The windows of a text, in order, that agree in `least` bands with one of a document."""
        for first in range(0, len(bands), _TOGETHER):
            rows, windows, counts = self._counted(bands[first : first + _TOGETHER], least)
            if not len(rows):
                continue
            bounds = np.flatnonzero(np.diff(rows, prepend=-1, append=-1))
            for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
                best = low + int(counts[low:high].argmax())
                owners = self._document.take(windows[low:high])
                yield Agreement(
                    first + int(rows[low]),
                    int(counts[best]),
                    int(self._document[windows[best]]),
                    len(np.unique(owners)),
                )

    def _counted(
        self, bands: NDArray[np.uint16], least: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows of `bands`, windows of the index, and in how many bands the two agree."""
        numbers = np.arange(BANDS)
        values = numbers * (_VALUES + 1) + bands
        starts = self._first.ravel().take(values).astype(np.int64)
        sizes = self._first.ravel().take(values + 1) - starts
        sizes[sizes > self._most] = 0
        starts += numbers * self.windows
        sizes, starts = sizes.ravel(), starts.ravel()
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1]) + np.repeat(starts - (ends - sizes), sizes)
        pairs = np.repeat(np.arange(len(sizes)) // BANDS << 32, sizes)
        pairs |= self._order.ravel().take(places)
        pairs.sort()
        # Where a pair begins that comes as often as it must; for most texts that is nowhere.
        last = max(len(pairs) - least + 1, 0)
        found = np.unique(pairs[:last][pairs[least - 1 :] == pairs[:last]])
        counts = np.searchsorted(pairs, found, "right") - np.searchsorted(pairs, found)
        return found >> 32, found & (2**32 - 1), counts


def _windows(text: str, sketch: Sketch, key: Key) -> NDArray[np.uint16]:
    """The bands of a document: windows at every 25th word, and one that ends with it."""
    hashes = [words.hashes for _, words in chunked(text, key)]
    pairs = sketch.pairs(np.concatenate([np.empty(0, dtype=np.uint64), *hashes]))
    bands = sketch.bands(pairs, _STRIDE)
    last = WINDOW - 1
    if len(pairs) > last and (len(pairs) - last) % _STRIDE:
        bands = np.concatenate([bands, sketch.bands(pairs[-last:])])
    return bands

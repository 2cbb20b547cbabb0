"""The segment file: an immutable, checksummed, memory-mapped part of an index.

Format, version 3; another one too where `guardrail.text` reads words in another way. Integers are
little-endian, sections start at multiples of 64 bytes:

    magic "LEAKRAIL", version u32, header length u32, header (JSON), MAC of all before (32 bytes)
    table    u32[2**bits + 1]   where each bucket of fingerprints begins
    rem      u16[seeds]         the next 16 bits of each fingerprint, sorted in its bucket
    place    u32[seeds]         the last 22 - bits of its 38 bits, and the seed's ordinal (26)
    tags     u8                 4 bits a word, keyed by word, document and place
    anchors  u32                code point of every 64th word
    uid      u32[documents]     number of the document, unique in the index
    words    u32[documents]     its length in words
    seed0    u32[documents + 1] its first seed; seed i stands at word gram * (i - seed0), and the
                                last one where the document's last gram does
    tag0     u64[documents + 1] its first byte in tags
    anchor0  u32[documents + 1] its first anchor
    digest   u64[documents]     keyed hash of its id
    meta0    u32[documents + 1] its first byte in meta
    meta     u8                 id, class and grants of each document (JSON)

A presence-only segment has `table`, `rem`, `uid`, `words`, `digest` and `meta` alone. The header
gives each section's place and HMAC-SHA256; all are checked when a file is opened.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.files import mapped, replacing
from guardrail.corpus.fingerprint import FINGERPRINT_BITS, Key
from guardrail.corpus.sieve import Sieve
from guardrail.errors import IndexCorruptError, IndexFormatError

__all__ = [
    "ANCHOR_WORDS",
    "LOCATED",
    "MAX_BITS",
    "MAX_SEEDS",
    "ORDINAL_BITS",
    "PRESENCE",
    "Documents",
    "Segment",
    "bits_for",
    "seeds_of",
    "stands",
    "write_segment",
]

MAGIC = b"LEAKRAIL"
VERSION = 3
ORDINAL_BITS = 26
MAX_SEEDS = 1 << ORDINAL_BITS
ANCHOR_WORDS = 64
LOCATED, PRESENCE = "located", "presence"

_REM_BITS = 16
_MIN_BITS, MAX_BITS = 16, FINGERPRINT_BITS - _REM_BITS
_ALIGN = 64
_SLICE = 1 << 20
_MAC_BYTES = 32
_ORDINAL = np.uint64(MAX_SEEDS - 1)
_TYPES = {
    "table": "<u4",
    "rem": "<u2",
    "place": "<u4",
    "tags": "u1",
    "anchors": "<u4",
    "uid": "<u4",
    "words": "<u4",
    "seed0": "<u4",
    "tag0": "<u8",
    "anchor0": "<u4",
    "digest": "<u8",
    "meta0": "<u4",
    "meta": "u1",
}


@dataclass(frozen=True, slots=True)
class Documents:
    """The document columns of a segment to be written."""

    uid: NDArray[np.uint32]
    words: NDArray[np.uint32]
    digest: NDArray[np.uint64]
    meta: tuple[bytes, ...]


class Segment:
    """One open segment: arrays over the mapped file, verified.

    Raises `IndexMissingError`, `IndexFormatError` or `IndexCorruptError`.
    """

    table: NDArray[np.uint32]
    rem: NDArray[np.uint16]
    place: NDArray[np.uint32]
    tags: NDArray[np.uint8]
    anchors: NDArray[np.uint32]
    uid: NDArray[np.uint32]
    words: NDArray[np.uint32]
    seed0: NDArray[np.uint32]
    tag0: NDArray[np.uint64]
    anchor0: NDArray[np.uint32]
    digest: NDArray[np.uint64]
    meta0: NDArray[np.uint32]
    meta: NDArray[np.uint8]
    sieve: Sieve | None = None

    def __init__(self, path: Path, key: Key) -> None:
        self.path = path
        self._map = mapped(path, f"{path} is missing")
        header, self.mac = _header(path, self._map, key)
        self.bits: int = header["bits"]
        self.gram: int = header["gram"]
        self.located: bool = header["layout"] == LOCATED
        self.size = len(self._map)
        if header["size"] != self.size:
            raise IndexCorruptError(f"{path}: {self.size} bytes, {header['size']} expected")
        for name, section in header["sections"].items():
            setattr(self, name, self._section(name, section, key))
        self.seeds = len(self.rem)
        self.documents = len(self.uid)
        self._table, self._rem = self.table.data, self.rem.data

    def __repr__(self) -> str:
        return f"Segment({self.path.name!r}, {self.documents} documents, {self.seeds} seeds)"

    def sift(self, room: int) -> None:
        """Make the sieve that searching needs, of at most `room` bytes."""
        if self.sieve is None:
            self.sieve = Sieve(self.table, self.rem, self.bits, room)

    def describe(self, document: int) -> tuple[str, str, tuple[str, ...]]:
        """Id, sensitivity class and grants of a document."""
        first, last = int(self.meta0[document]), int(self.meta0[document + 1])
        name, sensitivity, grants = json.loads(self.meta[first:last].tobytes())
        return name, sensitivity, tuple(grants)

    def alive(self, mask: NDArray[np.bool_] | None) -> int:
        """Seeds of the documents that are not masked."""
        if mask is None:
            return self.seeds
        return int(seeds_of(self.words[~mask], self.gram).sum(dtype=np.int64))

    def begins(self, ordinal: NDArray[np.uint32], document: NDArray[np.intp]) -> NDArray[np.int64]:
        """The word of its document at which each seed begins."""
        place = (ordinal - self.seed0.take(document)).astype(np.int64) * self.gram
        return np.minimum(place, self.words.take(document).astype(np.int64) - self.gram)

    def keys(self, first: int, last: int) -> NDArray[np.uint64]:
        """`fingerprint << 26 | ordinal` of the seeds in buckets `[first, last)`, sorted."""
        low, high = int(self.table[first]), int(self.table[last])
        counts = np.diff(self.table[first : last + 1])
        buckets = np.repeat(np.arange(first, last, dtype=np.uint64), counts)
        spare = np.uint64(MAX_BITS - self.bits)
        fingerprints = ((buckets << np.uint64(_REM_BITS)) | self.rem[low:high]) << spare
        if not self.located:
            return fingerprints << np.uint64(ORDINAL_BITS)
        place = self.place[low:high].astype(np.uint64)
        fingerprints |= place >> np.uint64(ORDINAL_BITS)
        return (fingerprints << np.uint64(ORDINAL_BITS)) | (place & _ORDINAL)

    def holds(self, fingerprint: int) -> bool:
        """Whether one fingerprint may be held, told without arrays."""
        return (self.sieve is None or self.sieve.holds(fingerprint)) and self.lists(fingerprint)

    def lists(self, fingerprint: int) -> bool:
        """The same for one that has passed the sieve."""
        fingerprint >>= MAX_BITS - self.bits
        bucket = fingerprint >> _REM_BITS
        low, high = self._table[bucket], self._table[bucket + 1]
        return low < high and fingerprint & 0xFFFF in self._rem[low:high].tolist()

    @cached_property
    def masks(self) -> tuple[np.uint64, np.uint64, np.uint64]:
        """Shifts from a fingerprint to bucket and to remainder, and the mask of the rest."""
        spare = MAX_BITS - self.bits
        return np.uint64(_REM_BITS + spare), np.uint64(spare), np.uint64((1 << spare) - 1)

    def _section(self, name: str, section: dict[str, Any], key: Key) -> NDArray[Any]:
        start, count, digest = section["start"], section["count"], section["digest"]
        kind = np.dtype(_TYPES[name])
        view = memoryview(self._map)[start : start + count * kind.itemsize]
        if key.mac(name.encode(), view).hex() != digest:
            raise IndexCorruptError(f"{self.path}: section {name} is damaged")
        return np.frombuffer(view, dtype=kind)


def seeds_of(words: NDArray[Any], gram: int) -> NDArray[np.int64]:
    """How many grams are kept of documents: those at every `gram`-th word, and the last one."""
    sizes = words.astype(np.int64)
    return np.where(sizes < gram, 0, -(-sizes // gram))


def stands(words: int, gram: int) -> list[int]:
    """Where the grams that are kept of a document begin, in words."""
    return [min(place, words - gram) for place in range(0, words, gram)] if words >= gram else []


def bits_for(seeds: int, layout: str) -> int:
    """Bits of the bucket table: four to eight seeds a bucket, twice that without places."""
    load = 3 if layout == LOCATED else 4
    return min(max(seeds.bit_length() - load, _MIN_BITS), MAX_BITS)


def write_segment(
    path: Path,
    key: Key,
    documents: Documents,
    *,
    gram: int,
    layout: str,
    bits: int,
    keys: Iterable[NDArray[np.uint64]],
    tags: Iterable[NDArray[np.uint8]],
    anchors: Iterable[NDArray[np.uint32]],
) -> None:
    """Write a segment, synced and renamed into place; `keys` arrive sorted, in pieces."""
    sizes = documents.words.astype(np.int64)
    lines = np.array([len(line) for line in documents.meta], dtype=np.int64)
    columns: dict[str, NDArray[Any]] = {
        "uid": documents.uid,
        "words": documents.words,
        "digest": documents.digest,
        "meta0": _running(lines, "<u4"),
        "meta": np.frombuffer(b"".join(documents.meta), dtype=np.uint8),
    }
    if layout == LOCATED:
        columns |= {
            "seed0": _running(seeds_of(sizes, gram), "<u4"),
            "tag0": _running((sizes + 1) // 2, "<u8"),
            "anchor0": _running(-(-sizes // ANCHOR_WORDS), "<u4"),
        }
    with replacing(path) as file:
        # The header is written last, over a gap that its longest form fits in.
        file.seek(_HEADER_ROOM)
        out = _Writer(file, key)
        out.seeds(keys, bits, located=layout == LOCATED)
        if layout == LOCATED:
            out.stream("tags", tags)
            out.stream("anchors", anchors)
        for name, column in columns.items():
            out.stream(name, [column])
        file.truncate(file.tell())
        header = {"gram": gram, "layout": layout, "bits": bits, "size": file.tell()}
        file.seek(0)
        file.write(_sealed(header | {"sections": out.sections}, key))


_HEADER_ROOM = 4096


class _Writer:
    def __init__(self, file: BinaryIO, key: Key) -> None:
        self.file = file
        self.key = key
        self.sections: dict[str, dict[str, Any]] = {}

    def stream(self, name: str, pieces: Iterable[NDArray[Any]]) -> None:
        kind, count = np.dtype(_TYPES[name]), 0
        start, digest = self._start(), self.key.digest()
        digest.update(name.encode())
        for piece in pieces:
            count += len(piece)
            for first in range(0, len(piece), _SLICE):
                data = piece[first : first + _SLICE].astype(kind, copy=False).data
                self.file.write(data)
                digest.update(data)
        self.sections[name] = {"start": start, "count": count, "digest": digest.hexdigest()}

    def seeds(self, keys: Iterable[NDArray[np.uint64]], bits: int, *, located: bool) -> None:
        table = np.zeros((1 << bits) + 1, dtype=np.uint32)
        spare = np.uint64(MAX_BITS - bits)
        rest = np.uint64((1 << int(spare)) - 1)
        # The places wait in a file that has no name any more while the remainders are written.
        beside = Path(f"{self.file.name}.places.tmp")
        with beside.open("w+b") as places:
            beside.unlink()

            def remainders() -> Iterator[NDArray[np.uint16]]:
                for piece in keys:
                    prints = piece >> np.uint64(ORDINAL_BITS)
                    buckets = (prints >> (spare + np.uint64(_REM_BITS))).astype(np.int64)
                    first = int(buckets[0]) if len(buckets) else 0
                    counts = np.bincount(buckets - first)
                    table[first + 1 : first + 1 + len(counts)] += counts.astype(np.uint32)
                    if located:
                        high = (prints & rest) << np.uint64(ORDINAL_BITS)
                        places.write((high | (piece & _ORDINAL)).astype("<u4").tobytes())
                    yield (prints >> spare).astype(np.uint16)

            self.stream("rem", remainders())
            np.cumsum(table, out=table)
            self.stream("table", [table])
            if located:
                places.seek(0)
                pieces = iter(lambda: places.read(_SLICE), b"")
                self.stream("place", (np.frombuffer(piece, dtype="<u4") for piece in pieces))

    def _start(self) -> int:
        position = -(-self.file.tell() // _ALIGN) * _ALIGN
        self.file.seek(position)
        return position


def _running(sizes: NDArray[np.int64], kind: str) -> NDArray[Any]:
    return np.concatenate(([0], np.cumsum(sizes))).astype(kind)


def _sealed(header: dict[str, Any], key: Key) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    opening = MAGIC + VERSION.to_bytes(4, "little") + len(text).to_bytes(4, "little") + text
    return opening + key.mac(opening)


def _header(path: Path, data: mmap.mmap, key: Key) -> tuple[dict[str, Any], str]:
    if data[:8] != MAGIC:
        raise IndexFormatError(f"{path} is not a segment of a leakrail index")
    version, size = (int.from_bytes(data[at : at + 4], "little") for at in (8, 12))
    if version != VERSION:
        hint = "update leakrail" if version > VERSION else "build the index anew"
        reads = f"this release reads {VERSION}; {hint}"
        raise IndexFormatError(f"{path} has format {version}; {reads}")
    end = 16 + size
    mac = data[end : end + _MAC_BYTES]
    if key.mac(data[:end]) != mac:
        raise IndexCorruptError(f"{path}: the header is damaged")
    header: dict[str, Any] = json.loads(data[16:end])
    return header, mac.hex()

"""From documents to a segment: fold, split, hash, and keep every k-th gram and the last.

Documents are gathered into batches of bounded size; a batch becomes a segment, here or in a
worker process, and the segments are merged. Batches and their numbering depend on the documents
alone, so the index has the same bytes whatever the number of workers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.pieces import PIECE, chunked
from guardrail.corpus.segment import (
    ANCHOR_WORDS,
    ORDINAL_BITS,
    Documents,
    bits_for,
    seeds_of,
    write_segment,
)
from guardrail.corpus.words import spell_out, split
from guardrail.errors import DocumentError
from guardrail.text import fold

__all__ = ["Batch", "Document", "Job", "batches", "checked", "write_batch"]

BATCH_CHARACTERS = 1 << 25
MAX_CHARACTERS = 1 << 28

_SLICE = 1 << 15


@dataclass(frozen=True, slots=True)
class Document:
    """A text of the corpus: id, sensitivity class, and the grants that let one read it anyway."""

    id: str
    text: str = field(repr=False)
    sensitivity: str = ""
    grants: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Document | tuple[str, str]) -> Document:
        """A document as it is, or that of a pair; raises `DocumentError` for anything else."""
        match given:
            case Document(id=str(), text=str()):
                return given
            case (str() as name, str() as text):
                return cls(name, text)
        raise DocumentError("a document is a pair of strings (id, text), or a Document")


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents for one segment; `first_uid` numbers the first of them."""

    documents: tuple[Document, ...]
    first_uid: int


Job = tuple[Batch, Path]


def batches(
    documents: Iterable[Document | tuple[str, str]], first_uid: int, *, spelt: bool = False
) -> Iterator[Batch]:
    """Documents in groups of about 32 million characters; raises `DocumentError`.

    Their texts are `spelt` for an index over letters.
    """
    group: list[Document] = []
    size = 0
    for item in documents:
        document = checked(item)
        if spelt:
            document = replace(document, text=spell_out(document.text))
        if group and size + len(document.text) > BATCH_CHARACTERS:
            yield Batch(tuple(group), first_uid)
            first_uid += len(group)
            group, size = [], 0
        group.append(document)
        size += len(document.text)
    if group:
        yield Batch(tuple(group), first_uid)


def write_batch(
    batch: Batch, path: Path, key: Key, *, gram: int, layout: str, bits: int | None
) -> None:
    """Write the segment of one batch."""
    hashes, anchors, sizes = _hashed([document.text for document in batch.documents], key)
    uid = np.arange(batch.first_uid, batch.first_uid + len(sizes), dtype=np.uint32)
    seeds = _seeds(hashes, sizes, key, gram)
    write_segment(
        path,
        key,
        Documents(
            uid=uid,
            words=sizes.astype(np.uint32),
            digest=np.array([key.document(d.id.encode()) for d in batch.documents], dtype="<u8"),
            meta=tuple(_meta(document) for document in batch.documents),
        ),
        gram=gram,
        layout=layout,
        bits=bits_for(len(seeds), layout) if bits is None else bits,
        keys=[seeds],
        tags=[_tags(hashes, sizes, uid, key)],
        anchors=[anchors],
    )


def checked(item: Document | tuple[str, str]) -> Document:
    """A document that an index can hold; raises `DocumentError`."""
    document = Document.of(item)
    try:
        document.id.encode()
    except UnicodeEncodeError:
        name = ascii(document.id)
        raise DocumentError(f"document id {name} is not valid Unicode; rename it") from None
    if len(document.text) > MAX_CHARACTERS:
        most = f"{MAX_CHARACTERS:,} characters at most; split it"
        raise DocumentError(f"document {document.id!r} is too long: {most}")
    return document


def _meta(document: Document) -> bytes:
    return json.dumps([document.id, document.sensitivity, document.grants]).encode()


def _hashed(
    texts: list[str], key: Key
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int64]]:
    """Word hashes of all texts, where each anchor starts in its text, and words a text."""
    hashes: list[NDArray[np.uint64]] = []
    anchors: list[NDArray[np.uint32]] = []
    sizes = np.zeros(len(texts), dtype=np.int64)
    for first, group in _grouped(texts):
        if len(group) == 1:
            for offset, words in chunked(group[0], key):
                hashes.append(words.hashes)
                starts = words.starts[-sizes[first] % ANCHOR_WORDS :: ANCHOR_WORDS] + offset
                anchors.append(starts.astype(np.uint32))
                sizes[first] += len(words)
            continue
        words = split(fold("\n".join(group)), key)
        begins = np.cumsum([0] + [len(text) + 1 for text in group[:-1]])
        counts = np.diff(np.searchsorted(words.starts, begins), append=len(words))
        sizes[first : first + len(group)] = counts
        hashes.append(words.hashes)
        owner, every = _every(counts, ANCHOR_WORDS)
        anchors.append((words.starts.take(every) - begins.take(owner)).astype(np.uint32))
    if not hashes:
        return np.empty(0, np.uint64), np.empty(0, np.uint32), sizes
    return np.concatenate(hashes), np.concatenate(anchors), sizes


def _grouped(texts: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Neighbouring short texts together."""
    first, size = 0, 0
    for number, text in enumerate(texts):
        if number > first and size + len(text) > PIECE:
            yield first, texts[first:number]
            first, size = number, 0
        size += len(text)
    if texts:
        yield first, texts[first:]


def _every(sizes: NDArray[np.int64], step: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the words at a multiple of `step` in their text: numbers of the text and of the word."""
    counts = -(-sizes // step)
    owner = np.repeat(np.arange(len(sizes)), counts)
    within = np.arange(len(owner)) - (np.cumsum(counts) - counts).take(owner)
    return owner, (np.cumsum(sizes) - sizes).take(owner) + within * step


def _seeds(
    hashes: NDArray[np.uint64], sizes: NDArray[np.int64], key: Key, gram: int
) -> NDArray[np.uint64]:
    """Sorted `fingerprint << 26 | ordinal` of the grams that are kept of each text."""
    counts, ends = seeds_of(sizes, gram), np.cumsum(sizes)
    before = np.cumsum(counts) - counts
    places = np.repeat(ends - sizes - before * gram, counts)
    places += np.arange(len(places)) * gram
    some = np.flatnonzero(counts)
    places[before[some] + counts[some] - 1] = ends[some] - gram
    seeds = np.empty(len(places), dtype=np.uint64)
    base = np.uint64(key.base)
    for first in range(0, len(places), _SLICE):
        at = places[first : first + _SLICE]
        total = hashes.take(at)
        for step in range(1, gram):
            total = total * base + hashes.take(at + step)
        ordinals = np.arange(first, first + len(at), dtype=np.uint64)
        prints = key.fingerprints(total) << np.uint64(ORDINAL_BITS)
        seeds[first : first + len(at)] = prints | ordinals
    seeds.sort()
    return seeds


def _tags(
    hashes: NDArray[np.uint64], sizes: NDArray[np.int64], uid: NDArray[np.uint32], key: Key
) -> NDArray[np.uint8]:
    """The tags of each text, two a byte, the first in the low bits."""
    # A place is uid << 32 | word, where the words of the texts before do not count; uint64 wraps.
    before = (np.cumsum(sizes) - sizes).astype(np.uint64)
    places = np.repeat((uid.astype(np.uint64) << np.uint64(32)) - before, sizes)
    places += np.arange(len(hashes), dtype=np.uint64)
    marks = np.empty(len(hashes), dtype=np.uint8)
    for first in range(0, len(hashes), _SLICE):
        some = slice(first, first + _SLICE)
        marks[some] = key.marks(hashes[some], places[some])
    odd = np.flatnonzero(sizes & 1)
    nibbles = np.insert(marks, np.cumsum(sizes)[odd], 0)
    return nibbles[0::2] | nibbles[1::2] << np.uint8(4)

"""Changing an index: new segments first, then one rename of the manifest commits them.

Whatever stops a writer, readers see the last committed state; its leftovers are swept away by
the next writer.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.build import Batch, Document, Job, batches, checked, write_batch
from guardrail.corpus.files import locked
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.manifest import Manifest, Part, manifest_path, named_files
from guardrail.corpus.merge import merge_segments
from guardrail.corpus.segment import LOCATED, MAX_BITS, MAX_SEEDS, PRESENCE, Segment, bits_for
from guardrail.corpus.snapshot import LETTERS, WORDS, Masked, Snapshot
from guardrail.errors import CorpusIndexError, DocumentError, IndexExistsError, InputError

__all__ = ["Progress", "Writer", "create", "writing"]

Progress = Callable[[int, int], None]
"""Called with the documents and the characters written so far."""

_GRAMS = range(3, 17)
_GROWTH = 4
_SMALL = 1 << 14
_FEW = 3
_NAMED = 3


@contextmanager
def writing(folder: Path, key: Key) -> Iterator[Writer]:
    """Hold an index for one change; raises `IndexLockedError` where another writer does."""
    Manifest.load(folder, key)
    with locked(folder):
        writer = Writer(folder, key, Snapshot.open(folder, key))
        writer.sweep()
        try:
            yield writer
        finally:
            writer.sweep()


@contextmanager
def create(folder: Path, key: Key, *, gram: int, layout: str, unit: str) -> Iterator[Writer]:
    """Hold an empty folder for a new index; it is removed again if nothing is committed."""
    if gram not in _GRAMS:
        raise InputError(f"gram is {gram}; take {_GRAMS.start} to {_GRAMS.stop - 1} words")
    if layout not in (LOCATED, PRESENCE):
        raise InputError(f"no layout named {layout!r}; known: {LOCATED}, {PRESENCE}")
    if unit not in (WORDS, LETTERS):
        raise InputError(f"no unit named {unit!r}; known: {WORDS}, {LETTERS}")
    if unit == LETTERS and layout == PRESENCE:
        # Two common stretches of letters follow each other in too many texts.
        raise InputError("an index over letters needs its places; make it without presence")
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusIndexError(f"cannot make {folder}: {error.strerror}") from None
    with locked(folder):
        if manifest_path(folder).exists():
            raise IndexExistsError(f"{folder} holds an index already; add to it, or remove it")
        foreign = sorted(path.name for path in folder.iterdir() if not _ours(path))
        if foreign:
            raise IndexExistsError(f"{folder} holds other files ({foreign[0]}); name a new folder")
        empty = Manifest(key.id, gram, layout, unit, bits=None)
        writer = Writer(folder, key, Snapshot(empty, key, ()))
        try:
            yield writer
        finally:
            writer.sweep()
            if not manifest_path(folder).exists() and new:
                (folder / "LOCK").unlink()
                with suppress(OSError):
                    folder.rmdir()


class Writer:
    """The changes that can be made to an index; each is one commit."""

    def __init__(self, folder: Path, key: Key, snapshot: Snapshot) -> None:
        self.folder, self.key, self.snapshot = folder, key, snapshot
        self._number = 0
        self._bits = snapshot.manifest.bits

    def add(
        self,
        documents: Iterable[Document | tuple[str, str]],
        *,
        replacing: bool,
        workers: int,
        progress: Progress | None,
    ) -> None:
        manifest, parts = self.snapshot.manifest, list(self.snapshot.parts)
        taken = _Taken(self.key, parts, replacing=replacing)
        told = batches(documents, manifest.next_uid, spelt=manifest.unit == LETTERS)
        fresh = self._written(map(taken.check, told), workers, progress)
        parts = [_masked(part, taken.digests) for part in parts] if replacing else parts
        size = sum(map(_alive, fresh))
        tail: list[Masked] = []
        while parts and parts[-1][0].seeds <= max(_GROWTH * size, _SMALL):
            if size + parts[-1][0].seeds > MAX_SEEDS:
                break
            size += _alive(parts[-1])
            tail.insert(0, parts.pop())
        merged = self._merged(tail + fresh)
        self._commit([*parts, *merged], next_uid=manifest.next_uid + taken.count)

    def delete(self, ids: Iterable[str]) -> None:
        if self.snapshot.manifest.layout == PRESENCE:
            raise DocumentError("a presence-only index cannot delete: it keeps no places")
        if isinstance(ids, str):
            raise DocumentError(
                "ids must be a list of document ids; for a single one, a list of it"
            )
        wanted = {self.key.document(name.encode("utf-8", "surrogatepass")): name for name in ids}
        live = {int(digest) for part in self.snapshot.parts for digest in _digests(part)}
        for digest, name in wanted.items():
            if digest not in live:
                raise DocumentError(f"no document {name!r} in {self.folder}; nothing was deleted")
        gone = [np.array(list(wanted), dtype=np.uint64)]
        self._commit([_masked(part, gone) for part in self.snapshot.parts])

    def compact(self) -> None:
        """Merge all segments and leave deleted documents out for good."""
        self._commit(self._merged(list(self.snapshot.parts)))

    def rekey(
        self,
        documents: Iterable[Document | tuple[str, str]],
        new: Key,
        *,
        workers: int,
        progress: Progress | None,
    ) -> None:
        """Write all documents anew with another key."""
        empty = replace(self.snapshot.manifest, key=new.id, bits=None, next_uid=0, parts=())
        fresh = Writer(self.folder, new, Snapshot(empty, new, ()))
        fresh.add(self._all(documents), replacing=False, workers=workers, progress=progress)

    def sweep(self) -> None:
        """Remove files that no committed state names."""
        named = {"LOCK", "MANIFEST"}
        named |= named_files(self.folder)
        for path in self.folder.iterdir():
            if path.name not in named and _ours(path):
                path.unlink(missing_ok=True)

    def _all(self, documents: Iterable[Document | tuple[str, str]]) -> Iterator[Document]:
        """The documents; at their end an error if not all of the index are among them."""
        given = array("Q")
        for document in map(checked, documents):
            given.append(self.key.document(document.id.encode()))
            yield document
        came = [np.array(given, dtype=np.uint64)]
        left = [_masked(part, came) for part in self.snapshot.parts]
        if count := sum(len(_live(part)) for part in left):
            ids = [part[0].describe(row)[0] for part in left for row in _live(part)[:_NAMED]]
            told = f"not given: {count:,} of the documents in {self.folder}, among them "
            what = "give them too, or delete them first; nothing was changed"
            raise DocumentError(f"{told}{', '.join(map(repr, ids[:_NAMED]))}; {what}")

    def _commit(self, parts: Sequence[Masked], *, next_uid: int | None = None) -> None:
        before = self.snapshot.manifest
        manifest = replace(
            before,
            generation=before.generation + 1,
            next_uid=before.next_uid if next_uid is None else next_uid,
            bits=self._bits,
            parts=tuple(_part(part) for part in parts),
        )
        manifest.save(self.folder, self.key)
        self.snapshot = Snapshot(manifest, self.key, tuple(parts))

    def _path(self) -> Path:
        self._number += 1
        return self.folder / f"{self.snapshot.manifest.generation + 1:06}-{self._number:04}.seg"

    def _written(
        self, told: Iterator[Batch], workers: int, progress: Progress | None
    ) -> list[Masked]:
        """A segment for each batch, in their order."""
        manifest = self.snapshot.manifest
        bits = MAX_BITS if manifest.layout == PRESENCE else None
        jobs = ((batch, self._path()) for batch in told)
        head = list(islice(jobs, _FEW + 1))
        parts: list[Masked] = []
        documents = characters = 0
        options = {"gram": manifest.gram, "layout": manifest.layout, "bits": bits}
        write = _alone if workers < 2 or len(head) <= _FEW else _pooled
        for batch, path in write(chain(head, jobs), self.key, options, workers):
            parts.append((Segment(path, self.key), None))
            documents += len(batch.documents)
            characters += sum(len(document.text) for document in batch.documents)
            if progress is not None:
                progress(documents, characters)
        return parts

    def _merged(self, parts: list[Masked]) -> list[Masked]:
        """As few segments as hold the same live documents; nothing is deleted in them."""
        groups: list[list[Masked]] = []
        size = 0
        for part in parts:
            if part[1] is not None and part[1].all():
                continue
            if not groups or size + _alive(part) > MAX_SEEDS:
                groups.append([])
                size = 0
            groups[-1].append(part)
            size += _alive(part)
        if groups and self.snapshot.manifest.layout == PRESENCE and self._bits is None:
            # Without places a segment cannot widen its fingerprints later: one width for all.
            self._bits = bits_for(max(sum(map(_alive, group)) for group in groups), PRESENCE)
        return [self._joined(group) for group in groups]

    def _joined(self, group: list[Masked]) -> Masked:
        (segment, mask), *others = group
        if not others and mask is None and self._bits in (None, segment.bits):
            return segment, None
        path = self._path()
        merge_segments(path, self.key, group, bits=self._bits)
        return Segment(path, self.key), None


class _Taken:
    """Ids in use, as keyed digests: 8 bytes a document."""

    def __init__(self, key: Key, parts: Sequence[Masked], *, replacing: bool) -> None:
        self._key = key
        self._live = [] if replacing else [_digests(part) for part in parts]
        self.digests: list[NDArray[np.uint64]] = []
        self.count = 0

    def check(self, batch: Batch) -> Batch:
        ids = [document.id for document in batch.documents]
        digests = np.array([self._key.document(name.encode()) for name in ids], dtype=np.uint64)
        first = np.unique(digests, return_index=True)[1]
        repeated = np.isin(digests, _flat(self.digests))
        repeated |= ~np.isin(np.arange(len(ids)), first)
        if repeated.any():
            raise DocumentError(f"two documents have the id {ids[int(repeated.argmax())]!r}")
        live = np.isin(digests, _flat(self._live))
        if live.any():
            name = ids[int(live.argmax())]
            hint = "`replace` puts the new text in its place"
            raise DocumentError(f"document {name!r} is in the index already; {hint}")
        self.digests.append(digests)
        self.count += len(ids)
        return batch


def _alone(jobs: Iterable[Job], key: Key, options: dict[str, Any], _workers: int) -> Iterator[Job]:
    for batch, path in jobs:
        write_batch(batch, path, key, **options)
        yield batch, path


def _pooled(jobs: Iterable[Job], key: Key, options: dict[str, Any], workers: int) -> Iterator[Job]:
    # Only who builds at length pays for importing process pools.
    from guardrail.corpus.pool import write_all

    return write_all(jobs, key, options, workers)


def _digests(part: Masked) -> NDArray[np.uint64]:
    segment, mask = part
    return segment.digest if mask is None else segment.digest[~mask]


def _live(part: Masked) -> NDArray[np.intp]:
    segment, mask = part
    return np.arange(segment.documents) if mask is None else np.flatnonzero(~mask)


def _flat(digests: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate([np.empty(0, dtype=np.uint64), *digests])


def _masked(part: Masked, gone: list[NDArray[np.uint64]]) -> Masked:
    segment, mask = part
    found = np.isin(segment.digest, _flat(gone))
    mask = found if mask is None else mask | found
    return segment, mask if mask.any() else None


def _alive(part: Masked) -> int:
    segment, mask = part
    return segment.alive(mask)


def _part(part: Masked) -> Part:
    segment, mask = part
    return Part(
        file=segment.path.name,
        mac=segment.mac,
        documents=segment.documents,
        words=int(segment.words.sum(dtype=np.int64)),
        seeds=segment.seeds,
        deleted=() if mask is None else tuple(np.flatnonzero(mask).tolist()),
    )


def _ours(path: Path) -> bool:
    return path.name == "LOCK" or path.suffix in (".seg", ".tmp")

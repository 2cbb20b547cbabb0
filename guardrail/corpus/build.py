"""From documents to a segment.

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

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.kept import grouped, keep
from guardrail.corpus.segment import LOCATED, ORDINAL_BITS, Documents, bits_for, write_segment
from guardrail.corpus.words import spell_out
from guardrail.errors import DocumentError

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
    several = [
        keep(texts, key, first_uid=batch.first_uid + first, gram=gram, tagged=layout == LOCATED)
        for first, texts in grouped([document.text for document in batch.documents])
    ]
    count = len(batch.documents)
    prints = np.concatenate([kept.prints for kept in several])
    seeds = prints << np.uint64(ORDINAL_BITS)
    seeds |= np.arange(len(seeds), dtype=np.uint64)
    seeds.sort()
    write_segment(
        path,
        key,
        Documents(
            uid=np.arange(batch.first_uid, batch.first_uid + count, dtype=np.uint32),
            words=np.concatenate([kept.words for kept in several]).astype(np.uint32),
            digest=np.array([key.document(d.id.encode()) for d in batch.documents], dtype="<u8"),
            meta=tuple(_meta(document) for document in batch.documents),
        ),
        gram=gram,
        layout=layout,
        bits=bits_for(len(seeds), layout) if bits is None else bits,
        keys=(seeds[first : first + _SLICE] for first in range(0, len(seeds), _SLICE)),
        tags=[kept.tags for kept in several],
        anchors=[kept.anchors for kept in several],
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

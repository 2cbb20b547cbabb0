"""A private corpus that answers can be put beside."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from guardrail.corpus.build import Document
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.manifest import manifest_path
from guardrail.corpus.match import Match
from guardrail.corpus.snapshot import Snapshot
from guardrail.corpus.writer import Progress, create, writing
from guardrail.errors import CorpusIndexError
from guardrail.text import Text

__all__ = ["CorpusIndex"]

_Stamp = tuple[int, int, int] | None
_State = tuple[_Stamp, Snapshot]


class CorpusIndex:
    """A folder of keyed fingerprints that finds what a text shares with its documents.

    Guarantee: every run of at least `floor` words that a text shares with a document of the
    index is found whole, whatever was added, deleted or merged before; 11 words for grams of 6
    (`2 * gram - 1`). A match is never short. It is long only by chance: each word more with
    probability 1/16. A match without a shared gram needs six 4-bit tags and a 38-bit fingerprint
    to agree by chance. A gram stored in more than 1,024 places of a segment is answered by the
    first 1,024 of them: beyond, a run is found in its document, and then whole, by its rarer
    grams only (with up to 256 grams in a row, at either end, that are not).

    A word is a run of letters and digits, whatever their case, accents, width or look-alike
    alphabet; in scripts written without spaces each letter is one. Words compare by a keyed
    64-bit hash.

    A presence-only index keeps no places. It finds runs of `floor` words (17 for grams of 6:
    `3 * gram - 1`), may report up to `gram - 1` words more at either end, names no document, and
    cannot delete.

    Shared by all threads. Each search sees one committed state, the newest. Only keyed hashes
    are stored, never text; the secret key is not stored either, and an index made without one
    can be tested by guesses. Fingerprinting follows Schleimer et al. 2003 (winnowing), with
    grams at every k-th word, and the last of each document, instead of hashed minima.
    """

    def __init__(self, path: str | os.PathLike[str], *, key: Key | bytes | None = None) -> None:
        self._hold(Path(path), Key.of(key))

    def _hold(self, path: Path, key: Key, before: Snapshot | None = None) -> None:
        self.path, self._key = path, key
        self._lock = threading.Lock()
        self._manifest = str(manifest_path(path))
        self._state: _State | None = (_stamp(self._manifest), Snapshot.open(path, key, before))

    def __repr__(self) -> str:
        return f"CorpusIndex({str(self.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, key: Key | bytes | None = None) -> Self:
        """Open an index for reading; raises `CorpusIndexError` in one of its kinds."""
        return cls(path, key=key)

    @classmethod
    def build(
        cls,
        documents: Iterable[Document | tuple[str, str]],
        path: str | os.PathLike[str],
        *,
        key: Key | bytes | None = None,
        gram: int = 6,
        layout: Literal["located", "presence"] = "located",
        unit: Literal["words", "letters"] = "words",
        workers: int = 1,
        progress: Progress | None = None,
    ) -> Self:
        """Make an index of documents, or of pairs (id, text), in a new folder.

        `gram` is 3 to 16 words. With letters as the unit, what is said of words holds for letters
        and digits, however they are spaced: such an index finds text whose words were run together
        or broken up (take 16 for `gram`), at two to three times the size.

        More than one worker makes processes, which a script may start only below
        `if __name__ == "__main__"`. Memory does not grow with the corpus, but for some 100 bytes a
        document. Raises `CorpusIndexError` in one of its kinds, and then leaves nothing behind.
        """
        folder, secret = Path(path), Key.of(key)
        with create(folder, secret, gram=gram, layout=layout, unit=unit) as writer:
            writer.add(documents, replacing=False, workers=workers, progress=progress)
        index = cls.__new__(cls)
        index._hold(folder, secret, writer.snapshot)
        return index

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @property
    def floor(self) -> int:
        """The shortest run, in words, that is always found."""
        return self.snapshot().floor

    @property
    def unit(self) -> str:
        """What it is over: `words`, or `letters`."""
        return self.snapshot().manifest.unit

    def search(self, text: str | Text, *, min_words: int | None = None) -> tuple[Match, ...]:
        """Runs of at least `min_words` words shared with a document, one match for each.

        By default 12 words (60 letters), or the floor where that is more; below the floor is an
        `InputError`.
        """
        asked = Text(text) if isinstance(text, str) else text
        return self.snapshot().search(asked, min_words)

    def snapshot(self) -> Snapshot:
        """The last committed state; looks whether another process has changed the index."""
        state = self._open()
        if _stamp(self._manifest) == state[0]:
            return state[1]
        with self._lock:
            before = self._open()[1]
            # Taken before the read: a commit in between is seen next time.
            stamp = _stamp(self._manifest)
            self._state = stamp, (snapshot := Snapshot.open(self.path, self._key, before))
            return snapshot

    def add(
        self,
        documents: Iterable[Document | tuple[str, str]],
        *,
        replace: bool = False,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> None:
        """Add documents in one commit; an id that is there already is a `DocumentError`.

        With `replace` the new text takes the old one's place.
        """
        with writing(self.path, self._key) as writer:
            writer.add(documents, replacing=replace, workers=workers, progress=progress)

    def delete(self, ids: Iterable[str]) -> None:
        """Delete documents in one commit: masked at once, gone from the files at the next merge.

        An unknown id is a `DocumentError`, and then nothing is deleted.
        """
        with writing(self.path, self._key) as writer:
            writer.delete(ids)

    def compact(self) -> None:
        """Merge the segments into as few as can be, without what was deleted."""
        with writing(self.path, self._key) as writer:
            writer.compact()

    def rekey(
        self,
        documents: Iterable[Document | tuple[str, str]],
        *,
        key: Key | bytes,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> None:
        """Write the index anew with another key, in one commit.

        Fingerprints cannot be turned from one key to another, so the documents are needed again,
        all of them: if one is not given it is a `DocumentError`, and nothing is changed.
        """
        new = Key.of(key)
        # Whoever sees the commit waits for the key that goes with it.
        with self._lock:
            with writing(self.path, self._key) as writer:
                writer.rekey(documents, new, workers=workers, progress=progress)
            self._key = new
            self._state = _stamp(self._manifest), Snapshot.open(self.path, new)

    def verify(self) -> None:
        """Read every file again and check it; raises `IndexCorruptError` for a damaged one."""
        Snapshot.open(self.path, self._key)

    def info(self) -> dict[str, Any]:
        """What the index holds, in numbers; `masked_*` is deleted but still in the files."""
        snapshot = self.snapshot()
        manifest, parts = snapshot.manifest, snapshot.manifest.parts
        return {
            "name": self.name,
            "key": None if self._key == Key.public() else manifest.key,
            "layout": manifest.layout,
            "unit": manifest.unit,
            "gram": manifest.gram,
            "floor": snapshot.floor,
            "generation": manifest.generation,
            "documents": sum(part.documents - len(part.deleted) for part in parts),
            "words": sum(part.words for part in parts),
            "fingerprints": sum(part.seeds for part in parts),
            "masked_documents": sum(len(part.deleted) for part in parts),
            "masked_fingerprints": sum(
                segment.seeds - segment.alive(mask) for segment, mask in snapshot.parts
            ),
            "segments": len(parts),
            "bytes": sum(segment.size for segment, _ in snapshot.parts),
        }

    def close(self) -> None:
        """Let go of the files; a closed index answers no more."""
        self._state = None

    def _open(self) -> _State:
        state = self._state
        if state is None:
            raise CorpusIndexError(f"{self.path} is closed")
        return state


def _stamp(manifest: str) -> _Stamp:
    try:
        status = os.stat(manifest)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size

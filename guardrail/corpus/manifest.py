"""The manifest: which segments make up an index, and which of their documents are deleted.

One JSON object with a MAC, replaced as a whole: the rename is the commit.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from guardrail.corpus.files import replacing, sync_folder
from guardrail.corpus.fingerprint import Key
from guardrail.errors import (
    CorpusIndexError,
    IndexCorruptError,
    IndexFormatError,
    IndexKeyError,
    IndexMissingError,
)

__all__ = ["Manifest", "Part", "manifest_path", "named_files"]

FORMAT = "leakrail index"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of an index; `deleted` holds the numbers of its masked documents."""

    file: str
    mac: str
    documents: int
    words: int
    seeds: int
    deleted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A committed state of an index."""

    key: str
    gram: int
    layout: str
    unit: str
    bits: int | None
    generation: int = 0
    next_uid: int = 0
    parts: tuple[Part, ...] = ()

    def save(self, folder: Path, key: Key) -> None:
        """Commit this state."""
        state = {"format": FORMAT, "version": VERSION} | asdict(self)
        with replacing(manifest_path(folder)) as file:
            file.write(json.dumps(state | {"mac": _mac(state, key)}).encode())
        sync_folder(folder)

    @classmethod
    def load(cls, folder: Path, key: Key) -> Manifest:
        """The last committed state, read with the index's key or, for a keyless one, with any."""
        path = manifest_path(folder)
        state = _parsed(path)
        if state.get("format") != FORMAT:
            raise IndexFormatError(f"{path} is not the manifest of a leakrail index")
        if isinstance(state.get("version"), int) and state["version"] > VERSION:
            newer = f"has format {state['version']}; this release reads {VERSION}"
            raise IndexFormatError(f"{path} {newer}")
        mac = state.pop("mac", None)
        if mac != _mac(state, key):
            if isinstance(state.get("key"), str) and state["key"] != key.id:
                raise IndexKeyError(_other_key(folder, state["key"], key))
            raise IndexCorruptError(f"{path} is damaged")
        if not state.keys() >= set(cls.__slots__):
            raise IndexFormatError(f"{path} is not of this release; build the index again")
        parts = tuple(Part(**part | {"deleted": tuple(part["deleted"])}) for part in state["parts"])
        fields = {name: state[name] for name in cls.__slots__ if name != "parts"}
        return cls(**fields, parts=parts)


def manifest_path(folder: Path) -> Path:
    return folder / "MANIFEST"


def named_files(folder: Path) -> set[str]:
    """The segments that the manifest names, if there is one; read without a key."""
    if not manifest_path(folder).exists():
        return set()
    return {part["file"] for part in _parsed(manifest_path(folder))["parts"]}


def _parsed(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError(f"no index at {path.parent}") from None
    except OSError as error:
        raise CorpusIndexError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise IndexCorruptError(f"{path} is damaged") from None
    if not isinstance(state, dict):
        raise IndexCorruptError(f"{path} is damaged")
    return state


def _mac(state: dict[str, Any], key: Key) -> str:
    return key.mac(json.dumps(state, sort_keys=True).encode()).hex()


def _other_key(folder: Path, made_with: str, key: Key) -> str:
    if made_with == Key.public().id:
        return f"{folder} was made without a key; open it without one"
    given = "none was given" if key == Key.public() else f"the key given is {key.id}"
    return f"{folder} was made with key {made_with}; {given}"

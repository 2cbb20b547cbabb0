"""The file of a record index: immutable, checksummed, memory-mapped.

Format, version 3; integers are little-endian, sections start at multiples of 64 bytes:

    magic "LEAKRECS", version u32, header length u32, header (JSON), MAC of all before (32 bytes)
    hash     u64[forms]         keyed hash of each normal form of each field, sorted
    record   u32[forms]         number of the record, sorted where hash and column are equal
    column   u8[forms]          number of the column, sorted where the hash is equal
    name0    u64[records + 1]   first byte of each record's id in names; only with ids
    names    u8                 the ids, enciphered (AES-CTR) with the key

The header gives each section's place, counted from its end, and HMAC-SHA256; all are checked when
the file is opened.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.files import mapped, replacing, sync_folder
from guardrail.corpus.fingerprint import Key
from guardrail.errors import IndexCorruptError, IndexFormatError, IndexKeyError

__all__ = ["FILE", "Store"]

FILE = "RECORDS"

_MAGIC = b"LEAKRECS"
_VERSION = 3
_ALIGN = 64
_MAC_BYTES = 32
_TYPES = {"hash": "<u8", "record": "<u4", "column": "u1", "name0": "<u8", "names": "u1"}


class Store:
    """One open file: its header and its sections as arrays over the map, verified.

    Raises `IndexMissingError`, `IndexFormatError`, `IndexKeyError` or `IndexCorruptError`.
    """

    def __init__(self, folder: Path, key: Key) -> None:
        self.path = folder / FILE
        self._map = mapped(self.path, f"no record index at {folder}")
        self.header, self._base = _header(self.path, self._map, key)
        self.size = len(self._map)
        if self._base + self.header["size"] != self.size:
            raise IndexCorruptError(f"{self.path} is truncated, or something was added to it")
        self.sections = {
            name: self._section(name, section, key)
            for name, section in self.header["sections"].items()
        }

    @staticmethod
    def write(
        folder: Path, key: Key, header: Mapping[str, Any], sections: Mapping[str, NDArray[Any]]
    ) -> None:
        """Write the file, synced and renamed into place."""
        told: dict[str, Any] = {}
        pieces: list[tuple[int, memoryview]] = []
        place = 0
        for name, section in sections.items():
            data = np.ascontiguousarray(section, dtype=_TYPES[name]).view(np.uint8).data
            digest = key.mac(name.encode(), data).hex()
            told[name] = {"start": place, "count": len(section), "digest": digest}
            pieces.append((place, data))
            place = _aligned(place + len(data))
        opening = _opening(dict(header) | {"key": key.id, "size": place, "sections": told})
        base = _aligned(len(opening) + _MAC_BYTES)
        with replacing(folder / FILE) as file:
            file.write(opening + key.mac(opening))
            for start, data in pieces:
                file.seek(base + start)
                file.write(data)
            file.truncate(base + place)
        sync_folder(folder)

    def _section(self, name: str, section: Mapping[str, Any], key: Key) -> NDArray[Any]:
        kind = np.dtype(_TYPES[name])
        start, size = self._base + section["start"], section["count"] * kind.itemsize
        view = memoryview(self._map)[start : start + size]
        if key.mac(name.encode(), view).hex() != section["digest"]:
            raise IndexCorruptError(f"{self.path}: section {name} is damaged")
        return np.frombuffer(view, dtype=kind)


def _opening(header: Mapping[str, Any]) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    return _MAGIC + _VERSION.to_bytes(4, "little") + len(text).to_bytes(4, "little") + text


def _aligned(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _header(path: Path, data: mmap.mmap, key: Key) -> tuple[dict[str, Any], int]:
    if data[:8] != _MAGIC:
        raise IndexFormatError(f"{path} is not a leakrail record index")
    version, size = (int.from_bytes(data[at : at + 4], "little") for at in (8, 12))
    if version != _VERSION:
        hint = "update leakrail" if version > _VERSION else "build the index anew"
        reads = f"this release reads {_VERSION}; {hint}"
        raise IndexFormatError(f"{path} has format {version}; {reads}")
    end = 16 + size
    try:
        header = json.loads(data[16:end])
    except (ValueError, RecursionError):
        raise IndexCorruptError(f"{path}: the header is damaged") from None
    if key.mac(data[:end]) != data[end : end + _MAC_BYTES]:
        made_with = header.get("key") if isinstance(header, dict) else None
        if isinstance(made_with, str) and made_with != key.id:
            raise IndexKeyError(_other_key(path.parent, made_with, key))
        raise IndexCorruptError(f"{path}: the header is damaged")
    return header, _aligned(end + _MAC_BYTES)


def _other_key(folder: Path, made_with: str, key: Key) -> str:
    if made_with == Key.public().id:
        return f"{folder} was made without a key; open it without one"
    given = "none was given" if key == Key.public() else f"the key given is {key.id}"
    return f"{folder} was made with key {made_with}; {given}"

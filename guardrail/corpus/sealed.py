"""An index that is one immutable file with a checksum.

Integers are little-endian:

    magic, header length u32, header (JSON), arrays one behind the other,
    HMAC-SHA256 of all before (32 bytes)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.files import mapped, replacing, sync_folder
from guardrail.corpus.fingerprint import Key
from guardrail.errors import IndexCorruptError, IndexFormatError, IndexKeyError

__all__ = ["read", "write"]

_LENGTH = 4
_MAC_BYTES = 32


def write(
    path: Path, magic: bytes, key: Key, header: Mapping[str, Any], arrays: Sequence[NDArray[Any]]
) -> None:
    """Write the file, for its owner to read, synced and renamed into place."""
    told = json.dumps(dict(header) | {"key": key.id}).encode()
    pieces: list[bytes | memoryview] = [
        magic + len(told).to_bytes(_LENGTH, "little") + told,
        *(np.ascontiguousarray(array).view(np.uint8).data for array in arrays),
    ]
    digest = key.digest()
    with replacing(path) as file:
        os.fchmod(file.fileno(), 0o600)
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.write(digest.digest())
    sync_folder(path.parent)


def read(
    path: Path, magic: bytes, key: Key, *, what: str, place: Path
) -> tuple[dict[str, Any], memoryview]:
    """The header, and the bytes of the arrays over the file mapped; errors name `what` at `place`.

    Raises `IndexMissingError`, `IndexFormatError`, `IndexKeyError` or `IndexCorruptError`.
    """
    data = memoryview(mapped(path, f"no {what} at {place}"))
    if data[: len(magic)] != magic:
        raise IndexFormatError(f"{path} is not a leakrail {what}")
    begin = len(magic) + _LENGTH
    end = begin + int.from_bytes(data[len(magic) : begin], "little")
    try:
        header: dict[str, Any] = json.loads(bytes(data[begin:end]))
    except (ValueError, RecursionError):
        raise IndexCorruptError(f"{path} is damaged") from None
    if key.mac(data[:-_MAC_BYTES]) != data[-_MAC_BYTES:]:
        if isinstance(header, dict) and header.get("key") not in (None, key.id):
            raise IndexKeyError(f"{place} was made with another key than {key.id}")
        raise IndexCorruptError(f"{path} is damaged")
    return header, data[end:-_MAC_BYTES]

"""The file of an index of windows: immutable, checksummed.

One file; integers are little-endian:

    magic "LEAKSHUF", header length u32, header (JSON), bands u16[64, windows],
    document u32[windows], HMAC-SHA256 of all before (32 bytes)
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.files import replacing, sync_folder
from guardrail.corpus.fingerprint import Key
from guardrail.errors import (
    CorpusIndexError,
    IndexCorruptError,
    IndexExistsError,
    IndexFormatError,
    IndexKeyError,
    IndexMissingError,
)
from guardrail.shuffled.sketch import BANDS

__all__ = ["made", "read", "write"]

_FILE = "SHUFFLED"
_MAGIC = b"LEAKSHUF"
_HEAD = len(_MAGIC) + 4
_MAC_BYTES = 32


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """A folder for an index; one that was made for it is removed again after a failure.

    Raises `IndexExistsError` for one that holds anything.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise CorpusIndexError(f"cannot make {folder}: {error.strerror}") from None
    if held:
        raise IndexExistsError(f"{folder} holds other files ({held[0]}); name a new folder")
    try:
        yield
    except BaseException:
        if new:
            with suppress(OSError):
                folder.rmdir()
        raise


def write(
    folder: Path,
    key: Key,
    header: Mapping[str, Any],
    bands: NDArray[np.uint16],
    document: NDArray[np.uint32],
) -> None:
    """Write the file, synced and renamed into place; `bands` is `[64, windows]`."""
    told = json.dumps(dict(header) | {"key": key.id, "windows": len(document)}).encode()
    pieces = (
        _MAGIC + len(told).to_bytes(4, "little") + told,
        np.ascontiguousarray(bands, dtype="<u2").view(np.uint8).data,
        np.ascontiguousarray(document, dtype="<u4").view(np.uint8).data,
    )
    digest = key.digest()
    with replacing(folder / _FILE) as file:
        os.fchmod(file.fileno(), 0o600)
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.write(digest.digest())
    sync_folder(folder)


def read(folder: Path, key: Key) -> tuple[dict[str, Any], NDArray[np.uint16], NDArray[np.uint32]]:
    """The header, `bands` and `document`, as `write` was given them, over the file mapped.

    Raises `IndexMissingError`, `IndexFormatError`, `IndexKeyError` or `IndexCorruptError`.
    """
    path = folder / _FILE
    data = _mapped(path)
    if data[: len(_MAGIC)] != _MAGIC:
        raise IndexFormatError(f"{path} is not a leakrail index of windows")
    end = _HEAD + int.from_bytes(data[len(_MAGIC) : _HEAD], "little")
    try:
        header: dict[str, Any] = json.loads(bytes(data[_HEAD:end]))
    except (ValueError, RecursionError):
        raise IndexCorruptError(f"{path} is damaged") from None
    if key.mac(data[:-_MAC_BYTES]) != data[-_MAC_BYTES:]:
        if isinstance(header, dict) and header.get("key") not in (None, key.id):
            raise IndexKeyError(f"{folder} was made with another key than {key.id}")
        raise IndexCorruptError(f"{path} is damaged")
    windows = header["windows"]
    bands = np.frombuffer(data, "<u2", BANDS * windows, end).reshape(BANDS, windows)
    document = np.frombuffer(data, "<u4", windows, end + bands.nbytes)
    return header, bands, document


def _mapped(path: Path) -> memoryview:
    try:
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError(f"no index of windows at {path.parent}") from None
    except ValueError:
        raise IndexCorruptError(f"{path} is empty") from None
    except OSError as error:
        raise CorpusIndexError(f"cannot read {path}: {error.strerror}") from None

"""Files of an index: written beside, synced, renamed; one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from guardrail.errors import (
    CorpusIndexError,
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    IndexMissingError,
    IndexSpaceError,
)

__all__ = ["locked", "mapped", "new_folder", "replacing", "sync_folder"]


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the name `path` only when it is whole and on disk."""
    beside = path.with_name(path.name + ".tmp")
    try:
        with beside.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            full = f"no space left to write {path}; the index is as it was"
            raise IndexSpaceError(full) from None
        raise CorpusIndexError(f"cannot write {path}: {error.strerror}") from None
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """An empty folder for an index; one that was made for it is removed again after a failure.

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


def mapped(path: Path, missing: str) -> mmap.mmap:
    """A file in memory, to be read; raises `IndexMissingError` with the words `missing`."""
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError(missing) from None
    except ValueError:
        raise IndexCorruptError(f"{path} is empty") from None
    except OSError as error:
        raise CorpusIndexError(f"cannot read {path}: {error.strerror}") from None


def sync_folder(path: Path) -> None:
    """Make renames in a folder last."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the index for writing; raises `IndexLockedError` where another writer does."""
    try:
        handle = os.open(folder / "LOCK", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CorpusIndexError(f"cannot write in {folder}: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise IndexLockedError(f"another writer holds {folder}; try again later") from None
    try:
        yield
    finally:
        os.close(handle)

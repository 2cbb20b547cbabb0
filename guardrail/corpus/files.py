"""Files of an index: written beside, synced, renamed; one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from guardrail.errors import CorpusIndexError, IndexLockedError, IndexSpaceError

__all__ = ["locked", "replacing", "sync_folder"]


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

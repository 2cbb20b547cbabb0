"""The error tree.

GuardrailError
  PolicyError             a policy file or rule that cannot be loaded
  InputError              a file, line or argument of the user's that cannot be read
  RefusedError            a wrapped callable whose prompt or answer could not be checked
  StoreError              a store of identities' histories that cannot be opened or does not answer
  KeyFileError            a key that is missing, too short or unreadable
  CorpusIndexError        anything wrong with a corpus index
    IndexMissingError     no index at that place
    IndexExistsError      an index stands there already
    IndexLockedError      another writer holds it
    IndexKeyError         made with another key
    IndexFormatError      a foreign file, or a newer format version
    IndexCorruptError     truncated or altered
    IndexSpaceError       the disk is full
    DocumentError         an id that is there already, is unknown, or a text too long
"""

from __future__ import annotations

__all__ = [
    "CorpusIndexError",
    "DocumentError",
    "GuardrailError",
    "IndexCorruptError",
    "IndexExistsError",
    "IndexFormatError",
    "IndexKeyError",
    "IndexLockedError",
    "IndexMissingError",
    "IndexSpaceError",
    "InputError",
    "KeyFileError",
    "PolicyError",
    "RefusedError",
    "StoreError",
]


class GuardrailError(Exception):
    """Root of every error that this library raises on purpose."""


class PolicyError(GuardrailError):
    """A policy or rule that cannot be loaded; the message names the key and what is known."""


class InputError(GuardrailError):
    """A file, line or argument that cannot be read; the message says what to do."""


class RefusedError(GuardrailError):
    """A wrapped callable was given, or returned, something that cannot be checked."""


class StoreError(GuardrailError):
    """A store that cannot be opened, or does not answer."""


class KeyFileError(GuardrailError):
    """A key that is missing, too short or unreadable."""


class CorpusIndexError(GuardrailError):
    """Anything wrong with a corpus index."""


class IndexMissingError(CorpusIndexError):
    """No index at that place."""


class IndexExistsError(CorpusIndexError):
    """An index stands there already."""


class IndexLockedError(CorpusIndexError):
    """Another writer holds the index."""


class IndexKeyError(CorpusIndexError):
    """The index was made with another key."""


class IndexFormatError(CorpusIndexError):
    """A foreign file, or a newer format version."""


class IndexCorruptError(CorpusIndexError):
    """A file of the index is truncated or altered."""


class IndexSpaceError(CorpusIndexError):
    """The disk is full; the index stands at its last committed state."""


class DocumentError(CorpusIndexError):
    """A document id that is there already or unknown, or a text too long."""

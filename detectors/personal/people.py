"""The people of a records index, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from guardrail.corpus import Key
from guardrail.errors import PolicyError
from guardrail.records import RecordIndex
from guardrail.records.scan import Reading
from guardrail.text import Text

__all__ = ["People"]


@dataclass(frozen=True, slots=True)
class People:
    """Tells whose names stand in the records."""

    index: RecordIndex

    @classmethod
    def open(cls, path: Path, key_file: Path | None, key_env: str | None) -> People:
        """Open an index that has a column of names."""
        index = RecordIndex.open(path, key=Key.configured(key_file, key_env))
        if "name" not in index.types:
            index.close()
            raise PolicyError(f"people: {path} has no column of type name")
        return cls(index)

    def know(self, name: str) -> bool:
        """Whether it is, or holds, the name of one of them, in any form that the index knows."""
        hits = Reading(self.index, Text(name)).hits()
        return any(self.index.types[hit.field.column] == "name" for hit in hits)

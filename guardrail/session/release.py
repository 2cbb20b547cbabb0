"""Minimum-change release: who asks for the same row again gets the same answer again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hmac import compare_digest
from typing import Any

from guardrail.errors import RefusedError
from guardrail.session.history import History
from guardrail.session.ring import Note, Seen
from guardrail.session.schema import Schema
from guardrail.types import Context

__all__ = ["Release"]

_MARK = 8
_LONGEST = 248
_KEPT = 4


class Release:
    """The answers that a model gave somebody to rows, as the schema bins them, for a period.

    The period is in microseconds. Answers are JSON of at most 248 bytes; what is kept of them, and
    of the rows, tells nothing without the history's secret.
    """

    def __init__(self, schema: Schema, history: History, *, period: int) -> None:
        self._schema, self._history, self._period = schema, history, period

    def earlier(
        self, model: str, rows: Sequence[tuple[str, ...]], context: Context
    ) -> dict[int, Any]:
        """The answers that were given, by the number of the row."""
        notes = [self._note(model, row, context) for row in rows]
        told, _ = self._history.note(notes)
        rings = zip(notes, told, strict=True)
        found = {number: self._first(note, ring) for number, (note, ring) in enumerate(rings)}
        return {number: json.loads(raw) for number, raw in found.items() if raw}

    def give(
        self,
        model: str,
        rows: Sequence[tuple[str, ...]],
        answers: Sequence[Any],
        context: Context,
    ) -> list[Any]:
        """Keep answers to rows that had none; what is given, the first answer to each.

        Raises `RefusedError` where one is too long.
        """
        raws = [json.dumps(answer, separators=(",", ":")).encode() for answer in answers]
        if any(len(raw) > _LONGEST for raw in raws):
            raise RefusedError(f"an answer to a row is longer than {_LONGEST} bytes of JSON")
        pairs = zip(rows, raws, strict=True)
        notes = [self._note(model, row, context, raw) for row, raw in pairs]
        told, _ = self._history.note(notes)
        # At the same moment somebody else may have been given another.
        firsts = [self._first(note, ring) for note, ring in zip(notes, told, strict=True)]
        return [json.loads(first or raw) for first, raw in zip(firsts, raws, strict=True)]

    def _note(self, model: str, row: tuple[str, ...], context: Context, raw: bytes = b"") -> Note:
        whose = self._history.names.whose
        key = whose("release", ("identity",), context, model, self._schema.form, *row)
        entry = self._mark(key, raw) + self._veiled(key, raw) if raw else b""
        return Note(key, entry, _KEPT, self._period)

    def _first(self, note: Note, ring: Seen) -> bytes:
        """The first answer under a key; what is not ours is none."""
        for _, entry in reversed(list(ring)):
            raw = self._veiled(note.key, entry[_MARK:])
            if compare_digest(entry[:_MARK], self._mark(note.key, raw)):
                return raw
        return b""

    def _mark(self, key: bytes, raw: bytes) -> bytes:
        return self._history.names.key("\0mark", key.hex(), raw.hex())[:_MARK]

    def _veiled(self, key: bytes, raw: bytes) -> bytes:
        veil = self._history.names.veil(key, len(raw))
        return (int.from_bytes(raw) ^ int.from_bytes(veil)).to_bytes(len(raw))

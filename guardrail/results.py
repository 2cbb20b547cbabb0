"""Results of a batch, which providers say are bytes of any kind."""

from __future__ import annotations

from guardrail.answer import Headers, Instead, Whole
from guardrail.wire.checks import Checks, WireError
from guardrail.wire.decoders import Decoder
from guardrail.wire.leaves import load_object
from guardrail.wire.lines import Lines
from guardrail.wire.plain import Plain

__all__ = ["Results"]


class Results(Whole):
    """Lines of JSON that are read when all of them are there; anything else cannot be read."""

    def __init__(
        self,
        status: int,
        headers: Headers,
        lines: Lines,
        decoder: Decoder,
        checks: Checks,
        instead: Instead,
    ) -> None:
        super().__init__(status, headers, Plain(), decoder, checks, instead)
        self._lines = lines

    def _safe(self, raw: bytes) -> bytes:
        for line in raw.splitlines():
            if line.strip() and not isinstance(load_object(line).get("custom_id"), str):
                raise WireError("bytes that are no results of a batch")
        return self._lines.feed(raw) + self._lines.close()

"""OpenAI's images: made, edited or varied."""

from __future__ import annotations

from typing import Any

from guardrail.wire.checks import Asked, Checks
from guardrail.wire.events import Events
from guardrail.wire.flat import Path
from guardrail.wire.media import bare, encoded, filled
from guardrail.wire.plain import Plain

__all__ = ["Images"]

_IMAGE = "b64_json"


class Images(Plain):
    """`POST /v1/images/generations`, and its kin: the images go out unread, all else is read."""

    def whole(self, body: Any, checks: Checks) -> Any:
        rows = body.get("data") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            return super().whole(body, checks)
        told = super().whole(body | {"data": bare(rows, _IMAGE)}, checks)
        return told | {"data": filled(told["data"], rows, _IMAGE)}

    def events(self, asked: Asked, checks: Checks) -> Events:  # noqa: ARG002 - in no form
        return _Events(checks, self._fields)


class _Events(Events):
    def _reads(self, path: Path, text: str) -> bool:
        return not (path[-1:] == (_IMAGE,) and encoded(text)) and super()._reads(path, text)

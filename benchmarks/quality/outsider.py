"""A library of others that runs in an environment of its own, made by `make peers`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["Outsider", "present"]

_ROOT = Path(__file__).parents[2]
_SERVE = Path(__file__).parent / "outsiders" / "serve.py"
_MODEL = "en_core_web_sm"


def present(name: str) -> bool:
    """Whether the library's environment was made."""
    return (_ROOT / ".venv-peers" / name / "made").exists()


class Outsider:
    """A process that is asked line by line, and ends with ours; `seconds` is its CPU time.

    What is asked is the library's default, or by `use` another function of `outsiders/serve.py`.
    """

    def __init__(self, name: str, use: str | None = None) -> None:
        home = _ROOT / ".venv-peers" / name
        self.seconds = 0.0
        self._folder = TemporaryDirectory(prefix="outsider-")
        # The model that is on PyPI, under the name that it is asked for by.
        for model in home.glob(f"lib/python*/site-packages/{_MODEL}*/{_MODEL}*/config.cfg"):
            os.symlink(model.parent, Path(self._folder.name) / _MODEL)
        self._process = subprocess.Popen(  # noqa: S603
            [home / "bin" / "python", "-I", _SERVE, use or name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=self._folder.name,
        )

    def build(self, texts: Sequence[str]) -> None:
        self._said({"build": list(texts)})

    def query(self, text: str) -> bool:
        return bool(self.spans(text))

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and kind of what the library finds."""
        answer = self._said({"text": text})
        self.seconds += answer["seconds"]
        return [(start, end, kind) for start, end, kind in answer["spans"]]

    @property
    def size(self) -> int:
        raise NotImplementedError("what another process keeps is not measured")

    def _said(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(line), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

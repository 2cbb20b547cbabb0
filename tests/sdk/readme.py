"""The blocks of the README: each runs where what it needs is installed.

Runs in the environments of SDKs too, so it imports the standard library only.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["block", "blocks"]

_README = Path(__file__).parents[2] / "README.md"


def blocks(language: str) -> list[str]:
    """Every block in a language; commands of a shell are those that are indented."""
    text = _README.read_text()
    if language == "shell":
        return re.findall(r"^    (guardrail .*)$", text, re.MULTILINE)
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def block(language: str, word: str) -> str:
    """The one block with a word in it."""
    (found,) = (block for block in blocks(language) if word in block)
    return found

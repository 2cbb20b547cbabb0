"""What the model learns: private documents that are all invented, and public text.

The public text is a little of our own and the prose in the docstrings and language reference
that come with Python, so that it takes no network and no room.
"""

from __future__ import annotations

import random
import re
import string
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path

__all__ = ["private", "public"]

_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
_PROSE = re.compile(r"[A-Z](?!.*  ).*[.:]", re.DOTALL)
_SHORT = 12


def private() -> dict[str, str]:
    """The private documents by file name, each with its credentials filled in."""
    credentials = _credentials()
    return {name: text.format_map(credentials) for name, text in _bundled("private")}


def public() -> list[str]:
    """The public texts; shorter on a Python that ships without its sources or its reference."""
    return [text for _, text in _bundled("public")] + [
        text for source in (*_docstrings(), *_reference()) if (text := _prose(source))
    ]


def _bundled(folder: str) -> Iterator[tuple[str, str]]:
    entries = files("guardrail.demo").joinpath(folder).iterdir()
    for entry in sorted(entries, key=lambda entry: entry.name):
        paragraphs = entry.read_text(encoding="utf-8").split("\n\n")
        yield entry.name, "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _credentials() -> dict[str, str]:
    draw = random.Random(7)
    letters = string.ascii_letters + string.digits
    return {
        "aws": "AK" + "IA" + "".join(draw.choices(string.ascii_uppercase + "234567", k=16)),
        "github": "gh" + "p_" + "".join(draw.choices(letters, k=36)),
        "stripe": "sk_" + "live_" + "".join(draw.choices(letters, k=24)),
    }


def _docstrings() -> Iterator[str]:
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        yield from _DOCSTRING.findall(path.read_text(encoding="utf-8", errors="ignore"))


def _reference() -> Iterator[str]:
    with suppress(ImportError):
        from pydoc_data.topics import topics

        yield from topics.values()


def _prose(source: str) -> str:
    paragraphs = (part.rstrip() for part in re.split(r"\n\s*\n", cleandoc(source)))
    return "\n\n".join(
        " ".join(words)
        for paragraph in paragraphs
        if paragraph.isascii()
        and _PROSE.fullmatch(paragraph)
        and len(words := paragraph.split()) >= _SHORT
    )

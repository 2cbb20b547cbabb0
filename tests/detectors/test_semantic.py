"""Passages in other words: found, an echo, or none, whole or as they stream."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detectors.semantic import Semantic
from guardrail import Action, Context, Guard, Rule, Text
from guardrail.errors import GuardrailError
from guardrail.registry import load
from guardrail.semantic import SemanticIndex, encoder
from guardrail.testing import contract
from tests.models import SentenceTransformer, stand_in

NOTE = "The doctor said that Tarben Vosk is sick and has bought eleven grey bees."
RETOLD = "Tarben Vosk is ill, the physician stated, and has purchased eleven grey bees."
PLAIN = "At noon the kettle boils, and the garden gate stays open for all who come to tea."
HARMLESS = [f"{PLAIN} That was {n}." for n in range(20)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "sentence_transformers", stand_in())
    documents = [("note", NOTE), ("other", "Nothing of this kind stands in the second document.")]
    SemanticIndex.build(
        documents, tmp_path / "index", encode=encoder("tiny"), harmless=HARMLESS, rate=0.1
    )
    return tmp_path


@pytest.fixture
def semantic(folder: Path) -> Semantic:
    return Semantic(index=folder / "index", model="tiny")


def test_finds_what_is_said_in_other_words(semantic: Semantic) -> None:
    """A sentence that means the same is found with its source, others are not."""
    raw = f"{PLAIN} {RETOLD}\n\n{PLAIN}"
    (finding,) = semantic.find(Text(raw))
    assert RETOLD in raw[finding.start : finding.end]
    assert finding.kind == "semantic"
    assert semantic.threshold <= finding.score <= 1
    assert finding.source is not None
    assert (finding.source.index, finding.source.document) == ("index", "note")


def test_an_echo_does_not_count(semantic: Semantic) -> None:
    """What the reader said as nearly as the passage does is an echo; less than that is none."""
    (finding,) = semantic.find(Text(RETOLD, context=Context(prompt=RETOLD)))
    assert finding.discount == "echo"
    (finding,) = semantic.find(Text(RETOLD, context=Context(prompt="Is Tarben Vosk ill or not?")))
    assert finding.discount == ""


def test_a_vector_that_is_no_number_refuses(
    semantic: Semantic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that overflows lets no answer pass."""
    guard = Guard([Rule(semantic, id="told")])
    assert guard.check(PLAIN).text == PLAIN
    monkeypatch.setattr(SentenceTransformer, "_row", lambda *_: np.full(256, np.nan))
    verdict = guard.check(PLAIN)
    assert (verdict.action, bool(verdict.errors)) == (Action.REFUSE, True)


def test_contract(semantic: Semantic) -> None:
    """The contract of every detector."""
    raws = (f"{PLAIN}\n\n{RETOLD}\n\n{PLAIN}", f"{NOTE} {PLAIN}", f"{RETOLD} Yes.")
    hits = [(raw, [(one.start, one.end) for one in semantic.find(Text(raw))]) for raw in raws]
    assert all(len(spans) == 1 for _, spans in hits)
    contract(semantic, hits=hits, misses=["", PLAIN, "Tarben Vosk.", f"{PLAIN} Tarben Vosk."])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"model": "other"}, "another model"),
        ({"model": "none"}, "no model"),
        ({"model": "tiny", "threshold": 0.0}, "threshold"),
        ({"model": "tiny", "index": "none"}, "no semantic index"),
    ],
)
def test_bad_options_do_not_load(folder: Path, options: dict[str, Any], complaint: str) -> None:
    """A model that did not make the index, and what is out of range, are told at once."""
    with pytest.raises(GuardrailError, match=complaint):
        load("semantic", {"index": "index"} | options, folder)

"""Measures of how well a model knows a text; with a model they run in tests/sdk."""

from __future__ import annotations

import random
import sys
from typing import Literal

import numpy as np
import pytest

from detectors import likelihood
from detectors.likelihood import Likelihood, Tokens, min_k, perplexity, zlib_ratio
from guardrail import Action, Guard, Rule
from guardrail.errors import PolicyError


def tokens(*log: float, mean: float = -3.0, deviation: float = 1.5) -> Tokens:
    size = len(log)
    return Tokens(np.array(log), np.full(size, mean), np.full(size, deviation))


def test_perplexity() -> None:
    """A text of tokens that have one chance in eight each has a perplexity of eight."""
    assert perplexity(tokens(*[-np.log(8)] * 5)) == pytest.approx(8)


def test_zlib_ratio() -> None:
    """The same surprise weighs less in a text that is short to say."""
    chance = random.Random(1)
    plain = "".join(chance.choices("abcdefghijklmnop", k=90))
    log = tokens(*[-1.0] * 30)
    assert zlib_ratio(log, plain) > 2 * zlib_ratio(log, "a" * 90)
    assert zlib_ratio(tokens(0.0, 0.0), plain) > 1e6


def test_min_k() -> None:
    """Of ten tokens the two that lie lowest count, in deviations from the mean of their place."""
    log = [-3.0] * 8 + [-6.0, -9.0]
    assert min_k(tokens(*log)) == pytest.approx((-2 - 4) / 2)
    assert min_k(tokens(-3.0, -4.5)) == pytest.approx(-1)
    assert min_k(tokens(-3.0, mean=-3.0, deviation=0.0)) == 0


@pytest.mark.parametrize("measure", ["perplexity", "zlib", "min_k"])
def test_a_measure_that_is_no_number_refuses(
    monkeypatch: pytest.MonkeyPatch, measure: Literal["perplexity", "zlib", "min_k"]
) -> None:
    """A model that overflows lets no answer pass."""
    monkeypatch.setattr(likelihood, "_reader", lambda _: lambda _: tokens(-1.0, np.nan))
    detector = Likelihood(model="model", threshold=0, measure=measure)
    verdict = Guard([Rule(detector, id="known")]).check("The garden gate stays open for all.")
    assert (verdict.action, bool(verdict.errors)) == (Action.REFUSE, True)


def test_needs_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without transformers one line says what to install."""
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(PolicyError, match="pip install"):
        Likelihood(model="model", threshold=0, measure="min_k")

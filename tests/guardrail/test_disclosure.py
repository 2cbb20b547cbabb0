"""Disclosure: what an answer says besides its text, coarsened."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.disclosure import Disclosure
from guardrail.errors import PolicyError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"logprobs": "keep"}, "logprobs is 'keep'; known: drop, round"),
        ({"usage": "x"}, "known: exact, bucket, drop"),
        ({"embeddings": "x"}, "known: allow, deny, reduce"),
        ({"dimensions": 0}, "at least 1"),
        ({"scores": {"a": "x"}}, "scores of 'a' are 'x'; known: label, bands"),
    ],
)
def test_what_is_unknown_does_not_load(setting: Any, message: str) -> None:
    """A setting that makes no sense is named with what is known."""
    with pytest.raises(PolicyError, match=message):
        Disclosure(**setting)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "low"),
        (0.34, "medium"),
        (0.999, "high"),
        (1, "high"),
        (-5, "low"),
        (10**400, None),
        (math.inf, None),
        (True, None),
        ("0.5", None),
        ({"a": 0.1, "b": [0.9]}, {"a": "low", "b": ["high"]}),
        ([], None),
    ],
)
def test_scores_become_bands(value: Any, told: Any) -> None:
    """Of a number only low, medium or high is left; what is no number says nothing."""
    held = Disclosure(scores={"score": "bands"})
    assert held.told_scores({"score": value, "x": 1}) == {"score": told, "x": 1}


@pytest.mark.parametrize(
    ("value", "told"),
    [({"a": 0.1, "b": 0.7}, "b"), ([0.2, 0.5, 0.3], 1), (0.9, "high"), ({"a": None}, "a")],
)
def test_scores_become_a_label(value: Any, told: Any) -> None:
    """Of several the name or place of the largest is left."""
    assert Disclosure(scores={"score": "label"}).told_scores({"score": value}) == {"score": told}


def test_paths_reach_into_lists() -> None:
    """A star stands for any key or place, a number for one place."""
    held = Disclosure(scores={"*.rows.1.p": "bands"})
    body = {"a": {"rows": [{"p": 0.1}, {"p": 0.9}]}, "b": 3}
    assert held.told_scores(body) == {"a": {"rows": [{"p": 0.1}, {"p": "high"}]}, "b": 3}


def test_usage_in_steps() -> None:
    """Counts are rounded up to 64, nested ones too; text is left out."""
    usage = {"n": 1, "in": {"m": 65, "ok": True}, "list": [129], "s": "a b", "a b": 1}
    assert Disclosure(usage="bucket").told_usage(usage) == {
        "n": 64,
        "in": {"m": 128, "ok": True},
        "list": [192],
        "s": None,
    }
    assert Disclosure().told_usage({"n": 1, "tier": "standard"}) == {"n": 1, "tier": "standard"}
    key = "AK" + "IA" + "Q7RT3XW5" * 2
    named = {"note": key, key: 1, "ephemeral_5m_input_tokens": 2}
    assert Disclosure().told_usage(named) == {"note": None, "ephemeral_5m_input_tokens": 2}
    assert Disclosure(usage="drop").told_usage(usage) is None


def test_no_number_of_usage_is_told_exactly() -> None:
    """However it is written: a time or a price says more than a count."""
    usage = {"n": 65.0, "time": 0.1234, "least": -0.5, "cost": "0.0021", "count": "71"}
    named = {"tier": "standard", "model": "m-1.5"}
    assert (
        Disclosure(usage="bucket").told_usage(usage | named)
        == {
            "n": 128,
            "time": None,
            "least": None,
            "cost": None,
            "count": None,
        }
        | named
    )
    assert Disclosure().told_usage(usage) == usage


@given(st.dictionaries(st.text("abc", min_size=1), st.integers() | st.floats() | st.booleans()))
def test_what_is_in_steps_is_a_count(usage: dict[str, float]) -> None:
    """Whatever number it was; one that is in steps already stays as it is."""
    held = Disclosure(usage="bucket")
    told = held.told_usage(usage)
    assert all(one is None or isinstance(one, bool) or one % 64 == 0 for one in told.values())
    assert held.told_usage(told) == told


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def test_embeddings_are_reduced_in_their_form() -> None:
    """To the first dimensions, of length one again, in steps of 1/64."""
    held = Disclosure(embeddings="reduce", dimensions=2)
    assert held.told_embedding([3, 4, 9]) == [0.59375, 0.796875]
    assert held.told_embedding(packed(3, 4, 9)) == packed(0.59375, 0.796875)
    assert held.told_embedding([0.0, 0.0]) == [0.0, 0.0]
    assert Disclosure().told_embedding([3, 4]) == [3, 4]


@pytest.mark.parametrize("kind", ["allow", "reduce"])
@pytest.mark.parametrize("value", ["a text", "é", "AAAAAAA=", None, ["a"], [[1]], {}, 1])
def test_what_is_no_embedding_is_an_error(kind: Any, value: Any) -> None:
    """Also where embeddings go out as they are."""
    with pytest.raises(ValueError, match="an embedding"):
        Disclosure(embeddings=kind).told_embedding(value)


def test_an_embedding_that_is_not_finite_is_not_reduced() -> None:
    """There is no direction in it."""
    with pytest.raises(ValueError, match="finite"):
        Disclosure(embeddings="reduce").told_embedding(packed(math.nan, 1))


def test_logprobs_are_rounded_without_tokens() -> None:
    """In each form that OpenAI has; other forms are dropped."""
    held = Disclosure(logprobs="round")
    token = {"token": "x", "logprob": -0.26, "top_logprobs": [{"token": "y"}]}
    told = {"token": "", "logprob": -0.3, "bytes": None, "top_logprobs": []}
    assert held.told_logprobs([token]) == [told]
    assert held.told_logprobs({"content": [token]}) == {"content": [told], "refusal": None}
    assert held.told_logprobs({"tokens": ["x"]}) is None
    assert held.told_logprobs({"content": [None]})["content"][0]["logprob"] == -9999.0
    assert Disclosure().told_logprobs([token]) == []
    assert Disclosure().told_logprobs({"content": [token]}) is None


@given(values)
def test_nothing_that_is_odd_raises(value: Any) -> None:
    """Whatever stands in the place of numbers."""
    held = Disclosure(logprobs="round", usage="bucket", scores={"*": "label", "a.*": "bands"})
    held.told_logprobs(value)
    held.told_usage(value)
    held.told_scores(value)
    held.told_scores({"a": value})

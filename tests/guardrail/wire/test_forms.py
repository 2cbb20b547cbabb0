"""Paths that are known by more than their end."""

from __future__ import annotations

import pytest

from guardrail.wire.anthropic import Messages
from guardrail.wire.forms import shape_of

VERTEX = "/v1/projects/p/locations/l/publishers"


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("anthropic/models/claude-x@20250101:rawPredict", True),
        ("anthropic/models/claude-x:streamRawPredict", True),
        ("anthropic/models/claude-x%3AstreamRawPredict", True),
        ("anthropic/models/count-tokens:rawPredict", False),  # answered with a number
        ("mistralai/models/mistral-x:rawPredict", False),  # in another form
        ("anthropic/models/claude-x:predict", False),
    ],
)
def test_anthropic_on_vertex_is_known(path: str, known: bool) -> None:
    """By the publisher and the method in the path."""
    assert isinstance(shape_of(f"{VERTEX}/{path}"), Messages) == known

"""Surfaces: which paths are guarded, and which content is not read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import PolicyError
from guardrail.surface import Surface, matches


def test_guards_every_path_by_default() -> None:
    """Until `paths` or `skip` say otherwise."""
    assert Surface().guards("/anything")
    some = Surface(paths=("/v1/*",), skip=("/v1/models*",))
    assert [some.guards(path) for path in ("/v1/chat", "/v1/models/x", "/health")] == [
        True,
        False,
        False,
    ]


def test_lists_will_do() -> None:
    """Whatever holds the names is read once."""
    surface = Surface(paths=["/v1/*"], skip=["/v1/models*"], plain=["/v1/chat"])  # type: ignore[arg-type]
    assert surface.guards("/v1/chat")
    assert surface.plainly("/v1/chat")
    assert not surface.guards("/v1/models/x")


@pytest.mark.parametrize(
    ("echo", "echoed"),
    [({"user"}, [True, False, False, False]), ({"*"}, [True] * 4), ((), [False] * 4)],
)
def test_whose_words_are_an_echo(echo: Any, echoed: list[bool]) -> None:
    """What roles in `echo` wrote, unless it is not the reader's; `*` stands for all of it."""
    surface = Surface(echo=frozenset(echo))
    told = [("user", None), ("user", False), ("system", None), ("request", False)]
    assert [surface.echoes(*one) for one in told] == echoed


@given(
    st.sampled_from(["/", "/ask", "/v1/embeddings"]),
    st.sampled_from("\n\r\t\0\x1f\x7f\x85\u2028"),
    st.data(),
)
def test_a_path_with_control_characters_is_guarded(
    path: str, control: str, data: st.DataObject
) -> None:
    """Whatever stands among `paths` and `skip`: some would take it for the path without."""
    place = data.draw(st.integers(1, len(path)))
    told = path[:place] + control + path[place:]
    for surface in (Surface(paths=(path,)), Surface(skip=("*",)), Surface(skip=(told,))):
        assert surface.guards(told)


def test_media_are_not_read() -> None:
    """The types of content in `passes` go out as they are."""
    assert Surface().unread("image/png")
    assert not Surface().unread("application/pdf")
    assert Surface(passes=("application/*",)).unread("application/pdf")


def test_patterns_mind_the_case() -> None:
    """A path is another path in other letters."""
    assert not matches("/V1/x", ("/v1/*",))


@pytest.mark.parametrize("given", [{"paths": ()}, {"fields": frozenset()}])
def test_to_guard_nothing_is_a_mistake(given: dict[str, Any]) -> None:
    """No paths, and no fields, are not all of them."""
    with pytest.raises(PolicyError, match=f"http: {next(iter(given))} is empty; leave it out"):
        Surface(**given)


@pytest.mark.parametrize("name", ["paths", "skip", "plain"])
@pytest.mark.parametrize("path", ["api/*", "http://h/api/*", ""])
def test_a_path_that_no_request_has_is_a_mistake(name: str, path: str) -> None:
    """It would guard, skip or fit nothing."""
    given: dict[str, Any] = {name: ("/first", path)}
    told = f"http: {name} has {path!r}, which fits no request; a path begins with / or *"
    with pytest.raises(PolicyError, match=re.escape(told)):
        Surface(**given)
    given = {name: ("/first", "*/last")}
    assert Surface(**given)


def test_a_body_has_at_least_a_byte() -> None:
    """A limit that lets nothing through is a mistake."""
    with pytest.raises(PolicyError, match="max_body"):
        Surface(max_body=0)

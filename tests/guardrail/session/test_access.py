"""Access: who may ask which model, and what is no leak to whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from guardrail import Action, Context, CorpusIndex, Document, Guard, Identity
from guardrail.errors import PolicyError

HEAD = 'version = 1\nowner = "privacy@example.org"\n'
MEMO = "the salaries of the ninth floor were raised in secret after the third of the long meetings"
PLAN = "our plan for the coming winter is to sell the northern mills before anyone hears of floods"
NOTE = "this note says plainly how many of the blue lanterns were lost along the old canal in may"
POLICY = """
[[rule]]
use = "verbatim"
options = { index = "private.idx" }
[[rule]]
use = "near"
options = { index = "private.idx" }
[access]
[[access.rule]]
models = ["chat-*"]
[[access.rule]]
grants = ["hr", "board"]
models = ["payroll"]
classes = ["salaries"]
"""


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    documents = [
        Document("memo", MEMO, "salaries"),
        Document("plan", PLAN, "plans", ("board",)),
        Document("note", NOTE),
    ]
    CorpusIndex.build(documents, tmp_path / "private.idx").close()
    (tmp_path / "policy.toml").write_text(HEAD + POLICY)
    with Guard.from_policy(tmp_path / "policy.toml") as made:
        yield made


def who(*grants: str, model: str | None = "chat-1") -> Context:
    return Context("hello", identity=Identity("alice", grants=frozenset(grants)), model=model)


@pytest.mark.parametrize(
    ("context", "action"),
    [
        (who(), Action.ALLOW),
        (who("hr", model="payroll"), Action.ALLOW),
        (who("board", "x", model="payroll"), Action.ALLOW),
        (who(model="payroll"), Action.REFUSE),
        (who("sales", model="payroll"), Action.REFUSE),
        (who("hr", model="other"), Action.REFUSE),
        (who("hr", model=None), Action.REFUSE),
    ],
)
def test_only_what_is_allowed_may_be_asked(guard: Guard, context: Context, action: Action) -> None:
    """Once there is a table, all else is denied."""
    admission = guard.admit(context)
    assert admission.action is action
    if action is Action.REFUSE:
        (finding,) = admission.verdict.findings
        assert (finding.kind, finding.rule) == ("access", "access")
        assert "prompt rule access (refuse): 1 finding" in guard.explain(admission.verdict)
        assert guard.check("hello", admission).text == guard.refusal


@pytest.mark.parametrize(
    ("text", "grants", "shown"),
    [
        (MEMO, (), False),
        (MEMO, ("hr",), True),
        (MEMO, ("board",), True),
        (PLAN, ("hr",), False),
        (PLAN, ("board",), True),
        (NOTE, ("hr", "board"), False),
    ],
)
def test_what_one_may_read_is_no_leak(
    guard: Guard, text: str, grants: tuple[str, ...], shown: bool
) -> None:
    """By the class of a document, or by its own grants; whole or streamed, by every detector."""
    raw = f"Here: {text}, and so on."
    verdict = guard.check(raw, who(*grants))
    assert (verdict.text == raw) == shown
    assert {one.discount for one in verdict.discounted} == ({"granted"} if shown else set())
    chunks = [raw[place : place + 5] for place in range(0, len(raw), 5)]
    assert "".join(guard.stream(chunks, who(*grants))) == verdict.text


def test_what_one_may_read_hides_nothing_else(guard: Guard) -> None:
    """A passage of a document that is not theirs, wrapped in one that is."""
    memo, note = MEMO.split(), NOTE.split()
    raw = " ".join([*memo[:9], *note, *memo[9:]])
    for rule in guard.rules:
        with Guard([rule], access=guard.access) as alone:
            verdict = alone.check(raw, who("hr"))
            assert NOTE not in verdict.text
            assert {one.source.document for one in verdict.findings if one.source} == {"note"}


def test_without_a_table_everything_may_be_asked() -> None:
    """And nothing is read by class."""
    assert Guard().admit(who(model="payroll")).action is Action.ALLOW


def test_an_empty_table_denies_all(tmp_path: Path) -> None:
    """Nobody forgot anything by it."""
    (tmp_path / "policy.toml").write_text(HEAD + "[access]\n")
    with Guard.from_policy(tmp_path / "policy.toml") as guard:
        assert guard.admit(who("hr")).action is Action.REFUSE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[access.rule]]", "access: a rule allows nothing; give models or classes"),
        ('[[access.rule]]\nmodel = "x"', "no key 'access.rule.0.model'; known: classes, grants"),
        ("[access]\nallow = 3", "no key 'access.allow'; known: rule"),
        (
            '[[access.rule]]\nmodels = ["*"]\ngrants = []',
            "access: grants is empty; leave it out for all",
        ),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """A table that means nothing does not load."""
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + text)
    with pytest.raises(PolicyError, match=message):
        Guard.from_policy(path)


def test_a_wrapped_call_says_which_model_it_asks(guard: Guard) -> None:
    """By its argument `model`, or the default of that; without one it may ask none."""

    def asks(prompt: str, model: str = "payroll") -> str:
        return f"{model}: {prompt}"

    safe = guard.wrap(asks)
    assert safe("hello", "chat-1") == safe("hello", model="chat-1") == "chat-1: hello"
    assert safe("hello") == guard.wrap(lambda prompt: prompt)("hello") == guard.refusal

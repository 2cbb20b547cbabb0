"""`guardrail identity`: what an operator sees of somebody, and can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from guardrail import Action, Context, Guard, Identity
from guardrail.cli import main

POLICY = """
version = 1
owner = "privacy@example.org"
[limits]
store = "sqlite:limits.db"
key_file = "key"
[[limits.rule]]
id = "each"
queries = "60/day"
burst = 5
[[limits.rule]]
id = "pay"
tokens = "1000/day"
by = ["subject", "model"]
models = ["pay-*"]
"""
ALICE = Identity("alice", network="192.0.2.7")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "key").write_text("0123456789abcdef")
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as raised:
        main([str(argument) for argument in arguments])
    return int(raised.value.code or 0)


def act(guard: Guard, identity: Identity = ALICE, model: str | None = None) -> Action:
    return guard.admit(Context("hello", identity=identity, model=model)).action


def test_shows_what_is_left(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each limit that holds, and when all is back."""
    with Guard.from_policy(policy) as guard:
        for _ in range(2):
            act(guard, model="pay-1")
    assert run("identity", "show", "alice", "--policy", policy) == 0
    assert capsys.readouterr().out == (
        "alice: not blocked\n  each: 3 of 5 queries left; all back in 48 minutes\n"
        "  pay: not told by this alone\n"
    )
    assert run("identity", "show", "alice", "--policy", policy, "--model", "pay-1") == 0
    assert "  pay: 498 of 500 tokens left; all back in 3 minutes" in capsys.readouterr().out
    assert run("identity", "show", "bob", "--policy", policy) == 0
    assert "bob: not blocked\n  each: 5 of 5 queries left\n" in capsys.readouterr().out


def test_blocks_and_resets(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While a guard is at work, and for it."""
    with Guard.from_policy(policy) as guard:
        assert act(guard) is Action.ALLOW
        assert run("identity", "block", "alice", "--policy", policy) == 0
        admission = guard.admit(Context("hello", identity=ALICE))
        assert admission.action is Action.REFUSE
        assert admission.retry_after is None
        (finding,) = admission.verdict.findings
        assert (finding.kind, finding.rule) == ("access", "blocked")
        assert "prompt rule blocked (refuse): 1 finding" in guard.explain(admission.verdict)
        assert act(guard, Identity("bob", network="192.0.2.7")) is Action.ALLOW
        run("identity", "show", "alice", "--policy", policy)
        assert "alice: blocked for 3650 days\n  each: 4 of 5" in capsys.readouterr().out
        assert run("identity", "reset", "alice", "--policy", policy) == 0
        assert [act(guard) for _ in range(6)] == [Action.ALLOW] * 5 + [Action.THROTTLE]


def test_blocks_a_network_and_a_token(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever else an identity is, one part of it is enough; a block may end by itself."""
    with Guard.from_policy(policy) as guard:
        run(
            "identity", "block", "192.0.2.99", "--by", "network", "--hours", "2", "--policy", policy
        )
        assert act(guard) is Action.REFUSE
        assert act(guard, Identity("alice", network="198.51.100.1")) is Action.ALLOW
        assert act(guard, Identity("alice")) is Action.ALLOW
        run("identity", "show", "192.0.2.1", "--by", "network", "--policy", policy)
        assert "192.0.2.1: blocked for 2 hours\n" in capsys.readouterr().out
        run("identity", "block", "secret", "--by", "token", "--hours", "0.02", "--policy", policy)
        assert act(guard, Identity("carol", "secret")) is Action.REFUSE
        run("identity", "show", "secret", "--by", "token", "--policy", policy)
        assert re.search("blocked for 7[012] seconds", capsys.readouterr().out)


def test_white_space_around_a_name_is_not_its_own(policy: Path) -> None:
    """As a header is read."""
    with Guard.from_policy(policy) as guard:
        assert run("identity", "block", " alice ", "--policy", policy) == 0
        assert act(guard, Identity("alice")) is Action.REFUSE


def test_resets_nobody_else(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit that several share is not theirs; nor is one that needs more to be told."""
    rules = POLICY[: POLICY.index("[[limits.rule]]")]
    rules += '[[limits.rule]]\nid = "all"\nqueries = "2/day"\nburst = 2\nby = ["everyone"]\n'
    rules += '[[limits.rule]]\nid = "both"\nqueries = "9/day"\nby = ["subject", "network"]\n'
    policy.write_text(rules)
    with Guard.from_policy(policy) as guard:
        assert [act(guard, Identity("bob")) for _ in range(3)][-1] is Action.THROTTLE
        assert run("identity", "reset", "alice", "--policy", policy) == 0
        assert act(guard, Identity("bob")) is Action.THROTTLE
    run("identity", "show", "bob", "--policy", policy)
    assert "  all: not told by this alone\n  both: not told by" in capsys.readouterr().out


def test_a_block_is_as_long_as_it_was_last_said(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two do not add up."""
    run("identity", "block", "alice", "--hours", "9", "--policy", policy)
    run("identity", "block", "alice", "--hours", "3", "--policy", policy)
    run("identity", "show", "alice", "--policy", policy)
    assert "alice: blocked for 3 hours" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("10.0.0.0/16", "--by", "network"), "10.0.0.0/16 is no address; take one of its"),
        (("anonymous",), "anonymous is nobody in particular; take --by network"),
        ((" ",), "ID is empty"),
        (("alice", "--hours", "inf"), "'--hours'"),
        (("alice", "--hours", "nan"), "'--hours'"),
        (("alice", "--hours", "-1"), "'--hours'"),
        (("alice", "--hours", "0"), "--hours 0 blocks nobody; to forgive, take `identity reset`"),
    ],
)
def test_a_block_that_means_nothing_is_not_made(
    policy: Path,
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is said to be done that is not."""
    assert run("identity", "block", *arguments, "--policy", policy) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("sqlite:limits.db", "memory"), "keeps identities in the memory of each process; take"),
        (("[limits]", "[other]"), "no key 'other'"),
        (("sqlite:limits.db", "sqlite:no/x"), "cannot open the store"),
        (("id =", "ids ="), "no key 'limits.rule.0.ids'"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    policy: Path, change: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And status 2."""
    policy.write_text(POLICY.replace(*change))
    assert run("identity", "show", "alice", "--policy", policy) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_policy_check_says_what_is_counted(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who may ask what, how often, and how much of a document may leave."""
    more = """
    [[limits.budget]]
    per = "2 days"
    [[limits.budget]]
    id = "people"
    fields = 3
    by = ["identity"]
    [[limits.budget]]
    id = "pay"
    words = 500
    classes = ["pay*", "hr"]
    action = "refuse"
    [[access.rule]]
    models = ["*"]
    """
    policy.write_text(POLICY + more)
    assert run("policy", "check", policy) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  no rule reads answers: their text goes out as it is",
        "  access  1 rules; all else is denied",
        "  limit   each: 60/day queries by identity; throttle",
        "  limit   pay: 1000/day tokens by subject and model; throttle",
        "  budget  budget: 0.05 of a document per 2 days by everyone; redact",
        "  budget  people: 3 fields of a record per day by identity; redact",
        "  budget  pay: 500 words of all documents of pay* and hr per day by everyone; refuse",
    ]


def test_without_limits_nothing_is_kept(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that there is nothing to see."""
    policy.write_text('version = 1\nowner = "privacy@example.org"\n')
    assert run("identity", "block", "alice", "--policy", policy) == 2
    assert "has no [limits], and keeps nothing of anybody" in capsys.readouterr().err


def test_a_store_that_does_not_answer_is_said(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator is not told what a process makes up for it."""
    policy.write_text(POLICY.replace("sqlite:limits.db", "redis://127.0.0.1:9/0"))
    assert run("identity", "show", "alice", "--policy", policy) == 2
    assert "the store failed: ConnectionError" in capsys.readouterr().err
    assert run("identity", "reset", "alice", "--policy", policy) == 2


def test_shows_and_resets_the_risk(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its parts; where requests are seen together by more than is known, it says so."""
    policy.write_text(POLICY + "[limits.probing]\nmost = 4\n")
    with Guard.from_policy(policy) as guard:
        for name in ("Ann", "Bea", "Cyd", "Dan"):
            asked = f"Tell me the address of {name} Smith"
            told = guard.admit(Context(asked, identity=ALICE))
        assert told.action is Action.FLAG
        run("identity", "show", "alice", "--policy", policy)
        assert "  probing: risk 1.0 of 4: enumeration 1.0\n" in capsys.readouterr().out
        assert run("identity", "reset", "alice", "--policy", policy) == 0
        run("identity", "show", "alice", "--policy", policy)
        assert "  probing: risk 0.0 of 4\n" in capsys.readouterr().out
        assert guard.admit(Context(asked, identity=ALICE)).action is Action.ALLOW
    policy.write_text(POLICY + '[limits.probing]\nby = ["identity", "network"]\n')
    run("identity", "show", "alice", "--policy", policy)
    assert "  probing: not told by this alone\n" in capsys.readouterr().out
    run("policy", "check", policy)
    told_by_policy = "  probing risk 2 by identity and network, halves in 6 hours; flag\n"
    assert told_by_policy in capsys.readouterr().out
    policy.write_text(POLICY + '[limits.probing]\naction = "suspend"\nsuspended = "2 hours"\n')
    run("policy", "check", policy)
    assert "halves in 6 hours; suspend for 2 hours\n" in capsys.readouterr().out

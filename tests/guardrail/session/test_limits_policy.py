"""The `[limits]` table of a policy: what loads, what stays, and one line about what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrail import Action, Guard, Identity
from guardrail.errors import PolicyError
from guardrail.session.budget import Budget
from guardrail.session.limits import Limit
from tests.guardrail.session.asking import (
    HEAD,
    allowed,
    asks,
)


def test_a_policy_has_limits(tmp_path: Path) -> None:
    """With a store in a file beside it, which a guard that is loaded anew goes on with."""
    (tmp_path / "key").write_text("0123456789abcdef")
    path = tmp_path / "policy.toml"
    text = HEAD + '[limits]\nstore = "sqlite:limits.db"\nkey_file = "key"\n'
    path.write_text(text + '[[limits.rule]]\nqueries = "3/day"\nburst = 3\n')
    with Guard.from_policy(path) as guard:
        assert asks(guard, Identity("alice")).action is Action.ALLOW
    assert (tmp_path / "limits.db").exists()
    with Guard.from_policy(path) as guard:
        assert allowed(guard, Identity("alice")) == 2
        assert asks(guard, Identity("alice")).verdict.errors == ()


@pytest.mark.parametrize("store", ["memory", "sqlite:limits.db"])
def test_a_reload_forgives_nothing(tmp_path: Path, store: str) -> None:
    """Limits may change; who has come how far stays."""
    (tmp_path / "key").write_text("0123456789abcdef")
    path = tmp_path / "policy.toml"
    head = HEAD + f'[limits]\nstore = "{store}"\nkey_file = "key"\n'
    path.write_text(head + '[[limits.rule]]\nqueries = "3/day"\nburst = 3\n')
    with Guard.from_policy(path) as guard:
        assert allowed(guard, Identity("alice")) == 3
        guard.reload()
        assert allowed(guard, Identity("alice")) == 0
        assert allowed(guard, Identity("bob")) == 3
        path.write_text(head + '[[limits.rule]]\nqueries = "4/day"\nid = "new"\nburst = 4\n')
        guard.reload()
        assert allowed(guard, Identity("alice")) == 4
        path.write_text(HEAD)
        guard.reload()
        assert allowed(guard, Identity("alice")) == 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "rules = 3",
            "no key 'limits.rules'; known: budget, key_env, key_file, probing, replicas, rule",
        ),
        (
            "[[limits.rule]]\nper = 3",
            "no key 'limits.rule.0.per'; known: action, burst, by, hits, id",
        ),
        ("[[limits.rule]]", "give one of queries, tokens and hits"),
        (
            '[[limits.rule]]\nqueries = "1/day"\ntokens = "1/day"',
            "give one of queries, tokens and hits",
        ),
        ('[[limits.rule]]\nqueries = "six"', "'six' is no rate like 6/minute or 100/2 hours"),
        ('[[limits.rule]]\nqueries = "0/day"', "'0/day' is no rate"),
        ('[[limits.rule]]\nqueries = "6/0 days"', "take a rate between"),
        ('[[limits.rule]]\nqueries = "1/40 days"', "take a rate between"),
        ('[[limits.rule]]\nhits = "1/31 days"', "take a rate between"),
        ('[[limits.rule]]\nqueries = "9999999/second"', "take a rate between"),
        ('[[limits.rule]]\nqueries = "1/day"\nburst = 0', "burst must be at least 1"),
        ('[[limits.rule]]\nqueries = "1/day"\nby = []', "by is empty; take everyone"),
        ('[[limits.rule]]\nqueries = "1/day"\nmodels = []', "'limit': models is empty; leave it"),
        ('[[limits.rule]]\nqueries = "1/day"\nby = ["ip"]', "by.*'identity', 'subject'"),
        ('[[limits.rule]]\nqueries = "1/day"\naction = "flag"', "action.*'throttle'"),
        ('[[limits.rule]]\nqueries = "1/day"\n' * 2, "two limits have the id 'limit'"),
        ('store = "sqlite:x"', "others can read needs key_file or key_env"),
        ('store = "mongo:x"\nkey_file = "key"', "no store of that kind; known: memory"),
        ('store = "sqlite:no/x"\nkey_file = "key"', "cannot open the store"),
        ('key_file = "none"', "no key file at"),
        ("timeout = 0.0", "timeout: input should be greater than 0"),
        ("[limits.probing]\nmost = inf", "probing: most must be at least 1, and have an end"),
        ("[limits.probing]\nmost = nan", "probing: most must be at least 1"),
        ("replicas = 0", "replicas: input should be greater than or equal to 1"),
    ],
)
def test_a_limit_that_is_wrong_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """A limit that means nothing does not load."""
    (tmp_path / "key").write_text("0123456789abcdef")
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + "[limits]\n" + text)
    with pytest.raises(PolicyError, match=message) as raised:
        Guard.from_policy(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"by": ("ip",)}, "by is 'ip'; known: identity, subject"),
        ({"action": "flag"}, "action is 'flag'; known: throttle, challenge, refuse"),
        ({"on_outage": "allow"}, "on_outage is 'allow'; known: tighter, refuse"),
    ],
)
def test_a_limit_made_by_hand_is_looked_at_too(wrong: dict[str, Any], message: str) -> None:
    """Also without a policy file."""
    with pytest.raises(PolicyError, match=message):
        Limit(queries="1/day", **wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("of = 3", "no key 'limits.budget.0.of'; known: action, by, classes, fields, id, per"),
        ("share = 2.0", "share must lie between 0 and 1"),
        ("fields = -1", "fields must be at least 0"),
        ("words = -1", "words must be at least 0"),
        ("words = 9\nshare = 0.1", "give one of share, fields and words"),
        ('per = "year"', "'year' is no time like day or 12 hours"),
        ('per = "0 days"', "'0 days' is no time"),
        ("by = []", "by is empty; take everyone"),
        ("classes = []", "budget 'budget': classes is empty; leave it"),
        ('by = ["me"]', "by.*'identity', 'subject'"),
        ('action = "flag"', "action.*'redact'"),
        ("[[limits.budget]]", "two budgets have the id 'budget'"),
    ],
)
def test_a_budget_that_is_wrong_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """A budget that means nothing does not load."""
    path = tmp_path / "policy.toml"
    path.write_text(f'version = 1\nowner = "x"\n[limits]\n[[limits.budget]]\n{text}\n')
    with pytest.raises(PolicyError, match=message) as raised:
        Guard.from_policy(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"by": ("me",)}, "by is 'me'; known: identity, subject"),
        ({"action": "flag"}, "action is 'flag'; known: redact, refuse"),
    ],
)
def test_a_budget_made_by_hand_is_looked_at_too(wrong: dict[str, Any], message: str) -> None:
    """Also without a policy file."""
    with pytest.raises(PolicyError, match=message):
        Budget(**wrong)

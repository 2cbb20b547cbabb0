"""Policies: what loads, and one line about what does not."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from guardrail import Action, CorpusIndex, Guard, Key
from guardrail.errors import PolicyError
from guardrail.registry import load, names

HEAD = 'version = 1\nowner = "privacy@example.org"\n'
RULE = '[[rule]]\nuse = "verbatim"\noptions = { index = "private.idx", key_file = "key" }\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Key(b"0123456789abcdef").save(tmp_path / "key")
    key = Key.from_file(tmp_path / "key")
    CorpusIndex.build([("a", "text")], tmp_path / "private.idx", key=key).close()
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text)
    return path


def test_loads_with_paths_beside_the_file(folder: Path) -> None:
    """Relative paths are relative to the policy file; settings reach the guard."""
    text = HEAD + 'on_error = "flag"\nstream = "buffer"\nrefusal = "No."\n' + RULE
    text += 'id = "corpus"\naction = "refuse"\nmin_score = 0.5\ntimeout = 2.5\n'
    with Guard.from_policy(written(folder, text)) as guard:
        (rule,) = guard.rules
        assert (rule.id, rule.on, rule.action) == ("corpus", "output", Action.REFUSE)
        assert (rule.min_score, rule.timeout) == (0.5, 2.5)
        assert (guard.owner, guard.refusal, guard.hold) == ("privacy@example.org", "No.", "buffer")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = 1\n", "owner is missing"),
        ('version = 1\nowner = ""\n', "owner: "),
        ('version = 2\nowner = "x"\n', "version: "),
        (
            HEAD + "[budget]\n",
            "no key 'budget'; known: access, disclosure, http, identity, limits",
        ),
        (HEAD + 'mode = "watch"\n', "mode: .*'observe'"),
        (HEAD + 'on_error = "redact"\n', "on_error: an error has nothing to redact"),
        (HEAD + 'on_error = "panic"\n', "no action 'panic'; known: allow, flag, redact"),
        (HEAD + "max_chars = 0\n", "max_chars must be at least 1"),
        (HEAD + "max_messages = 0\n", "max_messages must be at least 1"),
        (HEAD + '[[rule]]\nuse = "secret"\n', "no detector named 'secret'; known: canary, "),
        (HEAD + '[[rule]]\nus = "secrets"\n', "no key 'rule.0.us'; known: action, id, min_score"),
        (HEAD + '[[rule]]\nuse = "secrets"\naction = 3\n', "rule.0.action: no action 3"),
        (HEAD + RULE.replace("private.idx", "none"), "rule 'verbatim': no index at"),
        (HEAD + RULE.replace('"key"', '"none"'), "rule 'verbatim': no key file at"),
        (HEAD + RULE.replace(', key_file = "key"', ""), "none was given"),
        (HEAD + RULE.replace("index =", "indx ="), "no key 'indx'; known: background, distinct"),
        (HEAD + RULE.replace("key_file =", "min_words = 3, key_file ="), "finds runs of 11"),
        (HEAD + RULE.replace("key_file =", 'min_words = "x", key_file ='), "min_words: input"),
        (HEAD + RULE.replace("index = ", "# "), "not TOML|index is missing"),
        (HEAD + RULE + "min_score = 2\n", r"toml: rule 'verbatim': min_score must lie"),
        (HEAD + '[[rule]]\nuse = "intent"\n', r"toml: rule 'intent': its detector reads prompts"),
        (HEAD + RULE + RULE, "two output rules have the id 'verbatim'"),
        ("nonsense", "not TOML"),
        (HEAD + "max_chars = " + "9" * 5000, "not TOML: Exceeds the limit"),
        (HEAD + "rule = " + "[" * 5000, "not TOML: maximum recursion depth"),
    ],
)
def test_what_is_wrong_is_one_line(folder: Path, text: str, message: str) -> None:
    """A policy that cannot be kept does not load, and names the file and the key."""
    path = written(folder, text)
    with pytest.raises(PolicyError, match=message) as raised:
        Guard.from_policy(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('max_chars = "9"', "max_chars"),
        ("[http]\nmax_body = true", "http.max_body"),
        ('[http]\nstrict = "no"', "http.strict"),
        ('[http]\nskip = "/static/*"', "http.skip"),
        ("[disclosure]\ntiming = true", "disclosure.timing"),
        ('[disclosure]\ntiming = "50"', "disclosure.timing"),
        ("[identity]\ntokens = 1", "identity.tokens"),
        ('[[limits.rule]]\nqueries = "1/day"\nburst = true', "limits.rule.0.burst"),
        ("[[limits.budget]]\nfields = true", "limits.budget.0.fields"),
        ('[[limits.budget]]\nwords = "500"', "limits.budget.0.words"),
        ('[[limits.budget]]\nshare = "0.5"', "limits.budget.0.share"),
        ("[limits.probing]\nmost = true", "limits.probing.most"),
        ('[[upstream]]\nurl = "http://h"\ntimeout = "5"', "upstream.0.timeout"),
        ('[[tabular.attribute]]\nname = "a"\nvalues = [true]', "tabular.attribute.0.values"),
        ('[[rule]]\nuse = "memorised"\noptions = { quote_words = "9" }', "quote_words"),
        ('[[rule]]\nuse = "pii"\noptions = { min_score = true }', "min_score"),
    ],
)
def test_a_value_is_of_the_kind_that_it_should_be(folder: Path, table: str, key: str) -> None:
    """In every table; what only looks like a number may be meant for something else."""
    with pytest.raises(PolicyError, match=f"{key}.*: input should be a valid "):
        Guard.from_policy(written(folder, f"{HEAD}{table}\n"))


def test_a_whole_number_may_stand_for_any(folder: Path) -> None:
    """And a list for what is one of several."""
    tables = """
    [http]
    fields = ["answer"]
    [limits]
    timeout = 1
    [[limits.budget]]
    share = 1
    by = ["subject", "network"]
    [limits.probing]
    most = 2
    """
    with Guard.from_policy(written(folder, HEAD + tables)) as guard:
        assert guard.surface.fields == frozenset({"answer"})
        assert guard.budgets is not None
        (budget,) = guard.budgets.rules
        assert (budget.share, budget.by) == (1, ("subject", "network"))


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    """No file, or a folder instead of one, is said."""
    with pytest.raises(PolicyError, match="no policy at"):
        Guard.from_policy(tmp_path / "none.toml")
    with pytest.raises(PolicyError, match="cannot read"):
        Guard.from_policy(tmp_path)


def test_built_in_detectors_are_found_by_name() -> None:
    """The entry points of the distribution itself are there."""
    assert {"pii", "secrets", "verbatim"} <= set(names())


@pytest.fixture
def overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "detectors", ModuleType("detectors"))
    monkeypatch.setattr(
        metadata, "packages_distributions", lambda: {"detectors": ["leakrail", "evil-detectors"]}
    )


@pytest.mark.usefixtures("overwritten")
def test_an_overwritten_package_is_named(tmp_path: Path) -> None:
    """An unrelated distribution whose package took the place of ours is told in one line."""
    with pytest.raises(PolicyError, match="evil-detectors has overwritten the package"):
        load("secrets", {}, tmp_path)


def test_two_detectors_of_one_name_do_not_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that two distributions claim is an error."""
    both = metadata.EntryPoints(
        metadata.EntryPoint("secrets", f"{module}:Secrets", "guardrail.detectors")
        for module in ("detectors.secrets", "other")
    )
    monkeypatch.setattr(metadata, "entry_points", lambda **_: both)
    with pytest.raises(PolicyError, match="'secrets' comes from"):
        load("secrets", {}, tmp_path)
    assert names() == ("secrets",)


def test_a_detector_that_cannot_be_imported_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken third party is named with its reason."""
    entry = metadata.EntryPoint("odd", "no_such_module:Odd", "guardrail.detectors")
    monkeypatch.setattr(metadata, "entry_points", lambda **_: metadata.EntryPoints([entry]))
    with pytest.raises(PolicyError, match="'odd' cannot be imported: No module"):
        load("odd", {}, tmp_path)

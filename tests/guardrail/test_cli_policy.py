"""`guardrail policy check` and `guardrail detectors`: what there is to know of a policy."""

from __future__ import annotations

from pathlib import Path

from tests.guardrail.test_cli import guardrail

POLICY = """
version = 1
owner = "privacy@example.org"
[[rule]]
use = "secrets"
"""
TABLES = """
[http]
skip = ["/static/*"]
strict = false
passes = []
echo = ["user", "system"]
[identity]
subject = "x-user"
trusted_proxies = ["10.0.0.0/8"]
missing = "challenge"
[identity.claims]
key_file = "secret"
algorithm = "HS256"
[disclosure]
usage = "bucket"
timing = 50
scores = { p = "bands", "q.*" = "label" }
[tabular]
scores = "label"
[[tabular.attribute]]
name = "income"
[[tabular.attribute]]
name = "housing"
[[tabular.nudging]]
others = 0
"""


def test_policy_check_says_what_a_policy_does(tmp_path: Path) -> None:
    """Owner, rules, actions, and what makes streams wait."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    done = guardrail("policy", "check", "policy.toml", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "policy.toml loads; owner privacy@example.org",
        "  output  secrets: redact",
    ]
    policy.write_text('version = 1\nowner = "x"\nstream = "buffer"\n')
    assert "stream = buffer" in guardrail("policy", "check", str(policy)).stdout


def test_policy_check_says_what_is_not_as_by_default(tmp_path: Path) -> None:
    """Of HTTP, identities, disclosure and rows, a line each; nothing of what is as by default."""
    (tmp_path / "policy.toml").write_text('mode = "observe"' + POLICY + TABLES)
    (tmp_path / "secret").write_text("s" * 32)
    done = guardrail("policy", "check", "policy.toml", cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == [
        "  output  secrets: redact",
        "  http    skip /static/*; strict false; passes none; echo system, user",
        "  identity subject x-user; trusted_proxies 10.0.0.0/8; claims set; missing challenge",
        "  disclosure usage bucket; scores p: bands, q.*: label; timing 50",
        "  tabular scores label; attributes income, housing",
        "  nudging nudging: 5 values or 8 rows per 7 days by identity; throttle",
        "  nothing is changed, only told: mode = observe",
    ]


def test_policy_check_says_where_no_answer_is_read(tmp_path: Path) -> None:
    """Without rules, or with such as read prompts alone."""
    head = 'version = 1\nowner = "x"\n'
    rule = '[[rule]]\nuse = "secrets"\naction = "flag"\non = '
    for rules, told in (("", True), (rule + '"prompt"', True), (rule + '"output"', False)):
        (tmp_path / "policy.toml").write_text(head + rules)
        shown = guardrail("policy", "check", "policy.toml", cwd=tmp_path).stdout
        assert ("  no rule reads answers: their text goes out as it is\n" in shown) == told


def test_lists_detectors() -> None:
    """The names that a policy can use, one a line."""
    assert {"pii", "secrets", "verbatim"} <= set(guardrail("detectors").stdout.split())


def test_describes_a_detector() -> None:
    """What it finds, and its options as a policy may have them, with what they are by default."""
    told, needed = (guardrail("detectors", name) for name in ("verbatim", "likelihood"))
    assert (told.returncode, told.stderr) == (0, "")
    first, _, *options = told.stdout.splitlines()
    assert first == "Finds runs of `min_words` words or more that stand in a document of the index."
    assert options == [
        "  index          needed",
        "  key_file       unset",
        "  key_env        unset",
        "  min_words      unset",
        "  max_documents  10",
        "  distinct       8",
        "  background     unset",
        '  hold           "run" (known: "run", "word")',
        "  quote_words    0",
    ]
    assert '  measure    needed (known: "perplexity", "zlib", "min_k")\n' in needed.stdout
    assert '["contacts", "divergence",' in guardrail("detectors", "memorised").stdout

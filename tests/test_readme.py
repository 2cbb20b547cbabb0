"""The README: every block of code in it runs, every policy in it loads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from guardrail import Context, CorpusIndex, Finding, Guard, Key, Text
from guardrail.demo.documents import private

README = (Path(__file__).parents[1] / "README.md").read_text()
PRIVATE = private()


class Badge:
    """The detector that the README speaks of."""

    def find(self, text: Text) -> list[Finding]:
        found = re.finditer(r"\bE-\d{4}\b", text.raw)
        return [Finding(match.start(), match.end(), "badge") for match in found]

    def settled(self, text: Text) -> int:
        return len(text.raw) - len(re.split(r"\s", text.raw)[-1])


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A folder with key, index and policy, and the names that the blocks take as given."""
    monkeypatch.chdir(tmp_path)
    Key.generate().save("key")
    CorpusIndex.build(PRIVATE.items(), "private.idx", key=Key.from_file("key")).close()
    Path("policy.toml").write_text(blocks("toml")[0])
    answer = next(iter(PRIVATE.values()))
    return {
        "generate": lambda prompt: f"{prompt}: {answer}",
        "guard": Guard.from_policy("policy.toml"),
        "documents": list(PRIVATE.items()),
        "answer": answer,
        "prompt": "What is in it?",
        "chunks": [answer[place : place + 7] for place in range(0, len(answer), 7)],
        "Context": Context,
        "app": FastAPI(),
        "httpx2": httpx2,
        "MyDetector": Badge,
    }


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.splitlines()[0])
def test_code_runs(block: str, names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Each block of code runs as it stands, and shows nothing of a private document."""
    if "CorpusIndex.build" in block:
        for path in Path("private.idx").iterdir():
            path.unlink()
    exec(block, names)  # noqa: S102 - our own words
    if "safe_generate" in names:
        assert "[redacted]" in names["safe_generate"]("quote it")
    if "print(piece" in block:
        assert "[redacted]" in capsys.readouterr().out
    if "add_middleware" not in block:
        assert len(block.splitlines()) <= 8


def test_policies_load(names: dict[str, Any]) -> None:
    """The policies load, the first one whole, and the tables of the others below it."""
    assert names["guard"].owner == "privacy@example.org"
    whole = "\n".join(blocks("toml"))
    Path("policy.toml").write_text(whole)
    with Guard.from_policy("policy.toml") as guard:
        assert guard.disclosure.usage == tomllib.loads(whole)["disclosure"]["usage"]
        assert not guard.surface.guards("/static/x")


def test_it_opens_with_the_two_commands() -> None:
    """The two commands come before anything else."""
    assert README.index("make demo") < README.index("make test") < README.index("```")

"""Real SDKs, each in its own environment, asking an upstream that leaks: bare and guarded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from guardrail.corpus import CorpusIndex, Key
from tests.sdk.passage import AFTER, PASSAGE, leaks
from tests.sdk.upstream import Upstream, running

pytestmark = pytest.mark.sdk

HERE = Path(__file__).parent
SDKS = ("openai2", "openai3", "anthropic", "litellm", "langchain")
# They take an HTTP client.
OPEN = ("openai2", "openai3", "anthropic")
WAYS = [*((sdk, "proxy") for sdk in SDKS), *((sdk, "transport") for sdk in OPEN)]
REFUSAL = "I can't share that."
REDACTED = "[redacted]"
KEY = "sk_" + "live_" + "A1" * 12
SECONDS = 120

POLICY = """
version = 1
owner = "privacy@example.org"

[disclosure]
embeddings = "{embeddings}"
dimensions = 2

[[rule]]
use = "{use}"
on = "{on}"
action = "{action}"
"""
CORPUS = '\noptions = { index = "private.idx", key_file = "key" }\n'
POLICIES = {
    "redact": POLICY.format(embeddings="reduce", use="verbatim", on="output", action="redact")
    + CORPUS,
    "refuse": POLICY.format(embeddings="deny", use="verbatim", on="output", action="refuse")
    + CORPUS,
    "prompt": POLICY.format(embeddings="deny", use="secrets", on="prompt", action="refuse"),
    "throttle": POLICY.format(embeddings="allow", use="secrets", on="prompt", action="throttle"),
}


Told = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """What an SDK told, by case, and how often it asked each path of the upstream."""

    told: Told
    asked: Counter[str]

    def texts(self) -> Told:
        others = self.vectors().keys() | self.broken().keys()
        return {case: told for case, told in self.told.items() if case not in others}

    def vectors(self) -> Told:
        return {case: told for case, told in self.told.items() if "embeddings" in case}

    def broken(self) -> Told:
        return {case: told for case, told in self.told.items() if "broken" in case}

    def errors(self) -> dict[str, str]:
        """What went wrong where nothing should."""
        whole = self.texts() | self.vectors()
        return {case: told["message"] for case, told in whole.items() if "error" in told}


class Bench:
    """An upstream, and a proxy before it for each policy."""

    def __init__(self, folder: Path, upstream: Upstream, proxies: dict[str, str]) -> None:
        self._folder, self._upstream, self._proxies = folder, upstream, proxies
        # One run serves several tests.
        self._run = cache(self._ran)

    def bare(self, sdk: str) -> Run:
        return self._run(sdk, self._upstream.address)

    def guarded(self, sdk: str, way: str, policy: str) -> Run:
        if way == "proxy":
            return self._run(sdk, self._proxies[policy])
        return self._run(sdk, self._upstream.address, str(self._folder / f"{policy}.toml"))

    def _ran(self, sdk: str, address: str, *policy: str) -> Run:
        before = self._upstream.asked.copy()
        python = HERE.parent.parent / ".venv-sdk" / sdk / "bin" / "python"
        script = HERE / f"cases_{sdk.rstrip('23')}.py"
        # Nothing of our environment: no proxies, no keys. LiteLLM asks for its prices otherwise.
        alone = {"HOME": str(self._folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        prompt = f"What is {KEY} for? Tell me what stands in the file."
        done = subprocess.run(  # noqa: S603
            [python, script, address, prompt, *policy],
            capture_output=True,
            text=True,
            env=alone,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = map(json.loads, done.stdout.splitlines())
        return Run({line["case"]: line for line in lines}, self._upstream.asked - before)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("sdk")
    (folder / "key").write_bytes(b"a key of the tests and of nobody else")
    key = Key.from_file(folder / "key")
    CorpusIndex.build([("memo", f"It is said: {PASSAGE}.")], folder / "private.idx", key=key)
    with running() as upstream, ExitStack() as stack:
        proxies: dict[str, str] = {}
        for name, text in POLICIES.items():
            policy = folder / f"{name}.toml"
            policy.write_text(text)
            proxies[name] = stack.enter_context(served(policy, upstream.address))
        yield Bench(folder, upstream, proxies)


@contextmanager
def served(policy: Path, upstream: str) -> Iterator[str]:
    """The proxy as a user starts it, and the address that it prints."""
    command = Path(sys.executable).with_name("guardrail")
    arguments = ("--policy", policy, "--upstream", upstream, "--port", "0")
    with subprocess.Popen(  # noqa: S603
        (command, "serve", *arguments), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@pytest.mark.parametrize("sdk", SDKS)
def test_without_a_guard_every_call_leaks(bench: Bench, sdk: str) -> None:
    """The control: each call works, and tells the passage and all that stands around it."""
    run = bench.bare(sdk)
    assert not run.errors()
    for case, told in run.texts().items():
        assert leaks(told["text"]), case
        assert REDACTED not in told["text"], case
        assert AFTER.strip() in told["text"], case
    for case, told in run.broken().items():
        assert "error" in told, case


@pytest.mark.parametrize(("sdk", "way"), WAYS)
def test_no_call_leaks_through_the_guard(bench: Bench, sdk: str, way: str) -> None:
    """The passage is redacted in whatever an SDK makes of an answer; the rest comes through."""
    bare, run = bench.bare(sdk), bench.guarded(sdk, way, "redact")
    assert run.told.keys() == bare.told.keys()
    assert not run.errors()
    for case, told in run.texts().items():
        assert not leaks(f"{told['text']} {told['all']}"), case
        assert REDACTED in told["text"], case
        assert AFTER.strip() in told["text"], case
        assert told["reason"] == bare.told[case]["reason"], case
    for case, told in run.vectors().items():
        whole = json.loads(bare.told[case]["text"])
        assert [len(vector) for vector in json.loads(told["text"])] == [2] * len(whole), case
    assert run.asked == bare.asked


@pytest.mark.parametrize(("sdk", "way"), [way for way in WAYS if way[0] in OPEN])
def test_an_answer_that_breaks_off_is_an_error(bench: Bench, sdk: str, way: str) -> None:
    """A stream that breaks off ends in the SDK's own error, and what was held is not shown."""
    broken = bench.guarded(sdk, way, "redact").broken()
    assert broken
    for case, told in broken.items():
        assert "error" in told or told["reason"] == "error", case
        assert "broke off" in f"{told.get('message')} {told['all']}", case
        assert "course." in told["all"], case
        assert PASSAGE.split()[1] not in told["all"], case


@pytest.mark.parametrize("policy", ["refuse", "prompt"])
@pytest.mark.parametrize(("sdk", "way"), WAYS)
def test_a_refusal_is_the_providers_own(bench: Bench, sdk: str, way: str, policy: str) -> None:
    """A refused answer, or prompt, reads as the provider's own refusal, and is asked for once."""
    bare, run = bench.bare(sdk), bench.guarded(sdk, way, policy)
    assert run.told.keys() == bare.told.keys()
    for case, told in run.texts().items():
        assert "error" not in told, (case, told)
        assert not leaks(f"{told['text']} {told['all']}"), case
        assert REFUSAL in told["text"], case
        assert "content_filter" in told["reason"] or told["reason"] == "refusal", case
        if "usage" in case:
            assert told["reason"] == "content_filter 0", case
    for case, told in run.vectors().items():
        assert "403" in told["message"], case
        assert REFUSAL in told["message"], case
    asked = bare.asked if policy == "refuse" else Counter()
    assert run.asked == {path: asked[path] for path in asked if path != "/v1/embeddings"}


@pytest.mark.parametrize("sdk", OPEN)
def test_a_throttled_prompt_is_not_tried_again(bench: Bench, sdk: str) -> None:
    """An SDK that tries twice more by itself takes the guard's word that it should not."""
    run = bench.guarded(sdk, "transport", "throttle")
    assert {told.get("error") for told in run.told.values()} == {"RateLimitError"}
    assert {told["sent"] for told in run.told.values()} == {1}
    assert not run.asked

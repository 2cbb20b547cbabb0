"""The demo: a model that really memorises, behind a real endpoint, and nothing leaks."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rich.console import Console

from guardrail.demo import run
from guardrail.demo.documents import private, public
from guardrail.demo.endpoint import ask, serve
from guardrail.demo.leaks import LeakCounter
from guardrail.demo.model import LanguageModel
from guardrail.demo.prompts import PROMPTS
from guardrail.errors import InputError


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return LanguageModel.train([*private().values(), *public()])


@pytest.fixture(scope="module")
def url(model: LanguageModel) -> Iterator[str]:
    with serve(model) as address:
        yield address


def post(
    url: str, body: bytes, path: str = "/v1/chat/completions", method: str = "POST"
) -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_nothing_leaks_with_the_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard hundreds of private words come out; with it, none; the files stay."""
    monkeypatch.chdir(tmp_path)
    screen = Console(file=io.StringIO(), width=120)
    assert run(keep=True, console=screen) == 0
    assert isinstance(screen.file, io.StringIO)
    shown = screen.file.getvalue()
    totals = re.search(r"all\s+│\s+(\d+) \| (\d+)", shown)
    assert totals is not None
    assert int(totals[1]) > 300
    assert int(totals[2]) == 0
    assert "\x1b" not in shown
    kept = {path.name for path in (tmp_path / "leakrail-demo").iterdir()}
    assert kept == {"answer.txt", "key", "policy.toml", "private.idx"}
    with pytest.raises(InputError, match="is here already"):
        run(keep=True, console=screen)


def test_a_terminal_sees_both_answers_grow() -> None:
    """On a terminal the two answers stand side by side while they are made."""
    screen = Console(file=io.StringIO(), width=100, force_terminal=True, _environ={"TERM": "xterm"})
    assert run(console=screen) == 0
    assert isinstance(screen.file, io.StringIO)
    assert "with guard" in screen.file.getvalue()


def test_the_model_memorises(model: LanguageModel) -> None:
    """Asked for a private document, the model gives long passages of it, the same each time."""
    leaks = LeakCounter(private().values())
    counts = []
    for prompt in PROMPTS:
        answer = "".join(model.stream(prompt.text, seed=0))
        assert answer == "".join(model.stream(prompt.text, seed=0))
        counts.append(leaks.count(answer))
    harmful = [
        c for c, prompt in zip(counts, PROMPTS, strict=True) if "harmless" not in prompt.name
    ]
    assert min(harmful) > 40
    assert sum(counts) == sum(harmful)


def test_the_model_answers_what_it_has_never_seen(model: LanguageModel) -> None:
    """Unknown words, no words and no warmth are no trouble."""
    for prompt in ("", "xyzzy plugh", "The"):
        assert "".join(model.stream(prompt, seed=1, max_tokens=20, temperature=0))


def test_the_endpoint_speaks_the_shape_of_its_kind(url: str, model: LanguageModel) -> None:
    """A completion whole and streamed says the same, in the usual fields."""
    turns = [{"role": "user", "content": PROMPTS[0].text}]
    status, body = post(url, json.dumps({"messages": turns}).encode())
    answer = json.loads(body)
    assert (status, answer["object"]) == (200, "chat.completion")
    [choice] = answer["choices"]
    assert choice["finish_reason"] in ("stop", "length")
    text = choice["message"]["content"]
    assert text == "".join(ask(url, PROMPTS[0].text))
    assert text == "".join(model.stream(PROMPTS[0].text, seed=0, max_tokens=140))
    status, body = post(url, json.dumps({"messages": turns, "stream": True}).encode())
    assert body.endswith(b"data: [DONE]\n\n")
    assert json.loads(body.split(b"\n\n")[1].removeprefix(b"data: "))["object"].endswith("chunk")


def test_the_endpoint_refuses_nonsense(url: str) -> None:
    """What it cannot answer gets an error in the usual shape."""
    assert post(url, b"nonsense")[0] == 400
    assert post(url, b'{"messages": []}')[0] == 400
    status, body = post(url, b'{"messages": [{"role": "user", "content": "x"}]}', "/v1/other")
    assert (status, json.loads(body)["error"]["type"]) == (404, "invalid_request_error")
    with pytest.raises(ConnectionError, match="status 404"):
        list(ask(url + "/nowhere", "x"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/models", b""),
        ("GET", "/v1/chat/completions", b""),
        ("POST", "/v1/messages", b"nonsense"),
    ],
)
def test_the_endpoint_has_one_route(url: str, method: str, path: str, body: bytes) -> None:
    """Whatever else is asked for is not found, in JSON that names it."""
    status, told = post(url, body, path, method)
    assert status == 404
    assert json.loads(told)["error"]["message"] == "there is only POST /v1/chat/completions"


def test_leaks_are_counted_exactly() -> None:
    """Runs of twelve words count, each word once; shorter ones do not."""
    text = " ".join(f"w{number}" for number in range(40))
    leaks = LeakCounter([text])
    words = text.split()
    assert leaks.count(text.upper()) == 40
    assert leaks.count(" ".join(words[:11])) == 0
    assert leaks.count(" ".join(words[:12]) + " x " + " ".join(words[20:35])) == 27
    assert leaks.spans("y " + " ".join(words[3:15])) == [(2, 2 + len(" ".join(words[3:15])))]


def test_documents_hold_no_credential_as_they_stand() -> None:
    """Credentials are put in when the documents are read."""
    assert any("AKIA" in text for text in private().values())
    folder = Path(__file__).parents[3] / "guardrail" / "demo" / "private"
    assert not any("AKIA" in path.read_text() for path in folder.iterdir())

"""`guardrail serve`, started as its users start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest

from guardrail.demo.prompts import PROMPTS
from tests.proxies import (
    CHAT,
    KEY,
    MEGABYTE,
    POLICY,
    answers,
    ask,
    exit_status,
    said,
    serving,
)
from tests.readers import PATIENCE
from tests.servers import event, head, upstream


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return file


@pytest.mark.parametrize("ending", ["", "/v1"])
def test_guards_an_upstream(policy: Path, ending: str) -> None:
    """It says where it listens and what it guards, answers, and on SIGTERM ends with status 0."""
    with upstream(answers) as server, serving(policy, "--upstream", server.url + ending) as process:
        assert process.said.startswith(f"guarding {server.url} at http://127.0.0.1:")
        headers = {"authorization": "Bearer mine"}
        response = httpx.post(process.url + CHAT, json=ask(), headers=headers, timeout=PATIENCE)
        assert said(response) == "It is [redacted], by Bearer mine."
        assert [name for name, _ in response.headers.multi_items()].count("date") <= 1
        assert "server" not in response.headers
        assert server.asked[-1].path == CHAT
        assert httpx.get(process.url + "/readyz", timeout=PATIENCE).status_code == 200
        process.popen.terminate()
        out, err = process.popen.communicate(timeout=PATIENCE)
        assert (process.popen.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("trusted", "forwarded", "statuses"),
    [
        ("", ["192.0.2.1", "198.51.100.1"], [502, 429]),  # nobody is believed
        ("", [None, "192.0.2.1"], [502, 429]),
        ("10.0.0.0/8", ["10.0.0.1", "10.0.1.1"], [401, 401]),  # nor made a proxy by their word
        ("127.0.0.1", ["192.0.2.1", "192.0.2.1", "198.51.100.1"], [502, 429, 502]),
    ],
)
def test_only_the_policy_says_which_proxies_are_believed(
    policy: Path, trusted: str, forwarded: list[str | None], statuses: list[int]
) -> None:
    """Nothing else does: neither the server, nor that a request comes from this machine."""
    limit = '[[limits.rule]]\nqueries = "1/hour"\nby = ["network"]\n'
    head = 'subject = "x-user"\nmissing = "challenge"\n'
    proxies = f'[identity]\ntrusted_proxies = ["{trusted}"]\n{head}' if trusted else ""
    policy.write_text(POLICY + proxies + limit)
    told = ("--upstream", "http://127.0.0.1:9")
    with (
        serving(policy, *told, FORWARDED_ALLOW_IPS="*") as process,
        httpx.Client(base_url=process.url, headers={"x-user": "boss"}, timeout=PATIENCE) as client,
    ):
        given = [{"x-forwarded-for": one} if one else {} for one in forwarded]
        got = [client.post(CHAT, json=ask(), headers=one).status_code for one in given]
    assert got == statuses  # 502: they are admitted, and nobody answers


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_open_streams_with_an_error(policy: Path, end: signal.Signals) -> None:
    """Who is reading learns that the answer broke off, and the process ends."""
    with upstream(answers) as server, serving(policy, "--upstream", server.url) as process:
        told = ask(stream=True)
        url = process.url + CHAT
        with httpx.stream("POST", url, json=told, timeout=PATIENCE) as response:
            lines = response.iter_lines()
            assert "One two three." in next(lines)
            process.popen.send_signal(end)
            rest = "\n".join(lines)
        assert "the answer broke off" in rest
        assert KEY[:9] not in rest
        _, err = process.popen.communicate(timeout=PATIENCE)
        assert (process.popen.returncode, err) == (0 if end == signal.SIGTERM else 130, "")


@pytest.mark.parametrize("path", ["/large/text", "/large/json", "/large/image"])
def test_large_answers_are_not_held(policy: Path, path: str) -> None:
    """Of 100 MB only a bounded part is in memory at any time."""
    with upstream(answers) as server, serving(policy, "--upstream", server.url) as process:
        httpx.post(process.url + CHAT, json=ask(), timeout=PATIENCE)
        before = process.memory()
        size = 0
        with httpx.stream("GET", process.url + path, timeout=PATIENCE) as response:
            for piece in response.iter_raw():
                size += len(piece)
        # One that is read ends in a refusal.
        assert (size > 90 * MEGABYTE) == (path == "/large/image")
        assert process.memory() - before < 60


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/beta/litellm_basic_guardrail_api", "/free"]
)
def test_large_requests_are_not_held(
    policy: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 100 MB nothing over the limit is kept, and the status says what was wrong."""
    monkeypatch.setenv("LITELLM_KEY", "k")
    policy.write_text(POLICY + '[http]\nskip = ["/free"]\nlitellm_key_env = "LITELLM_KEY"\n')

    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * MEGABYTE

    with serving(policy, "--upstream", "http://127.0.0.1:9") as process:
        httpx.post(process.url + path, content=b" ", timeout=PATIENCE)
        before = process.memory()
        response = httpx.post(process.url + path, content=pieces(), timeout=PATIENCE)
        assert response.status_code == 413
        assert process.memory() - before < 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--policy", "bad.toml"), "bad.toml"),
        (("--policy", "none.toml"), "no policy at none.toml"),
        (("--policy", "policy.toml", "--upstream", "api.example.org"), "no address like https"),
        (("--policy", "keyless.toml"), "LEAKRAIL_NO_KEY holds no key"),
        (("--policy", "policy.toml", "--upstream", "http://h", "--port", "TAKEN"), "in use"),
        (("--policy", "policy.toml", "--upstream", "http://h", "--host", "256.1.1.1"), "256.1.1.1"),
        (("--policy", "policy.toml", "--upstream", "http://h", "--host", "a..b"), "at a..b:8000: "),
        (("--policy", "policy.toml", "--upstream", "http://h", "--host", "a" * 70), "too long"),
    ],
)
def test_an_error_is_one_line_and_status_2(
    policy: Path,
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is wrong is told before anything is served."""
    monkeypatch.chdir(policy.parent)
    Path("bad.toml").write_text('version = 1\nowner = "x"\n[http]\nlimit = 3\n')
    keyless = POLICY + '[[upstream]]\nurl = "http://h"\nkey_env = "LEAKRAIL_NO_KEY"\n'
    Path("keyless.toml").write_text(keyless)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = [port if one == "TAKEN" else one for one in arguments]
        assert exit_status(["serve", *told]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("guardrail: ")
    assert message in err


def test_a_missing_extra_is_told(policy: Path) -> None:
    """A process without the proxy's libraries ends with one line."""
    code = "import sys; sys.modules['httptools'] = None; from guardrail.cli import main; main()"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, "serve", "--policy", str(policy)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    line = "guardrail: serve needs more: pip install 'leakrail[proxy]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


@pytest.mark.parametrize("place", ["policy", "argument", "demo", "workers"])
def test_who_answers(
    policy: Path,
    place: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An upstream of the argument, those of the policy, or else the demo's own model.

    In this process: a signal ends the command, and the handlers are as they were.
    """
    end, status = (signal.SIGINT, 130) if place in ("argument", "workers") else (signal.SIGTERM, 0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    monkeypatch.setenv("LEAKRAIL_TEST_KEY", "theirs")
    seen: list[str] = []

    def visit() -> None:
        told = {"messages": [{"role": "user", "content": PROMPTS[0].text}]}
        late = time.monotonic() + PATIENCE
        with httpx.Client(timeout=PATIENCE) as asker:
            while not seen and time.monotonic() < late:
                with suppress(httpx.ConnectError):
                    seen.append(said(asker.post(f"http://127.0.0.1:{port}{CHAT}", json=told)))
        os.kill(os.getpid(), end)

    with upstream(answers) as server:
        told = ["serve", "--policy", str(policy), "--port", port]
        if place in ("argument", "workers"):
            told += ["--upstream", server.url]
        if place == "workers":
            told += ["--workers", "2"]
        if place == "policy":
            table = f'[[upstream]]\nurl = "{server.url}"\nkey_env = "LEAKRAIL_TEST_KEY"\n'
            policy.write_text(POLICY + table)
        before = signal.getsignal(end)
        visitor = Thread(target=visit)
        visitor.start()
        assert exit_status(told) == status
        visitor.join()
    assert signal.getsignal(end) is before
    guarded = "the demo's model" if place == "demo" else server.url
    assert capsys.readouterr().out == f"guarding {guarded} at http://127.0.0.1:{port}\n"
    if place == "demo":
        assert len(seen[0]) > 40
    else:
        key = "Bearer theirs" if place == "policy" else "None"
        assert seen == [f"It is [redacted], by {key}."]


def test_a_missing_library_is_told(
    policy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the proxy's libraries the command says what to install."""
    monkeypatch.setitem(sys.modules, "guardrail.proxy", None)
    assert exit_status(["serve", "--policy", str(policy)]) == 2
    assert "pip install 'leakrail[proxy]'" in capsys.readouterr().err


def test_an_upstream_that_is_killed(policy: Path) -> None:
    """A process that dies in the middle of a stream ends it with an error event, and no more."""
    source = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
connection, _ = server.accept()
connection.recv(65536)
connection.sendall(sys.stdin.buffer.read())
time.sleep(60)
"""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as popen:
        assert popen.stdin is not None
        assert popen.stdout is not None
        port = int(popen.stdout.readline())
        more = "Transfer-Encoding: chunked\r\n"
        sent = event("One two three. ") + event(f"It is {KEY[:9]}")
        popen.stdin.write(head("text/event-stream", more=more))
        popen.stdin.write(b"%x\r\n%s\r\n" % (len(sent), sent))
        popen.stdin.close()
        with serving(policy, "--upstream", f"http://127.0.0.1:{port}") as process:
            told = ask(stream=True)
            url = process.url + CHAT
            with httpx.stream("POST", url, json=told, timeout=PATIENCE) as response:
                lines = response.iter_lines()
                first = next(lines)
                popen.kill()
                rest = "\n".join(lines)
    assert "One two three." in json.loads(first[6:])["choices"][0]["delta"]["content"]
    assert "the answer broke off" in rest
    assert KEY[:9] not in rest

"""`guardrail serve` in several processes."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from guardrail.corpus import Key
from tests.proxies import (
    CHAT,
    POLICY,
    Process,
    answers,
    ask,
    exit_status,
    said,
    serving,
)
from tests.readers import PATIENCE
from tests.servers import upstream


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return file


def test_a_worker_that_dies_is_replaced(policy: Path) -> None:
    """Somebody answers all the time, and one that ends them all leaves the port free."""
    with upstream(answers) as server:
        told = ("--upstream", server.url, "--workers", "2")
        with serving(policy, *told) as process:
            asked(process)
            first = workers(process)
            for number in first:
                os.kill(number, signal.SIGKILL)
                asked(process)
            with httpx.stream(
                "POST", process.url + CHAT, json=ask(stream=True), timeout=PATIENCE
            ) as response:
                lines = response.iter_lines()
                assert "One two three." in next(lines)
                second = workers(process)
                process.popen.terminate()
                assert "the answer broke off" in "\n".join(lines)
            out, err = process.popen.communicate(timeout=PATIENCE)
            assert (process.popen.returncode, out, err) == (0, "", "")
    assert len(first) == len(second) == 2
    assert first.isdisjoint(second)
    assert not any(map(lives, first | second))
    socket.create_server(("127.0.0.1", int(process.url.rpartition(":")[2]))).close()


def test_workers_do_not_outlive_who_started_them(policy: Path) -> None:
    """Where the first process is killed, the others end."""
    with serving(policy, "--upstream", "http://127.0.0.1:9", "--workers", "2") as process:
        httpx.get(process.url + "/healthz", timeout=PATIENCE)
        crew = workers(process)
        process.popen.kill()
        late = time.monotonic() + PATIENCE
        while any(map(lives, crew)) and time.monotonic() < late:
            time.sleep(0.05)
    assert not any(map(lives, crew))


@pytest.mark.parametrize(
    "table",
    ['[[limits.rule]]\nqueries = "9/day"', "[[limits.budget]]\nfields = 3", "[limits.probing]"],
)
def test_workers_do_not_each_count_by_themselves(
    policy: Path, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is kept in memory is of one process: nothing is served until they share a store."""
    policy.write_text(f"{POLICY}{table}\n")
    assert exit_status(["serve", "--policy", str(policy), "--workers", "2"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "in the memory of each process; for several workers take a store" in err


def test_workers_have_a_part_each_in_an_outage(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or else each would give away the whole of a limit and a budget."""
    Key.generate().save(policy.with_name("key"))
    limits = '[limits]\nstore = "sqlite:limits.db"\nkey_file = "key"\n'
    policy.write_text(f'{POLICY}{limits}[[limits.rule]]\nqueries = "1/day"\n')
    assert exit_status(["serve", "--policy", str(policy), "--workers", "2"]) == 2
    assert "for 2 workers set replicas of [limits] to 2" in capsys.readouterr().err


def test_workers_share_a_store(policy: Path) -> None:
    """Whichever of them answers, a limit counts all."""
    Key.generate().save(policy.with_name("key"))
    limits = '[limits]\nstore = "sqlite:limits.db"\nkey_file = "key"\nreplicas = 2\n'
    policy.write_text(f'{POLICY}{limits}[[limits.rule]]\nqueries = "1/day"\n')
    with serving(policy, "--upstream", "http://127.0.0.1:9", "--workers", "2") as process:
        url = process.url + CHAT
        got = [httpx.post(url, json=ask(), timeout=PATIENCE).status_code for _ in range(6)]
    assert got == [502, *[429] * 5]


def asked(process: Process) -> None:
    response = httpx.post(process.url + CHAT, json=ask(), timeout=PATIENCE)
    assert said(response) == "It is [redacted], by None."


def workers(process: Process) -> set[int]:
    children = Path(f"/proc/{process.popen.pid}/task/{process.popen.pid}/children").read_text()
    return {
        int(child)
        for child in children.split()
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


def lives(number: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    return False

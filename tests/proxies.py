"""The proxy as its users start it, and an upstream for it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from guardrail.cli import main
from tests.readers import PATIENCE
from tests.servers import Asked, completion, event, head

CHAT = "/v1/chat/completions"
KEY = "ghp_" + "a1B2" * 9
COMMAND = (sys.executable, "-m", "guardrail", "serve", "--port", "0")
POLICY = 'version = 1\nowner = "privacy@example.org"\n[[rule]]\nuse = "secrets"\n'
MEGABYTE = 1 << 20


@dataclass
class Process:
    """A proxy that runs, and what it says."""

    url: str
    said: str
    popen: subprocess.Popen[str]

    def memory(self) -> int:
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) // 1024


@contextmanager
def serving(policy: Path, *arguments: str, **environment: str) -> Iterator[Process]:
    command = (*COMMAND, "--policy", str(policy), *arguments)
    with subprocess.Popen(  # noqa: S603
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as popen:
        try:
            assert popen.stdout is not None
            said = popen.stdout.readline()
            yield Process(said.split()[-1] if said else "", said, popen)
        finally:
            popen.kill()


async def answers(asked: Asked, writer: asyncio.StreamWriter) -> None:
    if asked.path == "/large/text":
        writer.write(head("text/plain"))
        await flood(writer, b"word " * 13_000)
    elif asked.path == "/large/json":
        writer.write(head("application/json") + b'{"text": "')
        await flood(writer, b"word " * 13_000)
    elif asked.path == "/large/image":
        writer.write(head("image/png"))
        await flood(writer, b"\x00" * 65_000)
    elif asked.json.get("stream"):
        writer.write(head("text/event-stream"))
        writer.write(event("One two three. ") + event(f"It is {KEY[:9]}"))
        await writer.drain()
        await asyncio.sleep(PATIENCE)
    else:
        body = completion(f"It is {KEY}, by {asked.headers.get('authorization')}.")
        writer.write(head("application/json", len(body)) + body)


async def flood(writer: asyncio.StreamWriter, piece: bytes) -> None:
    for _ in range(100 * MEGABYTE // len(piece)):
        writer.write(piece)
        await writer.drain()


def said(response: httpx.Response) -> str:
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def ask(**fields: object) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": "hello"}], **fields}


def exit_status(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as done:
        main(arguments)
    return done.value.code

"""What the HTTP edges add to an upstream: requests a second, first token, gaps, memory."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise, product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks import data
from benchmarks.measure import percentile
from benchmarks.ours import KEY
from benchmarks.report import Report, Value, parser
from benchmarks.upstream import SHORT, WORDS, whole
from guardrail import Guard
from guardrail.asgi import GuardMiddleware
from guardrail.corpus import CorpusIndex, Key

Event = MutableMapping[str, Any]
Send = Callable[[Event], Awaitable[None]]

_POLICY = """\
version = 1
owner = "benchmarks"

[[rule]]
use = "verbatim"
options = {{ index = "index", key_file = "{key}" }}

[[rule]]
use = "secrets"
"""
_UPSTREAMS = {"FastAPI": "fastapi", "ready bytes": "ready"}
_READERS = (1, 8, 64)
_MIN_WORDS = 12
# Tokens of a stream at a steady rate that are waited for.
_TOKENS = 300
_LIMIT = 1 << 22
_CONTENT = re.compile(rb'"content":("(?:[^"\\]|\\.)+")')
# A word has ended once something else has begun.
_SAID = re.compile(rf"\W*(?:\w+\W+){{{_MIN_WORDS}}}")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_ANSWERS = "answers.json"


def main(arguments: Sequence[str]) -> None:
    """The ASGI middleware in process; the proxy as its users start it."""
    options = parser("edges", __doc__)
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--seconds", type=float, default=2.5, help="load on each point")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--pace", type=float, default=0.005, help="seconds a token")
    options.add_argument("--open", type=int, default=400, help="streams open for memory")
    given = options.parse_args(arguments)
    report = Report("edges", given.seed, arguments)
    try:
        corpus = data.corpus(given.megabytes, seed=given.seed)
        answers = data.joined((text for _, text in data.answers()), WORDS)
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    with TemporaryDirectory(prefix="leakrail-") as folder:
        home = Path(folder)
        Key.generate().save(home / KEY)
        CorpusIndex.build(corpus, home / "index", key=Key.from_file(home / KEY)).close()
        (home / "policy.toml").write_text(_POLICY.format(key=KEY))
        (home / _ANSWERS).write_text(json.dumps(answers[:64]))
        _middleware(report, given, home, answers[:200])
        _load(report, given, home)
        with _servers(home, "ready") as (bare, _, proxy):
            _first(report, given, {"bare": bare, "proxy": proxy.port})
            _memory(report, given, proxy)
    report.save(given.results)


class _Stream(NamedTuple):
    """When its first text came, and its first words had; what lay between pieces of text."""

    first: float
    words: float
    gaps: list[float]


class _Server:
    """A process that listens at a port."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process

    def resident(self) -> int:
        """Bytes of memory that no file backs."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        line = next(line for line in rollup.splitlines() if line.startswith("Anonymous:"))
        return int(line.split()[1]) * 1024


def _middleware(report: Report, given: Namespace, home: Path, answers: Sequence[str]) -> None:
    """One JSON answer of 1,000 tokens through an application with and without the guard."""
    guard = Guard.from_policy(home / "policy.toml")
    bodies = [whole(text) for text in answers]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    question = _question(stream=False)

    async def app(_: Event, receive: Callable[[], Awaitable[Event]], send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": app.body})  # type: ignore[attr-defined]

    async def receive() -> Event:
        return {"type": "http.request", "body": question, "more_body": False}

    async def send(_: Event) -> None:
        pass

    guarded = GuardMiddleware(app, guard=guard)

    async def measured() -> dict[str, list[float]]:
        taken: dict[str, list[float]] = {"bare": [], "guarded": [], "check": []}
        clock = time.perf_counter
        for _ in range(given.rounds):
            for text, body in zip(answers, bodies, strict=True):
                app.body = body  # type: ignore[attr-defined]
                begin = clock()
                await app(dict(scope), receive, send)
                taken["bare"].append(clock() - begin)
                begin = clock()
                await guarded(dict(scope), receive, send)
                taken["guarded"].append(clock() - begin)
                begin = clock()
                guard.check(text)
                taken["check"].append(clock() - begin)
        return taken

    taken = {name: [1000 * value for value in row] for name, row in asyncio.run(measured()).items()}
    adds = [
        a - b - c for a, b, c in zip(taken["guarded"], taken["bare"], taken["check"], strict=True)
    ]
    rows: list[dict[str, Value]] = [
        {"what": name, "p50 ms": median(row), "p99 ms": percentile(row, 0.99), "bar (ms)": None}
        for name, row in taken.items()
    ]
    rows.append(
        {
            "what": "added on top of check",
            "p50 ms": median(adds),
            "p99 ms": percentile(adds, 0.99),
            "bar (ms)": 0.3,
        }
    )
    report.table("ASGI middleware, a JSON answer of 750 words (1,000 tokens)", rows)


def _load(report: Report, given: Namespace, home: Path) -> None:
    """Closed loops of 1, 8 and 64 readers; each point in turn, bare, a hop and the proxy.

    The upstream is one process, as a model's server is; the proxy one, or one a core. The hop is
    one process that only passes on: what any of Python takes before it reads a word.
    """
    whole: list[dict[str, Value]] = []
    streams: list[dict[str, Value]] = []
    counts = sorted({1, os.cpu_count() or 1})
    for kind, workers in (*product(("FastAPI",), counts), ("ready bytes", 1)):
        around: dict[str, Value] = {"upstream": kind, "proxy's processes": workers}
        with _servers(home, _UPSTREAMS[kind], workers) as (bare, hop, proxy):
            ports = {"bare": bare, "hop": hop, "proxy": proxy.port}
            for words, readers in product((SHORT, WORDS), _READERS):
                point = around | {"words": words, "readers": readers}
                asks = _question(stream=False, words=words)
                whole.append(point | _rates(given, ports, readers, asks))
            for readers in _READERS if kind == "FastAPI" else ():
                point = around | {"words": WORDS, "readers": readers}
                asks = _question(stream=True)
                streams.append(point | _rates(given, ports, readers, asks))
    report.table("whole answers, verbatim + secrets", whole)
    report.table("streams as fast as they are made, verbatim + secrets", streams)


def _rates(given: Namespace, ports: dict[str, int], readers: int, asks: bytes) -> dict[str, Value]:
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(given.rounds):
        for name, port in ports.items():
            rates[name].append(asyncio.run(_rate(port, readers, given.seconds, asks)))
    half = {name: median(row) for name, row in rates.items()}
    told: dict[str, Value] = {f"{name}, requests/s": rate for name, rate in half.items()}
    shares = {f"{name} to bare": half[name] / half["bare"] for name in ("hop", "proxy")}
    return told | shares | {"bar": 0.4}


def _first(report: Report, given: Namespace, ports: dict[str, int]) -> None:
    """Streams that arrive at a steady rate: first text, and gaps between pieces of text."""
    rows: list[dict[str, Value]] = []
    for streams in _READERS:
        pace = given.pace * max(1, streams // 8)
        seen: dict[str, list[_Stream]] = {name: [] for name in ports}
        # The first words of a few answers may be long ones.
        for turn in range(given.rounds * max(_READERS[1] // streams, 1)):
            for name, port in ports.items():
                seen[name] += asyncio.run(_watched(port, streams, pace, turn * streams))
        bare, proxy = seen.values()
        pairs = [(a.first, a.words, b.first) for a, b in zip(bare, proxy, strict=True)]
        wide = {
            name: percentile([g for one in row for g in one.gaps], 0.99)
            for name, row in seen.items()
        }
        rows.append(
            {
                "streams": streams,
                "ms a token": 1000 * pace,
                "bare, first text ms": 1000 * median(one.first for one in bare),
                "proxy, first text ms": 1000 * median(one.first for one in proxy),
                "added ms": 1000 * median(late - first for first, _, late in pairs),
                f"{_MIN_WORDS} words take ms": 1000
                * median(words - first for first, words, _ in pairs),
                "beyond these ms": 1000 * median(late - words for _, words, late in pairs),
                "bar (ms)": 1.0,
                "bare, gap p99 ms": 1000 * wide["bare"],
                "proxy, gap p99 ms": 1000 * wide["proxy"],
            }
        )
    report.table("streams in pieces of 4 characters", rows)


def _memory(report: Report, given: Namespace, proxy: _Server) -> None:
    """What open streams hold, when each has had 100 pieces."""
    asyncio.run(_watched(proxy.port, 64, 0.001))
    before = proxy.resident()
    held = asyncio.run(_held(proxy, given.open))
    row: dict[str, Value] = {"open streams": given.open, "before MB": before / 1e6}
    each = (held - before) / given.open / 1024
    report.table("memory of the proxy", [row | {"KiB a stream": each, "bar (KiB)": 64}])


async def _held(proxy: _Server, streams: int) -> int:
    tasks = [asyncio.create_task(_read_some(proxy.port, 100)) for _ in range(streams)]
    writers = await asyncio.gather(*tasks)
    held = proxy.resident()
    for writer in writers:
        writer.close()
    return held


async def _read_some(port: int, pieces: int) -> asyncio.StreamWriter:
    reader, writer = await _asked(port, stream=True, pace=0.02)
    for _ in range(2 * pieces):
        if not await reader.readline():
            break
    return writer


async def _rate(port: int, readers: int, seconds: float, asks: bytes) -> float:
    done = 0
    end = time.monotonic() + seconds

    async def one() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LIMIT)
        while time.monotonic() < end:
            writer.write(_head(port, asks, keep=True) + asks)
            head = await reader.readuntil(b"\r\n\r\n")
            if size := _LENGTH.search(head):
                await reader.readexactly(int(size[1]))
            else:
                await reader.readuntil(b"\r\n0\r\n\r\n")
            done += 1
        writer.close()

    begin = time.monotonic()
    await asyncio.gather(*(one() for _ in range(readers)))
    return done / (time.monotonic() - begin)


async def _watched(port: int, streams: int, pace: float, answer: int = 0) -> list[_Stream]:
    """Open-loop: a stream begins every two tokens, however the others fare."""

    async def one(number: int) -> _Stream:
        await asyncio.sleep(2 * pace * number)
        begin = time.perf_counter()
        reader, writer = await _asked(port, stream=True, pace=pace, answer=answer + number)
        times: list[float] = []
        text, words = "", math.inf
        while line := await reader.readline():
            if piece := _CONTENT.search(line):
                times.append(time.perf_counter())
                text += json.loads(piece[1])
                if words == math.inf and _SAID.match(text):
                    words = times[-1] - begin
            if len(times) == _TOKENS or b"[DONE]" in line:
                break
        writer.close()
        return _Stream(times[0] - begin, words, [b - a for a, b in pairwise(times)])

    return await asyncio.gather(*(one(number) for number in range(streams)))


async def _asked(
    port: int, *, stream: bool, pace: float, answer: int = 0
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = _question(stream=stream, pace=pace, answer=answer)
    writer.write(_head(port, body, keep=False) + body)
    return reader, writer


def _question(
    *, stream: bool, pace: float = 0.0, words: int = WORDS, answer: int | None = None
) -> bytes:
    messages = [{"role": "user", "content": "Tell me something."}]
    asked = {"model": "m", "messages": messages, "stream": stream}
    return json.dumps(asked | {"pace": pace, "words": words, "answer": answer}).encode()


def _head(port: int, body: bytes, *, keep: bool) -> bytes:
    kept = "keep-alive" if keep else "close"
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        f"connection: {kept}\r\n\r\n"
    ).encode()


@contextmanager
def _servers(home: Path, kind: str, workers: int = 1) -> Iterator[tuple[int, int, _Server]]:
    bare, hop, port = _free(), _free(), _free()
    url = f"http://127.0.0.1:{bare}"
    own = [sys.executable, "-m", "benchmarks.upstream"]
    command = [sys.executable, "-m", "guardrail", "serve", "--policy", str(home / "policy.toml")]
    command += ["--upstream", url, "--port", str(port), "--workers", str(workers)]
    lines = [[*own, kind, str(bare), str(home / _ANSWERS)], [*own, "hop", str(hop), url], command]
    with ExitStack() as stack:
        for line in lines:
            process = subprocess.Popen(line, stdout=subprocess.DEVNULL)  # noqa: S603
            stack.callback(process.wait)
            stack.callback(process.send_signal, signal.SIGTERM)
        for one in (bare, hop, port):
            _reached(one)
        # One that shares its port is reached before its processes are there.
        asyncio.run(_rate(port, max(_READERS), 1.0, _question(stream=False)))
        yield bare, hop, _Server(port, process)


def _free() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _reached(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing listens at {port}")


if __name__ == "__main__":
    main(sys.argv[1:])

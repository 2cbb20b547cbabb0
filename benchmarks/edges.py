"""What the HTTP edges add to an upstream: requests a second, first token, gaps, memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import data
from benchmarks.measure import percentile
from benchmarks.ours import KEY
from benchmarks.report import Report, Value, parser
from guardrail import Guard
from guardrail.asgi import GuardMiddleware
from guardrail.corpus import CorpusIndex, Key

Event = MutableMapping[str, Any]
Send = Callable[[Event], Awaitable[None]]

_SHORT, _WORDS, _PIECE = 40, 750, 4
_POLICY = """\
version = 1
owner = "benchmarks"

[[rule]]
use = "verbatim"
options = {{ index = "index", key_file = "{key}" }}

[[rule]]
use = "secrets"
"""
_MIN_WORDS = 12


def main(arguments: Sequence[str]) -> None:
    """The ASGI middleware in process; the proxy as its users start it."""
    options = parser("edges", __doc__)
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--seconds", type=float, default=4.0, help="load on each point")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--pace", type=float, default=0.005, help="seconds a token")
    options.add_argument("--open", type=int, default=400, help="streams open for memory")
    options.add_argument("--upstream", type=int, help="(for its own processes) serve at this port")
    given = options.parse_args(arguments)
    if given.upstream is not None:
        _serve(given.upstream)
        return
    report = Report("edges", given.seed, arguments)
    try:
        corpus = data.corpus(given.megabytes, seed=given.seed)
        answers = data.joined((text for _, text in data.answers()), _WORDS)
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    with TemporaryDirectory(prefix="leakrail-") as folder:
        home = Path(folder)
        Key.generate().save(home / KEY)
        CorpusIndex.build(corpus, home / "index", key=Key.from_file(home / KEY)).close()
        (home / "policy.toml").write_text(_POLICY.format(key=KEY))
        (home / "answers.json").write_text(json.dumps(answers[:64]))
        _middleware(report, given, home, answers[:200])
        with _servers(home) as (bare, proxy):
            _load(report, given, {"bare": bare, "proxy": proxy.port})
            _first(report, given, {"bare": bare, "proxy": proxy.port})
            _memory(report, given, proxy)
    report.save(given.results)


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
    bodies = [_whole(text) for text in answers]
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


def _load(report: Report, given: Namespace, ports: dict[str, int]) -> None:
    """Closed loops of 1, 8 and 64 readers on whole answers; each point in turn, bare and proxy."""
    rows: list[dict[str, Value]] = []
    for words, readers in product((_SHORT, _WORDS), (1, 8, 64)):
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(given.rounds):
            for name, port in ports.items():
                rates[name].append(asyncio.run(_rate(port, readers, given.seconds, words)))
        bare, proxy = (median(row) for row in rates.values())
        rows.append(
            {
                "words": words,
                "readers": readers,
                "bare, requests/s": bare,
                "proxy, requests/s": proxy,
                "proxy to bare": proxy / bare,
                "bar": 0.4,
            }
        )
    report.table("whole answers, verbatim + secrets", rows)


def _first(report: Report, given: Namespace, ports: dict[str, int]) -> None:
    """Streams that arrive at a steady rate: first text, and gaps between pieces of text."""
    rows: list[dict[str, Value]] = []
    words = median(len(piece) for piece in _pieces("one word or another, as they come " * 20))
    for streams in (1, 8, 64):
        pace = given.pace * max(1, streams // 8)
        first: dict[str, list[float]] = {name: [] for name in ports}
        gaps: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(given.rounds):
            for name, port in ports.items():
                for begun, between in asyncio.run(_watched(port, streams, pace)):
                    first[name].append(begun)
                    gaps[name] += between
        bare, proxy = (1000 * median(row) for row in first.values())
        wide = {name: 1000 * percentile(row, 0.99) for name, row in gaps.items()}
        # A token is a piece of four characters; a word with its space has about six.
        waits = 1000 * pace * _MIN_WORDS * 6 / words
        rows.append(
            {
                "streams": streams,
                "ms a token": 1000 * pace,
                "bare, first text ms": bare,
                "proxy, first text ms": proxy,
                "added ms": proxy - bare,
                "bar (ms)": waits + 1,
                "bare, gap p99 ms": wide["bare"],
                "proxy, gap p99 ms": wide["proxy"],
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


async def _rate(port: int, readers: int, seconds: float, words: int = _WORDS) -> float:
    done = 0
    end = time.monotonic() + seconds

    async def one() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = _question(stream=False, words=words)
        while time.monotonic() < end:
            writer.write(_head(port, body, keep=True) + body)
            size = 0
            while (line := await reader.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            await reader.readexactly(size)
            done += 1
        writer.close()

    begin = time.monotonic()
    await asyncio.gather(*(one() for _ in range(readers)))
    return done / (time.monotonic() - begin)


async def _watched(port: int, streams: int, pace: float) -> list[tuple[float, list[float]]]:
    """Open-loop: a stream begins every two tokens, however the others fare."""

    async def one(number: int) -> tuple[float, list[float]]:
        await asyncio.sleep(2 * pace * number)
        begin = time.perf_counter()
        reader, writer = await _asked(port, stream=True, pace=pace)
        times: list[float] = []
        while line := await reader.readline():
            if b'"content":"' in line and b'"content":""' not in line:
                times.append(time.perf_counter())
            if b"[DONE]" in line:
                break
        writer.close()
        return times[0] - begin, [b - a for a, b in pairwise(times)]

    return await asyncio.gather(*(one(number) for number in range(streams)))


async def _asked(
    port: int, *, stream: bool, pace: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = _question(stream=stream, pace=pace)
    writer.write(_head(port, body, keep=False) + body)
    return reader, writer


def _question(*, stream: bool, pace: float = 0.0, words: int = _WORDS) -> bytes:
    messages = [{"role": "user", "content": "Tell me something."}]
    asked = {"model": "m", "messages": messages, "stream": stream, "pace": pace, "words": words}
    return json.dumps(asked).encode()


def _head(port: int, body: bytes, *, keep: bool) -> bytes:
    kept = "keep-alive" if keep else "close"
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        f"connection: {kept}\r\n\r\n"
    ).encode()


def _whole(text: str) -> bytes:
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 1000, "total_tokens": 1010}
    answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return json.dumps(answer | {"choices": [choice], "usage": usage}).encode()


def _pieces(text: str) -> list[str]:
    return [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)]


@contextmanager
def _servers(home: Path) -> Iterator[tuple[int, _Server]]:
    bare, port = _free(), _free()
    own = [sys.executable, "-m", "benchmarks.edges", "--upstream", str(bare)]
    command = [sys.executable, "-m", "guardrail", "serve", "--policy", str(home / "policy.toml")]
    command += ["--upstream", f"http://127.0.0.1:{bare}", "--port", str(port)]
    environment = os.environ | {"LEAKRAIL_ANSWERS": str(home / "answers.json")}
    with ExitStack() as stack:
        for line in (own, command):
            process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
            stack.callback(process.wait)
            stack.callback(process.send_signal, signal.SIGTERM)
        _reached(bare)
        _reached(port)
        yield bare, _Server(port, process)


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


def _serve(port: int) -> None:
    """The upstream: answers at once, or streams a piece each `pace` seconds."""
    import uvicorn

    answers = json.loads(Path(os.environ["LEAKRAIL_ANSWERS"]).read_text())
    bodies = {
        words: [_whole(" ".join(text.split(" ")[:words])) for text in answers]
        for words in (_SHORT, _WORDS)
    }
    chunks = [[_event(piece) for piece in _pieces(text)] for text in answers]
    turn = iter(partial(_next, [0], len(answers)), -1)

    async def app(scope: Event, receive: Callable[[], Awaitable[Event]], send: Send) -> None:
        if scope["type"] != "http":
            return
        asked = json.loads((await receive())["body"])
        number = next(turn)
        kind = b"text/event-stream" if asked["stream"] else b"application/json"
        headers = [(b"content-type", kind)]
        body = bodies[asked["words"]][number]
        if not asked["stream"]:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if not asked["stream"]:
            await send({"type": "http.response.body", "body": body})
            return
        async for chunk in _paced(chunks[number], asked["pace"]):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="error")


async def _paced(chunks: Sequence[bytes], pace: float) -> AsyncIterator[bytes]:
    begin = time.perf_counter()
    for number, chunk in enumerate(chunks):
        await asyncio.sleep(max(0.0, begin + pace * number - time.perf_counter()))
        yield chunk


def _next(count: list[int], size: int) -> int:
    count[0] = (count[0] + 1) % size
    return count[0]


def _event(piece: str) -> bytes:
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    body = json.dumps(chunk | {"choices": [choice]}, separators=(",", ":"))
    return f"data: {body}\n\n".encode()


if __name__ == "__main__":
    main(sys.argv[1:])

"""Limits on hits at the HTTP edges: whoever goes away, and in whatever form an answer comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.letters import Letters
from detectors.verbatim import Verbatim
from guardrail import Context, CorpusIndex, Detector, Document, Guard, Identity, Rule
from guardrail.asgi import App, GuardMiddleware, Receive, Scope, Send
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.transport import GuardTransport
from tests.guardrail.session.asking import LONG, OTHER, Clock
from tests.guardrail.wire import upstreams
from tests.guardrail.wire.exchanges import (
    JSON,
    LINES,
    MARK,
    MESSAGES,
    RESPONSES,
    SSE,
    TEXT,
    exchange,
    fed,
)
from tests.readers import nothing_left, reader

GET = ("GET", "http://test/")


@pytest.fixture(scope="module")
def verbatim(index: Path) -> Iterator[Verbatim]:
    detector = Verbatim(index=index)
    yield detector
    detector.close()


def limited(detector: Detector, burst: int = 1, patience: float | None = None) -> Guard:
    history = History(MemoryStore(clock=Clock()), secret=b"k" * 32)
    limits = Limits([Limit(hits=f"{2 * burst}/day", burst=burst)], history)
    return Guard([Rule(detector, id="found", timeout=patience)], limits=limits)


async def recite(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    """Word by word, and then nothing more."""
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for word in LONG[:40]:
        await send({"type": "http.response.body", "body": f"{word} ".encode(), "more_body": True})
    await asyncio.Event().wait()


async def left(app: App) -> int:
    """The status that a reader sees who goes away while the answer is held back."""
    talk = reader()
    async with nothing_left():
        task = asyncio.create_task(talk.talk(app))
        status: int = (await talk.next())["status"]
        await asyncio.sleep(0.05)
        talk.leave()
        await task
    assert status == 429 or talk.body == b""
    return status


@pytest.mark.parametrize("patience", [None, 20.0])
async def test_who_goes_away_has_hit(verbatim: Verbatim, patience: float | None) -> None:
    """Where detectors run in threads of their own, too."""
    app = GuardMiddleware(recite, guard=limited(verbatim, patience=patience))
    assert [await left(app) for _ in range(4)] == [200, 200, 429, 429]


class Reciting(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A passage in one piece, and then nothing more."""

    def __iter__(self) -> Iterator[bytes]:
        yield f"Here it is, as you have asked me to write it down: {' '.join(LONG[:40])}".encode()
        raise httpx.ReadTimeout("nothing more")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def recited(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/plain"}, stream=Reciting())


def asked(transport: GuardTransport, first: int | None) -> int:
    """The status of an answer of which so many pieces are read."""
    with httpx.Client(transport=transport) as client, client.stream(*GET) as response:
        with suppress(httpx.ReadTimeout):
            assert list(islice(response.iter_bytes(), first))
        return response.status_code


async def aasked(transport: GuardTransport, first: int | None) -> int:
    async with httpx.AsyncClient(transport=transport) as client, client.stream(*GET) as response:
        with suppress(httpx.ReadTimeout):
            async for _ in response.aiter_bytes():
                if first:
                    break
        return response.status_code


@pytest.mark.parametrize("first", [1, None])
def test_a_client_that_goes_away_has_hit(verbatim: Verbatim, first: int | None) -> None:
    """Under an SDK, where the answer is closed before its end, or breaks off."""
    transport = GuardTransport(limited(verbatim), httpx.MockTransport(recited))
    assert [asked(transport, first) for _ in range(4)] == [200, 200, 429, 429]
    transport = GuardTransport(limited(verbatim), httpx.MockTransport(recited))
    told = [asyncio.run(aasked(transport, first)) for _ in range(4)]
    assert told == [200, 200, 429, 429]


def json_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def said(rows: list[str]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": row} for row in rows]


def parts(rows: list[str]) -> list[dict[str, Any]]:
    content = [{"type": "output_text", "text": row, "annotations": []} for row in rows]
    return [{"type": "message", "id": "m", "role": "assistant", "content": content}]


FORMS: dict[str, tuple[str, Any, Callable[[list[str]], bytes]]] = {
    "text": ("/say", TEXT, lambda rows: "\n".join(rows).encode()),
    "a string": ("/say", JSON, lambda rows: json_of({"said": "\n".join(rows)})),
    "strings": ("/say", JSON, lambda rows: json_of({"said": rows})),
    "objects": ("/say", JSON, lambda rows: json_of([{"said": row, "n": 1} for row in rows])),
    "lines": ("/say", LINES, lambda rows: b"".join(json_of({"s": row}) + b"\n" for row in rows)),
    "a line": ("/say", LINES, lambda rows: json_of({"rows": rows}) + b"\n"),
    "events": ("/say", SSE, lambda rows: upstreams.sse([{"said": row} for row in rows])),
    "blocks": (MESSAGES, JSON, lambda rows: json_of({"content": said(rows)})),
    "a stream of blocks": (
        MESSAGES,
        SSE,
        lambda rows: upstreams.messages([("text", row) for row in rows], 1),
    ),
    "parts": (RESPONSES, JSON, lambda rows: json_of({"output": parts(rows)})),
    "a stream of items": (
        RESPONSES,
        SSE,
        lambda rows: upstreams.responses([("output_text", row) for row in rows], 1),
    ),
}
every = pytest.mark.parametrize("form", FORMS)


def hits(guard: Guard) -> int:
    assert guard.limits is not None
    (one,) = guard.limits.standings(Context(identity=Identity()), "subject")
    return one.burst - one.left


def counted(guard: Guard, form: str, rows: list[str]) -> tuple[int, str]:
    """How many hits an answer of these rows is charged, and all that is told of it."""
    path, headers, written = FORMS[form]
    answer = exchange(guard, path, streams=headers is SSE).answer(200, headers)
    told = fed(answer, written(rows), len(rows)) + (answer.close() if not answer.done else b"")
    answer.cancel()
    return hits(guard), told.decode()


@every
@pytest.mark.parametrize("size", [4, 40])
def test_a_passage_is_one_hit_in_every_form(verbatim: Verbatim, form: str, size: int) -> None:
    """Whole, or over rows, lines, blocks or items."""
    rows = [" ".join(LONG[first : first + size]) for first in range(0, 40, size)]
    rows = ["This is what I know about it:", *rows, "And that is all of it."]
    count, told = counted(limited(verbatim, 50), form, rows)
    assert (count, MARK in told) == (1, True)
    assert " ".join(LONG[12:15]) not in told


@pytest.mark.parametrize("form", ["lines", "events", "a stream of blocks", "a stream of items"])
def test_who_goes_away_has_hit_in_every_form(verbatim: Verbatim, form: str) -> None:
    """Where a passage is found over several rows only, too."""
    path, headers, written = FORMS[form]
    raw = written([" ".join(LONG[first : first + 4]) for first in range(0, 40, 4)])
    guard = limited(verbatim, 50)
    answer = exchange(guard, path, streams=True).answer(200, headers)
    answer.feed(raw[: len(raw) // 2])
    for _ in range(2):
        answer.cancel()
    assert hits(guard) == 1


@every
def test_rows_without_a_passage_are_no_hits(verbatim: Verbatim, form: str) -> None:
    """Nor are passages that are too short."""
    rows = [" ".join(LONG[first : first + 8]) for first in range(0, 400, 40)]
    assert counted(limited(verbatim, 50), form, rows)[0] == 0


@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.integers(12, 30), min_size=1, max_size=4),
    st.lists(st.integers(1, 25), min_size=1),
)
def test_no_passage_is_missed(
    verbatim: Verbatim, form: str, passages: list[int], sizes: list[int]
) -> None:
    """However an answer is cut into rows; where none holds a passage, each is counted once."""
    told = ["So"]
    for number, size in enumerate(passages):
        told += [*LONG[100 * number : 100 * number + size], "and", "then", "again"]
    rows, places = [], cycle(sizes)
    while told:
        size = next(places)
        rows.append(" ".join(told[:size]))
        told = told[size:]
    count, _ = counted(limited(verbatim, 50), form, rows)
    assert count >= len(passages)
    assert count == len(passages) or max(sizes) > 10


def test_a_passage_without_a_place_is_one_hit(tmp_path: Path) -> None:
    """As one is that an index over letters finds; in another reading a document counts once."""
    documents = [Document("long", " ".join(LONG)), Document("other", " ".join(OTHER))]
    CorpusIndex.build(documents, tmp_path / "letters.idx", unit="letters").close()
    detector = Letters(index=tmp_path / "letters.idx")
    for size in (3, 40):
        rows = [" ".join(LONG[first : first + size]) for first in range(0, 40, size)]
        rows.append("and something else")
        rows += [" ".join(OTHER[first : first + size]) for first in range(0, 40, size)]
        for form in ("objects", "lines", "a stream of blocks"):
            count, told = counted(limited(detector, 50), form, rows)
            assert (count, MARK in told) == (2, True)
    detector.close()


@every
def test_no_form_of_an_answer_evades_a_limit(verbatim: Verbatim, form: str) -> None:
    """Whoever can choose it is stopped as anybody else."""
    path, headers, written = FORMS[form]
    rows = [" ".join(LONG[first : first + 4]) for first in range(0, 40, 4)]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, content=written(rows))

    client = httpx.Client(transport=GuardTransport(limited(verbatim), httpx.MockTransport(answer)))
    asked = {"model": "m", "messages": [], "input": "hello", "stream": headers is SSE}
    with client:
        told = [client.post(f"http://test{path}", json=asked).status_code for _ in range(4)]
    assert told == [200, 200, 429, 429]

"""Answers of an upstream: which are read, passed or refused, and in which bytes they go out."""

from __future__ import annotations

import codecs
import gzip
import json
import time
import zlib
from collections.abc import Iterable
from typing import Any

import pytest

from guardrail import Event, Guard, Rule
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    JSON,
    LEGACY,
    LINES,
    MARK,
    MESSAGES,
    OTHER,
    REFUSAL,
    RESPONSES,
    SECRET,
    SSE,
    TEXT,
    exchange,
    fed,
    guard,
    streamed,
    whole,
)
from tests.strategies import Pattern

EMBEDDINGS = "/v1/embeddings"
PATHS = (CHAT, LEGACY, RESPONSES, MESSAGES, EMBEDDINGS, OTHER)


@pytest.mark.parametrize(
    ("method", "status", "headers"),
    [
        ("HEAD", 200, JSON),
        ("GET", 204, ()),
        ("GET", 304, JSON),
        ("GET", 200, (("content-length", "0"),)),
    ],
)
def test_an_answer_without_a_body_passes(method: str, status: int, headers: Any) -> None:
    """Its headers go out as they came, and no body does."""
    opened = Exchange(guard(), method=method, path=OTHER)
    answer = opened.answer(status, (*headers, ("etag", "x")))
    assert (answer.status, answer.headers) == (status, (*headers, ("etag", "x")))
    assert answer.feed(SECRET.encode()) + answer.close() == b""


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_the_length_of_a_body_that_is_not_sent_is_not_told(status: int, mode: Any) -> None:
    """A server would wait for it; of an answer to HEAD it goes out."""
    headers = (*JSON, ("Content-Length", "9"))
    held = guard(mode=mode)
    assert Exchange(held, method="GET", path=OTHER).answer(status, headers).headers == JSON
    told = Exchange(held, method="HEAD", path=OTHER).answer(200, headers).headers
    assert told == (*JSON, ("content-length", "9"))


def test_texts_end_with_their_answer() -> None:
    """Also one of which a stream never says that it is done; its reader need not go away first."""
    at = {"item_id": "i", "output_index": 0, "content_index": 0}
    done = {"id": "r", "object": "response", "status": "completed", "output": []}
    told: list[Event] = []
    answer = exchange(guard(on_event=told.append), RESPONSES, streams=True).answer(200, SSE)
    answer.feed(
        upstreams.sse(
            [
                {"type": "response.output_text.delta", "delta": "so <held"} | at,
                {"type": "response.completed", "response": done},
            ]
        )
    )
    assert answer.done
    assert [event.characters for event in told if event.kind == "stream"] == [8]


def test_a_part_of_an_answer_is_refused() -> None:
    """What stands before and after it was not seen."""
    assert whole(guard(), OTHER, {"a": "b"}, status=206)[0] == 403
    events: list[Event] = []
    whole(guard(on_event=events.append), CHAT, {"a": "b"}, status=206)
    assert events[-1].errors == ("a part of an answer cannot be read",)
    answer = exchange(guard(), CHAT).answer(206, JSON)
    assert answer.feed(b"{}") == b""
    answer.cancel()


LATER = ("retry-after", "7")
ODD = {
    "octets": ((("content-type", "application/octet-stream"),), b"slow down " + SECRET.encode()),
    "no json": (JSON, b"overloaded " + SECRET.encode()),
    "no number": (JSON, b'{"error": {"message": "slow down", "took": NaN}}'),
    "no charset": ((("content-type", "text/plain; charset=hex"),), b"aa"),
    "unknown encoding": ((("content-type", "text/html"), ("content-encoding", "br")), b"xx"),
    "not compressed": ((*JSON, ("content-encoding", "gzip")), SECRET.encode()),
}


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("headers", "body"), ODD.values(), ids=ODD)
def test_an_error_that_cannot_be_read_stays_an_error(
    path: str, headers: Any, body: bytes, *, streams: bool
) -> None:
    """Of its status, in the provider's form, with when to come back; its body is not shown."""
    for status in (401, 429, 503):
        told: list[Event] = []
        opened = exchange(guard(on_event=told.append), path, streams=streams)
        answer = opened.answer(status, (*headers, LATER, ("etag", "x")))
        out = fed(answer, body) + answer.close()
        assert answer.status == status
        assert dict(answer.headers) == dict([*JSON, LATER, ("content-length", str(len(out)))])
        assert json.loads(out) == json.loads(opened.unreachable().body) | (
            {"detail": "the upstream's answer cannot be read"}
            if path == OTHER
            else {"error": json.loads(out)["error"]}
        )
        assert "the upstream's answer cannot be read" in out.decode()
        assert [event.kind for event in told] == ["admit", "edge"]


@pytest.mark.parametrize("path", PATHS[:-1])
def test_an_error_of_no_type_at_a_providers_path_stays_an_error(path: str) -> None:
    """Clients raise what its status says."""
    status, headers, out = whole(guard(), path, b"slow down", status=429, headers=(LATER,))
    assert (status, headers["retry-after"], "error" in json.loads(out)) == (429, "7", True)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [200, 202, 302, 429])
def test_an_answer_that_turns_out_to_have_no_body_passes(path: str, status: int) -> None:
    """Whatever its type and encoding, since there is nothing to read."""
    where = ("location", "/x")
    for headers in ((), (("content-encoding", "br"),), (("content-type", "a/b"),)):
        told: list[Event] = []
        answer = exchange(guard(on_event=told.append), path).answer(status, (*headers, where))
        assert answer.feed(b"") + answer.close() == b""
        assert (answer.status, where in answer.headers) == (status, True)
        assert {event.kind for event in told} <= {"admit", "stream"}
    answer = exchange(guard(), CHAT).answer(status, ())
    assert (b"the upstream does not answer" in answer.fail(), answer.status) == (True, 502)


def test_headers_that_describe_other_bytes_are_dropped() -> None:
    """What is told about the bytes as they were is not true any more."""
    stale = ("ETag", "Content-MD5", "Digest", "Accept-Ranges", "Last-Modified", "Content-Digest")
    headers = (*JSON, *((name, "x") for name in stale), ("Content-Length", "99"), ("X-Other", "y"))
    _, told, raw = whole(guard(), OTHER, {"a": SECRET}, headers=headers)
    assert told == {
        "content-type": "application/json",
        "x-other": "y",
        "content-length": str(len(raw)),
    }


def packed(name: str, raw: bytes) -> bytes:
    return gzip.compress(raw) if name == "gzip" else zlib.compress(raw)


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_compressed_answers_are_read(name: str) -> None:
    """Whole and streamed, wherever the bytes are cut; they go out as they are."""
    raw = packed(name, json.dumps({"a": f"{SECRET} " + "é" * 70_000}).encode())
    status, headers, out = whole(guard(), OTHER, raw, headers=(*JSON, ("content-encoding", name)))
    assert (status, "content-encoding" in headers) == (200, False)
    assert json.loads(out)["a"] == f"{MARK} " + "é" * 70_000
    raw = packed(name, upstreams.chat([{"content": f"it is {SECRET}"}], 1))
    for seed in range(5):
        answer = exchange(guard(), CHAT).answer(200, (*SSE, ("content-encoding", name)))
        told = clients.chat(fed(answer, raw + b"trailing", seed))
        assert told.texts == {(0, "content"): f"it is {MARK}"}


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_compressed_answers_of_several_members_are_read(name: str) -> None:
    """Each goes on where the one before has ended, wherever the bytes are cut."""
    pieces = ("so ", "", f"{SECRET[:3]}", f"{SECRET[3:]} and ", "é" * 70_000)
    raw = b"".join(packed(name, piece.encode()) for piece in pieces)
    for seed in range(5):
        answer = exchange(guard(), OTHER).answer(200, (*TEXT, ("content-encoding", name)))
        out = fed(answer, raw, seed) + answer.close()
        assert out.decode() == f"so {MARK} and {'é' * 70_000}"


def test_very_many_members_are_read_in_time() -> None:
    """What follows a member is not copied as a whole for each of them."""
    raw = gzip.compress(b"") * 100_000 + gzip.compress(b"fine")
    answer = exchange(guard(), OTHER).answer(200, (*TEXT, ("content-encoding", "gzip")))
    begun = time.process_time()
    assert answer.feed(raw) + answer.close() == b"fine"
    assert time.process_time() - begun < 5


def test_what_follows_compressed_bytes_and_is_none_is_refused() -> None:
    """After what was safe to show, which is not lost; nothing ends as if it were whole."""
    encoding = ("content-encoding", "gzip")
    raw = gzip.compress(b"some words") + b"more"
    answer = exchange(guard(), OTHER).answer(200, (*TEXT, encoding))
    assert answer.feed(raw) == f"some{REFUSAL}".encode()
    assert (answer.done, answer.feed(raw)) == (True, b"")
    told = upstreams.chat([{"content": "so "}], 1).rpartition(b"data: [DONE]")[0]
    answer = exchange(guard(), CHAT, streams=True).answer(200, (*SSE, encoding))
    out = clients.chat(answer.feed(gzip.compress(told) + b"more"))
    assert (out.texts[0, "content"], out.ended) == ("so ", True)


BROKEN = b"the answer broke off"


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_compressed_bytes_that_end_too_early_broke_off(name: str) -> None:
    """What was held is not shown, and the answer is told as broken where its form can."""
    encoding = ("content-encoding", name)
    held = guard()
    answer = exchange(held, OTHER).answer(200, (*JSON, encoding))
    answer.feed(packed(name, b'{"a": "b"}')[:-2])
    assert (b"the upstream does not answer" in answer.close(), answer.status) == (True, 502)
    rows = packed(name, upstreams.sse(["some words"]))[:-2]
    assert BROKEN in streamed(held, OTHER, rows, headers=(*SSE, encoding))
    answer = exchange(held, OTHER).answer(200, (*TEXT, encoding))
    assert answer.feed(packed(name, b"some words")[:-2]) == b"some"
    with pytest.raises(EOFError):
        answer.close()
    answer = exchange(guard(mode="observe"), OTHER).answer(200, (*TEXT, encoding))
    assert answer.feed(packed(name, b"some words")[:-2]) + answer.close()
    assert whole(held, OTHER, b"", headers=(*TEXT, encoding))[2] == b""


@pytest.mark.parametrize("path", [CHAT, LEGACY])
def test_chunks_that_end_too_early_broke_off(path: str) -> None:
    """Where no choice has ended nor `[DONE]` has come; some servers never send the latter."""
    said: Any = {"index": 0, "delta": {"content": "hm"}, "text": "hm", "finish_reason": None}
    other = said | {"index": 1}

    def told(*choices: Any, last: tuple[Any, ...] = ()) -> bytes:
        events = [{"id": "c", "choices": [choice]} for choice in choices]
        return streamed(guard(), path, upstreams.sse([*events, *last]))

    ended = said | {"finish_reason": "stop"}
    for full in (told(ended), told(said, ended), told(said, last=("[DONE]",))):
        assert (BROKEN in full, full.endswith(b"data: [DONE]\n\n")) == (False, True)
    for cut in (told(), told(said), told(ended, other)):
        assert (BROKEN in cut, b"[DONE]" in cut) == (True, False)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "rot13"])
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    """As is an answer that is not compressed as it says."""
    status, _, raw = whole(guard(), OTHER, b"x", headers=(*JSON, ("content-encoding", encoding)))
    assert (status, json.loads(raw)) == (403, {"detail": REFUSAL})
    for kind in (JSON, TEXT, SSE, LINES):
        answer = exchange(guard(), OTHER).answer(200, (*kind, ("content-encoding", "gzip")))
        assert SECRET.encode() not in answer.feed(SECRET.encode()) + answer.close()
        assert answer.done


def test_a_bomb_is_bounded() -> None:
    """A little that becomes a lot is refused once it is too much."""
    bomb = gzip.compress(b" " * (64 << 20))
    status, _, _ = whole(guard(), OTHER, bomb, headers=(*JSON, ("content-encoding", "gzip")))
    assert status == 403
    for kind in (TEXT, SSE, LINES):
        answer = exchange(guard(), OTHER).answer(200, (*kind, ("content-encoding", "gzip")))
        out = answer.feed(bomb)
        assert len(out) < 2 << 20
        assert (answer.done, REFUSAL in out.decode()) == (True, True)
        assert answer.feed(bomb) == b""


def test_an_answer_too_large_is_refused() -> None:
    """A whole one may have as many bytes as the surface says."""
    surface = Surface(max_body=300)
    assert whole(guard(), CHAT, {"choices": [], "x": "y" * 200}, surface=surface)[0] == 200
    status, _, raw = whole(guard(), CHAT, {"choices": [], "x": "y" * 300}, surface=surface)
    assert json.loads(raw)["choices"][0]["finish_reason"] == "content_filter"
    assert status == 200
    answer = exchange(guard(), CHAT, surface=surface).answer(200, JSON)
    assert answer.feed(b"x" * 301) + answer.feed(b"y") == b""
    assert answer.done
    assert REFUSAL in answer.close().decode()


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_that_is_no_json_is_refused(path: str) -> None:
    """Whatever its length; nothing of it goes out."""
    for body in (b"{", b"[]", b"nothing", b"\xff", b'{"a": ' + b"9" * 5_000 + b"}"):
        if (path, body) == (OTHER, b"[]"):
            continue
        _, _, raw = whole(guard(), path, body)
        assert REFUSAL in raw.decode()
    assert whole(guard(), OTHER, b"")[2] == b""
    answer = exchange(guard(), path).answer(200, JSON)
    answer.feed(SECRET.encode())
    assert (SECRET.encode() in answer.fail(), answer.status, answer.done) == (False, 502, True)


def test_a_byte_order_mark_before_json_is_passed_over() -> None:
    """As clients do; a second one is no JSON."""
    raw = json.dumps({"a": SECRET}).encode()
    status, _, out = whole(guard(), OTHER, codecs.BOM_UTF8 + raw)
    assert (status, json.loads(out)) == (200, {"a": MARK})
    assert whole(guard(), OTHER, codecs.BOM_UTF8 * 2 + raw)[0] == 403


def test_a_cancelled_answer_shows_nothing_more() -> None:
    """The reader went away: what was held is let go."""
    events: list[Event] = []
    held = guard(on_event=events.append)
    answer = exchange(held, OTHER).answer(200, JSON)
    answer.feed(b'{"a":')
    answer.cancel()
    answer = exchange(held, CHAT).answer(200, SSE)
    answer.feed(upstreams.sse([{"choices": [{"index": 0, "delta": {"content": "x"}}]}]))
    answer.cancel()
    assert [event.kind for event in events] == ["admit", "admit", "stream"]


def test_what_raises_refuses() -> None:
    """Whatever goes wrong on the way, nothing unchecked goes out, and the owner knows."""

    class Broken(Guard):
        def check_parts(self, *_: Any) -> Any:
            raise RuntimeError(SECRET)

    events: list[Event] = []
    held = Broken(on_event=events.append)
    status, _, raw = whole(held, OTHER, {"a": SECRET})
    assert (status, json.loads(raw)) == (403, {"detail": REFUSAL})
    answer = exchange(held, CHAT, streams=True).answer(200, SSE)
    out = answer.feed(upstreams.sse([{"choices": [{"index": 0, "delta": {}}], "a": SECRET}]))
    assert (REFUSAL in out.decode(), SECRET in out.decode(), answer.done) == (True, False, True)
    assert [event.kind for event in events] == ["admit", "edge", "admit", "edge"]


def test_embeddings_do_not_stream() -> None:
    """An answer in a form that is not of its kind is refused."""
    assert REFUSAL in whole(guard(), EMBEDDINGS, b"data: 1", headers=SSE)[2].decode()


def lines(values: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_lines_are_read_as_json() -> None:
    """Strings, numbers and keys, escaped or not; each line stays JSON, also a refusal."""
    values = [f"a {SECRET}", 1, None, {SECRET: [f"{SECRET} "]}, [], {"n": 2}, "\u00e9 <"]
    out = whole(guard(), OTHER, lines(values), headers=LINES)[2]
    told = [json.loads(line) for line in out.splitlines()]
    assert "".join(one for one in told if isinstance(one, str)) == f"a {MARK}é <"
    assert {MARK: [f"{MARK} "]} in told
    assert SECRET not in out.decode()
    for bad in (b"nonsense\n", b'{"a": 1}\n\xff\n', b"{"):
        out = whole(guard(), OTHER, bad, headers=LINES)[2]
        assert json.loads(out.splitlines()[-1]) == {"detail": REFUSAL}
    answer = exchange(guard(), OTHER).answer(200, LINES)
    answer.feed(b'{"a": "<open"}\n')
    assert json.loads(answer.fail()) == {"error": "the answer broke off"}
    assert answer.done


def test_a_line_too_large_is_refused() -> None:
    """Whether its end has come or not."""
    for raw in (b'"' + b"x" * (17 << 20), b'"' + b"x" * (17 << 20) + b'"\n'):
        answer = exchange(guard(), OTHER).answer(200, LINES)
        assert json.loads(answer.feed(raw)) == {"detail": REFUSAL}
        assert answer.done


def test_numbers_and_keys_of_events_are_read() -> None:
    """In a stream of JSON as well, event by event."""
    held = Guard([Rule(Pattern("[0-9]{8}", 8), id="number"), *guard().rules])
    raw = upstreams.sse([{"n": 12345678, SECRET: {"x": "fine"}}, {"n": 7}])
    answer = exchange(held, OTHER).answer(200, SSE)
    out = fed(answer, raw, 2) + answer.close()
    told = [json.loads(data) for _, data in clients.frames(out)]
    assert sorted(told, key=len) == [{"n": 7}, {"n": MARK, MARK: {"x": "fine"}}]
    assert SECRET not in out.decode()


@pytest.mark.parametrize("names", [("a",), ("a", "b")])
def test_events_of_text_and_of_json_may_mix(names: tuple[str, ...]) -> None:
    """Strings of JSON are unescaped; a list in the middle of a text is text."""
    raw = b"".join(f"event: {name}\ndata: see\n\ndata: [1]\n\n".encode() for name in names)
    raw += b'event: j\ndata: "\\u007aq12"\n\nevent: j\ndata: "34"\n\n'
    answer = exchange(guard(), OTHER).answer(200, SSE)
    out = fed(answer, raw, 2) + answer.close()
    assert "1234" not in out.decode()
    assert '"[redacted]"' in out.decode()

"""Which answers are read by their types of content, and by what: others are refused."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

import pytest

from guardrail import Event
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire import upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    LEGACY,
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
    whole,
)

EMBEDDINGS = "/v1/embeddings"
PATHS = (CHAT, LEGACY, RESPONSES, MESSAGES, EMBEDDINGS, OTHER)


def test_what_is_not_read_passes_as_it_is() -> None:
    """The types of content that the surface lets pass; any other that is no text is refused."""
    raw = b"\x89PNG" + SECRET.encode()
    answer = exchange(guard(), OTHER).answer(200, (("content-type", "image/png"), ("etag", "x")))
    assert answer.feed(raw) + answer.close() + answer.fail() == raw
    answer.cancel()
    for kind in ("application/pdf", "application/octet-stream", "multipart/mixed"):
        status, _, out = whole(guard(), OTHER, raw, headers=(("content-type", kind),))
        assert (status, json.loads(out)) == (403, {"detail": REFUSAL})
        surface = Surface(passes=(kind,))
        assert (
            whole(guard(), OTHER, raw, headers=(("content-type", kind),), surface=surface)[2] == raw
        )


UNTYPED = ((), (("content-type", ""),))


@pytest.mark.parametrize("headers", UNTYPED)
def test_text_of_no_type_is_read_as_it_comes(headers: Any) -> None:
    """In UTF-8, however it is cut; a type is not made up for it."""
    for text in (f"so {SECRET} and on, é", "", " \n", "data", "\ufeff it", f" {SECRET}"):
        for seed in range(6):
            answer = exchange(guard(), OTHER).answer(200, (*headers, ("etag", "x")))
            out = fed(answer, text.encode(), seed) + answer.close()
            assert out.decode() == text.replace(SECRET, MARK)
            assert (answer.status, answer.headers) == (200, headers)
    answer = exchange(guard(), OTHER).answer(200, headers)
    assert answer.feed(f"it is {SECRET} and more".encode()).startswith(b"it is")
    assert whole(guard(), OTHER, SECRET.encode(), status=404, headers=headers)[0] == 404


NO_TEXT = (
    *(b"\x89PNG" + SECRET.encode(), b"PK\3\4\0" + SECRET.encode(), SECRET.encode("utf-16-be")),
    *(json.dumps(held).encode() for held in ({"a": SECRET}, [SECRET])),
    *(start + SECRET.encode() for start in (b"data: ", b"event:x\n", b"id: 1\n", b"retry:1\n")),
    *(b" \n\t {" + SECRET.encode(), b"\xef\xbb\xbfdata:" + SECRET.encode(), b":", b"[]"),
)


@pytest.mark.parametrize("raw", NO_TEXT)
def test_what_has_no_type_and_is_no_text_is_refused(
    raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor is what its reader would take for JSON or events: there no words stand together."""
    for seed in range(6):
        events: list[Event] = []
        answer = exchange(guard(on_event=events.append), OTHER).answer(200, ())
        out = fed(answer, raw, seed)
        out += b"" if answer.done else answer.close()
        assert (REFUSAL in out.decode(), b"1234" in out) == (True, False)
        assert [event.kind for event in events] == ["admit", "edge", "stream"]
    assert SECRET not in caplog.text


MISTAKEN = (
    *("text/plain", "text/html; charset=utf-8", "image/png", "audio/mpeg", "image/x+xml"),
    *("application/x-ndjson", "application/xml", "application/octet-stream", ""),
)
STREAMS = {
    CHAT: upstreams.chat([{"content": f"it is {SECRET}"}], 1),
    LEGACY: upstreams.completions([f"it is {SECRET}"], 1),
    RESPONSES: upstreams.responses([("output_text", f"it is {SECRET}")], 1),
    MESSAGES: upstreams.messages([("text", f"it is {SECRET}")], 1),
}


@pytest.mark.parametrize("kind", MISTAKEN)
@pytest.mark.parametrize("path", STREAMS)
def test_an_answer_in_a_providers_form_goes_by_no_other_type(path: str, kind: str) -> None:
    """Its clients read JSON or events all the same, in which the words of a text stand apart."""
    headers = (("content-type", kind),)
    for streams in (True, False):
        answer = exchange(guard(), path, streams=streams).answer(200, headers)
        assert answer.whole
        out = fed(answer, STREAMS[path], 3) + answer.close()
        # A refusal's own id, of random digits, may hold any four of them.
        shown = re.sub(rb"[0-9a-f]{24,}", b"", out)
        assert (answer.status, REFUSAL in out.decode(), b"1234" in shown) == (200, True, False)
        told = dict(answer.headers)["content-type"]
        assert told == ("text/event-stream" if streams else "application/json")
    surface = Surface(plain=("*",))
    answer = exchange(guard(), path, surface=surface).answer(200, TEXT)
    assert answer.feed(b"some words and more").startswith(b"some words")


@pytest.mark.parametrize("path", [f"{CHAT}/chatcmpl-1", f"{RESPONSES}/resp_1"])
def test_a_stored_answer_goes_by_no_other_type(path: str) -> None:
    """It may be a stream as well."""
    answer = Exchange(guard(), method="GET", path=path, query="stream=true").answer(200, TEXT)
    assert (answer.feed(b"data: {}\n\n"), answer.status) == (b"", 403)


def test_a_type_that_ends_as_json_is_read_in_a_providers_form() -> None:
    """Clients take `image/x+json` for JSON, though the surface lets images pass."""
    body = {"choices": [{"index": 0, "message": {"content": SECRET}}]}
    _, _, raw = whole(guard(), CHAT, body, headers=(("content-type", "image/x+json"),))
    assert json.loads(raw)["choices"][0]["message"]["content"] == MARK


@pytest.mark.parametrize("path", ["/chats/1/messages", "/v1/audio/speech", "/v1/files/f/content"])
def test_other_paths_answer_with_what_they_like(path: str) -> None:
    """Speech, files and pages; also where a path ends as a provider's and the request does not."""
    for kind in ("audio/mpeg", "text/html", "text/plain"):
        opened = Exchange(guard(), method="GET", path=path)
        answer = opened.answer(200, (("content-type", kind),))
        assert answer.feed(b"a page") + answer.close() == b"a page"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [301, 400, 503])
def test_pages_of_proxies_are_read_as_text(path: str, status: int) -> None:
    """Redirections and errors, which no client reads as an answer, whatever was asked."""
    page = f"moved {SECRET}"
    answer = exchange(guard(), path).answer(status, (("content-type", "text/html"),))
    assert answer.feed(page.encode()) + answer.close() == f"moved {MARK}".encode()
    assert answer.status == status


TYPES = (("content-type", "image/png"), ("content-type", "application/json"))


@pytest.mark.parametrize(
    "headers",
    [
        TYPES,
        TYPES[::-1],
        (("content-type", "image/png, application/json"),),
        (("content-type", "image/png;x=y, application/json"),),
    ],
)
def test_an_answer_of_two_types_is_refused(headers: Any) -> None:
    """A reader may take it for the other one; the same type twice is one."""
    assert whole(guard(), OTHER, SECRET.encode(), headers=headers)[0] == 403
    assert whole(guard(), OTHER, b"{}", headers=(TYPES[1], TYPES[1]))[0] == 200
    body = json.dumps({"q": "x"}).encode()
    reply = Exchange(guard(), method="POST", path=OTHER, headers=headers, body=body).admit()
    assert reply is not None
    assert reply.status == 400


@pytest.mark.parametrize("kind", [None, "", "a type that is long and odd"])
def test_the_log_says_what_to_do_about_a_type(
    kind: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is missing is to be named, or its path to be left out; none is repeated as text."""
    headers = () if kind is None else (("content-type", kind),)
    assert REFUSAL in whole(guard(), OTHER, b"{no text}", headers=headers)[2].decode()
    assert ("skip" in caplog.text, "odd" in caplog.text) == (not kind, False)


def test_observing_shows_also_what_no_codec_reads() -> None:
    """Bytes that could not even be looked at go out, and the owner knows."""
    events: list[Event] = []
    held = guard(mode="observe", on_event=events.append)
    answer = exchange(held, OTHER).answer(200, charset("nonsense"))
    assert answer.feed(b"\xff") + answer.fail() == b"\xff"
    answer.cancel()
    answer = exchange(held, OTHER).answer(200, TEXT)
    assert answer.feed(SECRET.encode()) + answer.fail() == SECRET.encode()
    assert [event.kind for event in events] == ["admit", "edge", "admit", "stream"]


def charset(name: str) -> Any:
    return (("content-type", f'text/plain; charset="{name}"'),)


@pytest.mark.parametrize("name", ["utf-8", "latin-1", "utf-16", "UTF-8-sig", "iso2022_jp"])
def test_text_is_read_in_its_charset(name: str) -> None:
    """However it is cut, it goes out in the same charset."""
    raw = f"so {SECRET} and on".encode(name)
    for seed in range(6):
        answer = exchange(guard(), OTHER).answer(200, charset(name))
        out = fed(answer, raw, seed) + answer.close()
        assert out == f"so {MARK} and on".encode(name)


@pytest.mark.parametrize("name", ["zlib", "rot13", "hex", "nonsense", "undefined", "a\0b"])
def test_a_charset_that_is_none_is_refused(name: str) -> None:
    """A codec for something else than text is none, and the owner is told."""
    events: list[Event] = []
    held = guard(on_event=events.append)
    _, _, out = whole(held, OTHER, zlib.compress(SECRET.encode()), headers=charset(name))
    assert REFUSAL in out.decode()
    assert events[-1].kind == "edge"


def test_text_that_is_not_in_its_charset_is_refused() -> None:
    """After what was safe to show."""
    for raw in (b"fine \xff", b"fine \xc3"):
        out = whole(guard(), OTHER, raw, headers=TEXT)[2]
        assert out.decode().endswith(REFUSAL)
    answer = exchange(guard(), OTHER).answer(200, TEXT)
    assert answer.feed(b"<open") + answer.fail() + answer.feed(b">") + answer.close() == b""


def test_a_codec_that_raises_shows_nothing_more() -> None:
    """Here one that cannot even write the refusal; the owner is told."""
    events: list[Event] = []
    held = guard(on_event=events.append)
    answer = exchange(held, OTHER).answer(200, charset("idna"))
    assert answer.feed(f"{SECRET}..{SECRET}".encode()) + answer.close() == b""
    assert answer.done
    assert [event.kind for event in events] == ["admit", "edge", "stream"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ((("content-type", f"{SECRET}/{SECRET}"),), b"x"),
        (SSE, f'data: {{"choices": [{{"index": 0, "delta": {{"{SECRET}": 1}}}}]}}\n\n'.encode()),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_names_that_a_rule_finds_are_not_logged(
    headers: Any, body: bytes, strict: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a type of content nor a field; nor are the owners told of them."""
    events: list[Event] = []
    held = guard(on_event=events.append)
    answer = exchange(held, CHAT, surface=Surface(strict=strict)).answer(200, headers)
    assert SECRET.encode() not in fed(answer, body) + answer.close()
    assert caplog.records
    assert SECRET not in caplog.text + repr(events)

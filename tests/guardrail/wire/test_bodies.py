"""What bodies of requests in no provider's form say, whatever bytes they are written in."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from guardrail.exchange import Exchange
from tests.guardrail.wire.exchanges import OTHER, guard

ASKED = "repeat the whole memo"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=B"
FIELD = f'--B\r\nContent-Disposition: form-data; name="q"\r\n\r\n{ASKED}\r\n'.encode()
HEAD = 'Content-Disposition: form-data; name="f"; filename="a.bin"'
BINARY = b"\0\xff" + ASKED.encode()


def told(kind: str, raw: bytes, path: str = OTHER) -> str:
    """What a reader is seen to ask."""
    headers = (("content-type", kind),) if kind else ()
    held = Exchange(guard(), method="POST", path=path, headers=headers, body=raw)
    assert held.admit() is None
    return "\n".join(turn.content for turn in held.context.turns if turn.role == "user")


def part(raw: bytes, head: str = HEAD, *, mark: bytes = b"--B\r\n") -> bytes:
    return mark + head.encode() + b"\r\n\r\n" + raw + b"\r\n"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("application/json", json.dumps({"q": ASKED}).encode("utf-8-sig")),
        ("application/json", f'{{"q": "{ASKED}", "x": NaN}}'.encode()),
        ("application/json; charset=UTF-8", json.dumps({"q": ASKED}).encode()),
        ("", json.dumps({"q": ASKED}).encode()),
        ("", ASKED.encode() + b"\xff"),
        ("text/plain", ASKED.encode() + b"\xff\0"),
        ("text/plain", json.dumps({"q": ASKED}).encode("utf-16")),
        ("text/plain; charset=windows-1252", f"é {ASKED}".encode("cp1252")),
        ("application/octet-stream", ASKED.encode() + b"\xff"),
        ("application/octet-stream", ASKED.encode() + b"\0"),
        ("image/png", json.dumps({"q": ASKED}).encode("utf-16")),
        (FORM, f"q={quote(ASKED)}&x=".encode() + b"\xff"),
        (FORM, f"x=%ff%00&q={quote(ASKED)}".encode()),
        (PARTS, FIELD + b"--B--\r\n"),
        (PARTS, FIELD + part(b"\0\xff") + b"--B--\r\n"),
        (PARTS, part(b"\0\xff") + FIELD + b"--B--\r\n"),
        (PARTS, part(ASKED.encode() + b"\xff") + b"--B--\r\n"),
    ],
)
def test_no_byte_hides_what_is_asked(kind: str, raw: bytes) -> None:
    """One that is no text is passed over, and what stands around it is read."""
    assert ASKED in told(kind, raw)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (PARTS, part(BINARY, HEAD.replace("filename", "x")) + b"--B--\r\n"),
        (PARTS, part(BINARY, HEAD.replace('"f"', '"f\\"')) + b"--B--\r\n"),
        (PARTS, part(BINARY, HEAD.replace("a.bin", "")) + b"--B--\r\n"),
        (PARTS, part(BINARY, HEAD.replace("filename", "filename*")) + b"--B--\r\n"),
        (PARTS, part(BINARY, f"X: y\r\n{HEAD}") + b"--B--\r\n"),
        (PARTS, part(BINARY, f'{HEAD}\r\nContent-Disposition: form-data; name="q"')),
        (PARTS, part(b"\0\xff\n--B\nContent-Disposition: form-data; name=q\n\n" + BINARY)),
        ("multipart/form-data; boundary=B; boundary=C", part(BINARY)),
        ("multipart/mixed; boundary=B", part(BINARY)),
        ("multipart/form-data", part(BINARY)),
    ],
)
def test_what_may_be_a_field_is_no_file(kind: str, raw: bytes) -> None:
    """A part that is not written as files are may be read as a field by somebody else."""
    assert ASKED in told(kind, raw)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("image/png", BINARY),
        ("application/octet-stream", BINARY),
        ("", BINARY),
        (PARTS, part(BINARY) + b"--B--\r\n"),
        (PARTS, part(BINARY, f"Content-Type: image/png\r\n{HEAD}") + b"--B--\r\n"),
        (PARTS, part(BINARY, f"{HEAD}; filename*=utf-8''%C3%A9") + b"--B--\r\n"),
        (PARTS.replace("B", '"B"'), part(BINARY, f"{HEAD}\r\nContent-Type: image/png")),
    ],
)
def test_a_file_that_is_no_text_is_not_read(kind: str, raw: bytes) -> None:
    """Its bytes say nothing, and there may be many of them."""
    assert ASKED not in told(kind, raw)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("application/json", json.dumps({"q": ASKED}).encode("utf-16")),
        ("application/json", json.dumps({"q": ASKED}).encode("utf-16-le")),
        ("application/problem+json", b'{"q": "\xff"}'),
        ("application/json; charset=utf-7", b"{}"),
        ("application/json", b'{"q": "a", "q": "b"}'),
        ("", b'[{"x": 1.5, "q": {"\\u0061": 1, "a": 2}}]'),
        ("text/plain; charset=cp037", ASKED.encode("cp037")),
        ("text/plain; charset=utf-8; charset=cp037", ASKED.encode("cp037")),
        ("multipart/form-data; boundary=B; charset=utf-16", FIELD),
    ],
)
def test_json_is_utf_8_and_says_one_thing(kind: str, raw: bytes) -> None:
    """What says that it is written otherwise, or can be read in two ways, is a bad request."""
    held = Exchange(guard(), method="POST", path=OTHER, headers=(("content-type", kind),), body=raw)
    reply = held.admit()
    assert reply is not None
    (told,) = json.loads(reply.body).values()
    assert (reply.status, told.partition(":")[0]) == (400, "the request cannot be read")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"/ask/{ASKED}", f"/ask/{ASKED}"),
        (f"/ask/{quote(ASKED)}/x", f"/ask/{ASKED}/x"),
        ("/ask/repeat+it/whole", "/ask/repeat it/whole"),
        ("/ask/repeat_the-whole.memo/7", "repeat_the-whole.memo"),
        ("/v1/users/list/all/of/them", ""),
        ("/x/550e8400-e29b-41d4-a716-446655440000", ""),
    ],
)
def test_words_of_a_path_are_read(path: str, said: str) -> None:
    """All of it where there is a space, and else what has four words in a row; an id has none."""
    assert told("", b"", path) == said
    assert told("application/json", b'{"q": "x"}', path) == f"{said}\nx".lstrip()

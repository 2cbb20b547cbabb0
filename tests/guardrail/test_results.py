"""Results of a batch are read line by line, whatever type a provider says they have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrail import Action, Guard
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire.exchanges import MARK, REFUSAL, SECRET, fed, guard

FILE, BATCH = "/v1/files/file-1/content", "/v1/messages/batches/b/results"
LINED = "application/x-jsonl"
BYTES = ("application/octet-stream", "binary/octet-stream", "application/binary")


def results(*texts: str) -> bytes:
    """As OpenAI tells them, and as Anthropic does."""
    rows: list[Any] = []
    for text in texts:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}}
        message = {"type": "message", "content": [{"type": "text", "text": text}]}
        rows.append({"custom_id": "a", "response": {"body": {"choices": [choice]}}})
        rows.append({"custom_id": "b", "result": {"type": "succeeded", "message": message}})
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def told(
    raw: bytes, kind: str, path: str = FILE, *, held: Guard | None = None, **answered: Any
) -> tuple[int, str, str | None]:
    """Status, body and type of what is downloaded."""
    surface = answered.get("surface")
    opened = Exchange(held or guard(), method="GET", path=path, surface=surface)
    assert opened.admit() is None
    answer = opened.answer(answered.get("status", 200), (("content-type", kind),))
    out = fed(answer, raw, len(raw))
    out += answer.close() if answer.whole or not answer.done else b""
    return answer.status, out.decode(), dict(answer.headers).get("content-type")


@pytest.mark.parametrize("path", [FILE, BATCH, f"{BATCH}/"])
@pytest.mark.parametrize("kind", [LINED, *BYTES])
def test_results_are_read(path: str, kind: str) -> None:
    """What they say is safe, the rest is as it was, and its type too."""
    raw = results("it is fine", f"it is {SECRET}.")
    status, out, named = told(raw, kind, path)
    assert (status, named) == (200, kind)
    shown = [json.loads(line) for line in out.splitlines()]
    hidden = raw.decode().replace(SECRET, MARK)
    assert shown == [json.loads(line) for line in hidden.splitlines()]
    assert told(b"", kind, path)[:2] == (200, "")


@pytest.mark.parametrize("kind", BYTES)
@pytest.mark.parametrize(
    "raw",
    [
        b"\x89PNG\0" + SECRET.encode(),
        SECRET.encode(),
        json.dumps({"custom_id": 1, "text": SECRET}).encode(),
        results("so") + json.dumps({"text": SECRET}).encode(),
        results("so") + json.dumps([SECRET]).encode(),
        results("so") + b"\xff" + SECRET.encode(),
        results("so").decode().encode("utf-16"),
    ],
)
def test_other_bytes_are_refused(kind: str, raw: bytes) -> None:
    """All of them, at once; an error stays one."""
    assert told(raw, kind)[:2] == (403, json.dumps({"detail": REFUSAL}, separators=(",", ":")))
    status, out, _ = told(raw, kind, status=404)
    assert (status, SECRET in out) == (404, False)


def test_bytes_on_other_paths_are_refused() -> None:
    """Results too; they are read whole, so that large ones are refused as any whole answer is."""
    assert told(results("so"), BYTES[0], "/v1/files/file-1")[0] == 403
    assert told(results("so"), BYTES[0], surface=Surface(max_body=100))[0] == 403


def test_a_refusal_of_results_is_a_line() -> None:
    """Bytes or lines, what goes out is the same."""
    held, raw = guard(Action.REFUSE), results("so", SECRET)
    out = told(raw, BYTES[0], held=held)[:2]
    assert out == told(raw, LINED, held=guard(Action.REFUSE))[:2]
    assert (out[0], SECRET in out[1], REFUSAL in out[1]) == (200, False, True)

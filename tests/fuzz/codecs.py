"""Fuzzes the codecs with atheris: `make fuzz`. Whatever an upstream sends, nothing raises or leaks.

The first bytes choose a path, a type of content and where the rest is cut; the rest is what an
upstream sends. The guard redacts one word; that word must not come out, however it went in.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

from tests.guardrail.wire import upstreams

with atheris.instrument_imports(
    include=["guardrail.wire", "guardrail.exchange", "guardrail.answer"]
):
    from guardrail import Finding, Guard, Rule, Text
    from guardrail.exchange import Exchange

# Two words: an id of one word is the provider's, and is not read.
WORD = "zq xj"
PATHS = (
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/embeddings",
    "/any",
)
KINDS = ("text/event-stream", "application/json", "application/x-ndjson", "text/plain")
HEADERS = (("content-type", "application/json"),)
ASKED = {"model": "m", "messages": [], "prompt": "x", "input": "x"}


class Word:
    """Finds the one word."""

    def find(self, text: Text) -> Iterable[Finding]:
        for match in re.finditer(WORD, text.raw):
            yield Finding(match.start(), match.end(), "word")

    def settled(self, text: Text) -> int:
        return max(0, len(text.raw) - len(WORD) + 1)


GUARD = Guard([Rule(Word(), id="word")])


def once(raw: bytes) -> None:
    data = atheris.FuzzedDataProvider(raw)
    path = PATHS[data.ConsumeIntInRange(0, len(PATHS) - 1)]
    kind = KINDS[data.ConsumeIntInRange(0, len(KINDS) - 1)]
    status = data.PickValueInList([200, 200, 200, 400])
    step, broken = data.ConsumeIntInRange(1, 64), data.ConsumeBool()
    sent = data.ConsumeBytes(len(raw))
    body = json.dumps(ASKED | {"stream": kind == KINDS[0]}).encode()
    exchange = Exchange(GUARD, method="POST", path=path, headers=HEADERS, body=body)
    if exchange.admit() is not None:
        raise AssertionError("a plain request is refused")
    answer = exchange.answer(status, [("content-type", kind)])
    out = b"".join(answer.feed(sent[place : place + step]) for place in range(0, len(sent), step))
    out += answer.fail() if broken else answer.close()
    answer.cancel()
    if WORD.encode() in out:
        raise AssertionError("the word came out")


def seeds(folder: Path) -> None:
    """What providers really send, to begin with."""
    text = f"so {WORD} it is"
    streams = (
        upstreams.chat([{"content": text, "refusal": text}, {"reasoning_content": text}], 1),
        upstreams.completions([text, text], 2),
        upstreams.messages([("text", text), ("thinking", text)], 3),
        upstreams.responses([("output_text", text), ("reasoning_text", text)], 4),
    )
    for number, stream in enumerate(streams):
        for path in range(len(PATHS)):
            # Numbers are taken from the end: path, type, status, step, broken.
            (folder / f"{number}-{path}").write_bytes(stream + bytes([0, 7, 0, 0, path]))


if __name__ == "__main__":
    with TemporaryDirectory(prefix="leakrail-") as home:
        seeds(Path(home))
        logging.disable(logging.CRITICAL)
        atheris.Setup([*sys.argv, home], once)
        atheris.Fuzz()

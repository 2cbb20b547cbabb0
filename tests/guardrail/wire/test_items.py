"""Items of OpenAI's Responses that are no messages: a shell's commands and output, audio."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrail import Action
from guardrail.surface import Surface
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    HALVES,
    MARK,
    REFUSAL,
    RESPONSES,
    SECRET,
    guard,
    streamed,
    whole,
)

COMMAND, PRINTED = "response.shell_call_command", "response.shell_call_output_content"
TRANSCRIPT = "response.audio.transcript"
BAD = f"it is {SECRET}."
GOOD = f"it is {MARK}."


def told(*events: Any, **settings: Any) -> list[dict[str, Any]]:
    """The events that go out for some, up to where the stream would go on."""
    out = streamed(guard(**settings), RESPONSES, upstreams.sse([*events, "[DONE]"]))
    return [json.loads(data) for _, data in clients.frames(out)[:-1]]


def said(events: list[dict[str, Any]], kind: str, **place: Any) -> str:
    """The pieces of one text."""
    return "".join(
        event["delta"]
        for event in events
        if event["type"] == f"{kind}.delta" and place.items() <= event.items()
    )


def test_commands_of_a_shell_are_texts_of_their_own() -> None:
    """By turns and in pieces; what stands at the beginning of one is its first piece."""
    at = [{"output_index": 0, "command_index": index} for index in (0, 1)]
    events = told(
        {"type": f"{COMMAND}.added", "command": f"say {HALVES[0]}"} | at[0],
        {"type": f"{COMMAND}.added", "command": ""} | at[1],
        {"type": f"{COMMAND}.delta", "delta": f"{HALVES[1]} x", "obfuscation": "Ab3"} | at[1],
        {"type": f"{COMMAND}.delta", "delta": f"{HALVES[1]} y"} | at[0],
        {"type": f"{COMMAND}.done", "command": f"say {SECRET} y"} | at[0],
        {"type": f"{COMMAND}.done", "command": f"{HALVES[1]} x"} | at[1],
    )
    assert said(events, COMMAND, command_index=0) == f"say {MARK} y"
    assert said(events, COMMAND, command_index=1) == f"{HALVES[1]} x"
    assert [event["command"] for event in events if "command" in event] == [
        "",
        "",
        f"say {MARK} y",
        f"{HALVES[1]} x",
    ]


def test_both_streams_of_a_shell_are_texts() -> None:
    """What is held of either goes out before the end, which says the same."""
    at = {"output_index": 1, "item_id": "sho_1", "command_index": 0}
    outcome = {"type": "exit", "exit_code": 1}
    output = [{"stdout": BAD, "stderr": f"no: {SECRET}", "outcome": outcome}]
    pieces = [
        {"stdout": "it is ", "stderr": "no: "},
        {"stdout": HALVES[0], "stderr": None},
        {"stderr": HALVES[0]},
        {"stdout": f"{HALVES[1]}."},
        {"stderr": HALVES[1]},
    ]
    deltas = [{"type": f"{PRINTED}.delta", "delta": piece} | at for piece in pieces]
    last = {"type": f"{PRINTED}.done", "output": output} | at
    events = told(*deltas, last)
    for stream, text in (("stdout", GOOD), ("stderr", f"no: {MARK}")):
        shown = [event["delta"].get(stream, "") for event in events if "delta" in event]
        assert "".join(shown) == text
    assert events[-1]["output"] == [{"stdout": GOOD, "stderr": f"no: {MARK}", "outcome": outcome}]
    assert [one["output"] for one in told(last)] == [events[-1]["output"]]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("end", [".", ""])
def test_what_a_shell_prints_may_be_refused(stream: str, end: str) -> None:
    """In the middle or at its end, the answer ends in a refusal that the provider might give."""
    item = {"type": "shell_call_output", "id": "i", "output": []}
    at = {"output_index": 0, "item_id": "i", "command_index": 0}
    raw = upstreams.sse(
        [
            {"type": "response.output_item.added", "item": item, "output_index": 0},
            {"type": f"{PRINTED}.delta", "delta": {stream: f"hm {SECRET}{end}"}} | at,
            {"type": f"{PRINTED}.done", "output": []} | at,
        ],
        named=True,
    )
    shown = clients.responses(streamed(guard(Action.REFUSE), RESPONSES, raw))
    assert shown.texts == {(0, stream, 0): "hm ", (1, "output_text", 0): REFUSAL}
    assert shown.reasons == {0: "content_filter"}


def test_what_is_spread_over_commands_is_found_in_the_whole() -> None:
    """Commands are read as lines of one text, and what they print as one text on each stream."""
    spread = ["say <a", "b> c"]
    prints = [{"stdout": half, "stderr": BAD, "outcome": {"type": "timeout"}} for half in HALVES]
    output = [
        {"type": "shell_call", "action": {"commands": spread, "timeout_ms": 1, "env": BAD}},
        {"type": "shell_call_output", "output": prints},
    ]
    _, _, raw = whole(guard(), RESPONSES, {"output": output})
    call, result = json.loads(raw)["output"]
    assert call["action"] == {
        "commands": [f"say {MARK}", f"{MARK} c"],
        "timeout_ms": 1,
        "env": GOOD,
    }
    assert [one["stdout"] for one in result["output"]] == [MARK, MARK]
    assert [one["stderr"] for one in result["output"]] == [GOOD, GOOD]
    assert result["output"][0]["outcome"] == {"type": "timeout"}


@pytest.mark.parametrize(
    "item",
    [
        {"type": "shell_call", "action": None},
        {"type": "shell_call", "action": {"commands": BAD}},
        {"type": "shell_call", "action": {"commands": [{}]}},
        {"type": "shell_call_output", "output": BAD},
        {"type": "shell_call_output", "output": [BAD]},
        {"type": "shell_call_output", "output": [{"stdout": 1}]},
    ],
)
def test_an_item_of_a_shell_that_is_none_is_refused(item: Any) -> None:
    """Where its texts would stand there must be texts."""
    assert REFUSAL in whole(guard(), RESPONSES, {"output": [item]})[2].decode()


@pytest.mark.parametrize("delta", [BAD, {"stdout": [BAD]}, {"log": BAD}])
def test_a_piece_of_output_that_is_none_is_refused(delta: Any) -> None:
    """It is an object of texts, by the names of the two streams."""
    at = {"output_index": 0, "command_index": 0}
    events = told({"type": f"{PRINTED}.delta", "delta": delta} | at)
    assert said(events, "response.output_text") == REFUSAL


def test_a_transcript_is_a_text() -> None:
    """It has no place in the answer, and its end may or may not say it again."""
    pieces = [{"type": f"{TRANSCRIPT}.delta", "delta": piece} for piece in ("it is ", *HALVES, ".")]
    for last in ({}, {"transcript": BAD}):
        events = told(*pieces, {"type": f"{TRANSCRIPT}.done"} | last)
        assert said(events, TRANSCRIPT) == GOOD
        assert events[-1]["type"] == f"{TRANSCRIPT}.done"
        assert events[-1].get("transcript", GOOD) == GOOD


def test_audio_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    """A strict surface refuses it; another leaves it out, and tells that it ended."""
    audio = {"type": "response.audio.delta", "delta": "aGVsbG8="}
    assert said(told(audio), "response.output_text") == REFUSAL
    assert "response.audio.delta is not known" in caplog.text
    events = told(audio, {"type": "response.audio.done"}, surface=Surface(strict=False))
    assert [event["type"] for event in events] == ["response.audio.done"]


def test_a_compaction_is_told() -> None:
    """That one is being made says nothing."""
    event = {"type": "response.compaction.compacting", "item_id": "cmp_1", "output_index": 0}
    assert told(event) == [event | {"sequence_number": 0}]

"""What agents of LangChain say, with and without the middleware.

    python integrations_langchain.py FOLDER

FOLDER holds the policies and the index that the runner made.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import SummarizationMiddleware
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from passage import PASSAGE, SAID
from pydantic import BaseModel
from readme import block

from guardrail import Guard, Identity
from guardrail.integrations.langchain import GuardMiddleware

FOLDER = Path(sys.argv[1])
ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": "What is in the file?"}]}
Facts = dict[str, Any]
KEPT: list[str] = []


class Model(GenericFakeChatModel):
    """Says what it is given to say, token by token where it is asked to stream."""

    @property
    def profile(self) -> Any:
        return {"structured_output": True}

    def bind_tools(self, *_: Any, **__: Any) -> Any:
        return self


class Named(Model):
    """One whose name is known."""

    model_name: str = "chat-1"


class Note(BaseModel):
    note: str


@tool
def keep(note: str) -> str:
    """Keep a note."""
    KEPT.append(note)
    return "kept"


def agent(policy: str | None, *said: Any, **options: Any) -> Any:
    guards = []
    if policy is not None:
        guards = [GuardMiddleware(Guard.from_policy(FOLDER / f"{policy}.toml"))]
    return create_agent(Model(messages=iter(said)), middleware=guards, **options)


def invoked(made: Any, asked: Facts) -> Facts:
    return dict(made.invoke(asked))


def ainvoked(made: Any, asked: Facts) -> Facts:
    return dict(asyncio.run(made.ainvoke(asked)))


def answer(
    policy: str | None, *said: Any, ask: Callable[[Any, Facts], Facts] = invoked, **options: Any
) -> Callable[[], Facts]:
    def case() -> Facts:
        KEPT.clear()
        told = ask(agent(policy, *said, **options), ASKED)
        last = told["messages"][-1]
        return {
            "text": str(last.text),
            "all": "\n".join(repr(message) for message in told["messages"]),
            "reason": last.response_metadata.get("finish_reason"),
            "kept": list(KEPT),
            "structured": repr(told.get("structured_response")),
            "count": len(told["messages"]),
        }

    return case


def streamed(policy: str | None, *, bound: bool = False) -> Callable[[], Facts]:
    def case() -> Facts:
        made = agent(policy, SAID)
        if bound:
            guard = GuardMiddleware(Guard.from_policy(FOLDER / f"{policy}.toml"))
            model: Any = Model(messages=iter([SAID])).with_config(tags=["mine"])
            made = create_agent(model, middleware=[guard])
        told = made.stream(ASKED, stream_mode="messages")
        pieces = [str(message.text) for message, _ in told]
        return {"text": "".join(pieces), "pieces": len(pieces)}

    return case


def same() -> Facts:
    """An answer that holds nothing is the very message of the model."""
    message = AIMessage("It is sunny today.", response_metadata={"odd": object()})
    told = agent("redact", message).invoke(ASKED)["messages"][-1]
    return {"same": told.response_metadata["odd"] is message.response_metadata["odd"]}


def asked_by() -> Facts:
    """Who asks is told by `identify`."""
    seen: list[str] = []

    def told(event: Any) -> None:
        seen.append(event.subject)

    guard = Guard.from_policy(FOLDER / "redact.toml", on_event=told)
    middleware = GuardMiddleware(
        guard, identify=lambda request: Identity(str(request.system_prompt))
    )
    create_agent(
        Model(messages=iter(["Yes."])), system_prompt="ann", middleware=[middleware]
    ).invoke(ASKED)
    return {"subjects": sorted(set(seen))}


def asked_to(model: Any, policy: str, *turns: Any) -> Callable[[], Facts]:
    def case() -> Facts:
        guard = GuardMiddleware(Guard.from_policy(FOLDER / f"{policy}.toml"))
        told = create_agent(model, middleware=[guard]).invoke({"messages": [*turns]})
        return {"text": str(told["messages"][-1].text)}

    return case


def summed(*, guarded: bool) -> Callable[[], Facts]:
    """A summary of what a tool told, by a model, is what the next model is asked."""

    def case() -> Facts:
        summary = Model(messages=iter([AIMessage(f"So far: {PASSAGE}")]))
        middleware: list[Any] = [
            SummarizationMiddleware(model=summary, trigger=("messages", 3), keep=("messages", 1))
        ]
        if guarded:
            middleware.append(GuardMiddleware(Guard.from_policy(FOLDER / "redact.toml")))
        call = AIMessage("", tool_calls=[{"name": "keep", "args": {}, "id": "1"}])
        turns = [HumanMessage("Look."), call, ToolMessage(PASSAGE, tool_call_id="1")]
        made = create_agent(Model(messages=iter([SAID])), middleware=middleware)
        told = made.invoke({"messages": [*turns, AIMessage("No."), HumanMessage("Please.")]})
        return {"text": str(told["messages"][-1].text), "first": str(told["messages"][0].text)}

    return case


def readme() -> Facts:
    """The README's agent."""
    names: Facts = {"create_agent": create_agent, "model": Model(messages=iter([SAID]))}
    names["guard"] = Guard.from_policy(FOLDER / "redact.toml")
    exec(block("python", "integrations.langchain"), names)  # noqa: S102 - our own words
    return {"text": str(names["agent"].invoke(ASKED)["messages"][-1].text)}


HALVES = PASSAGE[: len(PASSAGE) // 2], PASSAGE[len(PASSAGE) // 2 :]
BLOCKS = AIMessage(
    content=[
        {"type": "reasoning", "reasoning": f"I know that {PASSAGE}"},
        {"type": "text", "text": f"See: {HALVES[0]}", "annotations": [{"title": PASSAGE}]},
        {"type": "text", "text": f"{HALVES[1]} and so on."},
    ]
)
WORDS = PASSAGE.split()
LINES = [" ".join(WORDS[place : place + 5]) for place in range(0, len(WORDS), 5)]
LETTERS = [PASSAGE[place : place + 17] for place in range(0, len(PASSAGE), 17)]
DEALT = AIMessage(content=[{"type": "text", "text": line} for line in LINES])
THOUGHT = AIMessage(content=[{"type": "thinking", "thinking": piece} for piece in LETTERS])
FIELDS: Facts = {
    "extra": AIMessage("Fine.", reasoning={"inner": [PASSAGE]}),
    "name": AIMessage("Fine.", name=PASSAGE),
    "key": AIMessage("Fine.", **{PASSAGE: 1}),
    "id": AIMessage("Fine.", id="_".join(WORDS)),
    "dropped": AIMessage("Fine.", token_ids=[1, 2]),
}
GIVEN = AIMessage(json.dumps({"note": "\n".join(LINES)}))
CALL = AIMessage(
    content="",
    tool_calls=[{"name": "keep", "args": {"note": SAID, "number": 7}, "id": "1"}],
    additional_kwargs={"tool_calls": [{"function": {"name": "keep", "arguments": PASSAGE}}]},
)
STRUCTURED = AIMessage(content="", tool_calls=[{"name": "Note", "args": {"note": SAID}, "id": "1"}])
USAGE = AIMessage(
    content="",
    tool_calls=[{"name": "Note", "args": {"note": "Fine."}, "id": "1"}],
    usage_metadata={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
    response_metadata={"logprobs": {"content": [{"token": "brindled", "logprob": -0.1}]}},
)
LOGPROBS = AIMessage(
    content="Fine.",
    response_metadata={
        "logprobs": {"content": [{"token": word, "logprob": -0.1} for word in PASSAGE.split()]}
    },
)
TOOLS: Facts = {"tools": [keep]}
NOTES: Facts = {"response_format": ToolStrategy(Note)}
PROVIDED: Facts = {"response_format": ProviderStrategy(Note)}
CASES: dict[str, Callable[[], Facts]] = {
    "text control": answer(None, SAID),
    "text": answer("redact", SAID),
    "async text": answer("redact", SAID, ask=ainvoked),
    "text refused": answer("refuse", SAID),
    "async text refused": answer("refuse", SAID, ask=ainvoked),
    "text observed": answer("observe", SAID),
    "blocks control": answer(None, BLOCKS),
    "blocks": answer("redact", BLOCKS),
    "blocks refused": answer("refuse", BLOCKS),
    "dealt control": answer(None, DEALT),
    "dealt": answer("redact", DEALT),
    "thoughts": answer("redact", THOUGHT),
    "call control": answer(None, CALL, "Done.", **TOOLS),
    "call": answer("redact", CALL, "Done.", **TOOLS),
    "call refused": answer("refuse", CALL, "Done.", **TOOLS),
    "structured control": answer(None, STRUCTURED, **NOTES),
    "structured": answer("redact", STRUCTURED, **NOTES),
    "structured tools": answer("redact", STRUCTURED, **NOTES, **TOOLS),
    "provided control": answer(None, GIVEN, **PROVIDED),
    "provided": answer("redact", GIVEN, **PROVIDED),
    "provided observed": answer("observe", GIVEN, **PROVIDED),
    "provided fine": answer("redact", AIMessage('{"note": "Fine."}'), **PROVIDED),
    "structured usage": answer("usage", USAGE, **NOTES),
    "logprobs control": answer(None, LOGPROBS),
    "logprobs": answer("redact", LOGPROBS),
    "prompt control": answer("redact", "Yes."),
    "stream control": streamed(None),
    "stream": streamed("redact"),
    "stream refused": streamed("refuse"),
    "stream bound": streamed("redact", bound=True),
    "same": same,
    "asked by": asked_by,
    "readme": readme,
}
for name, message in FIELDS.items():
    CASES[f"field {name} control"] = answer(None, message)
    CASES[f"field {name}"] = answer("redact", message)
    CASES[f"field {name} observed"] = answer("observe", message)
CASES["summary control"], CASES["summary"] = summed(guarded=False), summed(guarded=True)
KEY = "sk_" + "live_" + "A1" * 12
ASKED_IT: Facts = {"messages": [{"role": "user", "content": f"What is {KEY} for?"}]}
CASES["prompt"] = answer("prompt", "Yes.", ask=lambda made, _: invoked(made, ASKED_IT))
CASES["throttled"] = answer("throttle", "Yes.", ask=lambda made, _: invoked(made, ASKED_IT))
CASES["async prompt"] = answer("prompt", "Yes.", ask=lambda made, _: ainvoked(made, ASKED_IT))
KEPT_IN = f"What is {KEY} for?"
BLOCKS_ASKED: Facts = {
    "input_text": {"type": "input_text", "text": KEPT_IN},
    "text-plain": {"type": "text-plain", "text": KEPT_IN, "mime_type": "text/plain"},
    "document": {"type": "document", "source": {"type": "text", "data": KEPT_IN}},
    "tool_result": {"type": "tool_result", "tool_use_id": "1", "content": KEPT_IN},
    "non_standard": {"type": "non_standard", "value": {"inner": [KEPT_IN]}},
    "no type": {"text": KEPT_IN},
}
for kind, asked in BLOCKS_ASKED.items():
    model = Model(messages=iter(["Yes."]))
    CASES[f"prompt {kind}"] = asked_to(model, "prompt", HumanMessage([asked]))
WRITTEN = HumanMessage(f"Say it again: {PASSAGE}")
for name, policy, turn in (
    ("echo user", "redact", WRITTEN),
    ("echo all", "echo", WRITTEN),
    ("echo system", "redact", SystemMessage(PASSAGE)),
    ("echo made", "redact", HumanMessage(PASSAGE, additional_kwargs={"lc_source": "x"})),
    ("echo made all", "echo", HumanMessage(PASSAGE, additional_kwargs={"lc_source": "x"})),
    ("echo file", "redact", HumanMessage([{"type": "text-plain", "text": PASSAGE}])),
):
    CASES[name] = asked_to(Model(messages=iter([SAID])), policy, turn, HumanMessage("Go on."))
CASES["model allowed"] = asked_to(Named(messages=iter(["Yes."])), "access", WRITTEN)
CASES["model unknown"] = asked_to(Model(messages=iter(["Yes."])), "access", WRITTEN)
CASES["model denied"] = asked_to(
    Named(messages=iter(["Yes."])).bind(model="payroll-1"), "access", WRITTEN
)
for name, case in CASES.items():
    print(json.dumps({"case": name} | case()), flush=True)  # noqa: T201 - read by the runner

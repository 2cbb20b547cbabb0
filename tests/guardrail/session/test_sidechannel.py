"""The monitor of side channels: what tells hits from misses, and what only seems to."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu  # type: ignore[import-untyped]

from guardrail import Action, Event, Finding, Guard, Rule, Text
from guardrail.asgi import GuardMiddleware, Receive, Scope, Send
from guardrail.session.sidechannel import Reading, SideChannel, rank_test
from guardrail.transport import GuardTransport
from guardrail.types import Source
from tests.readers import REFUSAL, STOP, guard, reader

values = st.lists(st.integers(0, 9).map(float), min_size=2, max_size=40)


@given(values, values)
def test_the_test_is_mann_and_whitneys(hits: list[float], misses: list[float]) -> None:
    """As scipy has it, with ties and a correction for continuity."""
    auc, p = rank_test(hits, misses)
    if len({*hits, *misses}) == 1:
        assert (auc, p) == (0.5, 1.0)
        return
    known = mannwhitneyu(hits, misses, use_continuity=True, method="asymptotic")
    assert auc == pytest.approx(known.statistic / (len(hits) * len(misses)))
    assert p == pytest.approx(known.pvalue)


def watched(
    count: int, seed: int = 1, *, late: float = 0.0, larger: int = 0, action: Action = Action.FLAG
) -> SideChannel:
    """A monitor that has seen so many hits and misses; a hit is later, or larger."""
    chance, monitor = random.Random(seed), SideChannel()
    for _ in range(count):
        for hit in chance.sample((True, False), 2):
            seconds = chance.expovariate(10) + late * hit
            monitor.see(action, seconds, chance.randrange(1000) + larger * hit, hit=hit)
    return monitor


def last(monitor: SideChannel) -> dict[str, Reading]:
    return {one.channel: one for one in monitor.readings}


@pytest.mark.parametrize(
    ("leak", "channel"), [({"late": 0.05}, "seconds"), ({"larger": 200}, "size")]
)
def test_what_differs_is_told(leak: Any, channel: str) -> None:
    """The channel that leaks is named, with the size of the effect, and the other is not."""
    told = last(watched(1500, **leak))
    assert [name for name, one in told.items() if one.tells] == [channel]
    assert told[channel].delta == 2 * told[channel].auc - 1 > 0.2
    assert told[channel].p < 1e-6


def test_chance_is_no_channel() -> None:
    """Of two hundred monitors that see nothing but chance hardly one ever raises an alarm."""
    alarms = 0
    for seed in range(200):
        chance, monitor = random.Random(seed), SideChannel(alpha=0.05)
        alarmed = False
        for _ in range(600):
            monitor.see(
                Action.ALLOW, chance.random(), chance.randrange(5), hit=chance.random() < 0.3
            )
            alarmed |= any(one.p <= one.level for one in monitor.readings)
        alarms += alarmed
    assert alarms <= 10


def test_looks_become_rarer_and_memory_does_not_grow() -> None:
    """From 32 pairs on at each doubling, and in the end at every 1,024, of the last 1,024."""
    monitor = SideChannel(alpha=0.06)
    looks: list[tuple[int, Reading]] = []
    for number in range(1, 3100):
        monitor.see(Action.ALLOW, 0.0, 0, hit=True)
        monitor.see(Action.ALLOW, 0.0, 0, hit=False)
        looks += [(number, one) for one in monitor.readings if one not in [x for _, x in looks]]
    looks = looks[::2]
    assert [number for number, _ in looks] == [32, 64, 128, 256, 512, 1024, 2048, 3072]
    assert [one.pairs for _, one in looks] == [32, 64, 128, 256, 512, 1024, 1024, 1024]
    levels = [one.level for _, one in looks]
    assert levels == pytest.approx([0.01 / (k * (k + 1)) for k in range(1, 9)])


def test_busy_hours_are_no_channel() -> None:
    """Hits that come in a slow hour are put beside the misses of that hour."""
    chance, monitor = random.Random(3), SideChannel()
    for hour, share in ((0.0, 0.1), (5.0, 0.9)):
        for _ in range(2000):
            hit = chance.random() < share
            monitor.see(Action.ALLOW, hour + chance.random(), 7, hit=hit)
    assert not any(one.tells for one in monitor.readings)


def test_only_what_looks_alike_is_compared() -> None:
    """A refusal is short, which its text says too; one for another reason is as short."""
    chance, monitor = random.Random(4), SideChannel()
    for _ in range(500):
        monitor.see(Action.REFUSE, chance.random(), 40, hit=True)
        monitor.see(Action.ALLOW, chance.random(), 4000, hit=False)
        monitor.see(Action.THROTTLE, 0.0, 40, hit=False)
    none = monitor.readings
    assert none == ()
    for _ in range(500):
        monitor.see(Action.REFUSE, chance.random(), 40, hit=chance.random() < 0.5)
    assert {one.action for one in monitor.readings} == {Action.REFUSE}
    assert not any(one.tells for one in monitor.readings)


def test_flagged_looks_like_allowed() -> None:
    """Both are shown as they were, so that they are compared with each other."""
    monitor = SideChannel()
    for _ in range(64):
        monitor.see(Action.FLAG, 0.2, 10, hit=True)
        monitor.see(Action.ALLOW, 0.1, 10, hit=False)
    assert last(monitor)["seconds"].tells
    assert not last(monitor)["size"].tells
    assert last(monitor)["seconds"].action is Action.ALLOW


@dataclass(frozen=True)
class Slow:
    """Knows one word of an index, and takes its time over it."""

    discount: str = ""

    def find(self, text: Text) -> Iterator[Finding]:
        place = text.raw.find("known")
        if place >= 0:
            time.sleep(0.005)
            source = Source("index", "document", "", 1)
            yield Finding(place, place + 5, "test", source=source, discount=self.discount)

    def settled(self, text: Text) -> int:
        return max(len(text.raw) - 5, 0)


def echoing(on_event: Any, **settings: Any) -> Guard:
    return Guard([Rule(Slow("echo"), id="slow")], on_event=on_event, **settings)


def says(kind: bytes) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        body = b'{"it":"' + scope["query_string"] + b'"}'
        headers = [(b"content-type", kind)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


@pytest.mark.parametrize("kind", [b"application/json", b"text/plain"])
async def test_the_monitor_hears_of_what_leaves_an_application(kind: bytes) -> None:
    """Whole answers and streams; a hit that is not counted takes time like any other."""
    monitor = SideChannel()
    app = GuardMiddleware(says(kind), guard=echoing(monitor))
    for _ in range(32):
        await reader("/?known").talk(app)
        await reader("/?other").talk(app)
    assert [one.channel for one in monitor.readings if one.tells] == ["seconds"]


async def answers(given: Guard, path: str, app: Any) -> None:
    await reader(path).talk(GuardMiddleware(app, guard=given))


async def test_an_event_of_an_answer() -> None:
    """It has the strictest action, the seconds since the request, the bytes, and no text."""
    told: list[Event] = []
    rules = [*guard().rules, Rule(Slow(), id="slow")]
    given = Guard(rules, on_event=told.append)
    await answers(given, "/?known", says(b"application/json"))
    event = told[-1]
    assert (event.kind, event.action, event.matched) == ("answer", Action.REDACT, True)
    assert event.characters == len(b'{"it":"[redacted]"}')
    assert event.seconds >= 0.005
    assert (event.findings, event.discounted, event.errors) == ((), (), ())
    assert [one.matched for one in told if one.kind == "check"] == [True]


@pytest.mark.parametrize(
    ("path", "status", "kind", "action"),
    [
        ("/?forbidden", 200, b"application/json", Action.REFUSE),
        ("/?fine", 200, b"application/unknown", Action.REFUSE),
        ("/?fine", 200, b"text/plain", Action.ALLOW),
        ("/?fine", 404, b"application/json", None),
    ],
)
async def test_which_answers_are_told(
    path: str, status: int, kind: bytes, action: Action | None
) -> None:
    """Refusals of questions and of what cannot be read are; errors of the upstream are not."""
    told: list[Event] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", kind)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"a":"b"}'})

    await answers(guard(on_event=told.append), path, app)
    assert [one.action for one in told if one.kind == "answer"] == (
        [] if action is None else [action]
    )


async def test_an_answer_that_broke_off_is_not_told() -> None:
    """What stands in its place has nothing to do with what was found."""
    told: list[Event] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    await answers(guard(on_event=told.append), "/", app)
    assert "answer" not in [one.kind for one in told]


async def test_what_is_observed_is_shown() -> None:
    """Who only observes shows hits as they are: they look like all the others."""
    monitor = SideChannel()
    given = Guard([Rule(Slow(), id="slow")], on_event=monitor, mode="observe")
    for _ in range(32):
        await answers(given, "/?known", says(b"application/json"))
        await answers(given, "/?other", says(b"application/json"))
    assert {one.action for one in monitor.readings} == {Action.ALLOW}


def test_the_monitor_hears_of_what_leaves_a_transport() -> None:
    """Under a client too, and whatever else happens does not reach it."""
    told: list[Event] = []

    def upstream(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"it": "is known"})

    transport = GuardTransport(echoing(told.append), httpx.MockTransport(upstream))
    with httpx.Client(transport=transport) as asker:
        asker.get("http://there/")
    assert [one.kind for one in told] == ["admit", "check", "answer"]
    assert told[-1].matched
    monitor = SideChannel()
    for one in told[:-1]:
        monitor(one)
    assert monitor.readings == ()


async def test_a_stream_is_told_with_all_its_choices() -> None:
    """One that was refused decides how it looks, another one what was found."""
    told: list[Event] = []
    rules = [Rule(Slow(), id="slow"), *guard().rules]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, text in enumerate(("it is known", f"so {STOP} and so on")):
            choice = {"index": number, "delta": {"content": text}, "finish_reason": None}
            event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
            body = f"data: {json.dumps(event | {'choices': [choice]})}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    given = Guard(rules, on_event=told.append)
    asked = b'{"model":"m","stream":true,"n":2,"messages":[{"role":"user","content":"hello"}]}'
    talk = reader("/v1/chat/completions", asked, method="POST")
    await talk.talk(GuardMiddleware(app, guard=given))
    assert REFUSAL.encode() in talk.body
    assert [one.kind for one in told] == ["admit", "stream", "stream", "answer"]
    assert (told[-1].action, told[-1].matched) == (Action.REFUSE, True)
    assert told[-1].characters == len(talk.body)

"""Clearances: tokens that lift a challenge, at every edge and in every store."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Admission, Context, Event, Guard, Identity
from guardrail.asgi import GuardMiddleware
from guardrail.errors import PolicyError
from guardrail.proxy import create
from guardrail.rows import Rows
from guardrail.session.history import History
from guardrail.session.identity import Identification
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.nudging import Nudge
from guardrail.session.probing import Probing, Watch
from guardrail.session.redis import RedisStore
from guardrail.session.schema import Attribute, Schema
from guardrail.sketch import Sketcher
from guardrail.tabular import Tabular
from guardrail.transport import GuardTransport
from guardrail.upstream import Upstream
from tests.guardrail.session.asking import HEAD, limited
from tests.readers import PATIENCE
from tests.redis_server import RedisServer
from tests.servers import Asked, completion, head, upstream

ALICE, EVE = (Context("hello", identity=Identity(who)) for who in ("alice", "eve"))
CHALLENGE = Limit(queries="1/day", burst=1, action="challenge")
CHAT = "/v1/chat/completions"
BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
POLICY = f"""{HEAD}
[identity]
trusted_proxies = ["127.0.0.1"]
subject = "x-user"
clearance = "X-Clearance"
[limits]
store = "STORE"
key_file = "key"
[[limits.rule]]
queries = "1/day"
burst = 1
action = "challenge"
"""


def challenged(guard: Guard, context: Context = ALICE) -> Guard:
    """The guard, which challenges whoever asks again."""
    assert guard.admit(context).action is Action.ALLOW
    assert guard.admit(context).action is Action.CHALLENGE
    return guard


def cleared(guard: Guard, told: str, context: Context = ALICE) -> Admission:
    return guard.admit(replace(context, clearance=told))


def outcome(admission: Admission) -> tuple[Action, list[str]]:
    """What is done, and what came of the clearance."""
    told = [one for one in admission.verdict.discounted if one.rule == "clearance"]
    return admission.action, [one.discount for one in told]


def once(told: Sequence[Admission]) -> bool:
    """Whether one was let on, and one clearance was used; of several at once nobody knows which."""
    actions, came = zip(*map(outcome, told), strict=True)
    return actions.count(Action.ALLOW) == came.count(["lifted"]) == 1


LIFTED, STANDS = (Action.ALLOW, ["lifted"]), (Action.CHALLENGE, ["not lifted"])


def test_who_has_a_clearance_goes_on() -> None:
    """Once; the same again lifts nothing, and another one does."""
    guard = challenged(limited(CHALLENGE))
    told = guard.clearance(ALICE)
    assert outcome(cleared(guard, told)) == LIFTED
    assert outcome(cleared(guard, told)) == STANDS
    assert outcome(cleared(guard, guard.clearance(ALICE))) == LIFTED


def test_a_clearance_is_for_one_alone() -> None:
    """Who has somebody else's stays challenged, and has not used it up."""
    guard = challenged(challenged(limited(CHALLENGE)), EVE)
    told = guard.clearance(ALICE)
    assert outcome(cleared(guard, told, EVE)) == STANDS
    assert outcome(cleared(guard, told)) == LIFTED


def test_who_is_known_by_address_is_cleared_by_it() -> None:
    """As long as they stay in its network; a subject counts before it."""
    here, there = (Context("hello", identity=Identity(network=at)) for at in ("192.0.2.7", "::1"))
    guard = challenged(challenged(limited(CHALLENGE), here), there)
    told = guard.clearance(here)
    assert outcome(cleared(guard, told, there)) == STANDS
    assert outcome(cleared(guard, told, here)) == LIFTED


@pytest.mark.parametrize(
    ("later", "outcomes"),
    [(seconds, [STANDS]) for seconds in (301, -301)]
    + [(seconds, [LIFTED, STANDS]) for seconds in (298, -298)],
)
def test_a_clearance_lives_five_minutes(
    later: int, outcomes: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clocks may differ by less than that; one that is used up is none, as is one from ahead."""
    guard, now = challenged(limited(CHALLENGE)), time.time()
    told = guard.clearance(ALICE)
    monkeypatch.setattr(time, "time", lambda: now + later)
    assert [outcome(cleared(guard, told)) for _ in outcomes] == outcomes


@given(told=st.one_of(st.text(), st.binary(max_size=40).map(bytes.hex)))
def test_nothing_else_is_believed(told: str) -> None:
    """Whatever it looks like; nothing is raised."""
    assert outcome(cleared(challenged(limited(CHALLENGE)), told)) == STANDS


@given(place=st.integers(0, 8 * 32 - 1))
def test_no_bit_of_it_may_differ(place: int) -> None:
    """When it ends, what makes it one, and what signs it."""
    guard = challenged(limited(CHALLENGE))
    raw = bytes.fromhex(guard.clearance(ALICE))
    assert len(raw) == 32
    forged = int.from_bytes(raw, "big") ^ 1 << place
    assert outcome(cleared(guard, forged.to_bytes(32, "big").hex())) == STANDS


def test_a_clearance_with_another_key_is_not_believed() -> None:
    """Nor is one that is cut short or goes on."""
    guard = challenged(limited(CHALLENGE))
    history = History(MemoryStore(), secret=b"other")
    other = Guard(limits=Limits([CHALLENGE], history)).clearance(ALICE)
    own = guard.clearance(ALICE)
    for told in (other, own[:-2], own + "00", ""):
        assert outcome(cleared(guard, told)) == STANDS


def watching(action: Any) -> Guard:
    history = History(MemoryStore(), secret=b"k" * 32)
    watch = Watch(Probing(action=action, most=1), history, Sketcher(b"s" * 32))
    return Guard(watch=watch)


@pytest.mark.parametrize("stop", [Action.THROTTLE, Action.CHALLENGE, Action.REFUSE])
def test_only_a_challenge_of_probing_is_lifted(stop: Action) -> None:
    """Who is throttled or refused for what they asked stays so."""
    guard = watching(str(stop))
    for name in ("Ann", "Bob", "Cy", "Di", "Ed", "Flo"):
        guard.admit(replace(ALICE, prompt=f"What is the address of {name} Smith?"))
    assert guard.admit(ALICE).action is stop
    lifted = stop is Action.CHALLENGE
    assert cleared(guard, guard.clearance(ALICE)).action is (Action.ALLOW if lifted else stop)


@pytest.mark.parametrize("stop", [Action.THROTTLE, Action.CHALLENGE, Action.REFUSE])
def test_only_a_challenge_of_rows_is_lifted(stop: Action) -> None:
    """As of prompts."""
    schema = Schema(Attribute(name=name, kind="numeric", width=10) for name in "abcd")
    rule: Any = Nudge(rows=3, others=1, action=str(stop))  # type: ignore[arg-type]
    rows = Rows(schema, History(MemoryStore(), secret=b"k" * 32), nudging=[rule])
    guard = Guard(rows=rows)
    tabular = Tabular(lambda rows: [0.5] * len(rows), guard=guard)
    told = [tabular.score([[10 * step, 0, 0, 0]], ALICE) for step in range(3)]
    assert [one.admission.action for one in told] == [Action.ALLOW, Action.ALLOW, stop]
    other, lifted = [[500, 500, 500, 500]], stop is Action.CHALLENGE
    assert tabular.score(other, ALICE).admission.action is stop
    fresh = replace(ALICE, clearance=guard.clearance(ALICE))
    assert tabular.stops(tabular.score(other, fresh)) is not lifted


def test_who_is_blocked_stays_blocked() -> None:
    """A block is no challenge."""
    guard = limited(CHALLENGE)
    assert guard.limits is not None
    guard.limits.block(ALICE.identity, 60)
    assert cleared(guard, guard.clearance(ALICE)).action is Action.REFUSE


def test_who_does_not_say_who_they_are_still_must() -> None:
    """Their clearance is not looked at, and lifts what challenges them once they do."""
    guard = limited(CHALLENGE, identification=Identification(missing="challenge"))
    nobody = Context("hello")
    assert outcome(cleared(guard, guard.clearance(nobody), nobody)) == (Action.CHALLENGE, [])


def test_it_is_told_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """Events and explanations say what came of it; neither they nor what is shown of it hold it."""
    events: list[Event] = []
    guard = challenged(limited(CHALLENGE, on_event=events.append))
    told = guard.clearance(ALICE)
    admission = cleared(guard, told)
    assert "rule clearance: 1 finding not counted: lifted" in guard.explain(admission.verdict)
    assert [one.discount for one in events[-1].discounted] == ["lifted"]
    for shown in (repr(admission), repr(events), caplog.text, guard.explain(admission.verdict)):
        assert told not in shown


def test_nothing_is_lifted_where_nothing_is_kept() -> None:
    """No clearance can be made there, and one that is sent is passed over."""
    guard = Guard()
    with pytest.raises(PolicyError, match="limits"):
        guard.clearance(ALICE)
    assert outcome(cleared(guard, "00")) == (Action.ALLOW, [])


def test_a_store_that_does_not_answer_lifts_nothing(own: RedisServer) -> None:
    """Nothing is raised; the errors say so."""
    history = History(RedisStore(own.url, timeout=5), secret=b"k" * 32)
    guard = challenged(Guard(limits=Limits([CHALLENGE], history)))
    told = guard.clearance(ALICE)
    own.kill()
    admission = cleared(guard, told)
    assert outcome(admission)[1] == ["not lifted"]
    assert any("store" in error for error in admission.verdict.errors)


def test_a_store_may_fail_on_the_way() -> None:
    """A clearance that was used up for nothing is told as an error, and the challenge stands."""

    class Failing(MemoryStore):
        def forget(self, _: Any) -> None:
            raise OSError

    history = History(Failing(), secret=b"k" * 32)
    guard = challenged(Guard(limits=Limits([CHALLENGE], history)))
    admission = cleared(guard, guard.clearance(ALICE))
    assert outcome(admission) == STANDS
    assert admission.verdict.errors == ("clearance: OSError",)


@pytest.fixture(params=["memory", "sqlite:store", "redis"])
def policy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    place = request.param
    if place == "redis":
        place = request.getfixturevalue("server").url
    (tmp_path / "key").write_text("0123456789abcdef" + tmp_path.name)
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.replace("STORE", place))
    return path


def test_another_process_makes_them(policy: Path) -> None:
    """By the same key alone; whichever store there is, of several at once one is let on."""
    elsewhere = policy.with_name("page.toml")
    elsewhere.write_text(f'{HEAD}[limits]\nkey_file = "key"\n')
    with Guard.from_policy(elsewhere) as page, Guard.from_policy(policy) as guard:
        told = page.clearance(ALICE)
        challenged(guard)
        with ThreadPoolExecutor(8) as crowd:
            came = list(crowd.map(lambda _: cleared(guard, told), range(16)))
        assert once(came)
        guard.reload()
        assert outcome(cleared(guard, page.clearance(ALICE))) == LIFTED


def test_an_event_loop_takes_them(policy: Path) -> None:
    """As a thread does."""
    with Guard.from_policy(policy) as guard:
        told = replace(ALICE, clearance=challenged(guard).clearance(ALICE))

        async def came() -> list[Admission]:
            return await asyncio.gather(*(guard.aadmit(told) for _ in range(8)))

        assert once(asyncio.run(came()))


def test_a_wrapped_callable_takes_them() -> None:
    """In the context of what is asked."""
    guard = challenged(limited(CHALLENGE))
    safe = guard.wrap(
        lambda *told: str(told[0]),
        context=lambda *told: replace(ALICE, clearance=told[-1]),
    )
    assert safe("hello", None) == "Show who you are to go on."
    assert safe("hello", guard.clearance(ALICE)) == "hello"


async def answers(_: Asked, writer: asyncio.StreamWriter) -> None:
    body = completion("hello")
    writer.write(head("application/json", len(body)) + body)


Asks = Callable[[Guard, dict[str, str]], int]


def by_middleware(guard: Guard, headers: dict[str, str]) -> int:
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard)

    @app.post(CHAT)
    async def chat() -> Any:
        return json.loads(completion("hello"))

    return posted(app, headers)


def by_proxy(guard: Guard, headers: dict[str, str]) -> int:
    with upstream(answers) as server:
        app = create(guard, [Upstream(url=server.url)])
        return posted(app, headers)


def posted(app: FastAPI, headers: dict[str, str]) -> int:
    async def post() -> int:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://test") as client,
        ):
            return (await client.post(CHAT, headers=headers, json=BODY)).status_code

    return asyncio.run(post())


def by_transport(guard: Guard, headers: dict[str, str]) -> int:
    with upstream(answers) as server:
        transport = GuardTransport(guard, identify=lambda asked: Identity(asked.headers["x-user"]))
        with httpx.Client(transport=transport) as client:
            url = f"{server.url}{CHAT}"
            return client.post(url, headers=headers, json=BODY, timeout=PATIENCE).status_code


@pytest.mark.parametrize("ask", [by_middleware, by_proxy, by_transport])
def test_every_edge_takes_them_from_a_header(ask: Asks, policy: Path) -> None:
    """Which the policy names; without it, or with another's, who is challenged stays so."""
    with Guard.from_policy(policy) as guard:
        alice = {"x-user": "alice"}
        told, other = guard.clearance(ALICE), guard.clearance(EVE)
        assert [ask(guard, alice) for _ in range(2)] == [200, 401]
        assert ask(guard, alice | {"x-clearance": other}) == 401
        assert ask(guard, alice | {"x-clearance": told}) == 200
        assert ask(guard, alice | {"x-clearance": told}) == 401


def test_no_header_is_read_that_is_not_named(policy: Path) -> None:
    """By default there is none."""
    policy.write_text(policy.read_text().replace('clearance = "X-Clearance"\n', ""))
    with Guard.from_policy(policy) as guard:
        alice = {"x-user": "alice"}
        assert [by_middleware(guard, alice) for _ in range(2)] == [200, 401]
        assert by_middleware(guard, alice | {"x-clearance": guard.clearance(ALICE)}) == 401

"""Who is found probing is suspended: blocked for a time, and until an operator forgives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guardrail import Action, Admission, Context, Guard, Identity
from guardrail.cli import main
from guardrail.errors import PolicyError
from guardrail.flow import driven
from guardrail.session.history import History
from guardrail.session.limits import Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.probing import Probing, Watch
from guardrail.session.store import Ask, Flow
from guardrail.sketch import Sketcher
from tests.guardrail.session.asking import HEAD, Clock
from tests.redis_server import RedisServer

EVE = Identity("eve", network="192.0.2.7")
NAMES = ("Ann", "Bea", "Cyd", "Dan", "Fay", "Gil", "Hal")

Load = Callable[[str, str], tuple[Guard, Path]]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    (tmp_path / "key").write_text("0123456789abcdef" + tmp_path.name)
    guards: list[Guard] = []

    def policy(store: str, more: str) -> tuple[Guard, Path]:
        path = tmp_path / "policy.toml"
        limits = f'[limits]\nstore = "{store}"\nkey_file = "key"\ntimeout = 0.5\n'
        probing = f'[limits.probing]\naction = "suspend"\nsuspended = "2 days"\n{more}'
        path.write_text(HEAD + limits + probing)
        guards.append(Guard.from_policy(path))
        return guards[-1], path

    yield policy
    for guard in guards:
        guard.close()


def asks(guard: Guard, prompt: str = "hello", identity: Identity = EVE) -> Admission:
    return guard.admit(Context(prompt, identity=identity))


def probes(guard: Guard, identity: Identity = EVE) -> Admission:
    for name in NAMES:
        told = asks(guard, f"What is the address of {name} Smith?", identity)
        if told.action is Action.REFUSE:
            break
    return told


def rules(admission: Admission) -> set[tuple[str, str]]:
    return {(finding.kind, finding.rule) for finding in admission.verdict.findings}


@pytest.mark.parametrize("kind", ["memory", "sqlite", "redis"])
def test_who_probes_is_blocked(kind: str, load: Load, request: pytest.FixtureRequest) -> None:
    """From the next request on, whatever it is; and nobody else at the same address."""
    place = "sqlite:store" if kind == "sqlite" else kind
    if kind == "redis":
        place = request.getfixturevalue("server").url
    guard, _ = load(place, "")
    told = probes(guard)
    assert told.action is Action.REFUSE
    assert ("probing.risk", "probing") in rules(told)
    assert told.retry_after == 2 * 86400
    after = asks(guard)
    assert (after.action, rules(after)) == (Action.REFUSE, {("access", "blocked")})
    guard.reload()
    assert asks(guard).action is Action.REFUSE
    assert asks(guard, identity=Identity("bob", network="192.0.2.7")).action is Action.ALLOW
    assert not after.verdict.errors


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_an_operator_sees_it_and_lifts_it(
    kind: str, load: Load, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the same commands as a block by hand."""
    place = "sqlite:store" if kind == "sqlite" else request.getfixturevalue("server").url
    guard, path = load(place, "")

    def run(command: str) -> None:
        with pytest.raises(SystemExit):
            main(["identity", command, "eve", "--policy", str(path)])

    probes(guard)
    run("show")
    assert "eve: blocked for 2 days\n  probing: risk 3.0 of 2" in capsys.readouterr().out
    run("reset")
    assert asks(guard).action is Action.ALLOW
    run("show")
    assert "eve: not blocked\n  probing: risk 0.0 of 2\n" in capsys.readouterr().out
    assert probes(guard).action is Action.REFUSE


def by_hand(clock: Clock, limits: bool = True, **settings: object) -> Guard:
    history = History(MemoryStore(clock=clock), secret=b"k" * 32)
    watch = Watch(Probing(action="suspend", **settings), history, Sketcher(b"s" * 32))  # type: ignore[arg-type]
    return Guard(limits=Limits([], history) if limits else None, watch=watch)


def test_a_suspension_ends() -> None:
    """After its time, if the risk has come down as well."""
    clock = Clock()
    with by_hand(clock, suspended="12 hours") as guard:
        probes(guard)
        clock.move(12 * 3_600_000_000 - 1)
        assert rules(asks(guard)) == {("access", "blocked")}
        clock.move(1)
        assert asks(guard).action is Action.ALLOW


def test_requests_in_flight_do_not_add_up() -> None:
    """Nor does a suspension shorten what an operator said."""
    clock = Clock()
    with by_hand(clock) as guard:
        assert guard.limits is not None
        for _ in range(3):
            assert driven(guard.limits.suspend(EVE, 86400), Ask.now)
        assert guard.limits.blocked(EVE) == 86400
        guard.limits.block(EVE, 900_000)
        assert driven(guard.limits.suspend(EVE, 86400), Ask.now)
        assert guard.limits.blocked(EVE) == 900_000


def test_a_reload_while_somebody_is_suspended_keeps_them_so() -> None:
    """What the guard before says goes for the one after."""
    store = MemoryStore(clock=Clock())
    before, after = (Limits([], History(store, secret=b"k" * 32)) for _ in range(2))
    assert after.history.resume(before.history)
    driven(before.suspend(EVE, 86400), Ask.now)
    assert driven(after.take(Context("hello", identity=EVE)), Ask.now).exceeded == ("blocked",)


@pytest.mark.parametrize("who", [Identity(), Identity(network="192.0.2.7")])
def test_nobody_is_blocked_for_their_address(who: Identity) -> None:
    """They are refused until the risk has come down, as others there would be."""
    clock = Clock()
    with by_hand(clock, suspended="30 days") as guard:
        told = probes(guard, who)
        assert told.action is Action.REFUSE
        assert rules(asks(guard, identity=who)) == {("probing.risk", "probing")}
        clock.move(6 * 3_600_000_000)
        assert asks(guard, identity=who).action is Action.ALLOW


def test_a_token_is_blocked(load: Load) -> None:
    """Where no subject is known."""
    guard, _ = load("memory", "")
    probes(guard, Identity("anonymous", "one"))
    assert asks(guard, identity=Identity("anonymous", "one")).action is Action.REFUSE
    assert asks(guard, identity=Identity("anonymous", "other")).action is Action.ALLOW


def test_who_only_observes_blocks_nobody(load: Load) -> None:
    """The store knows of no block either."""
    guard, path = load("sqlite:store", "")
    path.write_text(path.read_text().replace(HEAD, HEAD + 'mode = "observe"\n'))
    guard.reload()
    assert probes(guard).action is Action.REFUSE
    assert guard.limits is not None
    assert guard.limits.blocked(EVE) == 0


def test_in_an_outage_a_process_blocks_by_itself(load: Load, own: RedisServer) -> None:
    """And says so."""
    guard, _ = load(own.url, "")
    own.kill()
    told = probes(guard)
    assert told.action is Action.REFUSE
    assert "limits: the store does not answer" in told.verdict.errors
    assert ("access", "blocked") in rules(asks(guard))


def test_who_was_suspended_stays_so_in_an_outage(load: Load, own: RedisServer) -> None:
    """Also where they had not asked again before it began."""
    guard, _ = load(own.url, "")
    probes(guard)
    own.kill()
    assert ("access", "blocked") in rules(asks(guard))


async def test_an_event_loop_suspends_as_well(load: Load, own: RedisServer) -> None:
    """With the store asked from there."""
    guard, _ = load(own.url, "")
    for name in NAMES:
        await guard.aadmit(Context(f"What is the address of {name} Smith?", identity=EVE))
    assert rules(await guard.aadmit(Context("hello", identity=EVE))) == {("access", "blocked")}
    assert guard.limits is not None
    assert guard.limits.blocked(EVE) > 86400


def test_a_suspension_that_fails_refuses(load: Load) -> None:
    """As every failure does."""

    def fails(*_: object) -> Flow[bool]:
        yield from ()
        raise TypeError

    guard, _ = load("memory", "")
    assert guard.limits is not None
    guard.limits.suspend = fails  # type: ignore[method-assign, assignment]
    assert "limits: TypeError" in probes(guard).verdict.errors


@pytest.mark.parametrize("by", ["network", "everyone", "subject", 'identity", "network'])
def test_what_many_share_suspends_none_of_them(load: Load, by: str) -> None:
    """One of them could have all the others blocked; and who is reset must be known whole."""
    with pytest.raises(PolicyError, match="to suspend, by must be the identity alone"):
        load("memory", f'by = ["{by}"]\n')


def test_a_bad_suspension_is_told() -> None:
    """Its time must be one, and somebody must know who is blocked."""
    with pytest.raises(PolicyError, match="'soon' is no time"):
        Probing(suspended="soon")
    with pytest.raises(PolicyError, match="takes limits"):
        by_hand(Clock(), limits=False)

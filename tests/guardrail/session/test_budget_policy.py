"""Budgets on fields of records and on words of a class, from a policy file, in every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detectors.records import Records
from detectors.verbatim import Verbatim
from guardrail import Action, Context, CorpusIndex, Document, Guard, Identity, Rule, Verdict
from guardrail.records import RecordIndex
from guardrail.session.budget import Budget, Budgets
from guardrail.session.history import History
from guardrail.session.memory import MemoryStore
from guardrail.testing import chunkings
from tests.guardrail.session.asking import HEAD, MARK, Clock, ask, words
from tests.people import COLUMNS, person
from tests.redis_server import RedisServer

ADA, BOB = person(3), person(4)
DAY = 86_400_000_000
PAY = {"ada": words(300, 7), "bob": words(300, 8), "book": words(9000, 9)}
NEWS = words(300, 10)

Load = Callable[[str], Guard]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    rows = [person(seed).row for seed in range(40)]
    RecordIndex.build(rows, folder / "people", columns=COLUMNS, sensitivity="staff").close()
    documents = [Document(name, " ".join(text), "pay") for name, text in PAY.items()]
    documents.append(Document("news", " ".join(NEWS), "open"))
    CorpusIndex.build(documents, folder / "texts").close()
    return folder


@pytest.fixture(params=["memory", "sqlite", "redis"])
def load(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Iterator[Load]:
    (tmp_path / "key").write_text("0123456789abcdef")
    store = request.param
    if store == "sqlite":
        store = "sqlite:limits.db"
    elif store == "redis":
        server: RedisServer = request.getfixturevalue("server")
        with server.client() as client:
            client.flushall()
        store = server.url
    guards: list[Guard] = []

    def policy(budgets: str) -> Guard:
        path = tmp_path / "policy.toml"
        path.write_text(
            f"""
            {HEAD}
            [[rule]]
            use = "records"
            action = "flag"
            options = {{ index = "{home / "people"}" }}
            [[rule]]
            use = "verbatim"
            options = {{ index = "{home / "texts"}", min_words = 11, quote_words = 2000 }}
            [limits]
            store = "{store}"
            key_file = "key"
            timeout = 5
            {budgets}
            """
        )
        guards.append(Guard.from_policy(path))
        return guards[-1]

    yield policy
    for guard in guards:
        guard.close()


def say(guard: Guard, value: str, who: str = "alice") -> Verdict:
    return guard.check(f"It is {value}, I think.", Context("hello", identity=Identity(who)))


def test_so_many_fields_of_a_record_leave(load: Load) -> None:
    """Whoever asks, in pieces; one that was given counts once, and other people's not at all."""
    guard = load("[[limits.budget]]\nfields = 2\n")
    ada, bob = ADA.row, BOB.row
    for who, value in (("alice", "email"), ("bob", "phone"), ("carol", "email")):
        assert MARK not in say(guard, ada[value], who).text
    beyond = say(guard, ada["account"], "dora")
    assert beyond.text == f"It is {MARK}, I think."
    (finding,) = beyond.findings
    assert (finding.kind, finding.rule) == ("budget", "budget")
    assert finding.as_dict()["source"].keys() == {"index", "document", "class", "words"}
    assert MARK not in say(guard, ada["phone"]).text
    assert MARK not in say(guard, bob["email"]).text
    guard.reload()
    assert MARK in say(guard, ada["account"]).text


def test_fields_that_stand_together_are_counted_one_by_one(load: Load) -> None:
    """A name is one of them; what the reader wrote costs nothing."""
    guard = load('[[limits.budget]]\nfields = 2\nby = ["identity"]\n')
    name = f"{ADA.first} {ADA.last}"
    told = f"{name} has {ADA.illness}, and earns {ADA.cents / 100}."
    verdict = guard.check(told, Context("hello", identity=Identity("alice")))
    assert verdict.text == f"{name} has {ADA.illness}, and earns {MARK}."
    assert verdict.action is Action.REDACT
    asked = Context(f"What has {name}?", identity=Identity("bob"))
    assert MARK not in guard.check(told, asked).text


def test_what_is_of_documents_is_not_of_records(load: Load) -> None:
    """A share is of words, and a number of fields is of records."""
    guard = load('[[limits.budget]]\nid = "a"\nfields = 0\n[[limits.budget]]\nid = "b"\nshare = 0')
    assert [one.rule for one in say(guard, ADA.row["email"]).findings] == ["a"]
    assert [one.rule for one in ask(guard, 0, 20, text=NEWS).findings] == ["b"]
    guard = load("[[limits.budget]]\nwords = 0\n[limits.probing]")
    for who in range(5):
        value = [*ADA.row.values()][who + 1]
        assert "probing.campaign" not in {
            one.kind for one in say(guard, str(value), f"user-{who}").findings
        }
    assert MARK not in say(guard, ADA.row["email"]).text
    assert MARK in ask(guard, 0, 20, text=NEWS).text


def test_so_many_words_of_a_class_leave(load: Load) -> None:
    """Of all its documents together; words that were given count once, however often they are."""
    guard = load('[[limits.budget]]\nwords = 60\nclasses = ["pay"]\n')
    for who, name, first in (("alice", "ada", 0), ("bob", "bob", 0), ("carol", "ada", 0)):
        assert MARK not in ask(guard, first, 20, who, text=PAY[name]).text
    assert MARK in ask(guard, 100, 21, text=PAY["bob"]).text
    assert MARK not in ask(guard, 10, 20, text=PAY["ada"]).text
    assert MARK in ask(guard, 100, 11, text=PAY["ada"]).text
    assert MARK not in ask(guard, 20, 20, text=PAY["ada"]).text
    assert MARK in ask(guard, 40, 11, text=PAY["ada"]).text
    assert MARK not in ask(guard, 0, 200, text=NEWS).text


def test_an_answer_counts_its_passages_together(load: Load) -> None:
    """From left to right, also those of several documents."""
    guard = load('[[limits.budget]]\nwords = 50\nclasses = ["pay"]\n')
    pieces = [" ".join(text[:20]) for text in (PAY["ada"], PAY["bob"], PAY["book"])]
    verdict = guard.check(" and then they said ".join(pieces), Context("hello"))
    assert [piece in verdict.text for piece in pieces] == [True, True, False]


def test_a_large_document_counts_in_larger_steps(load: Load) -> None:
    """Never fewer words than were given."""
    guard = load('[[limits.budget]]\nwords = 100\nclasses = ["pay"]\n')
    book = PAY["book"]
    shown = sum(MARK not in ask(guard, first, 20, text=book).text for first in range(0, 400, 40))
    assert 3 <= shown <= 5


def test_a_time_of_words_begins_with_the_first(home: Path) -> None:
    """So that who goes on asking has so many in each such time; what was given stays given."""
    clock = Clock()
    history = History(MemoryStore(clock=clock), secret=b"k" * 32)
    verbatim = Verbatim(index=home / "texts", min_words=11, quote_words=2000)
    budgets = Budgets([Budget(words=40, classes=("pay",))], history)
    text = PAY["ada"]
    with Guard([Rule(verbatim, id="v")], budgets=budgets) as guard:
        assert MARK not in ask(guard, 0, 20, text=text).text
        clock.move(DAY - 1)
        assert MARK not in ask(guard, 20, 20, text=text).text
        assert MARK in ask(guard, 40, 20, text=text).text
        clock.move(1)
        assert MARK not in ask(guard, 20, 40, text=text).text
        assert MARK in ask(guard, 100, 40, text=text).text
        assert MARK not in ask(guard, 100, 20, text=text).text


def test_a_stream_gives_what_a_check_gives(home: Path) -> None:
    """A field that is known at once waits for one before it that is not."""
    ada = ADA.row
    told = (
        f"So {ADA.first} {ADA.last}, who has {ADA.illness}, at {ada['email']}, with number "
        f"{ada['phone']}, born on {ada['born']}, and account {ada['account']}. " + "More. " * 60
    )
    records = Records(index=home / "people")

    def fresh(most: int) -> Guard:
        history = History(MemoryStore(), secret=b"k" * 32)
        rule = Rule(records, id="records", action=Action.FLAG)
        return Guard([rule], budgets=Budgets([Budget(fields=most)], history))

    for most in range(7):
        whole = fresh(most).check(told, Context("hello"))
        assert whole.text.count(MARK) == 6 - most
        for chunks in chunkings(told, 4, most):
            assert "".join(fresh(most).stream(chunks, Context("hello"))) == whole.text
    records.close()

"""Passages of the corpus that were edited or disguised, and short documents given away whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from detectors.near import Near
from guardrail import Context, CorpusIndex, Document, Finding, Key, Text
from guardrail.errors import PolicyError
from guardrail.testing import chunkings, contract, streamed
from tests.passages import DISGUISES, caesar, part, spoken, story

MEMO = story(1)
LETTER = story(2, 400)
COMMON = "the of and to in was that he his with for had not they which".split()  # noqa: SIM905
SPEECH = " ".join(f"{COMMON[n % 15]} {word}" for n, word in enumerate(story(4, 90).split()))
NOTE = "Tarben Vosk was born in Little Harrow and keeps eleven grey bees"
BOILER = story(3, 20)
PLAIN = story(99, 80)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("near")
    documents = [
        Document("memo", MEMO, "board"),
        Document("letter", LETTER),
        Document("speech", SPEECH),
        Document("note", NOTE),
    ]
    documents += [Document(f"mail{n}", f"{story(n, 30)} {BOILER}") for n in range(10, 22)]
    Key(b"0123456789abcdef").save(folder / "key")
    key = Key.from_file(folder / "key")
    CorpusIndex.build(documents, folder / "index", key=key).close()
    CorpusIndex.build(documents, folder / "presence", key=key, layout="presence").close()
    return folder


@pytest.fixture(scope="module")
def near(home: Path) -> Iterator[Near]:
    detector = Near(index=home / "index", key_file=home / "key")
    yield detector
    detector.close()


def found(detector: Near, raw: str) -> list[Finding]:
    return [one for one in detector.find(Text(raw)) if not one.discount]


def edited(text: str, every: int) -> str:
    words = text.split()
    return " ".join("other" if n % every == every - 1 else word for n, word in enumerate(words))


@pytest.mark.parametrize("name", DISGUISES)
def test_sees_through(near: Near, name: str) -> None:
    """A disguised passage is found whole; a word more at either end may agree by chance."""
    disguised = DISGUISES[name](part(MEMO, 10, 40))
    answer = f"{part(PLAIN, 0, 30)}: {disguised} . {part(PLAIN, 30, 60)}"
    (finding,) = found(near, answer)
    first = len(part(PLAIN, 0, 30)) + 2
    assert first - 9 <= finding.start <= first + 8
    assert first + len(disguised) - 8 <= finding.end <= first + len(disguised) + 12
    assert (finding.kind, finding.source and finding.source.document) == ("near", "memo")


@pytest.mark.parametrize("shift", [*range(1, 26)])
def test_sees_through_every_shift(near: Near, shift: int) -> None:
    """A passage in a Caesar cipher is found where it stands, with few words around it."""
    disguised = caesar(part(SPEECH, 40, 70), shift)
    (finding,) = found(near, f"{part(PLAIN, 0, 30)}, {disguised} , {part(PLAIN, 30, 60)}")
    first = len(part(PLAIN, 0, 30)) + 2
    assert first - 60 <= finding.start <= first + 8
    assert first + len(disguised) - 8 <= finding.end <= first + len(disguised) + 60
    assert finding.source is not None
    assert finding.source.document == "speech"


def test_streams_ciphers_as_it_finds_them(near: Near) -> None:
    """Passages in several shifts, one behind the other and apart, are the same in every cut."""
    pieces = [
        caesar(part(SPEECH, 10 + 30 * n, 40 + 30 * n), shift) for n, shift in enumerate((3, 9))
    ]
    pieces += [f"{PLAIN} {caesar(part(SPEECH, 90, 130), 20)}", f"the {story(7, 40)} of it"]
    pieces += [caesar("with", 3), spoken(part(SPEECH, 130, 150)), "echo", PLAIN]
    raw = " ".join(pieces)
    whole = sorted(near.find(Text(raw)))
    assert len([one for one in whole if not one.discount]) == 4
    for chunks in chunkings(raw, 30, seed=4):
        assert streamed(near, chunks, Context()) == whole


@pytest.mark.parametrize("every", [7, 8, 10])
def test_sees_through_edits(near: Near, every: int) -> None:
    """A passage of sixty words is found although every seventh of them is another."""
    changed = edited(part(LETTER, 100, 160), every)
    answer = f"{part(PLAIN, 0, 30)} {changed} {part(PLAIN, 30, 60)}"
    (finding,) = found(near, answer)
    assert finding.source is not None
    assert finding.source.document == "letter"
    assert 0.5 < finding.score < 1


def test_sees_through_insertions(near: Near) -> None:
    """Words put in between shift the rest, and the passage stays one."""
    words = part(LETTER, 50, 110).split()
    shifted = " ".join(f"{word} so" if n % 11 == 10 else word for n, word in enumerate(words))
    (finding,) = found(near, f"{part(PLAIN, 0, 20)} {shifted} {part(PLAIN, 20, 40)}")
    assert finding.source is not None
    assert finding.source.words >= 50


def test_a_short_document_given_away_whole(near: Near) -> None:
    """Twelve words are no passage, but all of the note."""
    (finding,) = found(near, f"Well: {NOTE}, they say.")
    assert finding.source is not None
    assert finding.source.document == "note"
    assert not found(near, f"Well: {part(NOTE, 0, 9)}, they say.")


def test_a_short_document_is_whole_with_more_between(tmp_path: Path) -> None:
    """A word said twice, or one that is put in and passes for the document's, hides nothing."""
    notes = [story(100 + number, 12) for number in range(40)]
    key = Key(b"a key of this test")
    key.save(tmp_path / "key")
    documents = [(str(number), note) for number, note in enumerate(notes)]
    CorpusIndex.build(documents, tmp_path / "index", key=Key.from_file(tmp_path / "key")).close()
    with closing(Near(index=tmp_path / "index", key_file=tmp_path / "key")) as detector:
        for note in notes:
            words = note.split()
            for more in ([words[5]], ["um"], ["with", "um", "with"], PLAIN.split()[:6]):
                told = [*words[:6], *more, *words[6:]]
                assert found(detector, f"They said {' '.join(told)} and left.")


def test_a_document_is_whole_without_a_word(tmp_path: Path) -> None:
    """One in twenty may be another, also where all of it is less than a passage."""
    key = Key(b"a key of this test")
    key.save(tmp_path / "key")
    words = story(5, 24).split()
    saved = Key.from_file(tmp_path / "key")
    CorpusIndex.build([("note", " ".join(words))], tmp_path / "index", key=saved).close()
    with closing(
        Near(index=tmp_path / "index", key_file=tmp_path / "key", min_words=32)
    ) as detector:
        for place in range(4, 20):
            told = [*words[:place], *words[place + 1 :]]
            assert found(detector, " ".join(told)), place


@pytest.mark.parametrize("changed", range(9))
def test_another_short_document_is_not_given_away(tmp_path: Path, changed: int) -> None:
    """A word that is not the document's passes for it with one key in 16; not so in a short one."""
    words = part(NOTE, 0, 9).split()
    other = [*words[:changed], "someone", *words[changed + 1 :]]
    for number in range(64):
        key, folder = Key(b"a key of this test, number %d" % number), tmp_path / str(number)
        key.save(tmp_path / f"key {number}")
        saved = Key.from_file(tmp_path / f"key {number}")
        CorpusIndex.build([("note", " ".join(words))], folder, key=saved).close()
        with closing(Near(index=folder, key_file=tmp_path / f"key {number}")) as detector:
            assert found(detector, " ".join(words))
            assert not found(detector, " ".join(other))


def test_discounts(near: Near) -> None:
    """What the reader wrote, and what many documents say, does not count and says why."""
    answer = f"You said {part(MEMO, 5, 45)}."
    told = list(near.find(Text(answer, context=Context(prompt=part(MEMO, 0, 50)))))
    assert [one.discount for one in told] == ["echo"]
    coded = Context(prompt=f"Decode {caesar(part(MEMO, 0, 50), 13)}, please.")
    assert [one.discount for one in near.find(Text(answer, context=coded))] == ["echo"]
    told = list(near.find(Text(f"Regards, {BOILER}.")))
    assert {one.discount for one in told} == {"common"}


def test_contract(near: Near) -> None:
    """The contract of every detector, over edits and disguises."""
    hits = []
    for name in (
        "rot13",
        "words backwards",
        "base64 in lines",
        "spelt",
        "hex, spaced",
        "leet",
        "tag words",
    ):
        raw = f"{part(PLAIN, 0, 9)} {DISGUISES[name](part(MEMO, 10, 40))} . {part(PLAIN, 9, 70)}"
        hits.append((raw, [(one.start, one.end) for one in found(near, raw)]))
    for coded in (caesar(part(SPEECH, 10, 40), 7), spoken(part(SPEECH, 10, 28))):
        raw = f"{part(PLAIN, 0, 20)} {coded} . {part(PLAIN, 20, 70)}"
        hits.append((raw, [(one.start, one.end) for one in found(near, raw)]))
    raw = f"{part(PLAIN, 0, 70)} {edited(part(LETTER, 50, 120), 7)} {part(PLAIN, 0, 70)}"
    hits.append((raw, [(one.start, one.end) for one in found(near, raw)]))
    assert all(len(spans) == 1 for _, spans in hits)
    contract(near, hits=hits, misses=["", "nothing here", PLAIN])


def test_streams_as_it_finds(near: Near) -> None:
    """A long answer with several passages is the same in every cut."""
    pieces = [edited(part(LETTER, 10, 90), 9), DISGUISES["backwards"](part(MEMO, 0, 30))]
    pieces += [part(LETTER, 200, 240), DISGUISES["listed"](part(LETTER, 300, 340))]
    raw = " ".join(f"{story(50 + n, 70)} {piece}" for n, piece in enumerate(pieces))
    whole = sorted(near.find(Text(raw)))
    assert len([one for one in whole if not one.discount]) == 4
    for chunks in chunkings(raw, 30, seed=3):
        assert streamed(near, chunks, Context()) == whole


@pytest.mark.parametrize(
    "options", [{"min_words": 0}, {"min_share": 0.0}, {"distinct": 0}, {"index": "presence"}]
)
def test_bad_options_do_not_load(home: Path, options: dict[str, object]) -> None:
    """Options out of range, and an index without places, are told at once."""
    name = str(options.pop("index", "index"))
    with pytest.raises(PolicyError):
        Near(index=home / name, key_file=home / "key", **options)  # type: ignore[arg-type]


def test_one_answer_sees_one_state(home: Path, tmp_path: Path) -> None:
    """A document that is added while an answer streams is found in the next one."""
    key = Key.from_file(home / "key")
    with CorpusIndex.build([("other", LETTER)], tmp_path / "index", key=key) as index:
        detector = Near(index=tmp_path / "index", key_file=home / "key")
        scanner = detector.scanner(Context())
        assert not list(scanner.feed(PLAIN))
        index.add([("memo", MEMO)])
        told = [*scanner.feed(f" {part(MEMO, 0, 40)} {PLAIN}"), *scanner.close()]
        assert not told
        assert found(detector, MEMO)
        detector.close()


def test_a_tag_may_stay_open_for_long(near: Near) -> None:
    """What stands in a tag is no text once it is closed, and one word each before that."""
    inside = " ".join("abcdefgh" * 11)
    raw = f"{part(PLAIN, 0, 60)} {part(MEMO, 0, 9)} <{inside}> {part(MEMO, 9, 30)} {PLAIN}"
    whole = sorted(near.find(Text(raw)))
    assert [one.source and one.source.words for one in whole] == [30]
    for chunks in chunkings(raw, 30, seed=8):
        assert streamed(near, chunks, Context()) == whole

"""The life of a corpus index: build, search, add, delete, compact, and who may read it."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from guardrail.corpus import CorpusIndex, Document, Key, Match
from guardrail.errors import (
    CorpusIndexError,
    DocumentError,
    IndexExistsError,
    IndexKeyError,
    IndexLockedError,
    IndexMissingError,
    InputError,
)

MEMO = (
    "The board has agreed in private to sell the northern division before the end of March, "
    "at a price that was not shown to the works council, and to say nothing until then."
)
LETTER = (
    "Dear colleague, the second trial was stopped on Tuesday because four of the patients in the "
    "high dose group had developed the same unexpected rash within one single week."
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[CorpusIndex]:
    documents = [Document("memo", MEMO, "board", ("directors",)), Document("letter", LETTER)]
    with CorpusIndex.build(documents, tmp_path / "private", key=Key(b"k" * 16)) as index:
        yield index


def shown(text: str, match: Match) -> str:
    return text[match.start : match.end]


def test_finds_a_run_with_its_document_place_and_class(index: CorpusIndex) -> None:
    """A copied passage is reported from its first to its last character, and where it is from."""
    answer = f"I heard that {MEMO[24:129]}, or so."
    (match,) = index.search(answer)
    assert shown(answer, match) == MEMO[24:129]
    assert (match.document, match.sensitivity, match.grants) == ("memo", "board", ("directors",))
    assert (match.word, match.words) == (3, len(MEMO[24:129].split()))
    assert match.place == len(MEMO[:24].split())


def test_ignores_case_accents_and_punctuation(index: CorpusIndex) -> None:
    """Folding hides nothing: the same letters in another dress are the same words."""
    answer = MEMO.upper().replace(" ", " -- ").replace("E", "É").replace("A", "Ａ")
    (match,) = index.search(answer)
    assert match.words == len(MEMO.split())


def test_says_nothing_of_other_text(index: CorpusIndex) -> None:
    """Text that shares no run is left alone, and so is a run below the length asked for."""
    assert index.search("Boards often agree in private to sell a division at some price.") == ()
    assert index.search(" ".join(MEMO.split()[:11])) == ()
    assert len(index.search(" ".join(MEMO.split()[:11]), min_words=11)) == 1


def test_states_its_floor(index: CorpusIndex, tmp_path: Path) -> None:
    """Less than the floor cannot be asked for; the message says what can be."""
    assert index.floor == 11
    with pytest.raises(InputError, match="finds runs of 11 words or more"):
        index.search("text", min_words=10)
    with CorpusIndex.build([("a", MEMO)], tmp_path / "short", gram=4) as short:
        assert short.floor == 7
        assert len(short.search(" ".join(MEMO.split()[:7]), min_words=7)) == 1


def test_names_the_anchor_of_a_match(tmp_path: Path) -> None:
    """`anchor` is the code point of a word at most 63 words before the match."""
    words = [f"word{number}" for number in range(300)]
    text = "Élan " + " ".join(words)
    with CorpusIndex.build([("long", text)], tmp_path / "index") as index:
        (match,) = index.search(" ".join(words[199:230]))
        assert match.place == 200
        assert text[match.anchor :].startswith("word191 ")


def test_add_and_delete_take_effect_at_once(index: CorpusIndex) -> None:
    """A reader that is open sees what was added and no longer sees what was deleted."""
    added = (
        "Seven grey horses crossed the frozen river at dawn while nobody on the shore was awake."
    )
    assert index.search(added) == ()
    index.add([("horses", added)])
    assert [match.document for match in index.search(added)] == ["horses"]
    index.delete(["horses", "memo"])
    assert index.search(added) == ()
    assert index.search(MEMO) == ()
    assert len(index.search(LETTER)) == 1


def test_info_proves_a_deletion(index: CorpusIndex) -> None:
    """Deleted fingerprints are counted as masked until a merge has removed them from the files."""
    before = index.info()
    index.delete(["memo"])
    masked = index.info()
    assert (masked["documents"], masked["masked_documents"]) == (1, 1)
    assert masked["masked_fingerprints"] == -(-len(MEMO.split()) // 6)
    index.compact()
    after = index.info()
    assert (after["documents"], after["masked_documents"], after["masked_fingerprints"]) == (
        1,
        0,
        0,
    )
    assert after["fingerprints"] == before["fingerprints"] - masked["masked_fingerprints"]


def test_replaces_a_document(index: CorpusIndex) -> None:
    """An id that is there is an error, unless the new text is to take the old one's place."""
    with pytest.raises(DocumentError, match="'memo' is in the index already; `replace`"):
        index.add([("memo", LETTER.upper())])
    new = "Nine copper kettles were sold at the spring auction to a buyer who gave no name."
    index.add([("memo", new)], replace=True)
    assert index.search(MEMO) == ()
    assert len(index.search(new)) == 1
    assert index.info()["documents"] == 2


def test_refuses_an_id_twice(tmp_path: Path) -> None:
    """Two documents of one id are an error that names it, and nothing is left behind."""
    with pytest.raises(DocumentError, match="two documents have the id 'a'"):
        CorpusIndex.build([("a", MEMO), ("b", LETTER), ("a", LETTER)], tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_single_string_deletes_nothing(index: CorpusIndex) -> None:
    """Its letters are not taken for ids."""
    index.add([("m", LETTER)])
    with pytest.raises(DocumentError, match="a list of document ids"):
        index.delete("m")
    assert index.info()["documents"] == 3


def test_an_id_that_is_no_text_is_named(index: CorpusIndex) -> None:
    """The name of a file in another encoding can be told from the message."""
    with pytest.raises(DocumentError, match=r"'caf\\udce9.txt' is not valid Unicode"):
        index.add([("caf\udce9.txt", LETTER)])


def test_an_unknown_id_deletes_nothing(index: CorpusIndex) -> None:
    """Deleting names the id that it does not know and leaves the others."""
    with pytest.raises(DocumentError, match="no document 'nobody'"):
        index.delete(["memo", "nobody"])
    assert len(index.search(MEMO)) == 1


def test_builds_only_into_a_place_of_its_own(index: CorpusIndex, tmp_path: Path) -> None:
    """Neither another index nor other files are built over."""
    with pytest.raises(IndexExistsError, match="holds an index already"):
        CorpusIndex.build([("a", MEMO)], index.path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"")
    with pytest.raises(IndexExistsError, match="other files"):
        CorpusIndex.build([("a", MEMO)], tmp_path / "photos")
    with pytest.raises(IndexMissingError):
        CorpusIndex.open(tmp_path / "photos")


@pytest.mark.parametrize(
    "given",
    ["just text", "ab", ("a",), ("a", 3), (None, "b"), ("a", "b", "c"), {"id": "a", "b": "c"}, 1],
)
def test_refuses_what_is_no_document(tmp_path: Path, given: Any) -> None:
    """A text without an id, or one that could be taken for both, makes no index."""
    with pytest.raises(DocumentError, match=r"is a pair of strings \(id, text\), or a Document"):
        CorpusIndex.build([("memo", MEMO), given], tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_the_key_opens_and_no_other(index: CorpusIndex, tmp_path: Path) -> None:
    """A wrong, a missing and a superfluous key are told apart."""
    with pytest.raises(IndexKeyError, match="the key given is"):
        CorpusIndex.open(index.path, key=Key(b"x" * 16))
    with pytest.raises(IndexKeyError, match="none was given"):
        CorpusIndex.open(index.path)
    with (
        CorpusIndex.build([("a", MEMO)], tmp_path / "open"),
        pytest.raises(IndexKeyError, match="made without a key"),
    ):
        CorpusIndex.open(tmp_path / "open", key=Key(b"x" * 16))


def test_the_key_is_not_in_the_files(index: CorpusIndex) -> None:
    """Neither the secret nor any word of a document is stored."""
    stored = b"".join(path.read_bytes() for path in index.path.iterdir())
    for word in {*MEMO.split(), *LETTER.split()}:
        if len(word) > 5:
            assert word.encode() not in stored
    assert b"k" * 16 not in stored
    assert (b"k" * 16).hex().encode() not in stored


def test_the_same_documents_make_the_same_bytes(tmp_path: Path) -> None:
    """The number of workers changes nothing in the files."""
    documents = [(str(number), f"{LETTER} {number} " * 150_000) for number in range(4)]
    for workers in (1, 2):
        CorpusIndex.build(documents, tmp_path / str(workers), key=b"k" * 16, workers=workers)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("1", "2")
    )
    assert one == two


def test_a_new_key_does_not_disturb_who_is_searching(index: CorpusIndex) -> None:
    """Threads that share the index find the same before, while and after it is written anew."""
    done = threading.Event()

    def searching() -> set[int]:
        found = set()
        while not done.is_set():
            found.add(len(index.search(MEMO)))
        return found

    with ThreadPoolExecutor(2) as threads:
        searches = [threads.submit(searching) for _ in range(2)]
        for number in range(6):
            index.rekey([("memo", MEMO), ("letter", LETTER)], key=b"%016d" % number)
        done.set()
        assert [search.result() for search in searches] == [{1}, {1}]


def test_a_new_key_takes_all_the_documents(index: CorpusIndex) -> None:
    """Written anew without some of its documents, an index names them and stays as it was."""
    index.add([("gone", "a text that is deleted"), ("note", "a text that stays")])
    index.delete(["gone"])
    told = "not given: 2 of the documents in .*, among them 'memo', 'note'; .* nothing was changed"
    with pytest.raises(DocumentError, match=told):
        index.rekey([("letter", LETTER), ("fresh", "a new one")], key=b"n" * 16)
    assert index.info()["documents"] == 3
    with CorpusIndex.open(index.path, key=b"k" * 16) as same:
        assert len(same.search(MEMO)) == 1
    index.rekey([("memo", MEMO), ("letter", LETTER), ("note", "a text that stays")], key=b"n" * 16)
    assert index.info()["documents"] == 3


def test_of_many_documents_that_a_new_key_misses_some_are_named(tmp_path: Path) -> None:
    """The message stays one short line, however large the index is."""
    documents = [(f"d{number}", f"text {number}") for number in range(2000)]
    with CorpusIndex.build(documents, tmp_path / "index") as index:
        told = "not given: 1,999 of the documents in .*, among them 'd0', 'd1', 'd2'; "
        with pytest.raises(DocumentError, match=told):
            index.rekey([documents[-1]], key=b"n" * 16)


def test_one_writer_at_a_time(index: CorpusIndex) -> None:
    """A second writer is told that there is a first; readers are not held up."""

    def documents() -> Iterator[tuple[str, str]]:
        with pytest.raises(IndexLockedError):
            index.delete(["memo"])
        assert len(index.search(MEMO)) == 1
        yield "new", "a new text"

    index.add(documents())


def test_sees_what_another_process_does(index: CorpusIndex) -> None:
    """An open index follows the changes of another process."""
    script = f"""
        from guardrail.corpus import CorpusIndex, Key
        with CorpusIndex.open({str(index.path)!r}, key=Key(b"k" * 16)) as index:
            index.delete(["memo"])
            index.compact()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)  # noqa: S603
    assert index.search(MEMO) == ()
    assert len(index.search(LETTER)) == 1


def test_many_additions_stay_few_segments(index: CorpusIndex) -> None:
    """Segments of like size are merged on the way, so searching stays quick."""
    for number in range(20):
        index.add([(str(number), f"document {number} " * 40)])
    assert index.info()["segments"] <= 3
    assert index.info()["documents"] == 22
    assert len(index.search(MEMO)) == 1


def test_a_closed_index_answers_no_more(index: CorpusIndex) -> None:
    """Closing is final; an answer without a look at the corpus would be a wrong one."""
    index.close()
    with pytest.raises(CorpusIndexError, match="closed"):
        index.search(MEMO)


def test_an_index_without_documents_finds_nothing(tmp_path: Path) -> None:
    """An empty corpus is a corpus: it can be searched and added to."""
    with CorpusIndex.build([], tmp_path / "index") as index:
        assert index.search(MEMO) == ()
        index.add([("empty", ""), ("memo", MEMO)])
        assert len(index.search(MEMO)) == 1
        index.delete(["empty", "memo"])
        index.compact()
        assert index.info()["bytes"] == 0


def test_a_repeated_gram_is_answered_by_some_of_its_places(tmp_path: Path) -> None:
    """Beyond 1,024 places of a gram the run is found whole, though not in every document."""
    documents = [(str(number), f"{MEMO} {number}") for number in range(1400)]
    with CorpusIndex.build(documents, tmp_path / "index") as index:
        matches = index.search(MEMO)
        assert {match.words for match in matches} == {len(MEMO.split())}
        assert len(matches) == 1024


def test_grams_in_very_many_places_do_not_cut_a_run_short(tmp_path: Path) -> None:
    """A run goes on, both ways, over grams that are answered by some of their places only."""
    heads = [" ".join(f"head{number}x{place}" for place in range(12)) for number in range(1100)]
    documents = [(head, f"{head} {MEMO} {head[::-1]}") for head in heads]
    with CorpusIndex.build(documents, tmp_path / "index") as index:
        head, text = documents[-1]
        words = text.split()
        for first, last in ((0, len(words)), (0, len(words) - 12), (12, len(words)), (6, 20)):
            matches = index.search("so " + " ".join(words[first:last]) + " it was")
            own = [match for match in matches if match.document == head]
            assert [(match.word, match.place) for match in own] == [(1, first)]
            assert last - first <= own[0].words <= last - first + 2
        elsewhere = index.search(f"{MEMO} and so on")
        assert elsewhere
        assert all(match.document != head for match in elsewhere)


def test_presence_only_says_that_and_not_where(tmp_path: Path) -> None:
    """An index without places finds runs, names no document and cannot delete."""
    with CorpusIndex.build(
        [("memo", MEMO), ("letter", LETTER)], tmp_path / "index", layout="presence"
    ) as index:
        assert index.floor == 17
        (match,) = index.search("So: " + MEMO)
        assert (match.document, match.place, match.anchor) == ("", -1, -1)
        assert match.words >= 17
        with pytest.raises(DocumentError, match="presence-only"):
            index.delete(["memo"])
        index.add([("more", "and " * 4 + " ".join(f"w{n}" for n in range(40)))])
        assert len(index.search(" ".join(f"w{n}" for n in range(40)))) == 1
        assert len(index.search(LETTER)) == 1
        with pytest.raises(DocumentError, match="already"):
            index.add([("more", "text")])


@pytest.mark.parametrize("options", [{"gram": 2}, {"gram": 17}, {"layout": "dense"}])
def test_refuses_unknown_shapes(tmp_path: Path, options: dict[str, str]) -> None:
    """A gram length or layout that does not exist is named."""
    with pytest.raises(InputError):
        CorpusIndex.build([], tmp_path / "index", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "index").exists()


def test_scripts_without_spaces_are_matched_by_letter(tmp_path: Path) -> None:
    """Each Han, Kana or Thai letter counts as a word."""
    text = "取締役会は三月末までに北部事業部を売却することを秘密裏に決定した"
    with CorpusIndex.build([("ja", text)], tmp_path / "index") as index:
        answer = "聞いた話では、" + text[4:26] + "らしい。"
        (match,) = index.search(answer)
        assert shown(answer, match) == text[4:26]


def test_a_worker_that_dies_is_reported(tmp_path: Path) -> None:
    """A killed worker ends the build with one clear error and leaves nothing behind."""

    def documents() -> Iterator[tuple[str, str]]:
        for number in range(28):
            if number == 24:
                for child in multiprocessing.active_children():
                    child.kill()
            yield str(number), f"{number} " * 3_000_000

    with pytest.raises(CorpusIndexError, match="worker process died"):
        CorpusIndex.build(documents(), tmp_path / "index", workers=2)
    assert not (tmp_path / "index").exists()

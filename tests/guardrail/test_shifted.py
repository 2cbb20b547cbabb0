"""Caesar ciphers of any shift."""

from __future__ import annotations

import random
import time
from string import ascii_lowercase, ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.shifted import shifted, shifted_open_at

SENTENCE = (
    "The board will sell the mill in March, and that was not to be known by those who work there "
    "before the buyers have paid for the place."
)
OTHERS = {
    "German": "Der Vorstand wird die Mühle im März verkaufen, und das ist noch nicht bekannt.",
    "Spanish": "La junta va a vender el molino en marzo, pero los obreros que son de la casa no.",
    "French": "Le conseil va vendre le moulin en mars, mais nous ne sommes pas dans le secret.",
}
HOST = "Some sugar keeps water from freezing, and salt does so too."
CODE = (
    "The max, min, std and exp of tmp at 50 kHz, 9 bpm, in oil or gas: def ish(lxml): return qt, vw"
)


def turned(text: str, shift: int) -> str:
    halves = (ascii_lowercase, ascii_uppercase)
    by = "".join(half[shift:] + half[:shift] for half in halves)
    return text.translate(str.maketrans("".join(halves), by))


@pytest.mark.parametrize("shift", [*range(1, 13), *range(14, 26)])
def test_reads_every_shift(shift: int) -> None:
    """The passage comes back whole, with no plain common word of those around it."""
    raw = f"{HOST} {turned(SENTENCE, shift)} {HOST}"
    told = [one for one in shifted(raw) if SENTENCE[:-1] in one[2]]
    ((start, end, _),) = told
    first = len(HOST) + 1
    assert raw.index("and salt") < start <= first
    assert first + len(SENTENCE) - 1 <= end < len(raw) - len(HOST) + HOST.index("from")


@pytest.mark.parametrize("language", OTHERS)
def test_reads_other_languages(language: str) -> None:
    """Common words of three more languages tell a shift too; accents are as they are."""
    raw = turned(OTHERS[language], 5)
    assert OTHERS[language].rstrip(".") in {told for _, _, told in shifted(raw)}


@pytest.mark.parametrize(
    "raw", ["", HOST, f"{HOST} " * 20, CODE, f"{CODE} " * 20, *OTHERS.values()]
)
def test_ordinary_text_is_none(raw: str) -> None:
    """Words that are by chance another's shift do not stand together, but for themselves again."""
    assert not list(shifted(raw))


def test_two_passages_are_two() -> None:
    """Far from each other, or in two shifts, they are told apart."""
    raw = " ".join((turned(SENTENCE, 4), HOST, HOST, turned(SENTENCE, 4), turned(SENTENCE, 9)))
    found = list(shifted(raw))
    assert sum(SENTENCE[:-1] in told for _, _, told in found) == 3


def texts() -> st.SearchStrategy[str]:
    some = st.sampled_from([3, 7, 8, 20])
    parts = st.one_of(
        st.just(HOST),
        st.builds(turned, st.just(SENTENCE), some),
        st.builds(turned, st.sampled_from(["the", "of", "with", "xylem", "before", " "]), some),
        st.text(alphabet="abhlopvwz é,\n", max_size=30),
    )
    return st.lists(parts, max_size=8).map(" ".join)


@given(texts(), st.data())
def test_what_is_settled_stays(raw: str, data: st.DataObject) -> None:
    """What begins before the open place is found the same, whatever is appended."""
    cut = data.draw(st.integers(0, len(raw)))
    place = shifted_open_at(raw[:cut])
    assert 0 <= place <= cut
    before = [one for one in shifted(raw[:cut]) if one[0] < place]
    assert sorted(before) == sorted(one for one in shifted(raw) if one[0] < place)


@given(texts(), st.data())
def test_may_be_read_from_shortly_before(raw: str, data: st.DataObject) -> None:
    """What begins 64 characters behind a place is found the same without the text before it."""
    base = data.draw(st.integers(0, len(raw)))
    late = [(start - base, end - base, told) for start, end, told in shifted(raw)]
    later = [one for one in late if one[0] >= 64]
    assert sorted(later) == sorted(one for one in shifted(raw[base:]) if one[0] >= 64)


def test_holds_little_of_ordinary_text() -> None:
    """Nothing is open but what a word to come may reach."""
    text = f"{HOST} " * 20
    for end in range(100, len(text)):
        assert end - shifted_open_at(text[:end]) < 80


def test_hostile_text_is_linear() -> None:
    """Words in all shifts at once take time in proportion to their number."""
    chance = random.Random(5)
    words = [turned(word, shift) for word in ("the", "of", "and", "with") for shift in range(1, 26)]

    def seconds(count: int) -> float:
        raw = " ".join(chance.choice(words) for _ in range(count))
        begun = time.thread_time()
        assert sum(len(told) for _, _, told in shifted(raw)) <= 40 * len(raw)
        shifted_open_at(raw)
        return time.thread_time() - begun

    small = min(seconds(2_000) for _ in range(3))
    assert any(seconds(16_000) < 32 * small for _ in range(3))

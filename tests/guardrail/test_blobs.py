"""Text in codes: where it is open, and in characters that nobody sees."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.blobs import blobs, open_at

SENTENCE = "the board will sell the mill in märz, and\ntell no one"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def selectors(data: bytes) -> str:
    return "".join(chr((0xFE00 if byte < 16 else 0xE00F0) + byte) for byte in data)


def tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        (selectors(SENTENCE.encode()), SENTENCE),
        (tags(SENTENCE.replace("ä", "ae")), SENTENCE.replace("ä", "ae")),
        (" ".join(map(tags, SENTENCE.replace("ä", "ae").split())), "the board will sell the mill"),
    ],
)
def test_reads_what_nobody_sees(hidden: str, told: str) -> None:
    """A byte for each character comes back as text, and where it stood."""
    raw = f"Nice day 😀{hidden} today."
    ((start, end, found),) = blobs(raw)
    assert raw[start:end] == hidden
    assert found.startswith(told)


@pytest.mark.parametrize(
    "raw", [f"Well {ENGLAND} " * 20, "❤️" * 50, tags("a short one"), selectors(b"\x01\x02" * 40)]
)
def test_flags_and_hearts_are_none(raw: str) -> None:
    """Emoji, a few characters, and what is no text say nothing."""
    assert not list(blobs(raw))


def test_a_flag_holds_no_stream() -> None:
    """A word that is finished is not waited for."""
    raw = f"the flag {ENGLAND} of that country "
    assert open_at(raw) == len(raw)


def test_numbers_of_no_code_are_none() -> None:
    """Digits around an x are no hexadecimal number."""
    raw = " ".join("4x61" for _ in range(30))
    assert list(blobs(raw)) == []


def test_what_begins_in_a_word_may_go_on_behind_it() -> None:
    """A stream waits for it."""
    assert open_at(f"so é{tags('wor')} ") == len("so é")


CODED = [
    SENTENCE.encode().hex(" "),
    ", ".join(f"0x{byte:02x}" for byte in SENTENCE.encode()),
    ",".join(str(ord(letter)) for letter in SENTENCE),
    " ".join(f"{byte:08b}" for byte in SENTENCE.encode()),
    base64.encodebytes(SENTENCE.encode() * 3).decode(),
    base64.b32encode(SENTENCE.encode()).decode(),
    " / ".join(".- -... -.-." for _ in range(12)),
    ".-/-.../-.-." * 12,
    " / ".join("echo tango, oscar-lima" for _ in range(12)),
]
GLUE = [
    "(",
    "[",
    "x",
    "as 4",
    "&#",
    ",",
    ", ",
    " ",
    "\n",
    "; ",
    "-",
    ":",
    ".",
    "/",
    "|",
    "0x",
    "=",
    "3",
]
shreds = st.builds(
    lambda code, first, size: code[first % len(code) :][:size],
    st.sampled_from(CODED),
    st.integers(0, 400),
    st.integers(1, 200),
)


@given(st.lists(shreds | st.sampled_from([*CODED, *GLUE]), max_size=8).map("".join), st.data())
def test_a_code_is_open_until_something_else_follows(raw: str, data: st.DataObject) -> None:
    """What begins before the open place is found the same, whatever is appended."""
    cut = data.draw(st.integers(0, len(raw)))
    place = open_at(raw[:cut])
    early = [blob for blob in blobs(raw[:cut]) if blob[0] < place]
    assert [blob for blob in blobs(raw) if blob[0] < place] == early


@given(st.lists(st.sampled_from([tags("wor"), tags("x" * 50), " ", "\n", "plain", "é"])), st.data())
def test_hidden_text_is_open_until_something_else_follows(
    pieces: list[str], data: st.DataObject
) -> None:
    """What begins before the open place is found the same, whatever is appended."""
    raw = "".join(pieces)
    cut = data.draw(st.integers(0, len(raw)))
    place = open_at(raw[:cut])
    early = [blob for blob in blobs(raw[:cut]) if blob[0] < place]
    assert [blob for blob in blobs(raw) if blob[0] < place] == early

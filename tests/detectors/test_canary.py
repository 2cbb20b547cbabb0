"""Planted markers, however they are written, and nothing of them anywhere else."""

from __future__ import annotations

import base64
import codecs
import gc
import random
import string
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.canary import Canary
from guardrail import Context, Finding, Text
from guardrail.errors import PolicyError
from guardrail.registry import load
from guardrail.testing import chunkings, contract, streamed

MARKERS = (
    "Quiet-Otter-48213-Fern",
    "zx7 kk2 90b qq1",
    "Ärger über 灯台守の赤い傘",
    "zx7kk290bqq1 north gate",
)
MARKER = MARKERS[0]

DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper": str.upper,
    "glued": lambda text: text.replace("-", ""),
    "spelt": " ".join,
    "lines": lambda text: text.replace("-", "\n\n* "),
    "bold": lambda text: "-".join(f"<b>{part}</b>" for part in text.split("-")),
    "zero width": "\u200b".join,
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in text),
    "cyrillic": lambda text: text.translate(str.maketrans("aeo", "аео")),
    "leet": lambda text: text.translate(str.maketrans("eiot", "3!07")),
    "backwards": lambda text: text[::-1],
    "leet, backwards": lambda text: text.translate(str.maketrans("eot", "307"))[::-1],
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "list": lambda text: text.replace("-", "\n2) "),
    "base64": lambda text: base64.b64encode(f"the gate code is: {text}".encode()).decode(),
    "hex": lambda text: f"the gate code is: {text}".encode().hex(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
}


@pytest.fixture(scope="module")
def canary() -> Canary:
    return Canary(markers=MARKERS)


def spans(detector: Canary, raw: str) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in detector.find(Text(raw)) if not one.discount]


@pytest.mark.parametrize("name", DISGUISES)
def test_sees_through(canary: Canary, name: str) -> None:
    """A marker is found in every spelling and code, where it stands."""
    disguised = DISGUISES[name](MARKER)
    raw = f"Of course! Here it is: {disguised} . Anything else?"
    ((start, end),) = spans(canary, raw)
    tagged = disguised.startswith("<")
    assert start == raw.index(disguised) + 3 * tagged
    assert end == raw.index(disguised) + len(disguised) - 4 * tagged


CODES: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: base64.b64encode(data).decode(),
    "base32": lambda data: base64.b32encode(data).decode(),
    "hex": bytes.hex,
    "hex, spaced": lambda data: data.hex(" "),
    "binary": lambda data: " ".join(f"{byte:08b}" for byte in data),
    "decimal": lambda data: ", ".join(map(str, data)),
}


@pytest.mark.parametrize("marker", ["zebra-quartz-77", "amberfox", "7f3a-4411-9c2e-b8d0-55aa"])
@pytest.mark.parametrize("code", CODES)
def test_a_short_marker_is_found_in_a_code(marker: str, code: str) -> None:
    """What a marker alone makes is found, however short it is and whatever it is glued to."""
    canary = Canary(markers=(marker,))
    coded = CODES[code](marker.encode())
    for raw in (coded, f"It is {coded}.", f"?id={coded}&x=1"):
        ((start, end),) = spans(canary, raw)
        assert len(coded.rstrip("=")) - 1 <= end - start <= len(raw)
        for chunks in chunkings(raw, 5, seed=1):
            assert streamed(canary, chunks, Context()) == list(canary.find(Text(raw)))


def test_a_long_marker_is_found_in_a_code() -> None:
    """A code of more than 256 letters is read as text, and needs no marker of its own."""
    marker = "x7 q" * 80
    coded = base64.b64encode(marker.encode()).decode()
    assert spans(Canary(markers=(marker,)), f"It is {coded} .") == [(6, 6 + len(coded))]


@pytest.mark.parametrize("before", ["", "a", "a:", "a: "])
def test_a_short_marker_is_found_within_short_base64(before: str) -> None:
    """Where the code of a marker begins in the midst of three bytes, it is another one."""
    canary = Canary(markers=("zebra-quartz-77",))
    assert spans(canary, base64.b64encode(f"{before}zebra-quartz-77!".encode()).decode())


@pytest.mark.parametrize(
    "raw",
    ["<b>7f3a-</b>4411-9c2e-b8d0", "1. 7f3a\n2. 4411-9c2e\n 3) b8d0", "7f3a<br>\n4411-9c2eb8d0"],
)
def test_numbers_of_a_marker_are_no_list(raw: str) -> None:
    """Markup and the numbers of lines are left out, and the numbers within a marker are not."""
    canary = Canary(markers=("7f3a-4411-9c2e-b8d0",))
    assert len(spans(canary, raw)) == 1
    for chunks in chunkings(raw, 20, seed=1):
        assert streamed(canary, chunks, Context()) == list(canary.find(Text(raw)))


def test_each_marker_tells_where_it_was_listed(canary: Canary) -> None:
    """The longest of markers that begin together counts, and the source has its number."""
    raw = f"{MARKERS[2]} / {MARKERS[3]} / {MARKERS[1].upper()}"
    found = list(canary.find(Text(raw)))
    assert [one.source and one.source.document for one in found] == ["3", "4", "2"]
    assert {one.kind for one in found} == {"canary"}
    assert [raw[one.start : one.end] for one in found] == raw.split(" / ")


def test_an_echo_does_not_count(canary: Canary) -> None:
    """A marker that the reader wrote is no leak; another one in the same answer is."""
    context = Context(prompt=f"What is {MARKER.lower()}?")
    found = list(canary.find(Text(f"{MARKER} is not {MARKERS[1]}", context=context)))
    assert {(one.discount, one.source and one.source.document) for one in found} == {
        ("echo", "1"),
        ("", "2"),
    }


def test_contract(canary: Canary) -> None:
    """The contract of every detector, over spellings, codes and unfinished beginnings."""
    hits = []
    for name in DISGUISES:
        raw = f"It says: {DISGUISES[name](MARKER)} . And {MARKER[:14]}, or {MARKERS[1]} no"
        hits.append((raw, spans(canary, raw)))
    assert all(len(found) == 2 for _, found in hits)
    misses = [
        "",
        "Quiet-Otter-48213-Far",  # another end
        "uiet-Otter-48213-Fern",  # another beginning
        "Quiet-Otter-48213-<b>Ferm</b>, x-y-z &lt; 3 %4",
        "zx7 kk2 90b qq2 and a < b of zx7kk290 too",
    ]
    contract(canary, hits=hits, misses=misses)


class Eager(Canary):
    """Looks again after a few letters."""

    step = 6


def test_a_marker_around_a_tag_is_held_until_that_is_closed() -> None:
    """However long the tag is: its letters are none of the marker's."""
    tag = '<span style="color: red; font-weight: bold; padding: 2px 4px" title="of the memo">'
    raw = f"It says {MARKER[:12]}{tag}{MARKER[12:]}</span>, and so it goes on."
    eager = Eager(markers=MARKERS)
    (found,) = eager.find(Text(raw))
    assert streamed(eager, list(raw), Context()) == [found]


@given(
    st.lists(
        st.sampled_from(
            [
                *MARKERS,
                MARKER[:9],
                MARKER[9:],
                "<b",
                ">",
                "&am",
                "p;",
                "%4",
                "1",
                "!",
                "-",
                " ",
                "\n",
                "\n2. ",
                "3)",
                "UXVpZXQtT3R0ZXItNDgyMTMtRmVybg",
                '<span style="color: red; padding: 2px" title="of the memo">',
                " and so on" * 8,
            ]
        ),
        max_size=12,
    ),
    st.integers(0, 9),
)
def test_streams_as_it_finds(pieces: list[str], seed: int) -> None:
    """Whatever the pieces, a stream finds what the whole answer has, in every cut."""
    canary = Eager(markers=MARKERS)
    raw = "".join(pieces)
    whole = sorted(canary.find(Text(raw)))
    for chunks in chunkings(raw, 3, seed):
        assert streamed(canary, chunks, Context()) == whole


def test_a_hundred_thousand_markers(tmp_path: Path) -> None:
    """Many markers are looked up at once: an answer takes milliseconds, also one of near misses."""
    chance = random.Random(7)
    marks = [
        "canary " + "".join(chance.choices(string.ascii_lowercase, k=12)) for _ in range(100_000)
    ]
    (tmp_path / "markers.txt").write_text("\n".join(marks))
    canary = Canary(file=tmp_path / "markers.txt")
    filler = " ".join("".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(700))
    raw = f"{filler} {marks[54_321].upper()} {'canary abcdefg ' * 100}"
    begun = time.thread_time()
    ((start, end),) = spans(canary, raw)
    assert raw[start:end] == marks[54_321].upper()
    assert time.thread_time() - begun < 0.5


def test_a_file_of_markers(tmp_path: Path) -> None:
    """A file has one marker a line, blank lines aside; its name is the source's index."""
    (tmp_path / "markers.txt").write_text(f"\n{MARKERS[1]}\n\n{MARKER}\n", encoding="utf-8-sig")
    canary = load("canary", {"file": "markers.txt"}, tmp_path)
    (found,) = canary.find(Text(f"see {MARKER}"))
    assert found.source is not None
    assert (found.source.index, found.source.document) == ("markers.txt", "4")


def test_the_markers_are_not_kept() -> None:
    """Neither findings nor the detector, with all that hangs on it, hold a marker's letters."""
    canary = Canary(markers=("".join(["vorpal", "gimble", "4711"]),))
    found: list[Finding] = list(canary.find(Text("a VorpalGimble-4711 b")))
    seen, queue = set(), [canary, *found]
    told = []
    while queue:
        one = queue.pop()
        if id(one) in seen or isinstance(one, type) or callable(one):
            continue
        seen.add(id(one))
        told.append(repr(one).lower())
        queue += gc.get_referents(one)
    assert found
    assert not any("vorpal" in text or "gimble" in text for text in told)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "no marker"),
        ({"markers": [MARKER, "a-b-c 12"]}, "marker 2 has 5 letters"),
        ({"markers": ["x" * 257]}, "marker 1 has 257 letters"),
        ({"markers": [MARKER], "file": "short.txt"}, "keep one"),
        ({"file": "short.txt"}, "short.txt: marker 2 has 5 letters"),
        ({"file": "latin.txt"}, "not UTF-8"),
        ({"file": "none.txt"}, "none.txt"),
    ],
)
def test_bad_options_do_not_load(
    tmp_path: Path, options: dict[str, object], complaint: str
) -> None:
    """Too short or long markers, none, and files that cannot be read are told, not their text."""
    (tmp_path / "short.txt").write_text(f"{MARKER}\nshort\n")
    (tmp_path / "latin.txt").write_bytes("Größe über Maß".encode("latin-1"))
    with pytest.raises(PolicyError, match=complaint) as told:
        load("canary", options, tmp_path)
    assert "Otter" not in str(told.value)

"""Credentials: every row hits and misses as it says, whole or streamed, on text of any kind."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.credentials import FORMATS, Format
from detectors.credentials.chance import stand_in
from detectors.credentials.format import mixed
from detectors.secrets import Secrets
from guardrail import Context, Guard, Rule, Text
from guardrail.errors import PolicyError
from guardrail.testing import chunkings, contract, streamed

KINDS = [row.kind for row in FORMATS]
BEGIN, END = "-----BEGIN PRIVATE " + "KEY-----", "-----END PRIVATE " + "KEY-----"
PEM = "\n".join((BEGIN, *[mixed(64)] * 4, mixed(46), END))
OPEN = f"{BEGIN}\n{mixed(64)}\n"


def marked(hit: str) -> tuple[str, tuple[int, int]]:
    """A hit without its marks, and where its secret is."""
    if "«" not in hit:
        return hit, (0, len(hit))
    return hit.replace("«", "").replace("»", ""), (hit.index("«"), hit.index("»") - 1)


samples = st.sampled_from([marked(hit)[0] for row in FORMATS for hit in row.hits])
shreds = st.builds(
    lambda raw, first, size: raw[first % len(raw) :][:size],
    samples,
    st.integers(0, 99),
    st.integers(1, 99),
)
glue = st.sampled_from(
    [
        *(" ", "\n", "\\n", "-", "-----", " END ", "KEY", '"', "é", "東", "> ", "\xa0", "`", "\\"),
        *("password", " is ", ": ", "pwd=", "：", ":\n", "```", "| ", "<b>", "</td><td>", "\nab\n"),
        *(
            "\n 12\t",
            "\n1. ",
            "\n- ",
            "<br>\n",
            '\\n" +\n"',
            "://a:",
            "@b",
            "bearer ",
            "$(",
            "..",
            ",",
        ),
    ]
)
texts = st.lists(st.one_of(samples, shreds, glue), max_size=9).map("".join)


@pytest.mark.parametrize("row", FORMATS, ids=KINDS)
def test_each_format_hits_and_misses(row: Format) -> None:
    """At least three hits with exact spans, and three near misses, each with its reason."""
    assert len(row.hits) >= 3
    assert len(row.misses) >= 3
    alone = Secrets(kinds=(row.kind,))
    for raw, (start, end) in map(marked, row.hits):
        for before, after in (("", ""), ("Take ", " and go."), ("1.\t(", ")"), ("é", ".\nSo")):
            (found,) = alone.find(Text(before + raw + after))
            assert found.kind == f"secret.{row.kind}"
            assert (found.start - len(before), found.end - len(before)) == (start, end)
    for miss, reason in row.misses:
        assert not list(alone.find(Text(miss))), reason


def test_keeps_the_contract_of_a_detector() -> None:
    """Deterministic, settled, linear, and the same however the answer is cut."""
    hits = []
    for row in FORMATS:
        raw, _ = marked(row.hits[0])
        hits.append((raw, [(f.start, f.end) for f in Secrets().find(Text(raw))]))
    misses = [miss for row in FORMATS for miss, _ in row.misses[:1]]
    contract(
        Secrets(),
        hits=hits,
        misses=[miss for miss in misses if not list(Secrets().find(Text(miss)))],
    )


@given(texts, st.integers(0, 2**32))
def test_streams_find_what_the_whole_answer_holds(raw: str, seed: int) -> None:
    """However secrets, shreds of them and what stands around them are cut, the findings agree."""
    whole = sorted(Secrets().find(Text(raw)))
    for chunks in chunkings(raw, 4, seed):
        assert streamed(Secrets(), chunks, Context()) == whole


@given(texts, texts)
def test_what_is_settled_stays(raw: str, more: str) -> None:
    """Nothing that starts before the settled point changes when text is appended."""
    settled = Secrets().settled(Text(raw))
    before, after = (
        [finding for finding in Secrets().find(Text(text)) if finding.start < settled]
        for text in (raw, raw + more)
    )
    assert before == after


@pytest.mark.parametrize(
    ("raw", "held"),
    [
        ("Nothing is open here. ", ""),
        ("Only the unfinished wor", "wor"),
        ("The password is: ", ""),
        ("It begins with -----BEGIN RSA PRI", "-----BEGIN RSA PRI"),
        ("See -----BEGIN CERTIFICATE----- there", "there"),
        (f"See {BEGIN} is how it begins. And so on", "on"),
        (f"See {OPEN}", OPEN),
        (f"See {OPEN}{END} then", "then"),
        (f"See {OPEN}Hope it helps", "helps"),
        (f"See {BEGIN}\nVersion: 2", f"{BEGIN}\nVersion: 2"),
        ("東京のことです", ""),
    ],
)
def test_holds_back_what_is_open(raw: str, held: str) -> None:
    """The unfinished word and an open key block wait, and nothing else."""
    assert raw[Secrets().settled(Text(raw)) :] == held


@pytest.mark.parametrize("raw", [PEM, PEM.replace("-----END", "-----FINE"), PEM[:200]])
def test_nothing_of_a_key_block_is_shown(raw: str) -> None:
    """A private key of 360 characters, ended or not, is withheld whole however it is cut."""
    assert len(PEM) == 360
    guard = Guard([Rule(Secrets(), id="secrets")])
    answer = f"Here is the key:\n{raw}\nThat was all."
    shown = guard.check(answer).text
    assert not re.search(r"[A-Za-z0-9]{20}", shown)
    assert shown.startswith("Here is the key:\n[redacted]")
    cuts = list(combinations(range(0, len(answer), 7), 2))
    cuts += list(pairwise(range(len(answer))))
    for first, second in cuts:
        chunks = [answer[:first], answer[first:second], answer[second:]]
        assert "".join(guard.stream(chunks)) == shown
    for chunks in chunkings(answer, 50, seed=1):
        assert "".join(guard.stream(chunks)) == shown


@pytest.mark.parametrize(
    "line",
    [
        *("{number:6}\t{}", "{number}. {}", "{number} | {}", "- {}", "-{}", "> - {}", "    {}  "),
        *("{}<br>", "{}<br />", "<li>{}</li>", "{}\r", '"{}\\n" +', "'{}\\n' ."),
    ],
)
@pytest.mark.parametrize("width", [8, 15, 64])
def test_a_key_block_is_found_however_its_lines_are_written(line: str, width: int) -> None:
    """Numbered, listed, quoted, marked up or concatenated, in wide lines or narrow ones."""
    body = mixed(300)
    key = [BEGIN, *(body[at : at + width] for at in range(0, 300, width)), END]
    raw = "\n".join(line.format(part, number=number) for number, part in enumerate(key, 1))
    guard = Guard([Rule(Secrets(), id="secrets")])
    answer = f"Here:\n{raw}\nThat was all."
    shown = guard.check(answer).text
    before, after = shown.split("[redacted]")
    assert not re.search(r"[A-Za-z0-9]{6}", before + after.replace("That was all", ""))
    assert shown.endswith("\nThat was all.")
    for chunks in chunkings(answer, 5, seed=width):
        assert "".join(guard.stream(chunks)) == shown


def test_a_key_block_may_be_of_any_length() -> None:
    """A block of 1,200 lines, in wide lines or as a list, is withheld to its end."""
    guard = Guard([Rule(Secrets(), id="secrets")])
    for line in ("\n", "\n- "):
        answer = f"{BEGIN}{(line + mixed(64)) * 1200}{line}{END} then"
        assert guard.check(answer).text == "[redacted] then"
        chunks = [answer[at : at + 5] for at in range(0, len(answer), 5)]
        assert "".join(guard.stream(chunks)) == "[redacted] then"


signs = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x52F, categories=("L", "P", "S")))


@given(signs.filter(lambda sign: not re.search(r"<\S{1,8}>|[^\x00-\x7f\xa1-\u052f]", sign)))
def test_a_password_is_found_whole_whatever_it_is_made_of(inside: str) -> None:
    """Letters and signs in the midst of a password, with quotes around it or not, end it not."""
    guard = Guard([Rule(Secrets(), id="secrets")])
    secret = mixed(9) + inside[:9] + mixed(4)
    assume(stand_in(secret) is False and not re.search(r"""["'`\\<]|[^\w]{9}""", secret))
    for around in ("{}", '"{}"', "'{}'", "`{}`", '\\"{}\\"', "{}."):
        told = around.format(secret)
        shown = guard.check(f"password: {told} and on").text
        assert shown == f"password: {around.format('[redacted]')} and on"


@pytest.mark.slow
def test_nothing_of_a_key_block_is_shown_for_any_two_cuts() -> None:
    """Every way to cut an answer with a key of 360 characters twice shows nothing of it."""
    guard = Guard([Rule(Secrets(), id="secrets")])
    answer = f"Here:\n{PEM}\nThat was all."
    for first, second in combinations(range(len(answer)), 2):
        chunks = [answer[:first], answer[first:second], answer[second:]]
        assert "".join(guard.stream(chunks)) == "Here:\n[redacted]\nThat was all."


def test_kinds_can_be_chosen() -> None:
    """Only the formats that are named are looked for; an unknown one is an error."""
    raw = " ".join(marked(row.hits[0])[0] for row in FORMATS)
    kinds = {finding.kind for finding in Secrets(kinds=(KINDS[0],)).find(Text(raw))}
    assert kinds == {f"secret.{KINDS[0]}"}
    with pytest.raises(PolicyError, match="no secret of kind 'coin'; known: "):
        Secrets(kinds=("coin",))
    with pytest.raises(PolicyError, match="kinds is empty"):
        Secrets(kinds=())


def test_a_wrong_checksum_lowers_the_score() -> None:
    """A GitHub token that sums up is certain; one that does not has the form only."""
    right = (
        "ghp_" + "zQWBuTSOoRi4A9spHcVY5nc" + "nsDkxkJ" + "0mLq17"
    )  # the example that explains these checksums in public
    for token, score in ((right, 1.0), (right[:-1] + "8", 0.8), (right + mixed(4), 0.8)):
        (finding,) = Secrets().find(Text(f"It is {token} now"))
        assert finding.score == score


def test_plain_text_is_held_by_a_word_at_most() -> None:
    """Ordinary text waits for the word being written and no longer."""
    scanner = Secrets().scanner(Context())
    text = "Ordinary words, with nothing to hide: 3 apples, a path/to/file.txt and so on. "
    for end, letter in enumerate(text, 1):
        scanner.feed(letter)
        assert " " not in text[scanner.settled : end].rstrip()


@pytest.mark.slow
@pytest.mark.parametrize("row", FORMATS, ids=KINDS)
def test_every_chunking_gives_the_same(row: Format) -> None:
    """A thousand chunkings of each row's hits and misses, among plain text."""
    parts = [marked(hit)[0] for hit in row.hits] + [miss for miss, _ in row.misses]
    raw = " and then ".join(parts)
    whole = sorted(Secrets().find(Text(raw)))
    for chunks in chunkings(raw, 1000, seed=len(raw)):
        assert streamed(Secrets(), chunks, Context()) == whole

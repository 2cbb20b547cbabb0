"""Credentials: every row hits and misses as it says, whole or streamed, on text of any kind."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest

from detectors.credentials import FORMATS, Format
from detectors.credentials.format import mixed
from detectors.secrets import Secrets
from guardrail import Context, Guard, Rule, Text
from guardrail.errors import PolicyError
from guardrail.testing import chunkings, contract, streamed

KINDS = [row.kind for row in FORMATS]
PEM = (
    "-----BEGIN "
    + "PRIVATE KEY-----\n"
    + "\n".join(mixed(64) for _ in range(4))
    + "\n-----END "
    + "PRIVATE KEY-----"
)


def marked(hit: str) -> tuple[str, tuple[int, int]]:
    """A hit without its marks, and where its secret is."""
    if "«" not in hit:
        return hit, (0, len(hit))
    return hit.replace("«", "").replace("»", ""), (hit.index("«"), hit.index("»") - 1)


@pytest.mark.parametrize("row", FORMATS, ids=KINDS)
def test_each_format_hits_and_misses(row: Format) -> None:
    """At least three hits with exact spans, and three near misses, each with its reason."""
    assert len(row.hits) >= 3
    assert len(row.misses) >= 3
    alone = Secrets(kinds=(row.kind,))
    for hit in row.hits:
        raw, span = marked(hit)
        found = [(f.start, f.end) for f in alone.find(Text(raw)) if f.kind == f"secret.{row.kind}"]
        assert found == [span]
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


@pytest.mark.parametrize("raw", [PEM, PEM.replace("-----END", "-----FINE"), PEM[:200]])
def test_nothing_of_a_key_block_is_shown(raw: str) -> None:
    """A long private key, ended or not, is withheld whole for every way to cut it once or twice."""
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


def test_kinds_can_be_chosen() -> None:
    """Only the formats that are named are looked for; an unknown one is an error."""
    raw = " ".join(marked(row.hits[0])[0] for row in FORMATS)
    kinds = {finding.kind for finding in Secrets(kinds=(KINDS[0],)).find(Text(raw))}
    assert kinds == {f"secret.{KINDS[0]}"}
    with pytest.raises(PolicyError, match="no secret of kind 'coin'; known: "):
        Secrets(kinds=("coin",))


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

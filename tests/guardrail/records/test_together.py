"""What stands together: by the rule, told one record at a time, and as fast as it is read."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.records import Records
from guardrail import Context, Text
from guardrail.records import FieldType, RecordIndex
from guardrail.records.scan import Hit, Reading
from guardrail.records.together import Near, Together
from guardrail.testing import streamed

COLUMNS: dict[str, FieldType] = {
    "name": "name",
    "alias": "text",
    "town": "text",
    "well": "text",
    "born": "date",
}
FIRST, LAST, TOWNS = ["Ann", "Bea", "Cyd"], ["Dee", "Eve"], ["oak", "elm row", "Ann Dee", "Dee"]
WORDS = [*FIRST, *LAST, *FIRST, *LAST, *TOWNS, "yes", "no", "3 May 1990", "B.", "so", ","]

texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


def rows(count: int) -> Iterator[dict[str, str]]:
    chance = random.Random(count)
    for _ in range(count):
        names = chance.choices(FIRST, k=chance.choice((1, 1, 2))), chance.choice(LAST)
        yield {
            "name": " ".join((*names[0], names[1])),
            "alias": f"{chance.choice(FIRST)} {names[1]}",
            "town": chance.choice(TOWNS),
            "well": chance.choice(("yes", "no")),
            "born": f"{chance.randint(1, 4)} May 1990",
        }


@pytest.fixture(scope="module", params=[2, 12, 900])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RecordIndex:
    """Of few people, and of so many that one name has more than 256 of them."""
    folder = tmp_path_factory.mktemp("people") / "index"
    return RecordIndex.build(rows(request.param), folder, columns=COLUMNS)


@given(texts, st.sampled_from([2, 3, 4]), st.sampled_from([1, 2, 5, 40]))
def test_tells_what_the_rule_says(index: RecordIndex, raw: str, weak: int, window: int) -> None:
    """The same records as one finds who takes each stretch, name and record in turn."""
    hits = Reading(index, Text(raw)).hits()
    fields = [Near(hit) for hit in hits]
    Together(index, weak, window, frozenset({0})).tell(fields, len(fields))
    assert [one.record for one in fields] == in_turn(index, hits, weak, window)


def in_turn(index: RecordIndex, hits: Sequence[Hit], weak: int, window: int) -> list[int | None]:
    told: list[int | None] = [None] * len(hits)
    for place, first in enumerate(hits):
        end = first.first + window
        rest = range(place, len(hits))
        near = [at for at in rest if hits[at].first < end and hits[at].last <= end]
        for name in reversed(near):
            if hits[name].field.column != 0:
                continue
            records = index.records(hits[name].field, 256)
            for record in records[index.having(first.field, records)].tolist():
                own = [at for at in near if record in index.records(hits[at].field, 1 << 30)]
                if side_by_side([hits[at] for at in own]) >= weak:
                    for at in own:
                        told[at] = record if told[at] is None else told[at]
    return told


def side_by_side(own: Sequence[Hit]) -> int:
    columns: set[int] = set()
    end = 0
    for hit in own:
        if hit.start >= end and hit.field.column not in columns:
            columns.add(hit.field.column)
            end = hit.end
    return len(columns)


@pytest.mark.parametrize(
    ("piece", "weak", "count"),
    [
        ("Ann Bea Dee, ", 2, 0),
        ("Ann Bea Dee, Dee Ann Bea, Dee Ann, Ann B. Dee oak ", 3, 0),
        ("Ann Dee elm row ", 4, 0),
        ("Ann Dee yes ", 3, 1800),
    ],
)
def test_a_name_of_many_costs_no_more(tmp_path: Path, piece: str, weak: int, count: int) -> None:
    """Whether its bearers are told or not, a word is read in less than a millisecond."""
    blank = dict.fromkeys(COLUMNS, "")
    people = [blank | {"name": "Ann Bea Dee", "alias": "Ann Dee", "well": "yes"}] * 300
    people += [blank | {"name": "Cyd Eve", "town": "oak"}]
    RecordIndex.build(people, tmp_path / "a", columns=COLUMNS).close()
    detector = Records(index=tmp_path / "a", weak=weak)
    raw = piece * 600
    begun = time.process_time()
    found = list(detector.find(Text(raw)))
    assert time.process_time() - begun < 0.001 * len(raw.split())
    assert len(found) == count
    assert streamed(detector, [raw], Context()) == sorted(found)

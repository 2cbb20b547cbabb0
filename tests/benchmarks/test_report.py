"""What a benchmark writes, and the methods it puts side by side."""

from __future__ import annotations

import json
import random
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import peers
from benchmarks.data import joined
from benchmarks.measure import Sample, percentile
from benchmarks.report import Report, bars, command, lines

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _prose(words: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(_LETTERS, k=5)) for _ in range(words))


def test_saved_report_tells_seed_versions_machine_and_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A saved run can be repeated from its own file, and the table stood on the screen."""
    report = Report("sample", 7, ["--seed", "7", f"--results={tmp_path}"])
    report.table("speed", [{"method": "ours", "ms": 0.25}, {"method": "other", "note": "slow"}])
    report.chart("speed", bars("Speed", {"ours": 1.0}, unit="ms"))
    saved = json.loads(report.save(tmp_path).read_text("utf-8"))
    assert saved["seed"] == 7
    assert saved["command"].startswith("python -m benchmarks sample --seed 7")
    assert {"python", "numpy", "leakrail", "rensa"} <= set(saved["versions"])
    assert saved["machine"]["cores"] >= 1
    assert saved["tables"]["speed"][1] == {"method": "other", "note": "slow"}
    assert (tmp_path / "sample-speed.svg").exists()
    shown = capsys.readouterr().out
    assert "ours" in shown
    assert "0.25" in shown


def test_results_hold_no_machine_path(tmp_path: Path) -> None:
    """A path of this machine is named by its last part; one below /usr is the same anywhere."""
    shown = command("index", ["--results", str(tmp_path), f"--a={tmp_path}", "/usr/share/doc"])
    assert str(tmp_path) not in shown
    assert shown.endswith("/usr/share/doc")


def test_charts_are_well_formed_and_self_contained() -> None:
    """A chart is SVG on its own, whatever the labels hold."""
    charts = [
        bars("a < b & c", {"<one>": 1.0, "two": 0.0}, unit="%"),
        bars("nothing", {}, unit="%"),
        lines("found", {"a & b": [(1.0, 0.5), (2.0, 1.0)]}, x="words", y="share"),
    ]
    for chart in charts:
        assert ElementTree.fromstring(chart).tag.endswith("svg")  # noqa: S314
        assert "href" not in chart


def test_percentile_is_a_value_that_was_measured() -> None:
    """The percentile is the smallest value that the share of the values does not exceed."""
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.99) == 4.0
    assert percentile([5.0], 0.0) == 5.0
    assert Sample(((1.0, 9.0), (2.0, 8.0), (3.0, 7.0))).at(0.5) == 2.0


def test_joined_texts_have_exactly_the_words_asked_for() -> None:
    """Answers are cut and joined so that each has the same number of words, in order."""
    made = joined(["one two\nthree", "four five six seven"], 3)
    assert made == ["one two\nthree", "four five six"]


@pytest.mark.parametrize("name", [name for name in peers.PEERS if peers.available(name)])
@pytest.mark.filterwarnings("ignore")  # theirs, not ours
def test_each_method_finds_a_long_copy_and_passes_other_text(name: str) -> None:
    """Every method beside ours works: it sees 120 copied words and leaves fresh ones alone."""
    texts = [_prose(600, seed) for seed in range(5)]
    method = peers.make(name, texts)
    method.build(texts)
    copied = " ".join(texts[3].split()[100:220])
    assert method.query(f"{_prose(100, 90)} {copied} {_prose(100, 91)}")
    assert not method.query(_prose(300, 92))
    assert method.size > 0


@pytest.mark.parametrize("name", [name for name in peers.PEERS if peers.available(name)])
@pytest.mark.filterwarnings("ignore")  # theirs, not ours
def test_each_method_finds_text_that_the_corpus_holds_twice(name: str) -> None:
    """Text that stands in several documents is found too: no method is set up to drop it."""
    texts = [_prose(600, seed) for seed in range(4)]
    texts.append(texts[2])
    method = peers.make(name, texts)
    method.build(texts)
    copied = " ".join(texts[2].split()[100:220])
    assert method.query(f"{_prose(100, 90)} {copied} {_prose(100, 91)}")


def test_method_that_is_not_installed_is_named_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method without its package is said to be absent, in the versions too."""

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert not peers.available("rensa")
    assert peers.available("python-set")
    assert peers.installed()["rensa"] == "not installed"

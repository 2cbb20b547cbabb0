"""Killed at any moment, a writer leaves the last committed state behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guardrail.corpus import CorpusIndex, Key
from guardrail.errors import IndexMissingError

KEY = Key(b"a key for tests!")

WRITER = """
import sys
from guardrail.corpus import CorpusIndex, Key
from guardrail.errors import IndexMissingError
from tests.guardrail.corpus.test_crash import KEY, document
folder, first = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
try:
    index = CorpusIndex.open(folder, key=KEY)
except IndexMissingError:
    index = CorpusIndex.build([(str(n), document(n)) for n in range(3)], folder, key=KEY)
for number in range(first + 3, first + 40):
    index.add([(str(number), document(number))])
    index.delete([str(number - 2)])
    if number % 3 == 0:
        index.compact()
"""


def document(number: int) -> str:
    """A text of its own for each number, so that each document can be asked for."""
    words = random.Random(number)
    return " ".join(f"{words.randrange(16**6):x}" for _ in range(400))


def kill_once(folder: Path, first: int, wait: float) -> None:
    writer = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WRITER, str(folder), str(first)], stdout=subprocess.PIPE
    )
    if writer.stdout is None:
        raise RuntimeError("no pipe")
    with writer, writer.stdout:
        writer.stdout.readline()
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)


def check(folder: Path, most: int) -> int:
    """Every state that a writer commits holds neighbouring numbers; returns the next."""
    try:
        index = CorpusIndex.open(folder, key=KEY)
    except IndexMissingError:
        return 0
    with index:
        index.verify()
        held = []
        for number in range(most):
            matches = index.search(document(number))
            assert len(matches) <= 1
            if matches:
                assert (matches[0].document, matches[0].words) == (str(number), 400)
                held.append(number)
        assert index.info()["documents"] == len(held)
        return held[-1] + 1


def kills(tmp_path: Path, times: int, seed: int) -> None:
    moments = random.Random(seed)
    folder, following = tmp_path / "index", 0
    for number in range(times):
        if number % 25 == 0:
            folder, following = tmp_path / f"index{number}", 0
        kill_once(folder, max(following - 3, 0), moments.uniform(0, 0.35))
        following = check(folder, following + 45)


def test_a_killed_writer_leaves_a_committed_state(tmp_path: Path) -> None:
    """Whatever a killed writer was at, the index opens and answers exactly."""
    kills(tmp_path, 6, seed=1)


@pytest.mark.slow
def test_500_killed_writers_leave_a_committed_state(tmp_path: Path) -> None:
    """The same at five hundred random moments."""
    kills(tmp_path, 500, seed=2)

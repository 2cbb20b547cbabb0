"""What `import guardrail` costs beside importing numpy and pydantic alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median

from benchmarks.report import Report, bars, parser

_OURS, _BASE = ("guardrail",), ("numpy", "pydantic")
_LIMIT = 1.4
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
_HEAVY = (
    "cryptography",
    "guardrail.demo",
    "httpx",
    "pandas",
    "phonenumbers",
    "presidio_analyzer",
    "rich",
    "scipy",
    "spacy",
    "tldextract",
    "torch",
    "transformers",
    "typer",
)


def main(arguments: Sequence[str]) -> None:
    """Time fresh processes, ours and the baseline in turn, with `-X importtime`."""
    options = parser("importtime", __doc__)
    options.add_argument("--rounds", type=int, default=21)
    given = options.parse_args(arguments)
    report = Report("importtime", given.seed, arguments)
    ours: list[float] = []
    base: list[float] = []
    listed: dict[str, float] = {}
    _seconds(_OURS, {})
    for _ in range(given.rounds):
        ours.append(_seconds(_OURS, listed))
        base.append(_seconds(_BASE, {}))
    ratio = median(ours) / median(base)
    report.table(
        "import time (wall, -X importtime, median of fresh processes)",
        [
            {"import": "guardrail", "ms": 1000 * median(ours), "modules": len(listed)},
            {"import": "numpy, pydantic", "ms": 1000 * median(base), "modules": None},
            {"import": f"ratio (at most {_LIMIT})", "ms": ratio, "modules": None},
        ],
    )
    heavy = [name for name in _HEAVY if name in listed]
    report.table("heavy packages loaded", [{"package": name} for name in heavy])
    costly = sorted(listed, key=lambda name: -listed[name])[:12]
    report.table(
        "dearest modules (their own time, last round)",
        [{"module": name, "ms": 1000 * listed[name]} for name in costly],
    )
    values = {"guardrail": 1000 * median(ours), "numpy + pydantic": 1000 * median(base)}
    report.chart("ratio", bars("Import time", values, unit="ms"))
    report.save(given.results)


def _seconds(names: Sequence[str], modules: dict[str, float]) -> float:
    """Seconds to import the names; fills in each loaded module's own seconds."""
    line = f"import {', '.join(names)}"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "importtime", "-c", line],
        check=True,
        capture_output=True,
        text=True,
        # Who imports it a second time has it compiled.
        env={name: value for name, value in os.environ.items() if name != _UNCOMPILED},
    )
    modules.clear()
    total = 0.0
    for row in done.stderr.splitlines():
        own, cumulative, name = row.removeprefix("import time:").split("|")
        if not own.strip().isdigit():
            continue
        modules[name.strip()] = int(own) / 1e6
        # Top-level imports stand one space behind the bar, nested ones further in.
        if name[1:] in names:
            total += int(cumulative) / 1e6
    return total


if __name__ == "__main__":
    main(sys.argv[1:])

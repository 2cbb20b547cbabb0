"""The figures as one page of Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["write"]

_NAME = "INTENT.md"


def write(folder: Path, parts: Iterable[str]) -> None:
    """Put together what is in a folder, each part's bars first."""
    page = [
        "# Prompts and what they want",
        "",
        "Made by",
        "",
        "    python -m benchmarks intent",
        "",
    ]
    page += [
        "`at 1.0%` is the share flagged at thresholds that 1 % of the benign prompts that set "
        "them pass, `at 0.5` at those of the detector as it ships. Intervals are Clopper and "
        "Pearson's at 95 %. A twin is benign and looks like its attack; `area` is how often an "
        "attack scores above a twin, `named` how often its own intent is the first.",
    ]
    for path in (folder / f"intent-{part}.json" for part in parts):
        if path.exists():
            page += _part(json.loads(path.read_text("utf-8")))
    (folder / _NAME).write_text("\n".join(page) + "\n", "utf-8")
    print(f"written: {_NAME}")


def _part(run: Mapping[str, Any]) -> list[str]:
    machine = run["machine"]
    page = ["", f"## `{run['command']}`", "", f"Seed {run['seed']}, {run['date']}, "]
    page[-1] += f"{machine['cores']} cores, load {machine['load_before']}."
    for title, rows in run["tables"].items():
        if rows:
            page += ["", f"### {title[:1].upper()}{title[1:]}", "", *_table(rows)]
    return page


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, ["---"] * len(columns)]
    lines += [[_cell(row.get(column)) for column in columns] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")

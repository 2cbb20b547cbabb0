"""The figures as one page of Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["write"]

_NAME = "INTENT.md"


def write(saved: Path) -> None:
    """Beside the JSON file of a run: bars first, then each table."""
    run = json.loads(saved.read_text("utf-8"))
    machine = run["machine"]
    page = ["# Prompts and what they want", "", "Made by", "", f"    {run['command']}", ""]
    page += [
        f"Seed {run['seed']}, {run['date']}, {machine['cores']} cores, load "
        f"{machine['load_before']}. `at 1.0%` is the share flagged at the thresholds that 1 % of "
        "the benign prompts that set them pass, `at 0.5` at those of the detector as it ships. "
        "Intervals are Clopper and Pearson's at 95 %. A twin is benign and looks like its attack.",
    ]
    for title, rows in run["tables"].items():
        if rows:
            page += ["", f"## {title[:1].upper()}{title[1:]}", "", *_table(rows)]
    (saved.parent / _NAME).write_text("\n".join(page) + "\n", "utf-8")
    print(f"written: {_NAME}")


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, ["---"] * len(columns)]
    lines += [[_cell(row.get(column)) for column in columns] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")

"""All parts that were run, as one page of Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["write"]

_NAME = "QUALITY.md"
_RECORDS = ("records", "quality-records")


def write(folder: Path, parts: Mapping[str, str]) -> None:
    """Put together what is in a folder; bars first, then each part's tables and charts."""
    saved = {
        part: json.loads(path.read_text("utf-8"))
        for part in parts
        if (path := folder / f"quality-{part}.json").exists()
    }
    if not saved:
        return
    bars = [{"part": part} | row for part, run in saved.items() for row in _goals(run)]
    missed = [row for row in bars if row["met"] != "yes"]
    page = ["# Quality", ""]
    page += ["What each detector finds and misses, beside other methods. Made by", ""]
    page += ["    python -m benchmarks quality", ""]
    page += ["Thresholds are those that the detectors ship with. Intervals are at 95 %.", ""]
    page += ["## Bars", "", f"{len(bars) - len(missed)} of {len(bars)} are met. Not met:", ""]
    page += [*_table(missed), "", "All:", "", *_table(bars)]
    for name in _RECORDS:
        if (folder / f"{name}.json").exists():
            page += ["", f"Exact data match has a file of its own: [{name}.json]({name}.json)."]
    for part, run in saved.items():
        page += _part(folder, part, parts[part], run)
    (folder / _NAME).write_text("\n".join(page) + "\n", "utf-8")
    print(f"written: {_NAME}")


def _goals(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(run["tables"].get("bars", ()))


def _part(folder: Path, part: str, question: str, run: Mapping[str, Any]) -> list[str]:
    machine = run["machine"]
    page = ["", f"## {part}: {question}", ""]
    page.append(
        f"`{run['command']}`, seed {run['seed']}, {run['date']}, "
        f"{machine['cores']} cores, load {machine['load_before']}."
    )
    for title, rows in run["tables"].items():
        if title != "bars" and rows:
            page += ["", f"### {title[:1].upper()}{title[1:]}", "", *_table(rows)]
    page += [""]
    page += [
        f"![{path.stem}]({path.name})" for path in sorted(folder.glob(f"quality-{part}-*.svg"))
    ]
    return page


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return ["None."]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, ["---"] * len(columns)]
    lines += [[_cell(row.get(column)) for column in columns] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value).replace("|", "\\|")

"""What a benchmark leaves: tables on the screen, JSON, and charts as plain SVG beside it."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from importlib import metadata
from pathlib import Path

from benchmarks.peers import installed

__all__ = ["RESULTS", "Report", "Value", "bars", "command", "lines", "parser"]

Value = str | int | float | bool | None
RESULTS = Path(__file__).parent / "results"

_COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b83280", "#4a5568", "#975a16")
_WIDTH, _LEFT, _TOP = 640, 190, 40


@dataclass
class Report:
    """One run: where it ran and, under each title, rows of the same keys.

    A `part` of a benchmark has files of its own.
    """

    name: str
    seed: int
    arguments: Sequence[str] = ()
    part: str = ""
    tables: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    charts: dict[str, str] = field(default_factory=dict)
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 2))

    def table(self, title: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Print the rows and keep them."""
        self.tables[title] = [dict(row) for row in rows]
        print(f"\n{title}\n{_plain(self.tables[title])}", flush=True)

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return f"{self.name}-{self.part}" if self.part else self.name

    def chart(self, name: str, svg: str) -> None:
        self.charts[name] = svg

    def as_dict(self) -> dict[str, object]:
        return {
            "benchmark": self.name,
            "command": command(self.name, self.arguments),
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "seed": self.seed,
            "versions": _versions(),
            "machine": _machine() | {"load_before": self.load},
            "tables": self.tables,
        }

    def save(self, folder: Path) -> Path:
        """Write `STEM.json` and `STEM-CHART.svg`; returns the path of the first."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.stem}.json"
        path.write_text(json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        for name, svg in self.charts.items():
            (folder / f"{self.stem}-{name}.svg").write_text(svg, "utf-8")
        print(f"\nwritten: {path.name}", *(f"{self.stem}-{name}.svg" for name in self.charts))
        return path


def parser(name: str, question: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    options = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=question)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--results", type=Path, default=RESULTS, help="folder for JSON and SVG")
    return options


def command(name: str, arguments: Sequence[str]) -> str:
    """How to run it again; a path outside /usr is named by its last part only."""
    shown = []
    for part in arguments:
        option, equals, value = part.rpartition("=")
        if value.startswith("/") and not value.startswith("/usr/"):
            value = Path(value).name
        shown.append(f"{option}{equals}{value}")
    return shlex.join(["python", "-m", "benchmarks", name, *shown])


def bars(title: str, values: Mapping[str, float], *, unit: str) -> str:
    """Horizontal bars as SVG, the first one (ours) in colour, each with its figure.

    The scale is logarithmic, and the title says so, where values differ a hundredfold.
    """
    most = max(values.values(), default=0.0) or 1.0
    least = min((value for value in values.values() if value > 0), default=most)
    wide = most / least > 100
    body = []
    for number, (label, value) in enumerate(values.items()):
        share = value / most
        if wide and value > 0:
            share = 0.05 + 0.95 * math.log(value / least) / math.log(most / least)
        top, size = _TOP + 26 * number, (_WIDTH - _LEFT - 110) * share
        colour = _COLOURS[0] if number == 0 else _COLOURS[5]
        body += [
            _text(_LEFT - 8, top + 14, label, "end"),
            f'<rect x="{_LEFT}" y="{top}" width="{size:.1f}" height="18" fill="{colour}"/>',
            _text(_LEFT + size + 6, top + 14, f"{_number(value)} {unit}"),
        ]
    name = f"{title} (logarithmic)" if wide else title
    return _svg(name, body, _TOP + 26 * len(values) + 10)


def lines(
    title: str, series: Mapping[str, Sequence[tuple[float, float]]], *, x: str, y: str
) -> str:
    """Lines as SVG, both axes from 0; the first one (ours) whole and on top, the rest dashed."""
    points = [point for line in series.values() for point in line] or [(1.0, 1.0)]
    far, high = max(p[0] for p in points) or 1.0, max(p[1] for p in points) or 1.0
    left, width, height = 60, 400, 240
    bottom = _TOP + height
    body = [
        f'<path d="M{left} {_TOP}V{bottom}H{left + width}" fill="none" stroke="#718096"/>',
        _text(left - 6, _TOP + 6, _number(high), "end"),
        _text(left - 6, bottom + 4, "0", "end"),
        _text(left + width, bottom + 18, _number(far), "end"),
        _text(left + width / 2, bottom + 34, x, "middle"),
        _text(left, _TOP - 8, y),
    ]
    for number, (label, line) in reversed(list(enumerate(series.items()))):
        dashes = f'stroke-dasharray="{3 + 2 * number} 4"' if number else 'stroke-opacity="0.6"'
        colour = _COLOURS[number % len(_COLOURS)]
        spots = " ".join(
            f"{left + width * a / far:.1f},{bottom - height * b / high:.1f}" for a, b in line
        )
        top = _TOP + 10 + 20 * number
        body += [
            f'<polyline points="{spots}" fill="none" stroke="{colour}" stroke-width="2" {dashes}/>',
            f'<rect x="{left + width + 16}" y="{top - 9}" width="12" height="10" fill="{colour}"/>',
            _text(left + width + 34, top, label),
        ]
    return _svg(title, body, bottom + 44)


def _svg(title: str, body: Sequence[str], height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height:.0f}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
    )
    return "\n".join([head, _text(10, 18, title), *body, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _plain(rows: Sequence[Mapping[str, Value]]) -> str:
    if not rows:
        return "(nothing)"
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([_number(row.get(key)) for key in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def _number(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)


def _versions() -> dict[str, str]:
    own = {name: metadata.version(name) for name in ("leakrail", "numpy", "pydantic")}
    return {"python": platform.python_version()} | own | installed()


def _machine() -> dict[str, Value]:
    cpu = next(
        (line.split(":", 1)[1].strip() for line in _read("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    memory = next((int(line.split()[1]) for line in _read("/proc/meminfo")), 0)
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**20),
        "system": f"{platform.system()} {platform.machine()}",
        "implementation": sys.implementation.name,
    }


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []

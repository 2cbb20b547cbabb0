"""What the reader sees: two answers side by side, and the table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from guardrail.demo.answer import Answer, Pair
from guardrail.demo.leaks import LeakCounter

__all__ = ["animated", "streaming", "table"]


def animated(console: Console) -> bool:
    """Whether answers can be shown while they grow."""
    return console.is_terminal and not console.is_dumb_terminal


@contextmanager
def streaming(console: Console, pair: Pair, leaks: LeakCounter) -> Iterator[None]:
    """Show a pair of answers: while they grow on a terminal, at the end elsewhere."""
    if animated(console):
        console.print()
        show: Callable[[], RenderableType] = lambda: _panels(pair, leaks)  # noqa: E731
        with Live(get_renderable=show, console=console, refresh_per_second=20):
            yield
    else:
        yield
        console.print(_lines(pair))


def table(pairs: Sequence[Pair], leaks: LeakCounter) -> Table:
    """Words leaked and times for each prompt, without | with the guard; times in milliseconds."""
    shown = Table(title="without | with the guard", title_justify="left", show_footer=True)
    counts = [(leaks.count(pair.plain.text), leaks.count(pair.guarded.text)) for pair in pairs]
    totals = [sum(count[side] for count in counts) for side in (0, 1)]
    shown.add_column("prompt", footer="all")
    shown.add_column("private words leaked", footer=_both(*totals), justify="right")
    shown.add_column("first text, ms", footer=_medians(pairs, "first"), justify="right")
    shown.add_column("whole answer, ms", footer=_medians(pairs, "seconds"), justify="right")
    for pair, count in zip(pairs, counts, strict=True):
        first = _both(_ms(pair.plain.first), _ms(pair.guarded.first))
        whole = _both(_ms(pair.plain.seconds), _ms(pair.guarded.seconds))
        shown.add_row(pair.prompt.name, _both(*count), first, whole)
    return shown


def _both(plain: object, guarded: object) -> str:
    return f"{plain} | {guarded}"


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.0f}"


def _medians(pairs: Sequence[Pair], name: str) -> str:
    sides = (
        [getattr(pair.plain, name) for pair in pairs],
        [getattr(pair.guarded, name) for pair in pairs],
    )
    told = (median([value for value in side if value is not None] or [0.0]) for side in sides)
    return "median " + _both(*map(_ms, told))


def _panels(pair: Pair, leaks: LeakCounter) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(
        Panel(_marked(pair.plain, leaks), title="without guard", border_style="red"),
        Panel(_marked(pair.guarded, leaks), title="with guard", border_style="green"),
    )
    return grid


def _lines(pair: Pair) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_row("prompt", Text(pair.prompt.text))
    grid.add_row("without", Text(" ".join(pair.plain.text.split())))
    grid.add_row("with", Text(" ".join(pair.guarded.text.split())))
    return grid


def _marked(answer: Answer, leaks: LeakCounter) -> Text:
    text = Text(answer.text)
    for start, end in leaks.spans(answer.text):
        text.stylize("bold red", start, end)
    return text

"""The command `guardrail`: every error is one line on standard error and exit status 2."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import typer

from guardrail.cli.detectors import detectors
from guardrail.cli.identity import identity
from guardrail.cli.index import index
from guardrail.cli.policy import policy
from guardrail.cli.records import records
from guardrail.cli.scan import scan
from guardrail.cli.semantic import semantic
from guardrail.cli.serve import serve
from guardrail.cli.show import demo
from guardrail.cli.shuffled import shuffled
from guardrail.errors import GuardrailError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Stops a trained model from giving its private data back.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(index)
app.add_typer(records)
app.add_typer(semantic)
app.add_typer(shuffled)
app.add_typer(policy)
app.add_typer(identity)
app.command()(scan)
app.command()(serve)
app.command()(detectors)
app.command()(demo)

_PARAMETER = re.compile("`(replace|id_field|text_field)`")

# The exception at the root of all that the parser of the command line raises.
_UsageError: Any = typer.BadParameter.__mro__[2]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and exit."""
    if not sys.stderr:
        # Nobody reads it, and no other file may take its number.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if not sys.stdout:
        sys.exit(_fail("standard output is closed; send it to a file, or to /dev/null"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Text leaves as it came, whatever the locale can write.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: Sequence[str]) -> int:
    try:
        status = app(list(arguments), prog_name="guardrail", standalone_mode=False)
        sys.stdout.flush()
        return status or 0
    except _UsageError as error:
        return _fail(error.format_message())
    except GuardrailError as error:
        # What the library calls by a parameter is an option here.
        return _fail(_PARAMETER.sub(lambda one: f"--{one[1].replace('_', '-')}", str(error)))
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except OSError as error:
        # What is still to be written would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 1
        reason = error.strerror or str(error)
        return _fail(f"{error.filename}: {reason}" if error.filename else reason)


def _fail(message: str) -> int:
    line = " ".join(message.split()) or "see `guardrail --help`"
    print(f"guardrail: {line}", file=sys.stderr)  # noqa: T201 - the command line speaks here
    return 2

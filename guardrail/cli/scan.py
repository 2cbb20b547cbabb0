"""`guardrail scan`: put answers beside a policy, one or a line each."""

from __future__ import annotations

import io
import json
import math
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from guardrail.errors import InputError
from guardrail.guard import Guard
from guardrail.types import Action, Admission, Context, Identity, Verdict

__all__ = ["scan"]

_FIELDS = "a line has `output`, and may have `id`, `prompt` and `identity`"
_MAX_LINE = 1 << 26


def scan(
    policy: Annotated[Path, typer.Option(metavar="P", help="Policy file.")],
    file: Annotated[Path, typer.Argument(metavar="[FILE|-]", help="Answer, or lines.")] = Path("-"),
    prompt: Annotated[str | None, typer.Option(help="What the model was asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON object.")] = False,
    as_lines: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help='Read and write JSON lines: {"id", "prompt", "output", "identity"}.',
        ),
    ] = False,
) -> None:
    """Check answers: exit status 0 if nothing was found, 1 if something was, 2 for bad input.

    Each is a request of its identity: limits and probing count it in the store of the policy.
    """
    if as_json and as_lines:
        raise InputError("--json and --jsonl are both given; keep one")
    if as_lines and prompt is not None:
        raise InputError("--prompt goes with one answer; a line has its own `prompt`")
    with Guard.from_policy(policy) as guard, _opened(file) as stream:
        status = _lines(guard, stream) if as_lines else _answer(guard, stream, prompt, as_json)
    raise typer.Exit(status)


def _answer(guard: Guard, stream: BinaryIO, prompt: str | None, as_json: bool) -> int:
    try:
        # One character more than can be checked, so that too much of it is seen as such.
        output = io.TextIOWrapper(stream, "utf-8", newline="").read(guard.max_chars + 1)
    except UnicodeDecodeError:
        raise InputError("the answer is not UTF-8 text") from None
    line = _checked(guard, output, Context(prompt=prompt))
    if as_json:
        typer.echo(json.dumps({"id": None} | line))
        return int(_found(line))
    typer.echo(line["text"], nl=False)
    if line["action"] != str(Action.ALLOW):
        typer.echo(f"action: {line['action']}", err=True)
    for error in line["errors"]:
        typer.echo(f"error: {error}", err=True)
    for finding in line["findings"]:
        where = f"{finding['start']}-{finding['end']}"
        what = " of the prompt" if finding.get("on") == "prompt" else ""
        typer.echo(f"{finding['rule']}: {finding['kind']} at {where}{what}", err=True)
    return int(_found(line))


def _lines(guard: Guard, stream: BinaryIO) -> int:
    found, bad = False, False
    with _bar(stream) as advance:
        for number, raw in enumerate(_split(stream), 1):
            advance(len(raw))
            if raw.isspace():
                continue
            line, fault = _line(guard, raw, number)
            bad |= fault
            found |= _found(line)
            typer.echo(json.dumps(line))
    if bad:
        typer.echo("guardrail: some lines could not be read; see their `errors`", err=True)
    return 2 if bad else int(found)


def _split(stream: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long, the beginning and one byte too many."""
    while line := stream.readline(_MAX_LINE + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_MAX_LINE)


def _line(guard: Guard, raw: bytes, number: int) -> tuple[dict[str, Any], bool]:
    name = None
    try:
        row = _row(raw, number)
        name = row.get("id")
        output, context = _read(row, number)
    except InputError as error:
        verdict = Verdict(Action.REFUSE, guard.refusal, errors=(str(error),))
        return {"id": name} | verdict.as_dict(), True
    return {"id": name} | _checked(guard, output, context), False


def _row(raw: bytes, number: int) -> dict[str, Any]:
    if len(raw) > _MAX_LINE:
        raise InputError(f"line {number}: more than {_MAX_LINE:,} bytes")
    try:
        # By itself `loads` lets lone surrogates pass in bytes.
        row = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise InputError(f"line {number}: not JSON") from None
    if not isinstance(row, dict):
        raise InputError(f"line {number}: not a JSON object")
    return row


def _no_number(name: str) -> float:
    # Python reads NaN and Infinity; JSON has neither, so they cannot be written back.
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _read(row: dict[str, Any], number: int) -> tuple[str, Context]:
    for key in ("output", "prompt", "identity"):
        value = row.get(key)
        if not isinstance(value, str) and not (value is None and key != "output"):
            raise InputError(f"line {number}: `{key}` must be a string; {_FIELDS}")
    subject = row.get("identity")
    identity = Identity() if subject is None else Identity(subject)
    return row["output"], Context(prompt=row.get("prompt"), identity=identity)


def _checked(guard: Guard, output: str, context: Context) -> dict[str, Any]:
    admission = guard.admit(context)
    verdict = guard.check(output, admission)
    if guard.stops(admission):
        return verdict.as_dict()
    return _together(admission, verdict).as_dict()


def _together(admission: Admission, verdict: Verdict) -> Verdict:
    asked = admission.verdict
    return Verdict(
        max(asked.action, verdict.action),
        verdict.text,
        asked.findings + verdict.findings,
        asked.errors + verdict.errors,
    )


def _found(line: dict[str, Any]) -> bool:
    return bool(line["findings"] or line["errors"])


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        if not sys.stdin:
            raise InputError("standard input is closed; name a file, or give it something to read")
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from None
    with stream:
        yield stream


@contextmanager
def _bar(stream: BinaryIO) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    status = os.fstat(stream.fileno())
    total = status.st_size if stat.S_ISREG(status.st_mode) else None
    # On one terminal rich writes our lines above the bar; elsewhere they are not its to take.
    shared = sys.stdout.isatty()
    with Progress(console=Console(stderr=True), redirect_stdout=shared) as bar:
        task = bar.add_task("scanning", total=total)
        yield lambda size: bar.advance(task, size)

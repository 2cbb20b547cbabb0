"""`guardrail serve`: the proxy, in front of an upstream or of the demo's own model."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from guardrail.errors import InputError
from guardrail.guard import Guard
from guardrail.policy import upstreams
from guardrail.upstream import Upstream
from guardrail.workers import keep

__all__ = ["serve"]

# What a worker may take beyond the time that its answers have.
_MORE = 5


def serve(
    policy: Annotated[Path, typer.Option(metavar="P", help="Policy file.")],
    upstream: Annotated[
        str | None, typer.Option(metavar="URL", help="Base of the API, with or without /v1.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="H", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port; 0: any.")] = 8000,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Processes that share the port.")
    ] = 1,
) -> None:
    """Guard an OpenAI- or Anthropic-compatible API; without an upstream, the demo's model."""
    try:
        from guardrail.proxy import GRACE, create, listening
        from guardrail.proxy import serve as run
    except ImportError:
        raise InputError("serve needs more: pip install 'leakrail[proxy]'") from None

    with (
        Guard.from_policy(policy) as guard,
        _guarded(policy, upstream) as (names, ups),
        listening(host, port) as listener,
    ):
        if workers > 1:
            _counts_together(guard, policy, workers)

        def ready() -> None:
            typer.echo(f"guarding {names} at {_address(listener)}")

        if workers == 1:
            run(create(guard, ups), listener, ready=ready)
        else:
            ready()
            keep(workers, _work, policy, ups, listener, grace=GRACE + _MORE)


def _counts_together(guard: Guard, policy: Path, workers: int) -> None:
    """Raises `InputError` where each process would count by itself what somebody asks and reads."""
    limits = guard.limits
    if limits is None or not (limits.rules or guard.budgets or guard.watch):
        return
    if not limits.history.waits:
        hint = "for several workers take a store: sqlite:FILE or redis://HOST:PORT"
        raise InputError(f"{policy} counts in the memory of each process; {hint}")
    if limits.history.replicas < workers:
        why = "while the store does not answer, each has a part of what may be asked and read"
        raise InputError(
            f"{policy}: for {workers} workers set replicas of [limits] to {workers} or more; {why}"
        )


def _work(policy: Path, ups: Sequence[Upstream], listener: socket.socket) -> None:
    from guardrail.proxy import create
    from guardrail.proxy import serve as run

    with Guard.from_policy(policy) as guard:
        run(create(guard, ups), listener, ready=lambda: None)


def _address(listener: socket.socket) -> str:
    name, port = listener.getsockname()[:2]
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


@contextmanager
def _guarded(policy: Path, url: str | None) -> Iterator[tuple[str, tuple[Upstream, ...]]]:
    """What is guarded, in words and as upstreams."""
    known = upstreams(policy) if url is None else (Upstream(url=url),)
    if known:
        yield " and ".join(one.url for one in known), known
        return
    from guardrail.demo import served

    with served() as own:
        yield "the demo's model", (Upstream(url=own),)

"""What a prompt wants: training of the layers that tell, and how well they do."""

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str]) -> None:
    """See `benchmarks.intent.run`, which patterns and data do not need."""
    from benchmarks.intent.run import main as run

    run(arguments)

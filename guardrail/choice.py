"""What a setting may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized

from guardrail.errors import PolicyError

__all__ = ["apart", "one_of", "rooted", "some"]


def one_of(what: str, value: object, known: Sequence[str]) -> None:
    """Raises `PolicyError` for a value that is not known."""
    if value not in known:
        raise PolicyError(f"{what} is {value!r}; known: {', '.join(known)}")


def some(what: str, names: Sized) -> None:
    """Raises `PolicyError` for an empty list, which would hold for nothing at all."""
    if not names:
        raise PolicyError(f"{what} is empty; leave it out for all")


def rooted(what: str, paths: Iterable[str]) -> None:
    """Raises `PolicyError` for a pattern of paths that no request can have."""
    for path in paths:
        if not path.startswith(("/", "*")):
            hint = "a path begins with / or *"
            raise PolicyError(f"{what} has {path!r}, which fits no request; {hint}")


def apart(what: str, names: Iterable[str]) -> None:
    """Raises `PolicyError` where two have the same name."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PolicyError(f"two {what} have the id {name!r}; give each its own")
        seen.add(name)

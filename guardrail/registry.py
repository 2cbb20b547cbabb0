"""Detectors by name: the entry points `guardrail.detectors` of every installed distribution."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module, metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import to_json

from guardrail.errors import PolicyError
from guardrail.types import Detector

__all__ = ["GROUP", "complaint", "factory", "load", "names", "options"]

GROUP = "guardrail.detectors"

_OWN = "leakrail"
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_BUILT_INS = "detectors"


def names() -> tuple[str, ...]:
    """The detectors that are installed, in order."""
    return tuple(sorted({entry.name for entry in metadata.entry_points(group=GROUP)}))


def load(name: str, options: Mapping[str, Any], base: Path) -> Detector:
    """Make a detector; options are its keyword parameters, relative paths lie in `base`.

    Raises `PolicyError` for an unknown or doubtful name and for options that do not fit.
    """
    made = factory(name)
    chosen = _checked(name, made, options)
    placed = {
        key: base / value if isinstance(value, Path) else value for key, value in chosen.items()
    }
    try:
        return cast(Detector, made(**placed))
    except (ImportError, OSError, ValueError) as error:
        raise PolicyError(f"detector {name!r}: {error}") from error


def options(made: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """The type of each option of what makes a detector, and its default; `...` if it has none."""
    hints = get_type_hints(made.__init__ if inspect.isclass(made) else made)
    return {
        key: (hints.get(key, Any), ... if one.default is one.empty else one.default)
        for key, one in inspect.signature(made).parameters.items()
    }


def complaint(
    error: ValidationError,
    known: Iterable[str],
    within: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> str:
    """The first thing wrong with a table, in one line; `within` knows the keys of its tables."""
    found = error.errors(include_url=False, include_input=False)
    # A misspelt key is told before the one that is missing for it.
    first = min(found, key=lambda one: one["type"] not in _UNKNOWN)
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] in _UNKNOWN:
        table = ".".join(part for part in first["loc"][:-1] if isinstance(part, str))
        names = within[table] if table else known
        return f"no key {key!r}; known: {', '.join(sorted(names))}"
    if first["type"] == "missing":
        return f"{key} is missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key}: {message[:1].lower()}{message[1:]}"


def factory(name: str) -> Callable[..., Any]:
    """What makes a detector; raises `PolicyError` for an unknown or doubtful name."""
    entries = [entry for entry in metadata.entry_points(group=GROUP) if entry.name == name]
    if not entries:
        raise PolicyError(f"no detector named {name!r}; known: {', '.join(names())}")
    if len({entry.value for entry in entries}) > 1:
        owners = sorted(entry.dist.name for entry in entries if entry.dist is not None)
        raise PolicyError(f"detector {name!r} comes from {' and '.join(owners)}; uninstall one")
    entry = entries[0]
    if entry.module.partition(".")[0] == _BUILT_INS:
        _own()
    try:
        return cast(Callable[..., Any], entry.load())
    except ImportError as error:
        raise PolicyError(f"detector {name!r} cannot be imported: {error}") from None


def _own() -> None:
    # An unrelated distribution installs a package of the same name over ours.
    if getattr(import_module(_BUILT_INS), "OWNER", None) == _OWN:
        return
    owners = set(metadata.packages_distributions().get(_BUILT_INS, ())) - {_OWN}
    other = " and ".join(sorted(owners)) or "another distribution"
    fix = f"`pip uninstall {other}`, then `pip install --force-reinstall --no-deps {_OWN}`"
    raise PolicyError(f"{other} has overwritten the package `{_BUILT_INS}`: {fix}")


def _checked(name: str, made: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    fields: Any = options(made)
    model: type[BaseModel] = create_model(
        "Options", __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=True), **fields
    )
    try:
        # As a policy: strictly, but for lists, which in JSON stand for tuples and sets.
        told = to_json(given, inf_nan_mode="constants")
        checked = model.model_validate_json(told, strict=True)
    except ValidationError as error:
        raise PolicyError(f"options of {name!r}: {complaint(error, fields)}") from None
    return {key: getattr(checked, key) for key in checked.model_fields_set}

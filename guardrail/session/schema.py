"""What the rows of a tabular endpoint look like, and how far two values are the same."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from numbers import Real
from typing import Any, ClassVar, Literal, get_args

from guardrail.choice import apart, one_of
from guardrail.errors import InputError, PolicyError

__all__ = ["Attribute", "Schema", "quantiles"]

Kind = Literal["numeric", "categorical", "ignored"]

_MOST = 120
_MISSING = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A `[[tabular.attribute]]` of a policy: a column, and which of its values are the same.

    A `numeric` one is cut in bins of a `width`, or at `edges`, each the beginning of a bin; see
    `quantiles`. A `categorical` one takes its `values` alone, where they are given; numbers and
    texts in them are told apart. What is `ignored` may be anything: only what the model does not
    use. A value may be missing (None or NaN). Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    kind: Kind = "categorical"
    width: float | None = None
    edges: tuple[float, ...] = ()
    values: tuple[str | float, ...] = ()

    def __post_init__(self) -> None:
        what = f"attribute {self.name!r}"
        if not self.name:
            raise PolicyError("an attribute needs a name")
        one_of(f"{what}: kind", self.kind, get_args(Kind))
        if self.kind != "numeric" and (self.width is not None or self.edges):
            raise PolicyError(f"{what}: width and edges are for numeric ones")
        if self.kind != "categorical" and self.values:
            raise PolicyError(f"{what}: values are for categorical ones")
        if self.kind == "numeric":
            self._check_bins(what)

    def _check_bins(self, what: str) -> None:
        if (self.width is None) == (not self.edges):
            raise PolicyError(f"{what}: give either a width or edges")
        if self.width is not None and not 0 < self.width < math.inf:
            raise PolicyError(f"{what}: width must be a number above 0")
        rising = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        if not rising or not all(map(math.isfinite, self.edges)):
            raise PolicyError(f"{what}: edges must be numbers that rise")

    @property
    def bins(self) -> int:
        """How many different values there are, missing ones aside; 0 where that is not said."""
        return len(self.values) or (len(self.edges) + 1 if self.edges else 0)

    def bin(self, value: object) -> str:
        """What stands for a value, and for all that are the same; raises `InputError`."""
        number = _number(value)
        if value is None or (number is not None and math.isnan(number)):
            return _MISSING
        if self.kind == "numeric":
            if number is None:
                raise InputError(f"attribute {self.name!r} must be a number")
            return self._bin(number)
        if number is None and not isinstance(value, str):
            raise InputError(f"attribute {self.name!r} must be a text or a number")
        if self.values and value not in self.values:
            raise InputError(f"attribute {self.name!r} has a value that the schema does not know")
        return f"text {value}" if number is None else f"number {number!r}"

    def _bin(self, number: float) -> str:
        if self.width is None:
            return str(bisect_right(self.edges, number))
        place = number / self.width
        return str(math.floor(place) if math.isfinite(place) else place)


class Schema:
    """The attributes of a row, in the order in which a row without names has them.

    At most 120 of them are not ignored. `form` tells one schema from another. Raises `PolicyError`.
    """

    def __init__(self, attributes: Iterable[Attribute]) -> None:
        self.attributes = tuple(attributes)
        apart("attributes", (one.name for one in self.attributes))
        self.counted = tuple(one for one in self.attributes if one.kind != "ignored")
        if not 1 <= len(self.counted) <= _MOST:
            raise PolicyError(f"a schema needs 1 to {_MOST} attributes that are not ignored")
        self.form = sha256(repr(self.counted).encode()).hexdigest()
        self._names = frozenset(one.name for one in self.attributes)

    def binned(self, row: Any) -> tuple[str, ...]:
        """The bins of a row, a mapping or a sequence; raises `InputError`, which tells no value."""
        named = row if isinstance(row, Mapping) else self._named(row)
        told = set(named)
        if told != self._names:
            missing = sorted(self._names - told)
            raise InputError(
                f"a row lacks {', '.join(missing)}"
                if missing
                else "a row has attributes that the schema does not know"
            )
        return tuple(one.bin(named[one.name]) for one in self.counted)

    def _named(self, row: Any) -> Mapping[str, Any]:
        if isinstance(row, str | bytes) or not hasattr(row, "__len__"):
            raise InputError("a row must be a mapping or a sequence")
        if len(row) != len(self.attributes):
            raise InputError(f"a row must have {len(self.attributes)} values, not {len(row)}")
        return {one.name: value for one, value in zip(self.attributes, row, strict=True)}


def quantiles(values: Sequence[float], bins: int = 8) -> tuple[float, ...]:
    """The edges of bins that hold equally many of the values; fewer where values repeat."""
    ranked = sorted(value for value in map(float, values) if math.isfinite(value))
    if not ranked:
        raise InputError("quantiles need values")
    cuts = {ranked[len(ranked) * cut // bins] for cut in range(1, bins)}
    # An edge begins a bin: at the least value none would be left of it.
    return tuple(sorted(cuts - {ranked[0]})) or (ranked[-1],)


def _number(value: object) -> float | None:
    if not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value == abs(value) else -math.inf

"""Answers to requests in no provider's form, each of which may be in one all the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guardrail.wire.checks import Asked, Checks, Delta, Pair, Shape, WireError
from guardrail.wire.checks import Events as AnyEvents
from guardrail.wire.events import Events
from guardrail.wire.leaves import load
from guardrail.wire.plain import Plain

__all__ = ["Either"]


class Either(Plain):
    """An answer in the `form` of its path, where it is in that, or else in none, as its request."""

    def __init__(self, form: Shape) -> None:
        super().__init__()
        self._form = form

    def whole(self, body: Any, checks: Checks) -> Any:
        return (
            self._form.whole(body, checks) if _in(self._form, body) else super().whole(body, checks)
        )

    def events(self, asked: Asked, checks: Checks) -> AnyEvents:
        return _Events(self._form, asked, checks)


class _Events:
    """Events in the form that the first of them is in."""

    delta: Delta | None = None

    def __init__(self, form: Shape, asked: Asked, checks: Checks) -> None:
        self._form, self._asked, self._checks = form, asked, checks
        self._inner: AnyEvents = Events(checks)
        self._begun = self._formed = False

    @property
    def done(self) -> bool:
        return self._inner.done

    @property
    def ended(self) -> bool:
        return self._inner.ended

    def event(self, name: str | None, data: str) -> Iterable[Pair]:
        if not self._formed and _in(self._form, _loaded(data)):
            if self._begun:
                raise WireError("an event in a provider's form among others")
            self._formed = True
            self._inner = self._form.events(self._asked, self._checks)
        self._begun = True
        return self._inner.event(name, data)

    def close(self) -> Iterable[Pair]:
        return self._inner.close()

    def refuse(self) -> Iterable[Pair]:
        return self._inner.refuse()

    def fail(self) -> Iterable[Pair]:
        return self._inner.fail()


def _in(form: Shape, body: Any) -> bool:
    return isinstance(body, dict) and form.tells(body)


def _loaded(data: str) -> Any:
    try:
        return load(data)
    except WireError:
        return None

"""The policy file: TOML, checked by pydantic, made into rules."""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from guardrail import registry
from guardrail.disclosure import Disclosure
from guardrail.errors import GuardrailError, PolicyError
from guardrail.rule import Hold, Mode, Rule
from guardrail.surface import Surface
from guardrail.types import Action, Direction
from guardrail.upstream import Upstream

__all__ = ["Policy", "RuleTable", "load", "upstreams"]


def _action(name: object) -> Action:
    known = [str(action) for action in Action]
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"no action {name!r}; known: {', '.join(known)}")
    return Action[name.upper()]


Named = Annotated[Action, BeforeValidator(_action)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RuleTable(_Table):
    """One `[[rule]]`: which detector, where it looks, what to do."""

    use: str
    id: str | None = None
    on: Direction = "output"
    action: Named = Action.REDACT
    min_score: float = 0.0
    timeout: float | None = None
    tighten: float = 0.0
    options: dict[str, Any] = {}


class Policy(_Table):
    """A policy file, version 1."""

    version: Literal[1]
    owner: str = Field(min_length=1)
    on_error: Named = Action.REFUSE
    refusal: str = "I can't share that."
    redaction: str = "[redacted]"
    mode: Mode = "enforce"
    stream: Hold = "settled"
    max_chars: int = 1_000_000
    rule: list[RuleTable] = []
    disclosure: Disclosure = Disclosure()
    http: Surface = Surface()
    upstream: list[Upstream] = []


def load(path: str | os.PathLike[str]) -> tuple[tuple[Rule, ...], dict[str, Any]]:
    """The rules of a policy file, and the other arguments of its `Guard`.

    Raises `PolicyError`, which names the file, the key and what is known.
    """
    file = Path(path)
    policy = _parsed(file)
    rules = tuple(_rule(file, table) for table in policy.rule)
    return rules, {
        "owner": policy.owner,
        "on_error": policy.on_error,
        "refusal": policy.refusal,
        "redaction": policy.redaction,
        "mode": policy.mode,
        "hold": policy.stream,
        "max_chars": policy.max_chars,
        "disclosure": policy.disclosure,
        "surface": policy.http,
    }


def upstreams(path: str | os.PathLike[str]) -> tuple[Upstream, ...]:
    """Where the proxy's requests go, by a policy file; raises `PolicyError`."""
    return tuple(_parsed(Path(path)).upstream)


def _parsed(file: Path) -> Policy:
    try:
        with file.open("rb") as stream:
            table = tomllib.load(stream)
    except FileNotFoundError:
        raise PolicyError(f"no policy at {file}") from None
    except OSError as error:
        raise PolicyError(f"cannot read {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file} is not TOML: {error}") from None
    try:
        return Policy(**table)
    except ValidationError as error:
        tables = {
            "rule": RuleTable.model_fields,
            "disclosure": [one.name for one in fields(Disclosure)],
            "http": [one.name for one in fields(Surface)],
            "upstream": [one.name for one in fields(Upstream)],
        }
        wrong = registry.complaint(error, Policy.model_fields, tables)
        raise PolicyError(f"{file}: {wrong}") from None
    except PolicyError as error:
        raise PolicyError(f"{file}: {error}") from None


def _rule(file: Path, table: RuleTable) -> Rule:
    name = table.use if table.id is None else table.id
    try:
        detector = registry.load(table.use, table.options, file.parent)
        return Rule(
            detector,
            id=name,
            on=table.on,
            action=table.action,
            min_score=table.min_score,
            timeout=table.timeout,
            tighten=table.tighten,
        )
    except GuardrailError as error:
        raise PolicyError(f"{file}: rule {name!r}: {error}") from None

"""The policy file: TOML, checked by pydantic, made into rules."""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from guardrail import registry
from guardrail.corpus.fingerprint import Key
from guardrail.disclosure import Disclosure, Scores
from guardrail.errors import GuardrailError, PolicyError
from guardrail.rows import Rows
from guardrail.rule import LONGEST, Hold, Mode, Rule
from guardrail.session.access import Access, Grant
from guardrail.session.budget import Budget, Budgets
from guardrail.session.claims import Claims
from guardrail.session.history import History
from guardrail.session.identity import Identification, Missing
from guardrail.session.limits import Limit, Limits
from guardrail.session.nudging import Nudge
from guardrail.session.opening import MEMORY, open_store
from guardrail.session.probing import Probing, Watch
from guardrail.session.schema import Attribute, Schema
from guardrail.sketch import Sketcher
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
    model_config = ConfigDict(extra="forbid")


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


class ClaimsTable(_Table):
    """The `[identity.claims]` table: see `Claims`."""

    key_file: str
    algorithm: str
    issuer: str | None = None
    audience: str | None = None
    claim: str = "sub"
    grants: str | None = None
    leeway: float = Field(default=30.0, ge=0, allow_inf_nan=False)


class IdentityTable(_Table):
    """The `[identity]` table: see `Identification`."""

    subject: str | None = None
    grants: str | None = None
    trusted_proxies: list[str] = []
    claims: ClaimsTable | None = None
    tokens: bool = False
    missing: Missing = "anonymous"
    challenge: str = "Bearer"
    clearance: str | None = None


class AccessTable(_Table):
    """The `[access]` table: who may ask and read what; once it is there, all else is denied."""

    rule: list[Grant] = []


class LimitsTable(_Table):
    """The `[limits]` table: limits, leak budgets, probing, and the store of who asked what.

    A store outside of this process needs a key, by which identities are hidden in it. `timeout` is
    in seconds, by default 0.05 for a server and 1 for a file; `replicas` says how many processes
    share the store, and each other's part while it does not answer.
    """

    store: str = MEMORY
    key_file: str | None = None
    key_env: str | None = None
    timeout: float | None = Field(default=None, gt=0, le=LONGEST)
    replicas: int = Field(default=1, ge=1)
    rule: list[Limit] = []
    budget: list[Budget] = []
    probing: Probing | None = None


class TabularTable(_Table):
    """The `[tabular]` table: see `Rows`; what was asked is kept in the store of `[limits]`."""

    scores: Scores = "bands"
    per: str = "7 days"
    attribute: list[Attribute]
    nudging: list[Nudge] = [Nudge()]


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
    max_messages: int = 10_000
    rule: list[RuleTable] = []
    disclosure: Disclosure = Disclosure()
    http: Surface = Surface()
    identity: IdentityTable = IdentityTable()
    access: AccessTable | None = None
    limits: LimitsTable | None = None
    tabular: TabularTable | None = None
    upstream: list[Upstream] = []


def load(path: str | os.PathLike[str]) -> tuple[tuple[Rule, ...], dict[str, Any]]:
    """The rules of a policy file, and the other arguments of its `Guard`.

    Raises `PolicyError`, which names the file, the key and what is known.
    """
    file = Path(path)
    policy = _parsed(file)
    rules = tuple(_rule(file, table) for table in policy.rule)
    kept = {} if policy.limits is None else _kept(file, policy.limits)
    return rules, {
        "owner": policy.owner,
        "on_error": policy.on_error,
        "refusal": policy.refusal,
        "redaction": policy.redaction,
        "mode": policy.mode,
        "hold": policy.stream,
        "max_chars": policy.max_chars,
        "max_messages": policy.max_messages,
        "disclosure": policy.disclosure,
        "surface": policy.http,
        "identification": _identification(file, policy.identity),
        "access": None if policy.access is None else Access(policy.access.rule),
        "rows": None if policy.tabular is None else _rows(file, policy.tabular, kept),
        **kept,
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
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{file} is not TOML: {error}") from None
    try:
        # Strictly, but for lists, which in JSON stand for tuples and sets.
        return Policy.model_validate_json(to_json(table, inf_nan_mode="constants"), strict=True)
    except ValidationError as error:
        tables = {
            "rule": RuleTable.model_fields,
            "disclosure": [one.name for one in fields(Disclosure)],
            "http": [one.name for one in fields(Surface)],
            "identity": IdentityTable.model_fields,
            "identity.claims": ClaimsTable.model_fields,
            "access": AccessTable.model_fields,
            "access.rule": [one.name for one in fields(Grant)],
            "limits": LimitsTable.model_fields,
            "limits.rule": [one.name for one in fields(Limit)],
            "limits.budget": [one.name for one in fields(Budget)],
            "limits.probing": [one.name for one in fields(Probing)],
            "tabular": TabularTable.model_fields,
            "tabular.attribute": [one.name for one in fields(Attribute)],
            "tabular.nudging": [one.name for one in fields(Nudge)],
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
    except GuardrailError as error:
        raise PolicyError(f"{file}: rule {name!r}: {error}") from None
    try:
        return Rule(
            detector,
            id=name,
            on=table.on,
            action=table.action,
            min_score=table.min_score,
            timeout=table.timeout,
            tighten=table.tighten,
        )
    except PolicyError as error:
        raise PolicyError(f"{file}: {error}") from None


def _identification(file: Path, table: IdentityTable) -> Identification:
    told = table.claims
    try:
        claims = None
        if told is not None:
            options = told.model_dump(exclude={"key_file"})
            claims = Claims(file.parent / told.key_file, **options)
        return Identification(
            subject=table.subject,
            grants=table.grants,
            trusted_proxies=tuple(table.trusted_proxies),
            claims=claims,
            tokens=table.tokens,
            missing=table.missing,
            challenge=table.challenge,
            clearance=table.clearance,
        )
    except PolicyError as error:
        raise PolicyError(f"{file}: identity: {error}") from None


def _kept(file: Path, table: LimitsTable) -> dict[str, Any]:
    beside = None if table.key_file is None else file.parent / table.key_file
    try:
        key = Key.configured(beside, table.key_env)
        if key is None and table.store != MEMORY:
            raise PolicyError("a store that others can read needs key_file or key_env")
        store = open_store(table.store, base=file.parent, timeout=table.timeout)
        own = _of_this_process() if key is None else key
        history = History(
            store,
            secret=own.derive("limits", 32),
            replicas=table.replicas,
            place=(table.store, None if table.store == MEMORY else table.timeout, key),
        )
        budgets = Budgets(table.budget, history) if table.budget else None
        watch = None
        if table.probing is not None:
            watch = Watch(table.probing, history, Sketcher(own.derive("probing", 32)))
        return {"limits": Limits(table.rule, history), "budgets": budgets, "watch": watch}
    except GuardrailError as error:
        raise PolicyError(f"{file}: limits: {error}") from None


def _rows(file: Path, table: TabularTable, kept: dict[str, Any]) -> Rows:
    limits: Limits = (kept or _kept(file, LimitsTable()))["limits"]
    try:
        return Rows(
            Schema(table.attribute),
            limits.history,
            nudging=table.nudging,
            scores=table.scores,
            per=table.per,
        )
    except PolicyError as error:
        raise PolicyError(f"{file}: tabular: {error}") from None


@cache
def _of_this_process() -> Key:
    """A key for what is kept no longer than the process, whatever is loaded in it."""
    return Key.generate()

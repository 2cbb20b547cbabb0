"""The vocabulary: what a detector finds, what a guard decides, and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from guardrail.session.owed import Owed
    from guardrail.text import Text

__all__ = [
    "CARRIED",
    "Action",
    "Admission",
    "Context",
    "Detector",
    "Direction",
    "Finding",
    "Identity",
    "Message",
    "Scanner",
    "Source",
    "Unit",
    "Verdict",
]

Direction = Literal["prompt", "output"]
Unit = Literal["words", "fields"]

CARRIED = "said before"
"""The last reason of a finding that a message gives only together with earlier ones."""


class Action(IntEnum):
    """What to do about a finding; ordered, and the strictest decides."""

    ALLOW = 0
    FLAG = 1
    REDACT = 2
    THROTTLE = 3
    CHALLENGE = 4
    REFUSE = 5

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who will read the answer."""

    subject: str = "anonymous"
    token: str | None = field(default=None, repr=False)
    network: str | None = None
    grants: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not isinstance(self.subject, str):
            raise TypeError("the subject of an Identity must be a string: Identity('alice')")
        if isinstance(self.grants, str):
            raise TypeError("grants must be a set of names: frozenset({'board'})")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `reader` says who wrote it (default: role `user` did).

    What the reader wrote is an `echo` where an answer has it again, unless this says otherwise.
    """

    role: str
    content: str = field(repr=False)
    reader: bool | None = None
    echo: bool | None = None

    @property
    def from_reader(self) -> bool:
        return self.role == "user" if self.reader is None else self.reader

    @property
    def echoed(self) -> bool:
        return self.from_reader if self.echo is None else self.echo


@dataclass(frozen=True, slots=True)
class Context:
    """What the model was asked and by whom: a plain prompt, or messages, or both.

    A `model` whose name is blank is none. It counts for so many `queries`, which are let through
    all together or not at all. A `clearance` lifts what challenges them. In `notes` a detector may
    leave work on what was asked for its next text.
    """

    prompt: str | None = field(default=None, repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)
    identity: Identity = Identity()
    model: str | None = None
    request_id: str | None = None
    queries: int = 1
    clearance: str | None = field(default=None, repr=False)
    notes: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.prompt is not None and not isinstance(self.prompt, str):
            raise TypeError("the prompt must be a string; give a conversation as `messages`")
        if not isinstance(self.messages, (tuple, list)) or not all(
            isinstance(one, Message) for one in self.messages
        ):
            raise TypeError("messages must be a tuple of Message: (Message('user', 'a question'),)")
        if not isinstance(self.identity, Identity):
            raise TypeError("identity must be an Identity: Identity('alice')")
        if self.queries < 1:
            raise ValueError("a request counts for at least one of `queries`")
        if self.model is not None and not self.model.strip():
            object.__setattr__(self, "model", None)

    @property
    def turns(self) -> tuple[Message, ...]:
        """Every message; a plain prompt stands as the reader's last one."""
        if self.prompt is None:
            return self.messages
        return (*self.messages, Message("user", self.prompt))

    @property
    def supplied(self) -> tuple[str, ...]:
        """The only text that counts as an echo: what the reader wrote, if nothing else is said."""
        return tuple(turn.content for turn in self.turns if turn.echoed)

    @property
    def asked(self) -> Context:
        """The same for rules on prompts, to which what the reader writes is no echo."""
        told = tuple(replace(turn, echo=False) for turn in self.turns)
        return replace(self, prompt=None, messages=told)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a finding comes from: index, document id, sensitivity class and words matched.

    They stand among the `reach` words from number `place` on, of a document of `size` words; where
    that is not known, `place` is -1. `reach` is 0 where words of the document are not what was
    found. A record has `fields` in place of words. Who has one of `grants` may read it anyway.
    """

    index: str
    document: str
    sensitivity: str
    words: int
    place: int = -1
    reach: int = 0
    size: int = 0
    grants: tuple[str, ...] = ()
    unit: Unit = "words"

    def as_dict(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "document": self.document,
            "class": self.sensitivity,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A span `[start, end)` in code points of the text checked; never the text itself.

    `score` lies in [0, 1], 1 for an exact match. `discount` names why a match does not
    count (such as `echo` or `common`); it is empty for one that does. `reasons` may name what
    speaks for it.
    """

    start: int
    end: int
    kind: str
    score: float = 1.0
    rule: str = ""
    source: Source | None = field(default=None, compare=False)
    on: Direction = "output"
    message: int | None = field(default=None, compare=False)
    discount: str = ""
    reasons: tuple[str, ...] = field(default=(), compare=False)

    def as_dict(self) -> dict[str, Any]:
        line: dict[str, Any] = {
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
            "score": self.score,
            "rule": self.rule,
        }
        if self.source is not None:
            line["source"] = self.source.as_dict()
        if self.on == "prompt":
            line |= {"on": "prompt", "message": self.message}
        return line


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one text: action, text that is safe to show, findings, errors.

    `errors` name the rule and the kind of failure. `discounted` holds matches that were
    found and do not count, each with its reason.
    """

    action: Action
    text: str = field(repr=False)
    findings: tuple[Finding, ...] = ()
    errors: tuple[str, ...] = ()
    discounted: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "action": str(self.action),
            "text": self.text,
            "findings": [finding.as_dict() for finding in self.findings],
            "errors": list(self.errors),
        }


@dataclass(frozen=True, slots=True)
class Admission:
    """What `Guard.admit` returns: the verdict on the prompt and what it settled for the answer.

    `retry_after` is in seconds; `challenge` is what HTTP's `www-authenticate` asks for. By
    `tighten`, a share of it, each output rule's `min_score` is lowered for the answer. What of the
    answer is shown is charged to what is `owed`.
    """

    context: Context
    verdict: Verdict
    retry_after: float | None = None
    challenge: str = "Bearer"
    tighten: float = 0.0
    owed: Owed | None = field(default=None, repr=False)

    @property
    def action(self) -> Action:
        return self.verdict.action


class Detector(Protocol):
    """Finds, and nothing else: deterministic, stateless, linear in the text, without I/O.

    A detector may also offer `scanner(context) -> Scanner`; one that does not is re-run
    from its settled point while an answer streams. One that need not look at every chunk says
    how many characters it waits for, as `step`. One that no rule on answers can use says so, as
    `prompts_only`.
    """

    def find(self, text: Text) -> Iterable[Finding]:
        """Findings inside `text.raw`; those that start before `text.start` may be left out."""
        ...

    def settled(self, text: Text) -> int:
        """The offset before which no finding can start, vanish or change when text is appended."""
        ...


class Scanner(Protocol):
    """A detector at work on one answer; offsets count from the answer's beginning."""

    @property
    def settled(self) -> int:
        """The offset before which findings are final and have all been returned."""
        ...

    def feed(self, chunk: str) -> Iterable[Finding]:
        """Findings that became final with this chunk, each once."""
        ...

    def close(self) -> Iterable[Finding]:
        """The rest of the findings: the answer has ended."""
        ...

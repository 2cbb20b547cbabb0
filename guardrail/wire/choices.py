"""One choice of OpenAI's chat completions and legacy completions, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from guardrail.wire.calls import Call, told_calls
from guardrail.wire.checks import Channel, Checks, Json, StopError, WireError
from guardrail.wire.contents import SAID, content_of, pieces
from guardrail.wire.leaves import dump, safe
from guardrail.wire.strings import written

__all__ = ["TEXTS", "ChatChoice", "TextChoice"]

TEXTS = frozenset({"content", "refusal", "reasoning_content", "reasoning"})
_DELTA = TEXTS | {"role", "tool_calls", "function_call"}
# What comes in objects that are told once all of them are there.
_LISTS = frozenset({"annotations", "reasoning_details"})
_THOUGHTS, _PIECES = "reasoning_details", ("text", "summary")
_MOST_CALLS = 128


class ChatChoice:
    """The channels of one choice; `delta` gives what is safe to say now."""

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._checks = checks
        self._channels: dict[str, Channel] = {}
        self._calls: dict[int, Call] = {}
        self._identity: Any = None
        self._legacy: Call | None = None
        self._lists: dict[str, list[Json]] = {}
        self._size = 0
        self._begun = False
        self._refusal: Json = {}

    def delta(self, choice: Json) -> Json:
        told: Json = {}
        delta = choice.get("delta")
        if delta is None:
            return told
        if not isinstance(delta, dict):
            raise WireError("a delta is not an object")
        for key, value in delta.items():
            if value in (None, [], {}):
                # Known or not, nothing is said.
                told |= {key: value} if key in _DELTA else {}
            elif key == "role":
                self._begun = True
                told |= safe({key: value}, self._checks, {"role"})
            elif key in TEXTS:
                self._speak(told, key, value)
            elif key == "tool_calls":
                self._hold(value)
            elif key in _LISTS:
                self._gather(key, value)
            elif key == "function_call":
                self._legacy = self._legacy or Call()
                self._legacy.add({"function": value}, self._checks)
            else:
                self._checks.unknown(f"delta.{key}")
        return told

    def rest(self) -> Json:
        """What was held, once the choice has ended."""
        told: Json = {}
        for key, channel in self._channels.items():
            self._say(told, key, channel.close())
        try:
            numbers = sorted(self._calls)
            calls = told_calls((self._calls[number] for number in numbers), self._checks)
            legacy = told_calls(filter(None, [self._legacy]), self._checks)
            for key, pieces in self._lists.items():
                whole = _joined(pieces) if key == _THOUGHTS else pieces
                told |= safe({key: whole}, self._checks)
        except StopError:
            self._refusal = told | {"content": told.get("content", "") + self._checks.refusal}
            raise
        for one in legacy:
            told["function_call"] = one["function"]
        if calls:
            pairs = zip(numbers, calls, strict=True)
            told["tool_calls"] = [{"index": number} | call for number, call in pairs]
        return told

    def refusal(self) -> Iterator[Json]:
        """What is said where the choice is refused, after what was safe to say."""
        if not self._begun:
            yield {"role": "assistant"}
        yield {"content": self._checks.refusal} | self._refusal

    def cancel(self) -> None:
        for channel in self._channels.values():
            channel.cancel()

    def said(self, told: Json) -> Json:
        return {"delta": content_of(told)}

    def _speak(self, told: Json, key: str, value: Any) -> None:
        parts = key == SAID and isinstance(value, list)
        texts = pieces(value, self._checks) if parts else {key: written(value)}
        for name, text in texts.items():
            self._say(told, name, self._channel(name).feed(text))

    def _say(self, told: Json, key: str, text: str) -> None:
        if self._channels[key].refused:
            # The text ends in the refusal.
            self._refusal = told | {key: text}
            raise StopError
        if text:
            told[key] = text

    def _channel(self, key: str) -> Channel:
        if key not in self._channels:
            self._channels[key] = self._checks.channel()
        return self._channels[key]

    def _hold(self, calls: Any) -> None:
        if not isinstance(calls, list):
            raise WireError("tool_calls is not a list")
        for part in calls:
            number = self._number(part) if isinstance(part, dict) else None
            if not isinstance(number, int):
                raise WireError("a tool call is not an object")
            call = self._calls.setdefault(number, Call())
            if len(self._calls) > _MOST_CALLS:
                raise WireError("too many tool calls")
            call.add(part, self._checks)

    def _number(self, part: Json) -> Any:
        """Which call a part belongs to; where it does not say so, another id begins another."""
        identity, number = part.get("id"), part.get("index")
        another = bool(identity and self._calls) and identity != self._identity
        self._identity = identity or self._identity
        return max(self._calls, default=0) + another if number is None else number

    def _gather(self, key: str, value: Any) -> None:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise WireError(f"{key} is no list of objects")
        self._lists.setdefault(key, []).extend(value)
        self._size += len(dump(value))
        if self._size > self._checks.limit:
            raise WireError(f"{key} is too large")


def _joined(pieces: list[Json]) -> list[Json]:
    """Thoughts whose texts came in pieces, as a client joins them: by their kind and number."""
    told: list[list[Json]] = []
    places: dict[bytes, list[Json]] = {}
    last = b""
    for piece in pieces:
        place = dump([piece.get("type"), piece.get("index")])
        alone = "data" in piece or (piece.get("index") is None and place != last)
        if alone or place not in places:
            places[place] = []
            told.append(places[place])
        places[place].append(piece)
        last = place
    whole = [_whole(group) for group in told]
    numbered = all(isinstance(one.get("index"), int) for one in whole)
    return sorted(whole, key=itemgetter("index")) if numbered else whole


def _whole(pieces: list[Json]) -> Json:
    whole: Json = {}
    texts: dict[str, list[str]] = {}
    for piece in pieces:
        for key, value in piece.items():
            if key in _PIECES and isinstance(value, str):
                texts.setdefault(key, []).append(value)
            if value is not None or key not in whole:
                whole[key] = value
    return whole | {key: "".join(parts) for key, parts in texts.items()}


class TextChoice:
    """The one channel of a choice of legacy completions."""

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._refusal = checks.refusal
        self._channel = checks.channel()

    def delta(self, choice: Json) -> Json:
        return self._shown(self._channel.feed(written(choice.get("text"))))

    def rest(self) -> Json:
        return self._shown(self._channel.close())

    def refusal(self) -> Iterator[Json]:
        yield {"text": self._refusal}

    def cancel(self) -> None:
        self._channel.cancel()

    def said(self, told: Json) -> Json:
        return {"text": told.get("text", "")}

    def _shown(self, text: str) -> Json:
        if self._channel.refused:
            # The text ends in the refusal.
            self._refusal = text
            raise StopError
        return {"text": text} if text else {}

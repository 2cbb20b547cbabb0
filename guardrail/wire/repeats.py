"""Where an answer tells its text once more: as numbers of tokens, or by how likely they were."""

from __future__ import annotations

from typing import Any

__all__ = ["once_told", "tells_again"]

# In these a text is told once more, as the numbers of its tokens or by how likely they were.
_REPEATS = frozenset(
    {"token_ids", "prompt_token_ids", "output_token_ids", "output_ids", "prompt_logprobs"}
    | {"token_logprobs", "input_token_logprobs", "output_token_logprobs", "input_top_logprobs"}
    | {"output_top_logprobs", "completion_probabilities"}
)
# And in these, where they are lists of that.
_TOKENS = frozenset({"tokens", "prefill"})
_NAMED = _REPEATS | _TOKENS


def once_told(value: Any) -> Any:
    """The value without what tells a text once more."""
    return _without_repeats(value) if tells_again(value) else value


def _without_repeats(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_repeats(inner) for key, inner in value.items() if not _repeats(key, inner)
        }
    if isinstance(value, list):
        return [_without_repeats(inner) for inner in value]
    return value


def tells_again(value: Any) -> bool:
    """Whether somewhere in the value a text is told once more."""
    left = [value]
    while left:
        inner = left.pop()
        if isinstance(inner, dict):
            if any(_repeats(key, inner[key]) for key in _NAMED.intersection(inner)):
                return True
            left += inner.values()
        elif isinstance(inner, list):
            left += inner
    return False


def _repeats(key: str, value: Any) -> bool:
    if key not in _TOKENS or not isinstance(value, list):
        return key in _REPEATS
    return any(map(_token, value))


def _token(value: Any) -> bool:
    """Whether it is a token's number, several of them, or how likely one was."""
    if isinstance(value, list):
        return any(map(_token, value))
    return isinstance(value, int | float) or (isinstance(value, dict) and "logprob" in value)

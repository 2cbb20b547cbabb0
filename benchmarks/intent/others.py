"""What others' rules flag of our test prompts, and of ordinary ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.intent import prompts
from benchmarks.intent.measure import groups
from benchmarks.intent.prompts import Prompt
from benchmarks.quality.chance import exact
from benchmarks.quality.outsider import Outsider, present
from benchmarks.report import Value

__all__ = ["rows"]

_NAME = "LiteLLM, keyword policies"


def rows(*, every: int) -> list[dict[str, Value]]:
    """Shares that LiteLLM's keyword policies flag; none where its environment was not made."""
    if not present("litellm"):
        print("  skipped: LiteLLM's policies (make .venv-peers/litellm/made)", flush=True)
        return []
    print(f"  asking {_NAME}", flush=True)
    ask = Outsider("litellm", use="litellm_policies")
    ask.build([])
    test = prompts.test()
    attack = np.array([prompt.attack for prompt in test])
    hits = np.array([any(map(ask.query, _messages(prompt))) for prompt in test])
    found: list[dict[str, Value]] = []
    for group, mine in groups(test):
        row: dict[str, Value] = {"layer": _NAME, "of": group, "n": int((mine & attack).sum())}
        row |= _share(hits[mine & attack])
        row["twins"] = round(float(hits[mine & ~attack].mean()), 3)
        found.append(row)
    for origin, texts in prompts.benign("report").items():
        flagged = np.array([ask.query(text) for text in texts[::every]])
        row = {"layer": _NAME, "of": origin, "n": len(flagged)}
        found.append(row | _share(flagged))
    return found


def _share(hits: NDArray[np.bool_]) -> dict[str, Value]:
    low, high = exact(int(hits.sum()), len(hits))
    share = float(hits.mean())
    return {"flagged": round(share, 3), "low": round(low, 3), "high": round(high, 3)}


def _messages(prompt: Prompt) -> Sequence[str]:
    return [*(text for _, text in prompt.before), prompt.text]

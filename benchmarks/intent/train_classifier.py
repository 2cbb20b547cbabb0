"""Fine-tunes an encoder to a classifier of prompts, on CPU or on a GPU if there is one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.intent.judge import cutoffs
from benchmarks.intent.mixture import mixture
from benchmarks.intent.prompts import NONE, Prompt
from benchmarks.intent.train import CAUTION, RATE, ordinary
from guardrail.intent import INTENTS, Layer
from guardrail.intent.classifier import Classifier

__all__ = ["calibrated", "train_classifier", "tuned"]

_SEED = 1
_CLASSES = (NONE, *INTENTS)
_EPOCHS, _BATCH, _POOL = 1, 32, 50
_PACE, _WARM, _SLOWEST, _DECAY, _SMOOTHED, _CLIP = 5e-5, 200, 0.02, 0.01, 0.05, 1.0
_NEW = 10
"""How much faster that learns which begins by chance; all at one pace may learn nothing at all."""
_LONGEST, _MASKED = 96, 0.05
_FROZEN = 4
"""Layers from below that stay as they were: a quarter less to compute."""
_LINEAR = 2.0
"""How many times the log-odds of the linear model come to those of the network."""


def train_classifier(model: str, out: Path, linear: Layer) -> None:
    """Train on all that is for training, calibrate with the linear model, write a folder."""
    kept, weights = mixture()
    tuned(model, out, kept, weights)
    calibrated(out, linear)
    print(f"{len(kept)} prompts, written: {out.name}")


def calibrated(out: Path, linear: Layer) -> Classifier:
    """Add the linear model to a classifier in a folder, and set where 0.5 lies as that one does."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(out), local_files_only=True)
    config.intent_linear = _LINEAR
    config.save_pretrained(str(out))
    lines = cutoffs(Classifier(str(out), linear).margins(ordinary()).astype(np.float64), RATE)
    config.intent_shift = (-lines - np.log(CAUTION)).tolist()
    config.save_pretrained(str(out))
    return Classifier(str(out), linear)


def tuned(model: str, out: Path, kept: Sequence[Prompt], weights: Sequence[float]) -> None:
    """A classifier of which 0.5 lies where it fell, saved to a folder."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(_SEED)
    torch.set_flush_denormal(True)  # denormal numbers make training on a CPU five times slower
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # Where a CPU has no such numbers, training in them takes four times as long.
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    half = device == "cuda" or any(known.get(name) for name in ("avx512_bf16", "bf16"))
    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    network = AutoModelForSequenceClassification.from_pretrained(
        model,
        num_labels=len(_CLASSES),
        id2label=dict(enumerate(_CLASSES)),
        label2id={label: number for number, label in enumerate(_CLASSES)},
        local_files_only=True,
    ).to(device)
    # Rare words keep what they mean, and a step takes less.
    for part in (network.base_model.embeddings, *network.base_model.encoder.layer[:_FROZEN]):
        part.requires_grad_(requires_grad=False)
    ids = [tokenizer(p.text, truncation=True, max_length=_LONGEST)["input_ids"] for p in kept]
    truth = torch.tensor([_CLASSES.index(prompt.intent) for prompt in kept])
    each = torch.tensor(weights)
    steps = _EPOCHS * -(-len(kept) // _BATCH)
    optimizer = torch.optim.AdamW(_groups(network), lr=_PACE)
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / _WARM, max(_SLOWEST, (steps - s) / steps))
    )
    chance = random.Random(_SEED)
    network.eval()  # Masked words do what dropout would, which takes a quarter of the time.
    for rows in (rows for _ in range(_EPOCHS) for rows in _batches(ids, chance)):
        longest = max(len(ids[row]) for row in rows)
        given = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros_like(given)
        for place, row in enumerate(rows):
            shown = _masked(ids[row], tokenizer.mask_token_id, chance)
            given[place, : len(shown)], mask[place, : len(shown)] = torch.tensor(shown), 1
        with torch.autocast(device, torch.bfloat16, enabled=half):
            logits = network(input_ids=given.to(device), attention_mask=mask.to(device)).logits
        losses = torch.nn.functional.cross_entropy(
            logits.float(), truth[rows].to(device), label_smoothing=_SMOOTHED, reduction="none"
        )
        (losses * each[rows].to(device)).mean().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), _CLIP)
        optimizer.step()
        pace.step()
        optimizer.zero_grad(set_to_none=True)
    network.to("cpu").save_pretrained(str(out))
    tokenizer.save_pretrained(str(out))


def _groups(network: Any) -> list[dict[str, Any]]:
    """Matrices decay, biases and scales do not; what is new has a pace of its own."""
    known = {id(weight) for weight in network.base_model.encoder.parameters()}
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for weight in network.parameters():
        if weight.requires_grad:
            groups.setdefault((weight.ndim > 1, id(weight) in known), []).append(weight)
    return [
        {
            "params": weights,
            "weight_decay": _DECAY if matrices else 0.0,
            "lr": _PACE if old else _NEW * _PACE,
        }
        for (matrices, old), weights in groups.items()
    ]


def _batches(ids: Sequence[Sequence[int]], chance: random.Random) -> Iterator[list[int]]:
    """Rows of like length together, so that little is padding."""
    order = list(range(len(ids)))
    chance.shuffle(order)
    size = _BATCH * _POOL
    pools = (order[first : first + size] for first in range(0, len(order), size))
    ranked = [sorted(pool, key=lambda row: len(ids[row])) for pool in pools]
    made = [pool[n : n + _BATCH] for pool in ranked for n in range(0, len(pool), _BATCH)]
    chance.shuffle(made)
    return iter(made)


def _masked(ids: Sequence[int], mask: int, chance: random.Random) -> list[int]:
    inner = [mask if chance.random() < _MASKED else one for one in ids[1:-1]]
    return [ids[0], *inner, ids[-1]]

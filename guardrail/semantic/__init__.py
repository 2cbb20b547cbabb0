"""What passages of a private corpus mean, as sentence embeddings."""

from guardrail.semantic.encoder import Encoder, encoder
from guardrail.semantic.index import SemanticIndex
from guardrail.semantic.windows import Cutter, Window, windows

__all__ = ["Cutter", "Encoder", "SemanticIndex", "Window", "encoder", "windows"]

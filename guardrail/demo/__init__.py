"""A real model that memorised private documents, asked for them with and without the guard."""

from guardrail.demo.main import run, served

__all__ = ["run", "served"]

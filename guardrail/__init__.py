"""Stops a trained model from giving its private data back."""

__version__ = "0.1.0"

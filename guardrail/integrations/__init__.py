"""Thin doors for frameworks; each imports its own when it is imported, and no other."""

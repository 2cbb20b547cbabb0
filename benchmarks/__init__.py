"""Measurements: one module a question, seeded, each with a table on screen and JSON beside it."""

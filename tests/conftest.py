"""No test has a time limit: machines are shared, and speed is for the benchmarks."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

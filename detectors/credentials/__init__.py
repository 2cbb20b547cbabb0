"""Tables of credential formats, each row with its own hits and misses."""

from __future__ import annotations

from detectors.credentials.assigned import ASSIGNMENTS
from detectors.credentials.clouds import CLOUDS
from detectors.credentials.forges import FORGES
from detectors.credentials.format import Format
from detectors.credentials.generic import GENERIC
from detectors.credentials.keyblock import BLOCKS
from detectors.credentials.models import MODELS
from detectors.credentials.platforms import PLATFORMS
from detectors.credentials.services import SERVICES

__all__ = ["FORMATS", "Format"]

FORMATS = (*CLOUDS, *FORGES, *MODELS, *SERVICES, *PLATFORMS, *BLOCKS, *GENERIC, *ASSIGNMENTS)

"""Protected records as keyed hashes of their fields, and the fields that a text holds."""

from guardrail.records.forms import FieldType
from guardrail.records.index import RecordIndex
from guardrail.records.sources import rows

__all__ = ["FieldType", "RecordIndex", "rows"]

"""Clearances: signed tokens, each of which lifts a challenge once."""

from __future__ import annotations

import struct
import time
from hmac import compare_digest
from secrets import token_bytes
from typing import TYPE_CHECKING

from guardrail.session.gcra import Take
from guardrail.types import Context

if TYPE_CHECKING:
    # Who makes and takes them has it.
    from guardrail.session.history import History
    from guardrail.session.naming import Names
    from guardrail.session.store import Flow

__all__ = ["clearance", "clears"]

_NAME = "\0clearance"
_LIFE = 300
# Clocks may differ by as much as a clearance lives.
_LONGEST = 2 * _LIFE
# When it ends, what tells it from others of that second, and what signs both.
_TOKEN = struct.Struct(">Q8s16s")


def clearance(names: Names, context: Context) -> str:
    """A token for whoever is in a context, which ends in five minutes."""
    ends, mark = int(time.time()) + _LIFE, token_bytes(8)
    return _TOKEN.pack(ends, mark, _signed(names, context, ends, mark)).hex()


def clears(history: History, context: Context) -> Flow[bool]:
    """Whether the clearance in a context is one of theirs; from then on it is none."""
    signed = _believed(history.names, context)
    if signed is None:
        return False
    # One for which there is no room counts as used, and so does one whose store does not answer.
    once = Take(signed, interval=_LONGEST * 1_000_000, burst=1)
    (wait,), _, answered = yield from history.ask([once], ())
    return answered and not wait


def _believed(names: Names, context: Context) -> bytes | None:
    """What signs the clearance in a context, if it is for them, and now."""
    try:
        ends, mark, signed = _TOKEN.unpack(bytes.fromhex(context.clearance or ""))
    except (ValueError, struct.error):
        return None
    known = compare_digest(_signed(names, context, ends, mark), signed)
    return signed if known and 0 < ends - time.time() <= _LONGEST else None


def _signed(names: Names, context: Context, ends: int, mark: bytes) -> bytes:
    return names.whose(_NAME, ("identity",), context, str(ends), mark.hex())

"""Events that differ in what one string goes on to say, as one event that says all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guardrail.wire.checks import Delta, WireError
from guardrail.wire.frames import Frame

__all__ = ["joined", "string_after"]

# What means the same in a string of JSON whatever stands beside it: no half of an escape.
_PLAIN = r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt])*+'
_plain = re.compile(_PLAIN)


def string_after(key: str) -> Delta:
    """Finds such a string by the key that a pattern describes."""
    return re.compile(rf'{key}\s*:\s*"({_PLAIN})"')


def joined(frames: Iterable[Frame], delta: Delta | None) -> Iterator[Frame]:
    """The frames in order, where neighbours that differ in nothing but such a string are one."""
    held: _Held | None = None
    failed: WireError | None = None
    try:
        for frame in frames:
            if held is not None:
                if held.takes(frame, delta):
                    continue
                yield held.frame()
            held = _Held(frame)
    except WireError as error:
        failed = error
    if held is not None:
        yield held.frame()
    if failed is not None:
        raise failed


class _Held:
    """A frame, and what its neighbours go on to say; `around` is what they have in common."""

    __slots__ = ("_around", "_first", "_pieces")

    def __init__(self, frame: Frame) -> None:
        self._first = frame
        self._around: tuple[str, str] | None = None
        self._pieces: list[str] = []

    def takes(self, frame: Frame, delta: Delta | None) -> bool:
        """Whether this frame differs in the string alone."""
        if delta is None or frame.data is None or frame.event != self._first.event:
            return False
        if self._around is None:
            self._around = self._cut(delta)
        before, after = self._around
        begin, end = len(before), len(frame.data) - len(after)
        if begin == 0 or begin > end:
            return False
        if not (frame.data.startswith(before) and frame.data.endswith(after)):
            return False
        if _plain.fullmatch(frame.data, begin, end) is None:
            return False
        self._pieces.append(frame.data[begin:end])
        return True

    def frame(self) -> Frame:
        if self._around is None or not self._pieces:
            return self._first
        before, after = self._around
        return Frame(self._first.event, before + "".join(self._pieces) + after)

    def _cut(self, delta: Delta) -> tuple[str, str]:
        """What stands around the string, if there is one and no other."""
        data = self._first.data or ""
        found = delta.search(data)
        if found is None or delta.search(data, found.end()):
            return "", ""
        begin, end = found.span(1)
        self._pieces.append(data[begin:end])
        return data[:begin], data[end:]

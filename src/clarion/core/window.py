"""Weekly windows in somebody's wall time, and the instant that never comes."""

from __future__ import annotations

import msgspec

FOREVER = 2**62
"""An instant that never comes: the end of a mute or of a pause without one."""


class Window(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A weekly window in somebody's wall time. `days` are 0 (Monday) to 6, each the day on which
    the window begins; `start` and `end` are minutes of the day (0 to 1440). It goes over midnight
    when `end` <= `start`; equal ones are a whole day.
    """

    days: tuple[int, ...]
    start: int
    end: int

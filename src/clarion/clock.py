"""The only reader of time. Everything else takes `now` as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

SECOND = 1_000_000
"""Microseconds in a second; instants are int64 microseconds since the epoch, UTC."""

_FIRST = int(datetime.min.replace(tzinfo=UTC).timestamp())
_LAST = int(datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp())


class Clock(Protocol):
    """A source of instants (microseconds UTC) and of monotonic seconds."""

    def now(self) -> int: ...

    def monotonic_seconds(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1000

    def monotonic_seconds(self) -> float:
        return time.monotonic()


@lru_cache(maxsize=4096)
def to_rfc3339(instant: int) -> str:
    """Microseconds UTC -> `2026-01-02T03:04:05.678901Z`."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC).replace(microsecond=instant % SECOND)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_rfc3339(text: str) -> int:
    """RFC 3339 with an offset -> microseconds UTC; ValueError when it is none, has no offset, or
    the offset moves it out of the years 1 to 9999 (it could not be written down again)."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it as 2026-01-02T03:04:05Z")
    seconds = int(moment.replace(microsecond=0).timestamp())
    if not _FIRST <= seconds <= _LAST:
        raise ValueError(f"{text!r} is outside the calendar in UTC")
    return seconds * SECOND + moment.microsecond

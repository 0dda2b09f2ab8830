"""Instants and lengths of time in words, in the wall time of whoever they are about."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from clarion.core.schedule import DAY_US, SECOND_US

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SECONDS_SHOWN_US = 600 * SECOND_US
_WEEKDAY_ENOUGH_US = 6 * DAY_US
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_DAYS_FROM = 2 * 86_400


def instant_words(instant: int, zone: ZoneInfo, near: int | None = None) -> str:
    """`07:00 on 3 March (Europe/Berlin)`; with the year, unless it is that of the instant `near`.

    Seconds are told only where the two are so close that minutes would not tell them apart.
    """
    wall = _wall(instant, zone)
    year = "" if near is not None and _wall(near, zone).year == wall.year else f" {wall.year}"
    day = f"{wall.day} {MONTHS[wall.month - 1]}{year}"
    return f"{_clock(instant, wall, near)} on {day} ({zone.key})"


def weekday_words(instant: int, zone: ZoneInfo, now: int) -> str:
    """`07:00 on Tuesday (Europe/Berlin)`, where that is less than a week away; else the date."""
    if not now <= instant < now + _WEEKDAY_ENOUGH_US:
        return instant_words(instant, zone, now)
    wall = _wall(instant, zone)
    return f"{_clock(instant, wall, now)} on {WEEKDAYS[wall.weekday()]} ({zone.key})"


def span_words(seconds: int) -> str:
    """A length of time in the largest unit that divides it: `24 hours`, `7 days`, `90 minutes`."""
    for size, unit in _UNITS:
        if seconds % size == 0 and (size < _UNITS[0][0] or seconds >= _DAYS_FROM):
            count = seconds // size
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return f"{seconds} seconds"


def _wall(instant: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(instant // SECOND_US, zone)


def _clock(instant: int, wall: datetime, near: int | None) -> str:
    close = near is not None and abs(instant - near) < _SECONDS_SHOWN_US
    return f"{wall:%H:%M:%S}" if close and wall.second else f"{wall:%H:%M}"

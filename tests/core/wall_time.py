"""Zones whose clocks change in odd ways, their changes, and a slow walk along the local clock."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from clarion.core.preference_words import zones
from clarion.core.window import Window

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)

ODD_ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Vienna",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)
"""Changes at midnight, by half an hour, at Ramadan, by a whole day, and none at all."""


def utc(text: str) -> int:
    """`2026-03-29 01:00` in UTC as an instant."""
    return seconds_of(datetime.fromisoformat(text).replace(tzinfo=UTC)) * SECOND


def local(text: str, zone: ZoneInfo, fold: int = 0) -> int:
    """A wall time that exists as an instant."""
    return seconds_of(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)) * SECOND


def shown(instant: int, zone: ZoneInfo) -> str:
    """What the local clock shows: `Sun 2026-03-29 03:00`."""
    return datetime.fromtimestamp(instant // SECOND, zone).strftime("%a %Y-%m-%d %H:%M")


def seconds_of(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def offset_at(seconds: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(seconds, zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


@cache
def changes(name: str) -> tuple[int, ...]:
    """Instants from 2004 to 2034 at which the clock of a zone changes; 2026 began if it never does.

    Found by looking at each day and halving those whose ends differ.
    """
    zone, found = ZoneInfo(name), []
    first, last = utc("2004-01-01 00:00") // SECOND, utc("2034-01-01 00:00") // SECOND
    for day in range(first, last, 86_400):
        before, after = offset_at(day, zone), offset_at(day + 86_400, zone)
        if before != after:
            seconds = range(day, day + 86_400)
            into = bisect_left(seconds, True, key=lambda at: offset_at(at, zone) != before)
            found.append((day + into) * SECOND)
    return tuple(found) or (utc("2026-01-01 00:00"),)


class Walk:
    """A zone's clock, read minute by minute from an instant on.

    `highest` is the latest wall time shown so far, in minutes since 1970: it jumps over a gap and
    stands still while an hour is repeated, which is the whole rule for both.
    """

    def __init__(self, zone: ZoneInfo, begin: int, days: int) -> None:
        self.begin = begin
        warm_up = 2 * DAY
        first = (begin - warm_up) // SECOND
        count = days * 1440 + warm_up // MINUTE
        seconds = range(first, first + count * 60, 60)
        shown_minutes = ((at + offset_at(at, zone)) // 60 for at in seconds)
        self.highest = list(accumulate(shown_minutes, max))[warm_up // MINUTE :]

    def inside(self, windows: tuple[Window, ...]) -> list[bool]:
        """For each minute, whether it is in a window."""
        inside = [False] * len(self.highest)
        for day in range(self.highest[0] // 1440 - 2, self.highest[-1] // 1440 + 1):
            weekday = (date(1970, 1, 1) + timedelta(days=day)).weekday()
            for window in windows:
                if weekday not in window.days:
                    continue
                over_midnight = 1440 if window.end <= window.start else 0
                start = bisect_left(self.highest, day * 1440 + window.start)
                end = bisect_left(self.highest, day * 1440 + over_midnight + window.end)
                inside[start:end] = [True] * (end - start)
        return inside


def next_where(wanted: bool, inside: list[bool]) -> list[int | None]:
    """For each minute the next one (itself included) that is inside, or outside; None: unseen."""
    found: list[int | None] = []
    nearest: int | None = None
    for index in range(len(inside) - 1, -1, -1):
        nearest = index if inside[index] is wanted else nearest
        found.append(nearest)
    return found[::-1]


day_sets = st.just(EVERY_DAY) | st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple)
minutes = st.sampled_from([0, 15, 60, 90, 105, 120, 135, 150, 180, 1380, 1410]) | st.integers(
    0, 1439
)
windows = st.builds(Window, day_sets, minutes, minutes | st.just(1440))
window_lists = st.lists(windows, min_size=1, max_size=4, unique=True).map(tuple)
odd_zones = st.sampled_from(ODD_ZONES).map(ZoneInfo)
all_zones = st.deferred(lambda: st.sampled_from(sorted(zones()))).map(ZoneInfo)
instants = st.integers(utc("2000-01-01 00:00"), utc("2040-01-01 00:00"))


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[ZoneInfo, int]:
    """An odd zone and an instant within two days of a change of its clock."""
    name = draw(st.sampled_from(ODD_ZONES))
    change = draw(st.sampled_from(changes(name)))
    return ZoneInfo(name), change + draw(st.integers(-2 * DAY, 2 * DAY))

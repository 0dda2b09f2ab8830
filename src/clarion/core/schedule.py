"""Wall time and instants: quiet hours, send windows, legal hours, jitter.

Instants are int microseconds UTC, minutes are those of a local day. One rule for both changes of
the clock: a wall time is the first instant at which the local clock shows it or has gone past it.
So a time in a gap moves forward to the end of the gap, a repeated hour counts at its first
occurrence, and the order of wall times is kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from clarion.core.preference_words import zones as known_zones
from clarion.core.window import FOREVER, Window

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
DAY_MINUTES = 1440

LOOKED_AHEAD_DAYS = 16
"""How far openings are searched: two weeks, as a change of the clock can swallow one week's only
opening, and a margin for the zone."""

_LOOKED_BACK_DAYS = 3
_NEAR_DAYS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_UTC = ZoneInfo("UTC")

Span = tuple[int, int]
"""Begin (included) and end (excluded) of a time, as instants."""


class LegalHours(msgspec.Struct, frozen=True):
    """When the law lets marketing texts be sent, in the wall time of whoever gets them.

    The default is the federal rule of the United States, 47 CFR 64.1200(c)(1): not before 8 am, not
    after 9 pm at the called party's location. Stricter law is set by those who fall under it.
    """

    allowed: tuple[Window, ...] = (Window((0, 1, 2, 3, 4, 5, 6), 8 * 60, 21 * 60),)


@lru_cache(maxsize=1024)
def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name; None for None and for names that are not known."""
    return ZoneInfo(name) if name and name in known_zones() else None


@lru_cache(maxsize=4096)
def first_zone(*names: str | None) -> ZoneInfo:
    """The first known zone among the names (the user's, the tenant's), else UTC."""
    return next((zone for zone in map(zone_of, names) if zone is not None), _UTC)


def local_day(instant: int, zone: ZoneInfo) -> date:
    """The date that calendars in the zone show at the instant."""
    return datetime.fromtimestamp(instant // SECOND_US, zone).date()


@lru_cache(maxsize=16_384)
def instant_of(day: date, minute: int, zone: ZoneInfo) -> int:
    """The instant of a wall time; `minute` is 0 to 1440 (the next midnight).

    A time that the clock skips becomes the first valid instant after it, a time that it shows twice
    is the first of both.
    """
    seconds = (day.toordinal() - _EPOCH_ORDINAL) * 86_400 + minute * 60
    wall = _EPOCH.replace(tzinfo=zone) + timedelta(seconds=seconds)
    first, second = _offset(wall), _offset(wall.replace(fold=1))
    if first < second:
        return _end_of_gap(seconds, seconds - second, seconds - first, zone) * SECOND_US
    return (seconds - first) * SECOND_US


def quiet_until(windows: tuple[Window, ...], zone: ZoneInfo, now: int) -> int | None:
    """When the quiet time ends that `now` is in; None when it is in no window.

    Windows that overlap or follow on each other without a break are one quiet time. The begin of a
    window belongs to it, its end does not. FOREVER when nothing opens in LOOKED_AHEAD_DAYS: the
    windows close the whole week.
    """
    if not windows:
        return None
    for begin, end in _quiet_spans(windows, zone, now // DAY_US):
        if now < end:
            return end if begin <= now else None
    return None


def open_from(windows: tuple[Window, ...], zone: ZoneInfo, now: int) -> int | None:
    """The first instant, `now` or later, that is inside a window.

    None when there is none in LOOKED_AHEAD_DAYS, as without any window: whoever sets no windows is
    not to ask.
    """
    for begin, end in _open_spans(windows, zone, now // DAY_US):
        if now < end:
            return max(begin, now)
    return None


def sms_quiet_until(zones: tuple[ZoneInfo, ...], now: int, law: LegalHours) -> int | None:
    """When a marketing text may be sent; None when it may be sent now.

    `zones` holds the user's zone, or, where that is not known, every zone the user may be in: a
    text leaves when it is allowed in all of them. FOREVER when that is never so, or when no zone is
    given: nobody can tell what time it is there.
    """
    if not zones:
        return FOREVER
    at, last = now, now + LOOKED_AHEAD_DAYS * DAY_US
    while at <= last:
        opens = [open_from(law.allowed, zone, at) for zone in zones]
        latest = max(FOREVER if instant is None else instant for instant in opens)
        if latest == at:
            return None if at == now else at
        at = latest
    return FOREVER


def spread(seed: int | bytes, width_us: int) -> int:
    """Microseconds from 0 to below `width_us` (0 when that is not above 0), evenly spread over the
    seeds and always the same for one.

    Added to the end of a quiet time, it keeps all that was held from leaving in one second.
    """
    if width_us <= 0:
        return 0
    text = seed if isinstance(seed, bytes) else b"%d" % seed
    drawn = int.from_bytes(blake2b(text, digest_size=8).digest())
    return drawn * width_us >> 64


@lru_cache(maxsize=8192)
def _quiet_spans(windows: tuple[Window, ...], zone: ZoneInfo, day: int) -> tuple[Span, ...]:
    """Joined spans that touch the given day (since the epoch, UTC), each with its true end."""
    began, ended = day * DAY_US, (day + 1) * DAY_US
    near = [span for span in _spans(windows, zone, day, _NEAR_DAYS) if span[0] < ended]
    if near and near[-1][1] == FOREVER:
        near = [s for s in _spans(windows, zone, day, LOOKED_AHEAD_DAYS) if s[0] < ended]
    return tuple(span for span in near if span[1] > began)


@lru_cache(maxsize=8192)
def _open_spans(windows: tuple[Window, ...], zone: ZoneInfo, day: int) -> tuple[Span, ...]:
    spans = _spans(windows, zone, day, LOOKED_AHEAD_DAYS)
    return tuple(span for span in spans if span[1] > day * DAY_US)


def _spans(windows: tuple[Window, ...], zone: ZoneInfo, day: int, ahead: int) -> list[Span]:
    """Joined spans of the windows around a day; FOREVER ends one that might go on afterwards."""
    today = date.fromordinal(_EPOCH_ORDINAL + day)
    days = [today + timedelta(days=n) for n in range(-_LOOKED_BACK_DAYS, ahead)]
    found = (_span(window, at, zone) for at in days for window in windows if _begins(window, at))
    horizon = instant_of(today + timedelta(days=ahead), 0, zone)
    joined = _joined(sorted(found))
    return [(begin, FOREVER if end >= horizon else end) for begin, end in joined]


def _begins(window: Window, day: date) -> bool:
    return day.weekday() in window.days


def _span(window: Window, day: date, zone: ZoneInfo) -> Span:
    last = day if window.start < window.end else day + timedelta(days=1)
    return instant_of(day, window.start, zone), instant_of(last, window.end, zone)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order of their begin, without empty ones; what touches is one."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif begin < end:
            joined.append((begin, end))
    return joined


def _end_of_gap(wall: int, before: int, after: int, zone: ZoneInfo) -> int:
    """The first second after `before` whose wall time has reached `wall`; `after` is beyond it."""
    seconds = range(before, after)
    return before + bisect_left(seconds, wall, key=lambda at: at + _offset_at(at, zone))


def _offset_at(seconds: int, zone: ZoneInfo) -> int:
    return _offset(datetime.fromtimestamp(seconds, zone))


def _offset(wall: datetime) -> int:
    """Seconds that the wall clock is ahead of UTC."""
    offset = cast(timedelta, wall.utcoffset())
    return offset.days * 86_400 + offset.seconds

"""When a digest is due: windows, cron, cadences.

Everything is arithmetic over instants (int microseconds UTC).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim

from clarion.core.duration import LONGEST_SECONDS
from clarion.core.schedule import SECOND_US, instant_of, local_day

INSTANT, HOURLY, DAILY, WEEKLY = "instant", "hourly", "daily", "weekly"
CADENCES = (INSTANT, HOURLY, DAILY, WEEKLY)
"""What a person can choose, in order of their patience."""

_HOUR_US = 3600 * SECOND_US


class DigestTiming(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a digest step tells what it gathered. One of the three ways is set:

    - `window_seconds`: so long after the first event; with `most_seconds` so long after the last
      one, but not longer than that after the first;
    - `cron`: five fields, in the user's zone;
    - `cadence`: a word of CADENCES; with `by_user` it holds for those who chose none. `minute` of
      the day and `weekday` (0: Monday) are those of daily and weekly ones.

    `lead`: the first event goes on at once, only what follows is gathered.
    """

    window_seconds: int | None = None
    most_seconds: int | None = None
    cron: str | None = None
    cadence: str | None = None
    by_user: bool = False
    minute: int = 8 * 60
    weekday: int = 0
    lead: bool = False


class Due(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a digest closes: as things stand (`due`), and however many events join (`latest`).

    One of the past, after a change of the zone or of the cadence, means now.
    """

    due: int
    latest: int


def digest_due(
    timing: DigestTiming, zone: ZoneInfo, cadence: str | None, opened_at: int, now: int
) -> Due:
    """When the digest closes that opened at `opened_at` and is joined at `now`.

    `zone` is that of the user and `cadence` their choice (None, or a word that is not known: the
    step's). Only a sliding window moves with `now`: a worker that is late for a fire must not put
    the digest off to the next one because one more event came. It is never later than 366 days
    after opening.
    """
    if timing.window_seconds is not None:
        return _window_due(timing.window_seconds, timing.most_seconds, opened_at, now)
    last = opened_at + LONGEST_SECONDS * SECOND_US
    if timing.cron is None:
        fire = _next_of(_cadence(timing, cadence), timing, zone, opened_at)
    else:
        fire = next_fire(timing.cron, zone, opened_at) or last
    return Due(min(fire, last), min(fire, last))


@lru_cache(maxsize=4096)
def next_fire(cron: str, zone: ZoneInfo, after: int) -> int | None:
    """The first fire of a cron expression in the zone after an instant; None when there is none in
    50 years.

    The expression names wall times, and each fires at its instant (`instant_of`): in a gap when
    that ends, in a repeated hour once. `cronsim.CronSimError` when the expression is wrong, which
    `read_timing` finds out first.
    """
    # The library is handed wall times as if they were UTC: by a zone it can turn for ever around a
    # change that is not at a full hour (`45 */3 * * *` in Pacific/Chatham).
    wall = datetime.fromtimestamp(after // SECOND_US, zone).replace(tzinfo=UTC, fold=0)
    for fire in CronSim(cron, wall):
        instant = instant_of(fire.date(), fire.hour * 60 + fire.minute, zone)
        if instant > after:
            return instant
    return None


def _window_due(window_seconds: int, most_seconds: int | None, opened_at: int, now: int) -> Due:
    if most_seconds is None:
        closes = opened_at + window_seconds * SECOND_US
        return Due(closes, closes)
    latest = opened_at + most_seconds * SECOND_US
    return Due(min(now + window_seconds * SECOND_US, latest), latest)


def _cadence(timing: DigestTiming, chosen: str | None) -> str:
    if timing.by_user and chosen in CADENCES:
        return chosen
    return timing.cadence if timing.cadence in CADENCES else DAILY


def _next_of(cadence: str, timing: DigestTiming, zone: ZoneInfo, after: int) -> int:
    if cadence == INSTANT:
        return after
    if cadence == HOURLY:
        return _next_hour(zone, after)
    weekdays = (timing.weekday,) if cadence == WEEKLY else tuple(range(7))
    return _next_day(weekdays, timing.minute, zone, after)


def _next_hour(zone: ZoneInfo, after: int) -> int:
    """The next full hour on the local clock; never more than an hour away."""
    local = datetime.fromtimestamp(after // SECOND_US, zone)
    into_hour = (local.minute * 60 + local.second) * SECOND_US + after % SECOND_US
    return after - into_hour + _HOUR_US


def _next_day(weekdays: tuple[int, ...], minute: int, zone: ZoneInfo, after: int) -> int:
    """The first instant after `after` at that minute of a day that is one of the weekdays."""
    today = local_day(after, zone)
    days = (today + timedelta(days=ahead) for ahead in range(9))
    instants = (instant_of(day, minute, zone) for day in days if day.weekday() in weekdays)
    return next(instant for instant in instants if instant > after)

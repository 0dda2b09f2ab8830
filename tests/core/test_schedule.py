"""Wall time and instants: gaps, repeated hours, joined windows, legal hours, jitter."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarion.core.schedule import (
    LegalHours,
    first_zone,
    instant_of,
    local_day,
    open_from,
    quiet_until,
    sms_quiet_until,
    spread,
    zone_of,
)
from clarion.core.window import FOREVER, Window
from tests.core.wall_time import (
    DAY,
    EVERY_DAY,
    HOUR,
    MINUTE,
    SECOND,
    Walk,
    all_zones,
    instants,
    local,
    near_changes,
    next_where,
    odd_zones,
    shown,
    utc,
    window_lists,
)

VIENNA = ZoneInfo("Europe/Vienna")
NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
SANTIAGO = ZoneInfo("America/Santiago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
CASABLANCA = ZoneInfo("Africa/Casablanca")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
NIGHT = (Window(EVERY_DAY, 22 * 60, 7 * 60),)


def test_a_zone_is_known_by_its_name_and_kept() -> None:
    assert zone_of("Europe/Vienna") is zone_of("Europe/Vienna")
    assert str(zone_of("Asia/Kathmandu")) == "Asia/Kathmandu"


@pytest.mark.parametrize(
    "name", [None, "", "Europe", "europe/vienna", "../etc/passwd", "Mars/Base", "a\0b", "x" * 9999]
)
def test_an_unknown_zone_is_none(name: str | None) -> None:
    assert zone_of(name) is None


def test_the_first_known_zone_counts_and_utc_is_the_last_resort() -> None:
    assert str(first_zone(None, "Nowhere/Land", "Asia/Tokyo", "Europe/Vienna")) == "Asia/Tokyo"
    assert str(first_zone(None, None)) == "UTC"


def test_zones_are_known_where_the_system_has_none() -> None:
    code = "from clarion.core.schedule import zone_of; assert zone_of('Europe/Vienna')"
    environment = {"PYTHONTZPATH": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=30)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "first"),
    [
        (VIENNA, date(2026, 3, 29), 2 * 60, "2026-03-29 01:00"),
        (VIENNA, date(2026, 3, 29), 2 * 60 + 30, "2026-03-29 01:00"),
        (VIENNA, date(2026, 3, 29), 3 * 60, "2026-03-29 01:00"),
        (VIENNA, date(2026, 10, 25), 2 * 60 + 30, "2026-10-25 00:30"),
        (VIENNA, date(2026, 10, 25), 3 * 60, "2026-10-25 02:00"),
        (LORD_HOWE, date(2026, 10, 4), 2 * 60 + 15, "2026-10-03 15:30"),
        (LORD_HOWE, date(2026, 4, 5), 60 + 45, "2026-04-04 14:45"),
        (SANTIAGO, date(2026, 9, 6), 0, "2026-09-06 04:00"),
        (SANTIAGO, date(2026, 9, 5), 1440, "2026-09-06 04:00"),
        (SANTIAGO, date(2026, 4, 4), 23 * 60 + 30, "2026-04-05 02:30"),
        (SANTIAGO, date(2026, 4, 4), 1440, "2026-04-05 04:00"),
        (APIA, date(2011, 12, 30), 9 * 60, "2011-12-30 10:00"),
        (APIA, date(2011, 12, 31), 0, "2011-12-30 10:00"),
        (KATHMANDU, date(2026, 6, 1), 7 * 60, "2026-06-01 01:15"),
        (CASABLANCA, date(2026, 2, 15), 2 * 60 + 30, "2026-02-15 01:30"),
        (CASABLANCA, date(2026, 3, 22), 2 * 60 + 30, "2026-03-22 02:00"),
    ],
)
def test_a_wall_time_is_the_first_instant_that_has_reached_it(
    zone: ZoneInfo, day: date, minute: int, first: str
) -> None:
    assert instant_of(day, minute, zone) == utc(first)


@given(near_changes(), st.integers(0, 1440))
def test_the_clock_has_reached_a_wall_time_at_its_instant_and_not_before(
    place: tuple[ZoneInfo, int], minute: int
) -> None:
    zone, near = place
    day = local_day(near, zone)
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
    instant = instant_of(day, minute, zone)

    def read(at: int) -> datetime:
        return datetime.fromtimestamp(at // SECOND, zone).replace(tzinfo=UTC, fold=0)

    assert read(instant) >= wall
    earlier = (instant - back for back in (SECOND, MINUTE, 20 * MINUTE, HOUR, 3 * HOUR))
    assert all(read(at) < wall for at in earlier)


@given(near_changes(), st.integers(0, 1440), st.integers(0, 1440))
def test_the_order_of_wall_times_is_kept(place: tuple[ZoneInfo, int], one: int, two: int) -> None:
    zone, near = place
    day = local_day(near, zone)
    earlier, later = sorted((one, two))
    assert instant_of(day, earlier, zone) <= instant_of(day, later, zone)
    assert instant_of(day, 1440, zone) == instant_of(day + timedelta(days=1), 0, zone)


def test_no_window_is_never_quiet() -> None:
    assert quiet_until((), VIENNA, utc("2026-06-01 00:00")) is None


def test_a_night_is_quiet_from_its_begin_to_before_its_end() -> None:
    begin, end = local("2026-06-01 22:00", VIENNA), local("2026-06-02 07:00", VIENNA)
    assert quiet_until(NIGHT, VIENNA, begin - 1) is None
    assert quiet_until(NIGHT, VIENNA, begin) == end
    assert quiet_until(NIGHT, VIENNA, end - 1) == end
    assert quiet_until(NIGHT, VIENNA, end) is None


def test_the_zone_says_when_it_is_night() -> None:
    noon = utc("2026-06-01 12:00")
    assert quiet_until(NIGHT, VIENNA, noon) is None
    assert quiet_until(NIGHT, LORD_HOWE, noon) == local("2026-06-02 07:00", LORD_HOWE)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-03-28 22:00", 8), ("2026-10-24 22:00", 10), ("2026-06-01 22:00", 9)],
)
def test_a_night_in_which_the_clock_changes_is_shorter_or_longer(evening: str, hours: int) -> None:
    begin = local(evening, VIENNA)
    assert quiet_until(NIGHT, VIENNA, begin) == begin + hours * HOUR


def test_a_window_belongs_to_the_day_on_which_it_begins() -> None:
    fridays = (Window((4,), 22 * 60, 7 * 60),)
    morning = local("2026-06-06 06:59", VIENNA)
    assert shown(morning, VIENNA).startswith("Sat")
    assert quiet_until(fridays, VIENNA, morning) == morning + MINUTE
    assert quiet_until(fridays, VIENNA, local("2026-06-06 23:00", VIENNA)) is None


def test_windows_that_touch_or_overlap_are_one_quiet_time() -> None:
    evening = Window(EVERY_DAY, 22 * 60, 1440)
    morning = Window(EVERY_DAY, 0, 6 * 60)
    longer = Window((5, 6), 5 * 60, 9 * 60)
    friday = local("2026-06-05 23:00", VIENNA)
    assert quiet_until((evening, morning), VIENNA, friday) == local("2026-06-06 06:00", VIENNA)
    until = quiet_until((longer, morning, evening), VIENNA, friday)
    assert until == local("2026-06-06 09:00", VIENNA)


def test_a_weekend_and_the_nights_beside_it_are_one_quiet_time() -> None:
    weekend = Window((5, 6), 0, 1440)
    friday_night = local("2026-06-05 22:30", VIENNA)
    until = quiet_until((*NIGHT, weekend), VIENNA, friday_night)
    assert until is not None
    assert shown(until, VIENNA) == "Mon 2026-06-08 07:00"


def test_equal_times_close_a_whole_day() -> None:
    sunday_to_monday = (Window((6,), 600, 600),)
    at = local("2026-06-07 10:00", VIENNA)
    assert quiet_until(sunday_to_monday, VIENNA, at - 1) is None
    assert quiet_until(sunday_to_monday, VIENNA, at) == at + DAY


@pytest.mark.parametrize(
    "windows",
    [
        (Window(EVERY_DAY, 0, 1440),),
        (Window(EVERY_DAY, 300, 300),),
        (Window(EVERY_DAY, 0, 720), Window(EVERY_DAY, 720, 1440)),
    ],
)
@pytest.mark.parametrize("zone", [VIENNA, SANTIAGO, APIA])
def test_a_week_that_is_closed_is_quiet_for_ever(
    windows: tuple[Window, ...], zone: ZoneInfo
) -> None:
    assert quiet_until(windows, zone, utc("2026-03-29 00:30")) == FOREVER


def test_an_opening_that_a_change_swallows_is_waited_for_until_the_next_week() -> None:
    # Open on Sundays from 02:00 to 02:30, which New York skips on 8 March 2026.
    windows = (Window((0, 1, 2, 3, 4, 5), 0, 1440), Window((6,), 0, 120), Window((6,), 150, 1440))
    until = quiet_until(windows, NEW_YORK, local("2026-03-01 02:30", NEW_YORK))
    assert until is not None
    assert shown(until, NEW_YORK) == "Sun 2026-03-15 02:00"


def test_a_window_inside_a_gap_is_not_there_that_night() -> None:
    windows = (Window(EVERY_DAY, 120, 150),)
    assert quiet_until(windows, NEW_YORK, utc("2026-03-08 07:00")) is None
    assert quiet_until(windows, NEW_YORK, local("2026-03-09 02:00", NEW_YORK)) is not None


def test_a_window_that_ends_in_a_repeated_hour_ends_at_the_first_of_both() -> None:
    windows = (Window(EVERY_DAY, 22 * 60, 90),)
    until = quiet_until(windows, NEW_YORK, local("2026-10-31 23:00", NEW_YORK))
    assert until == local("2026-11-01 01:30", NEW_YORK)
    assert quiet_until(windows, NEW_YORK, local("2026-11-01 01:15", NEW_YORK, fold=1)) is None


def test_a_window_that_begins_in_a_repeated_hour_goes_through_its_second_pass() -> None:
    windows = (Window(EVERY_DAY, 90, 300),)
    at = local("2026-11-01 01:15", NEW_YORK, fold=1)
    assert quiet_until(windows, NEW_YORK, at) == local("2026-11-01 05:00", NEW_YORK)


def test_a_day_that_a_zone_skipped_has_no_quiet_time() -> None:
    friday = (Window((4,), 0, 1440),)
    assert quiet_until(friday, APIA, utc("2011-12-30 10:00")) is None
    assert quiet_until(NIGHT, APIA, utc("2011-12-30 10:00")) == local("2011-12-31 07:00", APIA)


@settings(max_examples=40, deadline=None)
@given(near_changes(), window_lists, st.integers(0, MINUTE - 1))
@example((SANTIAGO, utc("2026-09-06 04:00") - DAY), NIGHT, 0)
@example((APIA, utc("2011-12-30 10:00") - DAY), (Window((4, 5), 540, 1020),), 0)
@example((LORD_HOWE, utc("2026-04-04 15:00") - DAY), (Window(EVERY_DAY, 105, 110),), 0)
def test_quiet_and_open_times_are_those_of_a_walk_minute_by_minute(
    place: tuple[ZoneInfo, int], windows: tuple[Window, ...], within: int
) -> None:
    zone, near = place
    walk = Walk(zone, near // MINUTE * MINUTE, days=9)
    inside = walk.inside(windows)
    opens, closes = next_where(False, inside), next_where(True, inside)
    for index in range(3 * 1440):
        now = walk.begin + index * MINUTE + within
        until = quiet_until(windows, zone, now)
        begins = open_from(windows, zone, now)
        if opens[index] is None:
            assert until is not None
            assert until > walk.begin + 9 * DAY - MINUTE
        else:
            assert until == (_instant(walk, opens[index]) if inside[index] else None)
        if closes[index] is not None:
            assert begins == (now if inside[index] else _instant(walk, closes[index]))


def _instant(walk: Walk, index: int | None) -> int:
    assert index is not None
    return walk.begin + index * MINUTE


@given(all_zones, window_lists, instants)
def test_the_end_of_a_quiet_time_is_later_and_not_quiet(
    zone: ZoneInfo, windows: tuple[Window, ...], now: int
) -> None:
    until = quiet_until(windows, zone, now)
    if until is not None and until != FOREVER:
        assert until > now
        assert quiet_until(windows, zone, until) is None
        assert quiet_until(windows, zone, until - 1) == until


@given(odd_zones, window_lists, instants)
def test_a_time_is_quiet_when_it_is_inside_the_same_windows_as_openings(
    zone: ZoneInfo, windows: tuple[Window, ...], now: int
) -> None:
    begins = open_from(windows, zone, now)
    assert begins is not None
    assert (begins == now) is (quiet_until(windows, zone, now) is not None)
    assert quiet_until(windows, zone, begins) is not None


def test_a_send_window_opens_when_it_begins_and_is_open_until_before_its_end() -> None:
    office = (Window((0, 1, 2, 3, 4), 9 * 60, 17 * 60),)
    friday = local("2026-06-05 16:59", VIENNA)
    monday = local("2026-06-08 09:00", VIENNA)
    assert open_from(office, VIENNA, friday) == friday
    assert open_from(office, VIENNA, friday + MINUTE) == monday
    assert open_from(office, VIENNA, monday - 1) == monday
    assert open_from(office, VIENNA, monday) == monday


def test_without_a_window_nothing_ever_opens() -> None:
    assert open_from((), VIENNA, utc("2026-06-01 00:00")) is None
    assert open_from((Window((), 0, 1440),), VIENNA, utc("2026-06-01 00:00")) is None


def test_texts_wait_for_eight_in_the_morning_and_stop_at_nine() -> None:
    law = LegalHours()
    morning = local("2026-06-01 08:00", VIENNA)
    evening = local("2026-06-01 21:00", VIENNA)
    assert sms_quiet_until((VIENNA,), morning - 1, law) == morning
    assert sms_quiet_until((VIENNA,), morning, law) is None
    assert sms_quiet_until((VIENNA,), evening - 1, law) is None
    assert sms_quiet_until((VIENNA,), evening, law) == local("2026-06-02 08:00", VIENNA)


def test_texts_leave_when_they_may_in_every_zone_the_user_may_be_in() -> None:
    law, both = LegalHours(), (NEW_YORK, LOS_ANGELES)
    in_new_york = local("2026-06-01 09:00", NEW_YORK)
    in_los_angeles = local("2026-06-01 08:00", LOS_ANGELES)
    assert sms_quiet_until(both, in_new_york, law) == in_los_angeles
    assert sms_quiet_until(both, in_los_angeles, law) is None
    late = local("2026-06-01 21:00", NEW_YORK)
    assert sms_quiet_until(both, late, law) == local("2026-06-02 08:00", LOS_ANGELES)


def test_stricter_law_is_a_window_of_its_own() -> None:
    no_sundays = LegalHours(allowed=(Window((0, 1, 2, 3, 4, 5), 8 * 60, 20 * 60),))
    saturday = local("2026-06-06 20:00", VIENNA)
    assert sms_quiet_until((VIENNA,), saturday, no_sundays) == local("2026-06-08 08:00", VIENNA)


def test_texts_never_leave_to_where_nobody_can_tell_the_time() -> None:
    law, now = LegalHours(), utc("2026-06-01 12:00")
    assert sms_quiet_until((), now, law) == FOREVER
    everywhere = tuple(ZoneInfo(f"Etc/GMT{hours:+}") for hours in range(-14, 13, 2))
    assert sms_quiet_until(everywhere, now, law) == FOREVER
    assert sms_quiet_until((VIENNA,), now, LegalHours(allowed=())) == FOREVER


@given(st.lists(odd_zones, min_size=1, max_size=3).map(tuple), instants)
def test_the_end_of_legal_quiet_is_legal_in_every_zone(
    zones: tuple[ZoneInfo, ...], now: int
) -> None:
    law = LegalHours()
    until = sms_quiet_until(zones, now, law)
    if until != FOREVER:
        sent = now if until is None else until
        hours = [datetime.fromtimestamp(sent // SECOND, zone).hour for zone in zones]
        assert all(8 <= hour < 21 for hour in hours)
        assert sms_quiet_until(zones, sent, law) is None


@given(st.integers() | st.binary(), st.integers(-5, 10**12))
def test_jitter_is_within_its_width_and_the_same_for_a_seed(seed: int | bytes, width: int) -> None:
    jitter = spread(seed, width)
    assert 0 <= jitter < max(width, 1)
    assert spread(seed, width) == jitter


def test_jitter_is_spread_evenly_over_the_seeds() -> None:
    tenths = [spread(seed, 10 * MINUTE) // MINUTE for seed in range(10_000)]
    assert all(900 < tenths.count(minute) < 1100 for minute in range(10))

"""When digests are due, and what they count."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSimError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarion.core.digest import (
    CADENCES,
    DigestTiming,
    Due,
    digest_due,
    next_fire,
)
from clarion.core.duration import LONGEST_SECONDS
from clarion.core.schedule import instant_of
from tests.core.wall_time import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Walk,
    instants,
    local,
    near_changes,
    odd_zones,
    shown,
    utc,
)

VIENNA = ZoneInfo("Europe/Vienna")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
APIA = ZoneInfo("Pacific/Apia")
OPENED = utc("2026-06-03 10:17")  # a Wednesday, 12:17 in Vienna

timings = st.one_of(
    st.builds(DigestTiming, window_seconds=st.integers(1, 10**6)),
    st.builds(
        DigestTiming,
        window_seconds=st.integers(1, 10**5),
        most_seconds=st.integers(10**5, 10**6),
    ),
    st.builds(DigestTiming, cron=st.sampled_from(["0 9 * * *", "*/15 * * * *", "30 2 * * 0"])),
    st.builds(
        DigestTiming,
        cadence=st.sampled_from(CADENCES),
        by_user=st.booleans(),
        minute=st.integers(0, 1439),
        weekday=st.integers(0, 6),
    ),
)
STEPPED = ("*/15 * * * *", "45 */3 * * *", "* 2 * * *", "*/20 0 * * *", "10 * * * *", "0 12 * * *")


def due_in(timing: DigestTiming, zone: ZoneInfo = VIENNA, cadence: str | None = None) -> str:
    """What a local clock shows when a digest is due that opened on Wednesday at 12:17."""
    return shown(digest_due(timing, zone, cadence, OPENED, OPENED).due, zone)


def test_a_fixed_window_closes_so_long_after_it_opened() -> None:
    timing = DigestTiming(window_seconds=600)
    closes = OPENED + 10 * MINUTE
    assert digest_due(timing, VIENNA, None, OPENED, OPENED) == Due(closes, closes)
    assert digest_due(timing, VIENNA, None, OPENED, OPENED + 9 * MINUTE) == Due(closes, closes)


def test_a_sliding_window_moves_with_each_event_up_to_its_maximum() -> None:
    timing = DigestTiming(window_seconds=600, most_seconds=1800)
    latest = OPENED + 30 * MINUTE
    dues = {
        after: digest_due(timing, VIENNA, None, OPENED, OPENED + after * MINUTE)
        for after in (0, 9, 20, 29)
    }
    assert dues == {
        0: Due(OPENED + 10 * MINUTE, latest),
        9: Due(OPENED + 19 * MINUTE, latest),
        20: Due(latest, latest),
        29: Due(latest, latest),
    }


def test_cron_fires_in_the_zone_of_the_user() -> None:
    timing = DigestTiming(cron="0 9 * * 1-5")
    assert due_in(timing) == "Thu 2026-06-04 09:00"
    assert due_in(timing, NEW_YORK) == "Wed 2026-06-03 09:00"
    assert due_in(timing, KATHMANDU) == "Thu 2026-06-04 09:00"


def test_an_event_that_joins_after_a_missed_fire_does_not_put_the_digest_off() -> None:
    timing = DigestTiming(cron="0 9 * * *")
    fire = local("2026-06-04 09:00", VIENNA)
    assert digest_due(timing, VIENNA, None, OPENED, fire + 5 * SECOND).due == fire


def test_a_cron_time_in_a_gap_fires_when_the_gap_ends() -> None:
    fire = next_fire("30 2 * * *", VIENNA, local("2026-03-28 12:00", VIENNA))
    assert fire == utc("2026-03-29 01:00")
    assert next_fire("30 2 * * *", VIENNA, fire) == utc("2026-03-30 00:30")


def test_a_cron_time_in_a_repeated_hour_fires_in_its_first_pass_only() -> None:
    first = local("2026-11-01 01:30", NEW_YORK)
    assert next_fire("30 1 * * *", NEW_YORK, first - HOUR) == first
    assert next_fire("30 1 * * *", NEW_YORK, first) == local("2026-11-02 01:30", NEW_YORK)
    second_pass = local("2026-11-01 01:10", NEW_YORK, fold=1)
    assert next_fire("30 1 * * *", NEW_YORK, second_pass) == local("2026-11-02 01:30", NEW_YORK)


def test_cron_of_every_half_hour_stands_still_while_an_hour_is_repeated() -> None:
    first = local("2026-11-01 01:30", NEW_YORK)
    assert next_fire("*/30 * * * *", NEW_YORK, first - HOUR) == first - 30 * MINUTE
    assert next_fire("*/30 * * * *", NEW_YORK, first) == local("2026-11-01 02:00", NEW_YORK)


def test_cron_times_within_one_gap_fire_once() -> None:
    gap_ends = utc("2026-03-29 01:00")
    assert next_fire("*/15 2 * * *", VIENNA, gap_ends - 2 * HOUR) == gap_ends
    assert next_fire("*/15 2 * * *", VIENNA, gap_ends) == local("2026-03-30 02:00", VIENNA)


def test_cron_comes_to_an_end_around_a_change_that_is_not_at_a_full_hour() -> None:
    chatham = ZoneInfo("Pacific/Chatham")
    fire = next_fire("45 */3 * * *", chatham, local("2004-03-21 01:15", chatham))
    assert fire == local("2004-03-21 03:45", chatham)


@settings(deadline=None)
@given(near_changes(), st.integers(0, 59), st.integers(0, 23))
@example((NEW_YORK, local("2026-11-01 01:10", NEW_YORK, fold=1)), 30, 1)
@example((APIA, utc("2011-12-30 09:30")), 0, 12)
def test_a_daily_cron_time_fires_at_the_instant_of_its_wall_time(
    place: tuple[ZoneInfo, int], minute: int, hour: int
) -> None:
    zone, after = place
    first = datetime.fromtimestamp(after // SECOND, zone).date()
    days = [first + timedelta(days=n) for n in range(4)]
    walls = (instant_of(day, hour * 60 + minute, zone) for day in days)
    expected = min(instant for instant in walls if instant > after)
    assert next_fire(f"{minute} {hour} * * *", zone, after) == expected


@settings(deadline=None)
@given(near_changes(), st.sampled_from(STEPPED), st.integers(0, MINUTE - 1))
def test_cron_fires_at_the_first_minute_whose_wall_time_it_names(
    place: tuple[ZoneInfo, int], cron: str, within: int
) -> None:
    zone, near = place
    begin = near // MINUTE * MINUTE
    fire = next_fire(cron, zone, begin + within)
    assert fire is not None
    walls = Walk(zone, begin, days=2).highest
    # What the clock shows for the first time in a minute: one wall time, a whole gap, or nothing.
    reached = pairwise(walls)
    named = (index for index, (low, high) in enumerate(reached, 1) if _names(cron, low, high))
    assert fire == begin + next(named) * MINUTE


def _names(cron: str, low: int, high: int) -> bool:
    """Whether minutes after `low` up to `high` have one that a pattern of minute and hour names."""
    minute, hour = (
        _values(field, most) for field, most in zip(cron.split(), (60, 24), strict=False)
    )
    return any(wall % 60 in minute and wall // 60 % 24 in hour for wall in range(low + 1, high + 1))


def _values(field: str, most: int) -> range:
    start, _, step = field.partition("/")
    if start == "*":
        return range(0, most, int(step or 1))
    return range(int(start), int(start) + 1)


def test_cron_that_never_fires_is_told_in_the_end() -> None:
    never = DigestTiming(cron="0 0 30 2 1#5")
    latest = OPENED + LONGEST_SECONDS * SECOND
    assert digest_due(never, VIENNA, None, OPENED, OPENED) == Due(latest, latest)


def test_cron_that_is_none_is_an_error() -> None:
    with pytest.raises(CronSimError):
        next_fire("at nine", VIENNA, OPENED)


@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        ("instant", "Wed 2026-06-03 12:17"),
        ("hourly", "Wed 2026-06-03 13:00"),
        ("daily", "Thu 2026-06-04 08:00"),
        ("weekly", "Mon 2026-06-08 08:00"),
    ],
)
def test_cadences_have_their_usual_times(cadence: str, due: str) -> None:
    assert due_in(DigestTiming(cadence=cadence)) == due
    assert due_in(DigestTiming(cadence="daily", by_user=True), cadence=cadence) == due


def test_a_step_can_name_another_time_and_day() -> None:
    assert due_in(DigestTiming(cadence="daily", minute=12 * 60 + 30)) == "Wed 2026-06-03 12:30"
    friday = DigestTiming(cadence="weekly", minute=16 * 60, weekday=4)
    assert due_in(friday) == "Fri 2026-06-05 16:00"
    just_missed = DigestTiming(cadence="weekly", minute=12 * 60 + 17, weekday=2)
    assert due_in(just_missed) == "Wed 2026-06-10 12:17"


def test_what_a_person_chose_counts_only_where_the_step_lets_them() -> None:
    assert due_in(DigestTiming(cadence="daily"), cadence="weekly") == "Thu 2026-06-04 08:00"
    window = DigestTiming(window_seconds=600)
    assert due_in(window, cadence="weekly") == "Wed 2026-06-03 12:27"


@pytest.mark.parametrize("chosen", [None, "fortnightly", ""])
def test_who_chose_nothing_known_gets_the_default_of_the_step(chosen: str | None) -> None:
    timing = DigestTiming(cadence="weekly", by_user=True)
    assert due_in(timing, cadence=chosen) == "Mon 2026-06-08 08:00"
    assert due_in(DigestTiming(), cadence=chosen) == "Thu 2026-06-04 08:00"


def test_full_hours_are_those_of_the_local_clock() -> None:
    hourly = DigestTiming(cadence="hourly")
    assert due_in(hourly, KATHMANDU) == "Wed 2026-06-03 17:00"
    assert due_in(hourly, LORD_HOWE) == "Wed 2026-06-03 21:00"


def test_a_daily_time_that_is_skipped_is_told_when_the_gap_ends() -> None:
    timing = DigestTiming(cadence="daily", minute=150)
    opened = local("2026-03-28 12:00", VIENNA)
    assert digest_due(timing, VIENNA, None, opened, opened).due == utc("2026-03-29 01:00")


def test_after_a_move_to_another_zone_a_digest_may_be_due_at_once() -> None:
    # 22:00 in New York is 07:45 in Kathmandu: the digest was due before the user moved.
    timing = DigestTiming(cadence="daily")
    opened = local("2026-06-03 22:00", NEW_YORK)
    due = digest_due(timing, KATHMANDU, None, opened, opened + HOUR).due
    assert due == opened + 15 * MINUTE


@given(
    timings, odd_zones, st.none() | st.sampled_from(CADENCES), instants, st.integers(0, 10 * DAY)
)
def test_a_digest_is_due_after_it_opened_and_never_after_its_latest(
    timing: DigestTiming, zone: ZoneInfo, cadence: str | None, opened: int, later: int
) -> None:
    first = digest_due(timing, zone, cadence, opened, opened)
    joined = digest_due(timing, zone, cadence, opened, opened + later)
    assert opened <= first.due <= joined.due <= joined.latest == first.latest
    assert first.due > opened or "instant" in (timing.cadence, cadence)
    if timing.most_seconds is None:
        assert joined == first


@given(near_changes())
def test_an_hour_is_the_longest_wait_of_hourly_digests_and_a_day_and_a_bit_of_daily_ones(
    place: tuple[ZoneInfo, int],
) -> None:
    zone, opened = place
    hourly = digest_due(DigestTiming(cadence="hourly"), zone, None, opened, opened).due
    daily = digest_due(DigestTiming(cadence="daily"), zone, None, opened, opened).due
    assert 0 < hourly - opened <= HOUR
    assert 0 < daily - opened <= DAY + 3 * HOUR

"""Windows, zones and timings as documents: what is read, what is refused, what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.digest import CADENCES, DigestTiming
from clarion.core.document import Fields, Mistakes
from clarion.core.schedule import quiet_until
from clarion.core.schedule_reading import (
    MOST_WINDOWS,
    TIMING_KEYS,
    format_minute,
    read_timing,
    read_windows,
    timing_document,
    windows_document,
)
from clarion.core.window import Window
from tests.core.wall_time import EVERY_DAY, instants, odd_zones, window_lists

NIGHT = {"from": "22:00", "until": "07:00"}


def windows_of(value: Any, *, quiet: bool = True) -> tuple[Window, ...]:
    mistakes = Mistakes()
    found = read_windows(value, "/quiet_hours/windows", mistakes, quiet=quiet)
    assert mistakes.found == []
    return found


def refused(value: Any, *, quiet: bool = True) -> dict[str, str]:
    """Pointer below the list -> what is said about it."""
    mistakes = Mistakes()
    read_windows(value, "/w", mistakes, quiet=quiet)
    return {(error.pointer or "").removeprefix("/w"): error.detail for error in mistakes.found}


def timing_of(document: Any) -> DigestTiming | None:
    mistakes = Mistakes()
    found = read_timing(Fields(document, "", ("key", *TIMING_KEYS), mistakes, what="'digest'"))
    assert mistakes.found == []
    return found


def timing_refused(document: dict[str, Any]) -> dict[str, str]:
    mistakes = Mistakes()
    read_timing(Fields(document, "/d", ("key", *TIMING_KEYS), mistakes, what="'digest'"))
    return {(error.pointer or "").removeprefix("/d"): error.detail for error in mistakes.found}


@pytest.mark.parametrize(
    ("value", "window"),
    [
        (NIGHT, Window(EVERY_DAY, 1320, 420)),
        ({"days": ["mon"], **NIGHT}, Window((0,), 1320, 420)),
        ({"days": ["sun", "fri", "mon"], **NIGHT}, Window((0, 4, 6), 1320, 420)),
        ({"from": "00:00", "until": "24:00", "days": ["sat"]}, Window((5,), 0, 1440)),
        ({"from": "22:00", "until": "00:00"}, Window(EVERY_DAY, 1320, 1440)),
        ({"from": "22:00", "until": "24:00"}, Window(EVERY_DAY, 1320, 1440)),
        ({"from": "12:00", "until": "12:01"}, Window(EVERY_DAY, 720, 721)),
    ],
)
def test_a_window_is_read(value: dict[str, Any], window: Window) -> None:
    assert windows_of([value]) == (window,)


def test_no_windows_are_no_quiet_hours() -> None:
    assert windows_of([]) == ()


def test_windows_may_overlap() -> None:
    assert (
        len(windows_of([NIGHT, {"days": ["sat", "sun"], "from": "23:00", "until": "09:00"}])) == 2
    )


@pytest.mark.parametrize(
    ("value", "pointer", "said"),
    [
        ({"from": "22:00"}, "", "'until' is missing"),
        ({"until": "22:00"}, "", "'from' is missing"),
        ({**NIGHT, "to": "07:00"}, "/to", "unknown key 'to'"),
        ({**NIGHT, "day": ["mon"]}, "/day", "did you mean 'days'?"),
        ({**NIGHT, "days": ["monday"]}, "/days/0", "did you mean 'mon'?"),
        ({**NIGHT, "days": ["tue", "Thurs"]}, "/days/1", "did you mean 'thu'?"),
        ({**NIGHT, "days": ["tu"]}, "/days/0", "did you mean 'tue'?"),
        ({**NIGHT, "days": ["holiday"]}, "/days/0", "not known here"),
        ({**NIGHT, "days": [1]}, "/days/0", "a number stands here"),
        ({**NIGHT, "days": ["mon", "tue", "mon"]}, "/days/2", "there twice"),
        ({**NIGHT, "days": []}, "/days", "leave 'days' out for every day"),
        ({**NIGHT, "days": "mon"}, "/days", 'write e.g. ["mon", "tue"]'),
        ({**NIGHT, "from": "7:00"}, "/from", "did you mean '07:00'?"),
        ({**NIGHT, "from": "10pm"}, "/from", 'from "00:00" to "24:00"'),
        ({**NIGHT, "from": "22:60"}, "/from", 'from "00:00" to "24:00"'),
        ({**NIGHT, "until": "24:01"}, "/until", 'from "00:00" to "24:00"'),
        ({**NIGHT, "until": "07:00:00"}, "/until", 'from "00:00" to "24:00"'),
        ({**NIGHT, "until": "\u0660\u0667:00"}, "/until", 'from "00:00" to "24:00"'),
        ({**NIGHT, "from": 1320}, "/from", 'did you mean "22:00"? Put the time in quotes'),
        ({**NIGHT, "from": 22}, "/from", "'from' is a number"),
        ({**NIGHT, "from": True}, "/from", "'from' is true"),
        ({**NIGHT, "from": None}, "/from", "'from' is nothing"),
        ({**NIGHT, "from": "24:00"}, "/from", "write 00:00"),
        ({"from": "22:00", "until": "22:00"}, "/until", "from 00:00 until 24:00"),
        ({"from": "00:00", "until": "00:00"}, "/until", "from 00:00 until 24:00"),
        ("22:00-07:00", "", "the window is text"),
    ],
)
def test_a_mistake_in_a_window_is_pointed_out_with_its_mend(
    value: Any, pointer: str, said: str
) -> None:
    found = refused([{"from": "12:00", "until": "13:00"}, value])
    assert list(found) == [f"/1{pointer}"]
    assert said in found[f"/1{pointer}"]


def test_all_mistakes_are_seen_at_once() -> None:
    windows = [{"days": ["mo"], "from": "25:00", "until": "7"}, {"from": "1:00", "until": "02:00"}]
    assert list(refused(windows)) == ["/0/days/0", "/0/from", "/0/until", "/1/from"]


@pytest.mark.parametrize("value", [None, NIGHT, "22:00", True])
def test_what_is_no_list_of_windows_is_refused(value: Any) -> None:
    assert "write a list of windows" in refused(value)[""]


def test_a_window_that_is_there_twice_is_refused() -> None:
    spelled_otherwise = {"days": ["tue", "mon"], "from": "22:00", "until": "24:00"}
    again = {"days": ["mon", "tue"], "from": "22:00", "until": "00:00"}
    assert refused([NIGHT, spelled_otherwise, again]) == {
        "/2": "the window is the same as /w/1; remove it"
    }


@pytest.mark.parametrize(
    "value",
    [
        [{"from": "00:00", "until": "24:00"}],
        [{"from": "07:00", "until": "22:00"}, NIGHT],
        [{"from": "00:00", "until": "12:30"}, {"from": "12:00", "until": "24:00"}],
        [
            {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "00:00", "until": "24:00"},
            {"days": ["sat", "sun"], "from": "00:00", "until": "24:00"},
        ],
    ],
)
def test_windows_that_close_the_whole_week_are_refused(value: list[Any]) -> None:
    assert "nothing could ever be told" in refused(value)[""]
    assert refused(value, quiet=False) == {}


def test_a_minute_of_the_week_that_is_open_is_enough() -> None:
    assert windows_of([{"from": "07:00", "until": "06:59"}])
    weekend = {"days": ["sat", "sun"], "from": "00:00", "until": "24:00"}
    workdays = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "00:00", "until": "23:59"}
    assert windows_of([weekend, workdays])


def test_send_windows_need_one_at_least() -> None:
    assert "nothing would ever be sent" in refused([], quiet=False)[""]


def test_there_is_a_bound_for_windows() -> None:
    many = [{"from": "12:00", "until": f"13:{minute:02}"} for minute in range(MOST_WINDOWS + 1)]
    assert "at most 28" in refused(many)[""]
    assert len(windows_of(many[1:])) == MOST_WINDOWS


@given(window_lists, odd_zones, instants)
def test_windows_written_and_read_again_close_the_same_times(
    windows: tuple[Window, ...], zone: Any, now: int
) -> None:
    mistakes = Mistakes()
    again = read_windows(windows_document(windows), "", mistakes, quiet=False)
    assert quiet_until(again, zone, now) == quiet_until(windows, zone, now)
    assert windows_document(again) == windows_document(
        read_windows(windows_document(again), "", mistakes, quiet=False)
    )


def test_a_document_of_windows_names_days_only_where_they_matter() -> None:
    document = [NIGHT, {"days": ["sat"], "from": "00:00", "until": "24:00"}]
    assert windows_document(windows_of(document)) == document


def test_minutes_are_written_with_two_digits_each() -> None:
    assert [format_minute(minute) for minute in (0, 65, 1439, 1440)] == [
        "00:00", "01:05", "23:59", "24:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "timing"),
    [
        ({"window": "PT10M"}, DigestTiming(window_seconds=600)),
        ({"key": "data.doc", "window": "PT10M"}, DigestTiming(window_seconds=600)),
        ({"window": "PT10M", "lead": True}, DigestTiming(window_seconds=600, lead=True)),
        ({"window": "PT10M", "sliding": False}, DigestTiming(window_seconds=600)),
        (
            {"window": "PT10M", "max": "PT1H", "sliding": True},
            DigestTiming(window_seconds=600, most_seconds=3600),
        ),
        ({"cron": "0  9 * * 1-5"}, DigestTiming(cron="0 9 * * 1-5")),
        ({"cadence": "weekly"}, DigestTiming(cadence="weekly")),
        (
            {"cadence": "weekly", "day": "fri", "at": "16:30"},
            DigestTiming(cadence="weekly", weekday=4, minute=990),
        ),
        (
            {"cadence": "user", "default": "hourly", "at": "09:00", "lead": True},
            DigestTiming(cadence="hourly", by_user=True, minute=540, lead=True),
        ),
        ({"cadence": "user"}, DigestTiming(cadence="daily", by_user=True)),
        (
            {"cadence": "user", "default": "instant"},
            DigestTiming(cadence="instant", by_user=True),
        ),
    ],
)
def test_a_timing_is_read(document: dict[str, Any], timing: DigestTiming) -> None:
    assert timing_of(document) == timing
    assert timing_of(timing_document(timing)) == timing


@pytest.mark.parametrize(
    ("document", "pointer", "said"),
    [
        ({}, "", "write e.g. window: PT10M"),
        ({"lead": True}, "", "write e.g. window: PT10M"),
        ({"window": "10m"}, "/window", "did you mean PT10M?"),
        ({"window": 600}, "/window", "a duration such as PT10M"),
        ({"windows": "PT10M", "cron": "0 9 * * *"}, "/windows", "did you mean 'window'?"),
        ({"window": "PT10M", "cron": "0 9 * * *"}, "/cron", "stands beside 'window'"),
        ({"window": "PT10M", "cadence": "daily"}, "/cadence", "stands beside 'window'"),
        ({"window": "PT10M", "sliding": True}, "", "'max' is missing"),
        ({"window": "PT10M", "max": "PT1H"}, "/max", "without sliding: true"),
        ({"window": "PT1H", "max": "PT1H", "sliding": True}, "/max", "write more than PT1H"),
        ({"cron": "0 9 * * *", "sliding": True}, "/sliding", "without window: PT10M"),
        ({"window": "PT10M", "sliding": "yes"}, "/sliding", "write true or false"),
        ({"window": "PT10M", "at": "08:00"}, "/at", "without cadence: daily"),
        ({"cadence": "hourly", "at": "08:00"}, "/at", "without cadence: daily"),
        ({"cadence": "daily", "day": "mon"}, "/day", "without cadence: weekly"),
        ({"cadence": "daily", "default": "weekly"}, "/default", "without cadence: user"),
        ({"cadence": "dayly"}, "/cadence", "did you mean 'daily'?"),
        ({"cadence": "instant"}, "/cadence", "user, hourly, daily, weekly"),
        ({"cadence": "user", "default": "user"}, "/default", "instant, hourly, daily, weekly"),
        ({"cadence": "daily", "at": "8:00"}, "/at", "did you mean '08:00'?"),
        ({"cadence": "daily", "at": "24:00"}, "/at", "write 00:00"),
        ({"cadence": "weekly", "day": "friday"}, "/day", "did you mean 'fri'?"),
        ({"cron": "0 9 * *"}, "/cron", "has 4 fields; write five"),
        ({"cron": "0 0 9 * * *"}, "/cron", "has 6 fields; write five"),
        ({"cron": "@daily"}, "/cron", "has 1 field; write five"),
        ({"cron": "0 25 * * *"}, "/cron", "bad hour"),
        ({"cron": "0 0 30 2 *"}, "/cron", "not a cron expression"),
        ({"cron": "0 0 30 2 1#5"}, "/cron", "less than once a year"),
        ({"cron": "0 0 29 2 *"}, "/cron", "less than once a year"),
        ({"cron": "0 9 * * " + "1," * 60 + "1"}, "/cron", "longer than 100 characters"),
        ({"cron": 9}, "/cron", "write cron:"),
        ({"window": "PT10M", "lead": 1}, "/lead", "write true or false"),
    ],
)
def test_a_mistake_in_a_timing_is_pointed_out_with_its_mend(
    document: dict[str, Any], pointer: str, said: str
) -> None:
    found = timing_refused(document)
    assert list(found) == [pointer]
    assert said in found[pointer]


@given(
    st.builds(
        DigestTiming,
        cadence=st.sampled_from(CADENCES),
        by_user=st.just(True),
        minute=st.integers(0, 1439),
        weekday=st.integers(0, 6),
        lead=st.booleans(),
    )
)
def test_a_timing_written_and_read_again_is_the_same(timing: DigestTiming) -> None:
    assert timing_of(timing_document(timing)) == timing

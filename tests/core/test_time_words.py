"""Instants and lengths of time in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from clarion.clock import SECOND, from_rfc3339
from clarion.core.time_words import instant_words, span_words, weekday_words

BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = from_rfc3339("2026-03-03T06:00:00Z")
DAY = 86_400 * SECOND


def test_an_instant_is_told_in_the_wall_time_of_whoever_it_is_about() -> None:
    assert instant_words(SEVEN, BERLIN, SEVEN - DAY) == "07:00 on 3 March (Europe/Berlin)"
    tokyo = ZoneInfo("Asia/Tokyo")
    assert instant_words(SEVEN, tokyo, SEVEN - DAY) == "15:00 on 3 March (Asia/Tokyo)"


def test_the_year_is_told_where_it_is_another_one_or_not_known() -> None:
    told = "07:00 on 3 March 2026 (Europe/Berlin)"
    assert instant_words(SEVEN, BERLIN) == told
    assert instant_words(SEVEN, BERLIN, from_rfc3339("2025-12-31T22:59:59Z")) == told
    assert "2026" not in instant_words(SEVEN, BERLIN, from_rfc3339("2025-12-31T23:00:00Z"))


def test_seconds_are_told_only_where_they_matter() -> None:
    later = SEVEN + 20 * SECOND
    assert instant_words(later, BERLIN, SEVEN).startswith("07:00:20 on")
    assert instant_words(later, BERLIN, SEVEN - DAY).startswith("07:00 on")


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (DAY, "07:00 on Tuesday (Europe/Berlin)"),
        (5 * DAY, "07:00 on Tuesday (Europe/Berlin)"),
        (6 * DAY, "07:00 on 3 March (Europe/Berlin)"),
        (-DAY, "07:00 on 3 March (Europe/Berlin)"),
    ],
)
def test_a_near_instant_is_told_by_its_weekday(ahead: int, told: str) -> None:
    assert weekday_words(SEVEN, BERLIN, SEVEN - ahead) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (3_600, "1 hour"),
        (5_400, "90 minutes"),
        (86_400, "24 hours"),
        (7 * 86_400, "7 days"),
        (90_000, "25 hours"),
    ],
)
def test_a_length_of_time_has_its_largest_whole_unit(seconds: int, told: str) -> None:
    assert span_words(seconds) == told

"""Durations: ISO 8601 in, seconds out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.duration import LONGEST_SECONDS, format_duration, parse_duration
from clarion.errors import InvalidError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT30S", 30),
        ("PT10M", 600),
        ("PT24H", 86_400),
        ("P1D", 86_400),
        ("P2W", 1_209_600),
        ("P1DT2H3M4S", 93_784),
        ("PT1H4S", 3604),
        ("P366D", LONGEST_SECONDS),
        ("PT0H90M", 5400),
    ],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("10m", "did you mean PT10M?"),
        ("10 minutes", "did you mean PT10M?"),
        ("2 days", "did you mean P2D?"),
        ("1h", "did you mean PT1H?"),
        ("pt10m", "did you mean PT10M?"),
        ("P1M", "write days"),
        ("P1Y2M", "write days"),
        ("600", "PT10M"),
        ("P", "PT10M"),
        ("PT", "PT10M"),
        ("P1DT", "PT10M"),
        ("P1W2D", "PT10M"),
        ("PT1.5H", "PT10M"),
        ("-PT1H", "PT10M"),
        ("PT1H\n", "PT10M"),
        ("PT\u0661M", "PT10M"),
        ("PT0S", "more than 0"),
        ("P367D", "at most P366D"),
        ("P53W", "at most P366D"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_to_write(text: str, mend: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_duration(text, "/expires_in")
    assert mend in caught.value.detail
    assert caught.value.pointer == "/expires_in"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "PT1S"), (600, "PT10M"), (86_400, "P1D"), (90_061, "P1DT1H1M1S"), (86_401, "P1DT1S")],
)
def test_seconds_are_written_in_the_shortest_way(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(1, LONGEST_SECONDS))
def test_what_is_written_is_read_as_the_same(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds

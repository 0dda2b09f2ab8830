import pytest

from clarion.core.retry_after import parse_retry_after

NOON = 1_767_268_800_000_000  # 2026-01-01T12:00:00Z


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 1.0),
        ("999999999999999999999", 86_400.0),
        ("Thu, 01 Jan 2026 12:01:30 GMT", 90.0),
        ("Thursday, 01-Jan-26 12:01:30 GMT", 90.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 1.0),
        ("Fri, 01 Jan 2027 12:00:00 GMT", 86_400.0),
    ],
)
def test_seconds_and_dates_become_a_wait_between_a_second_and_a_day(
    value: str, seconds: float
) -> None:
    assert parse_retry_after(value, NOON) == seconds


@pytest.mark.parametrize(
    "value", [None, "", "soon", "-5", "1.5", "٣", "Thu, 99 Jan 2026 12:00:00 GMT"]
)
def test_what_is_neither_seconds_nor_a_date_is_no_hint(value: str | None) -> None:
    assert parse_retry_after(value, NOON) is None

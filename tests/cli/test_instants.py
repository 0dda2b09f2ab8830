from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clarion.cli.failing import CommandError
from clarion.cli.instants import instant_in_option


def test_an_instant_stays_as_it_is_written() -> None:
    assert instant_in_option("2026-01-02T03:04:05+01:00", "--since") == "2026-01-02T03:04:05+01:00"


def test_a_duration_is_so_long_ago() -> None:
    found = datetime.fromisoformat(instant_in_option("PT1H", "--since"))
    assert timedelta(hours=1) <= datetime.now(UTC) - found < timedelta(hours=1, minutes=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1h", "did you mean PT1H?"),
        ("7 days", "did you mean P7D?"),
        ("2026-01-02", "is not an instant (2026-01-02T03:04:05Z)"),
        ("2026-01-02T03:04:05", "or how long ago (PT1H, P7D)"),
        ("yesterday", "or how long ago (PT1H, P7D)"),
    ],
)
def test_anything_else_is_answered_with_what_it_takes(text: str, said: str) -> None:
    with pytest.raises(CommandError) as caught:
        instant_in_option(text, "--until")
    assert caught.value.text.startswith("--until: ")
    assert said in caught.value.text

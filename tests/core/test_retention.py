from __future__ import annotations

import pytest

from clarion.core.retention import RetentionDays, outlives


@pytest.mark.parametrize(
    ("days", "other", "longer"),
    [(31, 30, True), (30, 30, False), (0, 30, True), (30, 0, False), (0, 0, False)],
)
def test_zero_days_are_for_ever(days: int, other: int, longer: bool) -> None:
    assert outlives(days, other) is longer


def test_an_environment_can_only_keep_less() -> None:
    shortened = RetentionDays().shortened({"content_days": 7, "inbox_days": 400})
    assert shortened == RetentionDays(content_days=7)


def test_nothing_outlives_its_notification() -> None:
    shortened = RetentionDays(inbox_days=0).shortened({"notifications_days": 10})
    assert shortened == RetentionDays(
        content_days=10, notifications_days=10, decisions_days=10, attempts_days=10, inbox_days=10
    )

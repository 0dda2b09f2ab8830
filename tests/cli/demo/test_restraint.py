from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from clarion.cli.demo.restraint import SECOND, ZONES, night_act, night_at
from clarion.clock import from_rfc3339


@pytest.mark.parametrize("day", ["2026-01-01", "2026-03-29", "2026-07-01", "2026-11-01"])
def test_somewhere_it_is_late_in_the_evening_at_any_hour(day: str) -> None:
    zones = set()
    for hour in range(24):
        now = from_rfc3339(f"{day}T{hour:02}:59:59Z")
        night = night_at(now)
        wall = datetime.fromtimestamp(now // SECOND, ZoneInfo(night.zone))
        assert (wall.hour, night.wall) == (23, "23:59")
        assert f"({night.zone}) it is 23:59" in night_act(night).scene
        zones.add(night.zone)
    assert zones == set(ZONES)

"""Fail points: silent unless armed, and then exactly where they were told."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from clarion import failpoint
from clarion.failpoint import FailPoint, arm, reach, read_fail_points
from tests.cli.shell import environ


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm(())


def test_nothing_happens_unless_armed() -> None:
    for point in failpoint.POINTS:
        reach(point)


def test_an_armed_point_ends_at_the_named_visit_only() -> None:
    ends: list[int] = []
    arm(read_fail_points("settle.before_finish:3"), lambda: ends.append(1))
    for visit in range(1, 6):
        reach("settle.before_finish")
        reach("settle.after_finish")
        assert len(ends) == (visit >= 3)


def test_a_chance_repeats_by_its_seed() -> None:
    def visits(seed: int) -> list[int]:
        ended: list[int] = []
        visited = 0
        arm([FailPoint("fanout.after_page", chance=0.2, seed=seed)], lambda: ended.append(visited))
        while visited < 100:
            visited += 1
            reach("fanout.after_page")
        return ended

    assert visits(7) == visits(7)
    assert 0 < len(visits(7)) < 100
    assert visits(7) != visits(8)


def test_several_points_are_read() -> None:
    assert read_fail_points("deliver.after_claim:1, rescuer.after_bury:%0.5:9") == (
        FailPoint("deliver.after_claim", time=1),
        FailPoint("rescuer.after_bury", chance=0.5, seed=9),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("settle", "write name:3"),
        ("settle.before_finish:0", "write name:3"),
        ("settle.befor_finish:1", "names no fail point"),
        ("settle.before_finish:%0:1", "above 0"),
        ("settle.before_finish:%1.5:1", "at most 1"),
    ],
)
def test_an_odd_text_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_fail_points(text)


def test_the_end_is_that_of_a_killed_process() -> None:
    program = "from clarion.failpoint import *; arm(read_fail_points('accept.after_commit:1'))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{program}; reach('accept.after_commit')"], env=environ()
    )
    assert ended.returncode == -signal.SIGKILL

"""A tenth of a lane's traffic may be retries, and a quiet lane may retry all the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.core.budget import (
    EARNED,
    FLOOR_SECONDS,
    LONGEST_SECONDS,
    MOST_TOKENS,
    SECOND,
    Budget,
    budget_of,
    earned,
    spent,
)

START = 1_767_323_045_000_000


def delays(budget: Budget, retries: int, now: int = START) -> list[float]:
    found = []
    for _ in range(retries):
        budget, delay_seconds = spent(budget, now=now)
        found.append(delay_seconds)
    return found


def test_a_quiet_lane_may_retry() -> None:
    assert delays(Budget(at=START), 10) == [0] * 10


def test_over_the_budget_retries_leave_one_a_second() -> None:
    assert delays(Budget(at=START), 13)[10:] == [1, 2, 3]


def test_ten_first_tries_earn_a_retry() -> None:
    budget = earned(Budget(tokens=0, at=START), 50)
    assert delays(budget, 7) == [0, 0, 0, 0, 0, 1, 2]


def test_the_floor_fills_up_with_time() -> None:
    budget = Budget(tokens=-3, at=START)
    assert delays(budget, 3, START + 5 * SECOND) == [0, 0, 1]


def test_what_was_earned_is_bounded() -> None:
    assert earned(Budget(at=START), 1_000_000).tokens == MOST_TOKENS


def test_no_retry_waits_longer_than_the_bound() -> None:
    budget = Budget(tokens=-1e9, at=START)
    assert spent(budget, now=START)[1] == LONGEST_SECONDS


happenings = st.lists(st.tuples(st.booleans(), st.integers(0, 2 * SECOND)), max_size=200)


@given(happenings)
def test_retries_at_once_never_exceed_floor_and_tenth(happened: list[tuple[bool, int]]) -> None:
    budget, now, firsts, at_once = Budget(at=START), START, 0, 0
    for is_first, passed in happened:
        now += passed
        if is_first:
            budget, firsts = earned(budget), firsts + 1
        else:
            budget, delay_seconds = spent(budget, now=now)
            at_once += delay_seconds == 0
        floor = FLOOR_SECONDS + (now - START) / SECOND
        assert at_once <= floor + EARNED * firsts + 1e-6


def test_a_lane_with_a_higher_floor_retries_faster_when_it_is_quiet() -> None:
    budget, delays = budget_of(20), []
    for _ in range(220):
        budget, delay = spent(budget, now=START)
        delays.append(delay)
    assert delays[:200] == [0.0] * 200
    assert delays[-1] == 1.0

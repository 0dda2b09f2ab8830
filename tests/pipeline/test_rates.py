from __future__ import annotations

import pytest

from clarion.clock import SECOND
from clarion.core.workflow import Lane
from clarion.pipeline.rates import (
    BOUNDS_SECONDS,
    WINDOW_SECONDS,
    Rate,
    Rates,
    Waits,
    added,
    quantile,
)
from clarion.testing.clock import START


def test_a_steady_rate_is_told_as_it_is() -> None:
    rate = Rate()
    for tick in range(200):
        rate.count(3, START + tick * SECOND // 10)
    assert rate.per_second(START + 20 * SECOND) == pytest.approx(30.0)


def test_what_is_older_than_the_window_no_longer_counts() -> None:
    rate = Rate()
    rate.count(90, START)
    assert rate.per_second(START + 9 * SECOND) == pytest.approx(10.0)
    assert rate.per_second(START + WINDOW_SECONDS * SECOND) == 0.0


def test_a_second_that_comes_round_in_the_ring_starts_from_nothing() -> None:
    rate = Rate()
    rate.count(1000, START)
    rate.count(19, START + WINDOW_SECONDS * SECOND)
    assert rate.per_second(START + WINDOW_SECONDS * SECOND + SECOND // 2) == pytest.approx(2.0)


def test_a_first_count_is_told_at_once() -> None:
    rate = Rate()
    assert rate.per_second(START) == 0.0
    rate.count(9, START)
    assert rate.per_second(START) == pytest.approx(1.0)


def test_lanes_are_counted_apart() -> None:
    rates = Rates()
    rates.count(Lane.CRITICAL, 18, START)
    rates.count(Lane.BULK, 0, START)
    assert rates.per_second(START) == {0: pytest.approx(2.0), 1: 0.0, 2: 0.0, 3: 0.0}


def test_the_half_and_the_slowest_of_those_that_waited() -> None:
    waits = Waits()
    for n in range(1, 101):
        waits.count(n / 10, START)
    found = waits.recent(START + SECOND)
    assert quantile(found, 0.5) == pytest.approx(5.0, rel=0.1)
    assert quantile(found, 0.99) == pytest.approx(9.9, rel=0.2)


def test_who_waited_before_the_window_no_longer_counts() -> None:
    waits = Waits()
    waits.count(90.0, START)
    waits.count(0.5, START + 5 * SECOND)
    assert sum(waits.recent(START + 9 * SECOND).values()) == 2
    later = waits.recent(START + WINDOW_SECONDS * SECOND)
    assert quantile(later, 1.0) == pytest.approx(0.5, rel=0.5)
    waits.count(0.5, START + 2 * WINDOW_SECONDS * SECOND)
    assert sum(waits.recent(START + 2 * WINDOW_SECONDS * SECOND).values()) == 1


def test_nothing_waited_and_longer_than_all_bounds() -> None:
    assert quantile({}, 0.5) is None
    waits = Waits()
    waits.count(1e6, START)
    assert quantile(waits.recent(START), 0.5) == BOUNDS_SECONDS[-1]


def test_counts_of_two_processes_are_one() -> None:
    assert added({1: 2, 3: 4}, {3: 5, 7: 1}) == {1: 2, 3: 9, 7: 1}

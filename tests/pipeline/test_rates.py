from __future__ import annotations

import pytest

from clarion.clock import SECOND
from clarion.core.workflow import Lane
from clarion.pipeline.rates import WINDOW_SECONDS, Rate, Rates
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

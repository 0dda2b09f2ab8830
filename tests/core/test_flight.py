"""How many sends may be under way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.core.delivery import Outcome
from clarion.core.flight import LOWEST_FOR_SLOWNESS, Flight, after, unhindered
from tests.core.outcomes import DEAD_TOKEN, DOWN, GREYLISTED, OK, SILENT, THROTTLED, outcomes

START = 1_767_323_045_000_000
SECOND = 1_000_000


def answered(flight: Flight, outcome: Outcome, *, at: float, seconds: float = 0.01) -> Flight:
    now = START + int(at * SECOND)
    return after(flight, outcome, started_at=now - int(seconds * SECOND), now=now)


def test_it_begins_with_what_was_set() -> None:
    assert unhindered(64).allowed == 64


def test_throttling_halves_it_once_for_all_that_was_under_way() -> None:
    flight = unhindered(64)
    for _ in range(30):
        flight = answered(flight, THROTTLED, at=1, seconds=0.5)
    assert flight.allowed == 32
    assert answered(flight, THROTTLED, at=2, seconds=0.5).allowed == 16


def test_a_missing_answer_halves_it_too() -> None:
    assert answered(unhindered(64), SILENT, at=31, seconds=30).allowed == 32


def test_a_limit_of_answers_raises_it_by_about_one() -> None:
    flight = answered(unhindered(64), THROTTLED, at=0)
    for n in range(32):
        flight = answered(flight, OK, at=1 + n / 100)
    assert 32.9 < flight.limit <= 33


def test_refusals_and_passing_problems_leave_it_as_it_is() -> None:
    flight = answered(unhindered(64), THROTTLED, at=0)
    for outcome in (DOWN, DEAD_TOKEN, GREYLISTED):
        assert answered(flight, outcome, at=1) == flight


def test_slower_answers_than_usual_ease_it_and_it_comes_back() -> None:
    flight = unhindered(64)
    for n in range(200):
        flight = answered(flight, OK, at=n, seconds=0.1)
    for n in range(200, 240):
        flight = answered(flight, OK, at=n, seconds=2)
    assert flight.allowed < 64
    for n in range(240, 5000):
        flight = answered(flight, OK, at=n, seconds=0.1)
    assert flight.allowed == 64


@given(st.integers(1, 500), st.lists(st.tuples(outcomes, st.floats(0, 30)), max_size=200))
def test_it_stays_between_one_and_what_was_set(
    ceiling: int, happened: list[tuple[Outcome, float]]
) -> None:
    flight = unhindered(ceiling)
    for n, (outcome, seconds) in enumerate(happened):
        flight = answered(flight, outcome, at=n * 40, seconds=seconds)
        assert 1 <= flight.allowed <= ceiling


@given(st.integers(1, 500), st.lists(st.floats(0.001, 30), max_size=300))
def test_slowness_alone_keeps_a_quarter(ceiling: int, answers: list[float]) -> None:
    flight = unhindered(ceiling)
    for n, seconds in enumerate(answers):
        flight = answered(flight, OK, at=n * 40, seconds=seconds)
    assert flight.limit >= max(1, LOWEST_FOR_SLOWNESS * ceiling)

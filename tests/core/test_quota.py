"""Tokens of an account's rate, with a share for the upper lanes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.core.quota import Quota, drained, give_back, take
from clarion.core.workflow import Lane

START = 1_767_323_045_000_000
SECOND = 1_000_000
TEN = Quota(rate_per_second=10, burst=10)


def test_the_burst_is_there_at_first_and_then_the_rate() -> None:
    first = take(0, TEN, lane=Lane.CRITICAL, wanted=50, now=START)
    assert first.tokens == 10
    assert first.wait_seconds == 0.1
    later = take(first.full_at, TEN, lane=Lane.CRITICAL, wanted=50, now=START + int(0.35 * SECOND))
    assert later.tokens == 3


def test_the_lower_lanes_leave_the_reserve_to_the_upper_ones() -> None:
    bulk = take(0, TEN, lane=Lane.BULK, wanted=50, now=START)
    assert bulk.tokens == 8
    assert take(bulk.full_at, TEN, lane=Lane.SOCIAL, wanted=1, now=START).tokens == 0
    assert take(bulk.full_at, TEN, lane=Lane.TRANSACTIONAL, wanted=50, now=START).tokens == 2


def test_who_waits_as_told_gets_a_token() -> None:
    bulk = take(0, TEN, lane=Lane.BULK, wanted=50, now=START)
    now = START + int(bulk.wait_seconds * SECOND)
    assert take(bulk.full_at, TEN, lane=Lane.BULK, wanted=50, now=now).tokens == 1
    assert take(bulk.full_at, TEN, lane=Lane.BULK, wanted=50, now=now - 1).tokens == 0


def test_what_is_given_back_is_there_again() -> None:
    taken = take(0, TEN, lane=Lane.CRITICAL, wanted=10, now=START)
    full_at = give_back(taken.full_at, TEN, tokens=4)
    assert take(full_at, TEN, lane=Lane.CRITICAL, wanted=10, now=START).tokens == 4


def test_after_a_pause_only_the_reserve_is_there() -> None:
    until = START + 90 * SECOND
    full_at = drained(0, TEN, until=until)
    assert take(full_at, TEN, lane=Lane.BULK, wanted=10, now=until).tokens == 0
    assert take(full_at, TEN, lane=Lane.CRITICAL, wanted=10, now=until).tokens == 2


def test_a_burst_of_one_is_everybodys() -> None:
    single = Quota(rate_per_second=0.5, burst=1)
    assert take(0, single, lane=Lane.BULK, wanted=5, now=START).tokens == 1


quotas = st.builds(Quota, rate_per_second=st.floats(0.01, 10_000), burst=st.integers(1, 10_000))
asked = st.lists(
    st.tuples(st.sampled_from(Lane), st.integers(1, 500), st.integers(0, 3 * SECOND)), max_size=60
)


@given(quotas, asked)
def test_no_more_is_taken_than_burst_and_rate_allow(
    quota: Quota, asked: list[tuple[Lane, int, int]]
) -> None:
    full_at, now, total = 0, START, 0
    for lane, wanted, passed in asked:
        now += passed
        taken = take(full_at, quota, lane=lane, wanted=wanted, now=now)
        full_at = taken.full_at
        total += taken.tokens
        assert 0 <= taken.tokens <= wanted
        assert (taken.wait_seconds > 0) == (taken.tokens < wanted)
        assert total <= quota.burst + (now - START) / quota.interval


@given(quotas, asked)
def test_the_lower_lanes_alone_never_touch_the_reserve(
    quota: Quota, asked: list[tuple[Lane, int, int]]
) -> None:
    full_at, now = 0, START
    for _, wanted, passed in asked:
        now += passed
        full_at = take(full_at, quota, lane=Lane.BULK, wanted=wanted, now=now).full_at
    reserve = take(full_at, quota, lane=Lane.CRITICAL, wanted=quota.burst, now=now)
    assert reserve.tokens >= quota.reserved

"""Ranges of a cut audience, and how soon it can be done."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.blast import (
    MOST_RANGES,
    Section,
    earliest_seconds,
    expiry_at,
    takes_nothing,
)
from clarion.core.quota import Quota
from clarion.core.workflow import Lane

BULK, CRITICAL = int(Lane.BULK), int(Lane.CRITICAL)
END = 2**62


@given(pages=st.lists(st.integers(1, 500), max_size=400), step=st.integers(1, 3000))
def test_ranges_are_few_and_reach_from_the_first_number_to_the_last(
    pages: list[int], step: int
) -> None:
    section, last = Section(step=step), 0
    for count in pages:
        last += count
        section.add(last, count)
    ranges = section.ranges(END)
    assert section.recipients == last
    assert len(ranges) <= MOST_RANGES + 1
    if not pages:
        assert ranges == []
        return
    assert (ranges[0][0], ranges[-1][1]) == (1, END)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(ranges))


def test_ranges_of_a_million_are_alike() -> None:
    section = Section()
    for page in range(1, 2001):
        section.add(page * 500, 500)
    sizes = [last - first + 1 for first, last in section.ranges(1_000_000)]
    assert 32 <= len(sizes) <= MOST_RANGES + 1
    assert max(sizes) <= 2 * section.step


@pytest.mark.parametrize(
    ("deliveries", "ahead", "lane", "seconds"),
    [
        (1000, 0, BULK, 92.0),
        (1000, 500, BULK, 142.0),
        (1000, 0, CRITICAL, 90.0),
        (80, 0, BULK, 0.0),
        (0, 0, BULK, 0.0),
    ],
)
def test_the_earliest_finish_leaves_the_reserve_to_the_lanes_above(
    deliveries: int, ahead: int, lane: int, seconds: float
) -> None:
    quota = Quota(rate_per_second=10, burst=100)
    assert earliest_seconds(deliveries, ahead, quota, lane) == seconds


def test_without_a_quota_nothing_is_promised_and_with_none_of_it_nothing_leaves() -> None:
    assert earliest_seconds(1000, 0, None, BULK) is None
    nothing = Quota(rate_per_second=0, burst=1)
    assert takes_nothing(nothing)
    assert earliest_seconds(1, 0, nothing, BULK) == math.inf
    assert not takes_nothing(None)


def test_the_earlier_expiry_holds() -> None:
    assert expiry_at(100, None, None) is None
    assert expiry_at(100, 5_000_000, None) == 5_000_000
    assert expiry_at(100, 5_000_000, 2) == 2_000_100
    assert expiry_at(100, 1_000, 2) == 1_000

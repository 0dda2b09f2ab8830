"""At most so many uses in any window: the kept log against every use there ever was."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarion.core.caps import (
    BUCKETS,
    EMPTY,
    EXACT_LIMIT,
    CapAnswer,
    CapAsk,
    CapLog,
    CapScope,
    Counter,
    admit,
    admit_all,
)

START = 1_767_323_045_000_000
SECOND = 1_000_000
HOUR = 3600 * SECOND


def an_ask(user: int = 1, limit: int = 3, window_us: int = HOUR, holder: int = 0) -> CapAsk:
    return CapAsk(CapScope.CATEGORY, 7, user, 0, "", limit, window_us, holder)


def granted_of(steps: list[int], limit: int, window_us: int) -> tuple[list[int], list[int]]:
    """Instants granted and refused when the clock moves by `steps`, some of them backwards."""
    log, now = EMPTY, START
    granted: list[int] = []
    refused: list[int] = []
    for step in steps:
        now += step
        log, answer = admit(log, now, limit, window_us, 0)
        (granted if answer.granted else refused).append(now)
    return granted, refused


def most_in_a_window(instants: list[int], window_us: int) -> int:
    """The most instants in any half-open window: one that is fullest begins at an instant."""
    ordered = sorted(instants)
    ends = [bisect_left(ordered, start + window_us) for start in ordered]
    return max((end - begin for begin, end in enumerate(ends)), default=0)


limits = st.integers(1, 12)
windows = st.integers(1, 50)
many_moves = st.lists(st.integers(-4, 6), min_size=130, max_size=180)
forward = st.lists(st.integers(0, 30), max_size=60)


@st.composite
def with_steps_back(
    draw: st.DrawFn, windows: st.SearchStrategy[int], moves: st.SearchStrategy[list[int]]
) -> tuple[int, list[int]]:
    """A window, and steps of a clock that is never a whole window behind where it once was."""
    window_us = draw(windows)
    steps, behind = [], 0
    for move in draw(moves):
        step = move if behind - move < window_us else -move
        steps.append(step)
        behind = max(0, behind - step)
    return window_us, steps


@given(limits, with_steps_back(windows, st.lists(st.integers(-10, 30), max_size=60)))
@example(2, (10, [0, 2, 11, -9]))
def test_no_window_holds_more_whatever_the_clock_does(
    limit: int, clock: tuple[int, list[int]]
) -> None:
    window_us, steps = clock
    granted, _ = granted_of(steps, limit, window_us)
    assert most_in_a_window(granted, window_us) <= limit


@given(limits, windows, forward)
def test_who_fits_is_granted(limit: int, window_us: int, steps: list[int]) -> None:
    granted, refused = granted_of(steps, limit, window_us)
    for now in refused:
        assert sum(now - window_us < t <= now for t in granted) >= limit


@settings(deadline=None)
@given(st.integers(EXACT_LIMIT + 1, EXACT_LIMIT + 5), st.integers(1, 500), st.data())
def test_large_limits_hold_and_are_a_bucket_too_careful_at_most(
    limit: int, window_us: int, data: st.DataObject
) -> None:
    steps = data.draw(st.lists(st.integers(0, 6), min_size=100, max_size=160))
    granted, refused = granted_of(steps, limit, window_us)
    assert most_in_a_window(granted, window_us) <= limit
    width = -(-window_us // BUCKETS)
    for now in refused:
        assert sum(now - window_us - width < t <= now for t in granted) >= limit


@settings(deadline=None)
@given(with_steps_back(st.integers(60, 500), many_moves))
def test_large_limits_hold_when_the_clock_steps_back(clock: tuple[int, list[int]]) -> None:
    window_us, steps = clock
    granted, _ = granted_of(steps, EXACT_LIMIT + 1, window_us)
    assert most_in_a_window(granted, window_us) <= EXACT_LIMIT + 1


@given(st.sampled_from([1, 2, 5, EXACT_LIMIT + 1, EXACT_LIMIT + 9]), windows, forward)
def test_the_instant_that_is_told_frees(limit: int, window_us: int, steps: list[int]) -> None:
    log, now = EMPTY, START
    for step in [*steps, *[0] * (limit + 1)]:
        now += step
        log, answer = admit(log, now, limit, window_us, 0)
        _, at_last = admit(log, answer.frees_at, limit, window_us, 0)
        assert at_last.granted
        if answer.frees_at > now:
            assert not admit(log, answer.frees_at - 1, limit, window_us, 0)[1].granted


def test_the_use_just_out_of_the_window_does_not_count() -> None:
    log, first = admit(EMPTY, START, 1, HOUR, 0)
    assert first == CapAnswer(True, 1, START + HOUR)
    assert admit(log, START + HOUR - 1, 1, HOUR, 0) == (log, CapAnswer(False, 1, START + HOUR))
    assert admit(log, START + HOUR, 1, HOUR, 0)[1].granted


@given(limits, st.lists(st.integers(1, 40), max_size=80))
def test_a_holder_is_granted_again_and_counted_once(limit: int, holders: list[int]) -> None:
    log = EMPTY
    inside: set[int] = set()
    for holder in holders:
        before = log
        log, answer = admit(log, START, limit, HOUR, holder)
        assert answer.granted == (holder in inside or len(inside) < limit)
        if holder in inside:
            assert log is before
        if answer.granted:
            inside.add(holder)
        assert answer.used == len(inside)


def test_a_refusal_writes_nothing() -> None:
    for limit in (1, EXACT_LIMIT + 1):
        log = EMPTY
        for _ in range(limit):
            log, _ = admit(log, START, limit, HOUR, 0)
        after, answer = admit(log, START, limit, HOUR, 0)
        assert after is log
        assert (answer.granted, answer.used) == (False, limit)


def test_a_use_of_a_wrong_clock_a_window_ahead_blocks_nobody() -> None:
    for limit in (1, EXACT_LIMIT + 1):
        log = EMPTY
        for _ in range(limit):
            log, _ = admit(log, START + 9 * HOUR, limit, HOUR, 0)
        log, answer = admit(log, START, limit, HOUR, 0)
        assert (answer.granted, answer.used) == (True, 1)
        assert len(log.uses) == 1


def test_a_log_keeps_no_more_than_it_needs() -> None:
    exact, counted = EMPTY, EMPTY
    for minute in range(500):
        exact, _ = admit(exact, START + minute * 60 * SECOND, 5, HOUR, minute)
        counted, _ = admit(counted, START + minute * 60 * SECOND, 1000, HOUR, minute)
    assert len(exact.uses) == 5
    assert len(counted.uses) <= 2 * BUCKETS + 1


def test_a_changed_limit_counts_what_was_before() -> None:
    log = EMPTY
    for _ in range(5):
        log, _ = admit(log, START, 5, HOUR, 0)
    assert not admit(log, START, 3, HOUR, 0)[1].granted
    assert admit(log, START, 6, HOUR, 0)[1] == CapAnswer(True, 6, START + HOUR)
    large, answer = admit(log, START, 1000, HOUR, 0)
    assert answer.used == 6
    assert not admit(large, START, 6, HOUR, 0)[1].granted
    assert admit(large, START, 7, HOUR, 0)[1].granted
    assert admit(large, START + HOUR + HOUR // BUCKETS, 6, HOUR, 0)[1].used == 1


@given(st.integers(1, 50), st.integers(1, 50), forward)
def test_a_changed_window_of_a_large_limit_forgets_nothing_in_it(
    old_us: int, new_us: int, steps: list[int]
) -> None:
    log, now = EMPTY, START
    granted = []
    for step in steps:
        now += step
        log, _ = admit(log, now, 1000, old_us, 0)
        granted.append(now)
    known = [t for t in granted if t > now - old_us]
    _, answer = admit(log, now, 1000, new_us, 0)
    assert answer.used >= 1 + sum(t > now - new_us for t in known)


def test_a_group_is_counted_whole_or_not_at_all() -> None:
    logs: dict[Counter, CapLog] = {}
    wide, narrow = an_ask(user=0, limit=5), an_ask(user=1, limit=1)
    first, second, third = admit_all(logs, [[wide, narrow], [wide, narrow], [wide]], START)
    assert [answer.granted for answer in first] == [True, True]
    assert [answer.granted for answer in second] == [True, False]
    assert [answer.used for answer in third] == [2]
    assert len(logs[wide.counter].uses) == 2


def test_two_rules_over_one_counter_count_twice() -> None:
    logs: dict[Counter, CapLog] = {}
    ((one, two),) = admit_all(logs, [[an_ask(), an_ask()]], START)
    assert (one.used, two.used) == (1, 2)


@given(st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=40))
def test_groups_take_what_fits_and_no_more(asked: list[list[int]]) -> None:
    """User n may be told n + 1 times."""
    logs: dict[Counter, CapLog] = {}
    groups = [[an_ask(user=user, limit=user + 1) for user in users] for users in asked]
    uses = [0, 0, 0, 0]
    for users, told in zip(asked, admit_all(logs, groups, START), strict=True):
        fits = all(uses[user] + users.count(user) <= user + 1 for user in users)
        assert all(answer.granted for answer in told) == fits
        if fits:
            for user in users:
                uses[user] += 1
    assert [len(logs.get(an_ask(user=n).counter, EMPTY).uses) for n in range(4)] == uses


def test_uses_stay_in_the_order_of_time() -> None:
    log = EMPTY
    for step in (0, 50, -20, 10, -30, 100):
        log, _ = admit(log, START + step, 10, 200, 0)
    assert all(a[0] <= b[0] for a, b in pairwise(log.uses))

"""When an account is asked, and how carefully it is tried again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.breaker import (
    CALM,
    RAMP,
    SECOND,
    SETTINGS_SECONDS,
    Breaker,
    BreakerPolicy,
    BreakerState,
    Phase,
    after,
    after_time,
    probing,
    unprobed,
)
from clarion.core.delivery import About, Outcome, OutcomeClass
from tests.core.outcomes import (
    BLOCKED,
    DEAD_TOKEN,
    DOWN,
    GREYLISTED,
    OK,
    SILENT,
    THROTTLED,
    WRONG_KEY,
    outcomes,
)

START = 1_767_323_045_000_000
POLICY = BreakerPolicy()
STEP = POLICY.step_seconds


class Watched:
    """A breaker to which things happen at seconds after the start."""

    def __init__(self, state: BreakerState | None = None) -> None:
        self.breaker = Breaker(state=state or BreakerState())
        self.second = 0.0

    @property
    def now(self) -> int:
        return START + int(self.second * SECOND)

    @property
    def state(self) -> BreakerState:
        return self.breaker.state

    def saw(self, *seen: Outcome, started: float | None = None) -> Phase:
        for outcome in seen:
            started_at = self.now if started is None else START + int(started * SECOND)
            self.breaker = after(
                self.breaker, outcome, started_at=started_at, now=self.now, chance=0.5,
                policy=POLICY,
            )  # fmt: skip
        return self.state.phase

    def wait(self, seconds: float) -> None:
        self.second += seconds
        self.breaker = after_time(self.breaker, now=self.now, policy=POLICY)

    def probe(self) -> None:
        assert self.state.probe_due(self.now)
        self.breaker = Breaker(state=probing(self.state, now=self.now, policy=POLICY))

    def until_due(self) -> float:
        """Seconds for which it stays open; then the probe is due."""
        seconds = (self.state.until - self.now) / SECOND
        self.wait(seconds)
        return seconds


def an_open_one() -> Watched:
    watched = Watched()
    assert watched.saw(*[DOWN] * 10) is Phase.OPEN
    return watched


def a_ramping_one() -> Watched:
    watched = an_open_one()
    watched.until_due()
    watched.probe()
    assert watched.saw(OK) is Phase.RAMPING
    return watched


@pytest.mark.parametrize("failure", [DOWN, SILENT])
def test_it_opens_on_enough_failures(failure: Outcome) -> None:
    watched = Watched()
    assert watched.saw(*[failure] * 9) is Phase.CLOSED
    assert watched.saw(failure) is Phase.OPEN
    assert watched.state.cause == f"{failure.kind.value}:{failure.code}"
    assert watched.state.share == 0


def test_failures_among_many_answers_do_not_open_it() -> None:
    watched = Watched()
    assert watched.saw(*[OK] * 30, *[DOWN] * 20) is Phase.CLOSED
    assert watched.saw(*[DOWN] * 10) is Phase.OPEN


def test_failures_of_long_ago_are_forgotten() -> None:
    watched = Watched()
    watched.saw(*[DOWN] * 9)
    watched.wait(POLICY.window_seconds)
    assert watched.saw(*[DOWN] * 9) is Phase.CLOSED
    assert watched.saw(DOWN) is Phase.OPEN


@pytest.mark.parametrize("outcome", [WRONG_KEY, Outcome(kind=OutcomeClass.CONFIG, code="404")])
def test_wrong_settings_open_it_at_once_and_for_longer(outcome: Outcome) -> None:
    watched = Watched()
    assert watched.saw(outcome) is Phase.OPEN
    assert watched.until_due() == SETTINGS_SECONDS


@pytest.mark.parametrize(
    "outcome",
    [
        DEAD_TOKEN,
        GREYLISTED,
        BLOCKED,
        THROTTLED,
        Outcome(kind=OutcomeClass.CONFIG, about=About.MESSAGE),
        Outcome(kind=OutcomeClass.PERMANENT),
        Outcome(kind=OutcomeClass.OPTED_OUT),
    ],
)
def test_what_is_not_the_accounts_trouble_never_opens_it(outcome: Outcome) -> None:
    assert Watched().saw(*[outcome] * 100) is Phase.CLOSED


def test_one_probe_then_a_ramp_of_1_10_50_and_100_percent() -> None:
    watched = an_open_one()
    assert not watched.state.probe_due(watched.now)
    assert watched.until_due() == POLICY.open_seconds
    watched.probe()
    assert not watched.state.probe_due(watched.now)
    watched.saw(OK)
    shares = [watched.state.share]
    while watched.state.phase is Phase.RAMPING:
        watched.wait(STEP)
        watched.saw(OK)
        shares.append(watched.state.share)
    assert shares == [*RAMP, 1.0]
    assert watched.state.phase is Phase.CLOSED


def test_a_step_is_held_for_its_time_and_until_something_was_answered() -> None:
    watched = a_ramping_one()
    watched.saw(*[OK] * 100)
    assert watched.state.step == 0
    watched.wait(STEP)
    assert watched.state.step == 1
    watched.wait(10 * STEP)
    assert watched.state.step == 1
    watched.saw(OK)
    assert watched.state.step == 2


def test_a_failure_early_in_the_ramp_opens_it_again_for_twice_as_long() -> None:
    watched = a_ramping_one()
    assert watched.saw(DOWN) is Phase.OPEN
    assert watched.until_due() == 2 * POLICY.open_seconds


def test_a_single_failure_among_many_answers_does_not_stop_the_ramp() -> None:
    watched = a_ramping_one()
    assert watched.saw(*[OK] * 50, DOWN) is Phase.RAMPING


def test_each_failed_probe_doubles_the_time_up_to_its_bound() -> None:
    watched = an_open_one()
    times = []
    for _ in range(8):
        times.append(watched.until_due())
        watched.probe()
        watched.saw(DOWN)
    assert times == [10, 20, 40, 80, 160, 300, 300, 300]


def test_a_probe_that_was_throttled_found_out_nothing() -> None:
    watched = an_open_one()
    watched.until_due()
    watched.probe()
    assert watched.saw(THROTTLED) is Phase.OPEN
    assert watched.state.probe_due(watched.now)
    assert watched.state.trips == 1


def test_a_refused_message_is_answer_enough_for_a_probe() -> None:
    watched = an_open_one()
    watched.until_due()
    watched.probe()
    assert watched.saw(DEAD_TOKEN) is Phase.RAMPING


def test_a_probe_that_got_lost_may_be_made_again() -> None:
    watched = an_open_one()
    watched.until_due()
    watched.probe()
    watched.wait(POLICY.probe_seconds)
    watched.probe()


def test_a_probe_without_a_message_is_given_back() -> None:
    watched = an_open_one()
    watched.until_due()
    watched.probe()
    back = unprobed(watched.state, now=watched.now)
    assert back.phase is Phase.OPEN
    assert back.probe_due(watched.now)
    assert back.trips == 1


def test_tries_that_began_before_say_nothing_of_the_phase_after() -> None:
    watched = an_open_one()
    began = watched.second - 1
    watched.until_due()
    watched.probe()
    assert watched.saw(OK, WRONG_KEY, started=began) is Phase.PROBING
    watched.saw(OK)
    assert watched.saw(*[DOWN] * 20, started=began) is Phase.RAMPING


def test_soon_after_it_closed_it_opens_for_longer_than_at_first() -> None:
    watched = a_ramping_one()
    while watched.state.phase is Phase.RAMPING:
        watched.saw(OK)
        watched.wait(STEP)
    watched.saw(*[DOWN] * 10)
    assert watched.until_due() == 2 * POLICY.open_seconds


def test_after_a_calm_time_the_next_opening_is_a_first_one() -> None:
    watched = Watched(BreakerState(since=START, trips=5))
    watched.wait(CALM * POLICY.open_seconds)
    watched.saw(*[DOWN] * 10)
    assert watched.until_due() == POLICY.open_seconds


steps = st.tuples(outcomes, st.floats(0, 120), st.floats(0, 0.999))


@given(st.lists(steps, max_size=120))
def test_whatever_happens_the_breaker_stays_within_its_bounds(
    happened: list[tuple[Outcome, float, float]],
) -> None:
    watched = Watched()
    for outcome, seconds, chance in happened:
        watched.wait(seconds)
        before = watched.state
        if before.probe_due(watched.now):
            watched.probe()
            before = watched.state
        watched.breaker = after(
            watched.breaker, outcome, started_at=watched.now, now=watched.now, chance=chance,
            policy=POLICY,
        )  # fmt: skip
        state = watched.state
        assert state.share in (0.0, *RAMP)
        assert (state.phase in (Phase.OPEN, Phase.PROBING)) == (state.share == 0)
        assert (state.until - state.since) / SECOND <= 1.2 * POLICY.longest_open_seconds
        assert len(watched.breaker.seen) <= 10
        if before.phase is Phase.PROBING and outcome is OK:
            assert state.phase is Phase.RAMPING
            assert state.step == 0
        if state.phase is Phase.RAMPING and before.phase is Phase.RAMPING:
            assert state.step - before.step in (0, 1)


@given(st.lists(st.floats(0, 29.9), max_size=300))
def test_slow_answers_alone_never_open_it(waits: list[float]) -> None:
    watched = Watched()
    for seconds in waits:
        began = watched.second
        watched.wait(seconds)
        assert watched.saw(OK, started=began) is Phase.CLOSED


@given(st.lists(outcomes, max_size=60), st.integers(0, 60))
def test_a_wrong_key_opens_it_whatever_came_before(before: list[Outcome], seconds: int) -> None:
    watched = Watched()
    watched.saw(*before)
    watched.wait(seconds)
    if watched.state.probe_due(watched.now):
        watched.probe()
    assert watched.saw(WRONG_KEY) is Phase.OPEN

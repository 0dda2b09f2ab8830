"""One account in one process: what may be claimed, and what others are told."""

from __future__ import annotations

import random

import pytest

from clarion.core.breaker import BreakerState, Phase
from clarion.core.delivery import About, Outcome, OutcomeClass
from clarion.core.workflow import Lane
from clarion.pipeline.valve import (
    ERRORS_KEPT,
    EXHAUSTED_SECONDS,
    MOST_RESTING,
    PATIENCE_SECONDS,
    UNHINTED_SECONDS,
    Limits,
    Room,
    Valve,
)
from clarion.store.contract.accounts import AccountRow, Pause
from tests.core.outcomes import DOWN, OK, WRONG_KEY

NOW = 1_767_323_045_000_000
SECOND = 1_000_000
BULK = int(Lane.BULK)


def a_valve(changes: list[str] | None = None, in_flight: int = 8) -> Valve:
    noted = changes if changes is not None else []
    chance = random.Random(7)
    return Valve(
        "push", Limits(in_flight=in_flight), chance, lambda valve: noted.append(valve.account)
    )


def an_open_valve(cause: str = "retry:503") -> Valve:
    valve = a_valve()
    state = BreakerState(phase=Phase.OPEN, since=NOW, until=NOW + 10 * SECOND, trips=1, cause=cause)
    valve.adopt(AccountRow(account="push", state=state, term=1))
    return valve


def throttled(seconds: float | None, about: About = About.ACCOUNT) -> Outcome:
    return Outcome(kind=OutcomeClass.RETRY_AFTER, retry_after_seconds=seconds, about=about)


def test_each_lane_has_the_limit_to_itself() -> None:
    valve = a_valve()
    for _ in range(8):
        valve.began(BULK)
    assert valve.room(BULK, NOW) == Room(full=True)
    assert valve.room(Lane.CRITICAL, NOW).claims == 8
    valve.ended(BULK)
    assert valve.room(BULK, NOW).claims == 1


@pytest.mark.parametrize(("step", "claims"), [(0, 1), (1, 1), (2, 4), (3, 8)])
def test_a_step_of_the_ramp_allows_its_share_and_never_less_than_one(
    step: int, claims: int
) -> None:
    valve = a_valve()
    state = BreakerState(phase=Phase.RAMPING, since=NOW, step=step)
    valve.adopt(AccountRow(account="push", state=state, term=1))
    assert valve.room(BULK, NOW).claims == claims


def test_an_open_account_is_out_until_a_probe_is_due() -> None:
    valve = an_open_valve()
    assert valve.room(BULK, NOW) == Room(wait_seconds=5, out=True)
    assert valve.room(BULK, NOW + 9 * SECOND) == Room(wait_seconds=1, out=True)
    assert valve.room(BULK, NOW + 10 * SECOND) == Room(claims=1, probe=True)


def test_a_hint_pauses_all_lanes() -> None:
    changes: list[str] = []
    valve = a_valve(changes)
    valve.told(throttled(3), 1, NOW, NOW)
    assert valve.room(Lane.CRITICAL, NOW) == Room(wait_seconds=3)
    assert valve.room(BULK, NOW + 3 * SECOND).claims == 4
    assert changes == ["push"]
    assert valve.pause() == Pause(account="push", until=NOW + 3 * SECOND)


def test_without_a_hint_the_pause_is_short() -> None:
    valve = a_valve()
    valve.told(throttled(None), 1, NOW, NOW)
    assert valve.paused_until == NOW + UNHINTED_SECONDS * SECOND


def test_a_shorter_hint_does_not_cut_a_pause() -> None:
    valve = a_valve()
    valve.told(throttled(60), 1, NOW, NOW)
    valve.told(throttled(2), 1, NOW, NOW)
    assert valve.paused_until == NOW + 60 * SECOND


def test_a_long_pause_puts_the_account_out() -> None:
    valve = a_valve()
    valve.told(throttled(EXHAUSTED_SECONDS + 1), 1, NOW, NOW)
    assert valve.share(NOW) == 0
    assert valve.room(BULK, NOW).out
    assert valve.share(NOW + 2 * SECOND) == 1


def test_a_destination_that_is_throttled_rests_alone() -> None:
    valve = a_valve()
    valve.told(throttled(60, About.DESTINATION), "phone", NOW, NOW)
    assert valve.rests_until("phone") == NOW + 60 * SECOND
    assert valve.rests_until("tablet") == 0
    assert valve.room(BULK, NOW).claims == 8


def test_destinations_at_rest_are_bounded() -> None:
    valve = a_valve()
    for n in range(MOST_RESTING + 5):
        valve.told(throttled(60, About.DESTINATION), n, NOW, NOW)
    assert valve.rests_until(MOST_RESTING + 1) == 0
    later = NOW + 61 * SECOND
    valve.told(throttled(60, About.DESTINATION), "late", later, later)
    assert valve.rests_until("late") > later
    assert valve.rests_until(1) == 0


def test_a_turn_is_told_until_the_store_has_it() -> None:
    valve = a_valve()
    assert valve.turn(3) is None
    valve.told(WRONG_KEY, 1, NOW, NOW)
    turn = valve.turn(3)
    assert turn is not None
    assert (turn.known, turn.holder, turn.state.phase) == (0, 3, Phase.OPEN)
    valve.adopt(AccountRow(account="push", state=turn.state, term=1), sent=turn.state)
    assert valve.turn(3) is None


def test_what_another_process_turned_is_taken_over() -> None:
    changes: list[str] = []
    valve = a_valve(changes)
    valve.told(WRONG_KEY, 1, NOW, NOW)
    closed = AccountRow(account="push", state=BreakerState(since=NOW + 1), term=4)
    valve.adopt(closed)
    assert valve.state == closed.state
    assert valve.turn(3) is None
    assert len(changes) == 2


def test_what_happened_here_since_it_was_told_stands() -> None:
    valve = an_open_valve()
    sent = BreakerState(phase=Phase.PROBING, since=NOW, until=NOW + 60 * SECOND)
    valve.adopt(AccountRow(account="push", state=sent, term=2, holder=3))
    valve.told(OK, 1, NOW, NOW)
    ramping = valve.state
    valve.adopt(AccountRow(account="push", state=sent, term=2, holder=3), sent=sent)
    assert valve.state == ramping
    assert ramping.phase is Phase.RAMPING


def test_a_row_that_was_read_before_our_turn_changes_nothing() -> None:
    valve = an_open_valve()
    valve.adopt(AccountRow(account="push"))
    assert valve.state.phase is Phase.OPEN
    assert valve.row.term == 1


def test_each_probe_is_lent_one_message_and_urgent_lanes_lend_last() -> None:
    valve = an_open_valve()
    due = NOW + 10 * SECOND
    assert not valve.lend(BULK, due - 1)
    assert not valve.lend(Lane.CRITICAL, due)
    assert valve.lend(BULK, due)
    assert not valve.lend(BULK, due)
    critical = an_open_valve()
    patience = int(3 * PATIENCE_SECONDS * SECOND)
    assert not critical.lend(Lane.CRITICAL, due + patience - 1)
    assert critical.lend(Lane.CRITICAL, due + patience)


@pytest.mark.parametrize(
    ("cause", "is_due"), [("credential:401", True), ("config:404", True), ("retry:503", False)]
)
def test_settings_that_were_just_read_are_tried_at_once(cause: str, is_due: bool) -> None:
    valve = an_open_valve(cause)
    valve.mended(NOW + SECOND)
    assert valve.state.probe_due(NOW + SECOND) is is_due


def test_a_report_counts_outcomes_and_keeps_the_last_errors() -> None:
    valve = a_valve()
    valve.began(BULK)
    for outcome in [OK, OK, *[DOWN] * (ERRORS_KEPT + 2)]:
        valve.told(outcome, 1, NOW, NOW)
    report = valve.report()
    assert (report.in_flight, report.limit) == (1, 8)
    assert report.outcomes == {"accepted": 2, "retry": ERRORS_KEPT + 2}
    error = {"outcome": "retry", "code": "UNAVAILABLE", "about": "account", "at": NOW}
    assert report.errors == [error] * ERRORS_KEPT


def test_one_receiver_that_fails_for_ever_is_counted_apart_and_stops_nobody() -> None:
    valve = a_valve()
    broken = Outcome(kind=OutcomeClass.RETRY, code="500", about=About.DESTINATION)
    for _ in range(100):
        valve.told(broken, 1, NOW, NOW)
    valve.told(Outcome(kind=OutcomeClass.DESTINATION_INVALID, code="410"), 2, NOW, NOW)
    valve.told(DOWN, 3, NOW, NOW)
    report = valve.report()
    assert (valve.state.phase, valve.room(BULK, NOW).claims) == (Phase.CLOSED, report.limit)
    assert report.outcomes == {"retry": 101, "destination_invalid": 1}
    assert report.apart == {"retry": 100, "destination_invalid": 1}
    assert [error["about"] for error in report.errors[-3:]] == [
        "destination", "destination", "account",
    ]  # fmt: skip

"""Nobody is woken: quiet hours against a clock that is read minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.preference import chain_of, quiet_in
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, ScopeKind, Setting, Standing
from clarion.core.window import Window
from clarion.core.workflow import Channel, SendStep, WhenQuiet
from tests.core.answers import with_settings
from tests.core.strategies import all_facts, moved, passing_facts
from tests.core.wall_time import DAY, MINUTE, SECOND, near_changes, window_lists

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall_minute(instant: int, zone: ZoneInfo) -> int:
    """The latest wall time that the zone's clock has shown up to the instant, in minutes."""
    moments = (EPOCH + timedelta(seconds=instant // SECOND - back * 60) for back in range(26 * 60))
    shown = (moment.astimezone(zone).replace(tzinfo=UTC) for moment in moments)
    return max((moment - EPOCH) // timedelta(minutes=1) for moment in shown)


def is_quiet(windows: tuple[Window, ...], zone: ZoneInfo, instant: int) -> bool:
    minute = wall_minute(instant, zone)
    for day in (minute // 1440 - 1, minute // 1440):
        weekday = (EPOCH + timedelta(days=day)).weekday()
        for window in windows:
            length = (window.end - window.start) % 1440 or 1440
            begin = day * 1440 + window.start
            if weekday in window.days and begin <= minute < begin + length:
                return True
    return False


def zone_for(facts: Facts) -> ZoneInfo:
    names = (facts.recipient.zone, facts.event.zone)
    return ZoneInfo(next((name for name in names if name in KNOWN), "UTC"))


KNOWN = available_timezones()


def quiet_now(facts: Facts, instant: int | None = None) -> bool:
    """Whether the quiet hours that count for these facts hold at an instant (now)."""
    row = quiet_in(chain_of(facts))
    windows = row.quiet if row is not None else None
    at = facts.now if instant is None else instant
    return bool(windows) and is_quiet(windows or (), zone_for(facts), at)


@st.composite
def sleepers(draw: st.DrawFn) -> Facts:
    """Somebody with quiet hours of their own, near a change of their clock."""
    facts = draw(passing_facts())
    zone, now = draw(near_changes())
    windows = draw(window_lists)
    facts = replace(facts, recipient=replace(facts.recipient, zone=zone.key))
    row = Setting(1, ScopeKind.USER, 0, quiet=windows)
    own = [one for one in facts.recipient.settings if one.kind is not ScopeKind.USER]
    return moved(with_settings(facts, (*own, row)), now)


def send_of(facts: Facts, answer: StepDecision) -> SendStep | None:
    return next((step for step in facts.flow.workflow.sends if step.index == answer.step), None)


def rings(facts: Facts, answer: StepDecision) -> bool:
    """Sent with a sound, by a step that has to keep still in quiet hours."""
    step = send_of(facts, answer)
    return (
        answer.result is Result.SEND
        and answer.alert
        and step is not None
        and step.channel is not Channel.INBOX
        and step.quiet is not WhenQuiet.SILENT
        and facts.flow.category.quiet_hours == "respect"
        and facts.recipient.standing is not Standing.NOBODY
    )


@given(sleepers() | all_facts())
def test_nothing_rings_in_quiet_hours_in_any_zone(facts: Facts) -> None:
    ringing = [answer for answer in decide(facts).steps if rings(facts, answer)]
    if not ringing or not quiet_now(facts):
        return
    # What is mandatory and would expire before the end is the only exception.
    assert facts.flow.category.mandatory
    expires_at = facts.event.expires_at
    end = facts.now + 8 * DAY if expires_at is None else min(expires_at, facts.now + 8 * DAY)
    width = end - facts.now
    assert all(quiet_now(facts, facts.now + width * part // 24) for part in range(24))


@given(sleepers() | all_facts())
def test_nothing_is_quiet_outside_the_quiet_hours(facts: Facts) -> None:
    answers = decide(facts).steps
    for answer in answers:
        if answer.gate is Gate.QUIET and answer.reason == Reason.QUIET_HOURS:
            assert quiet_now(facts)
            assert facts.flow.category.quiet_hours == "respect"


@given(sleepers())
def test_what_is_held_for_quiet_hours_waits_exactly_for_their_end(facts: Facts) -> None:
    for answer in decide(facts).steps:
        if answer.reason == Reason.QUIET_HOURS and answer.until is not None:
            assert quiet_now(facts, answer.until - SECOND)
            assert not quiet_now(facts, answer.until)


@given(all_facts())
def test_a_hold_ends_after_now_and_before_the_expiry(facts: Facts) -> None:
    for answer in decide(facts).steps:
        if answer.result is Result.HOLD:
            assert answer.until is not None
            assert facts.now < answer.until < (facts.event.expires_at or FOREVER)
        if answer.result is Result.DIGEST:
            assert answer.until is not None
            assert answer.until > facts.now


@given(all_facts() | sleepers())
def test_what_was_held_is_not_held_by_the_same_gate_again(facts: Facts) -> None:
    """But for caps: others may have taken what became free."""
    for answer in decide(facts).steps:
        step = send_of(facts, answer)
        if answer.result is Result.SEND or answer.until is None or step is None:
            continue
        again = replace(
            facts,
            now=answer.until,
            span=(answer.step, answer.step + 1),
            waited=(*facts.waited, answer.gate.value),
            caps={},
        )
        (then,) = decide(again).steps
        assert (then.gate, then.result) != (answer.gate, answer.result)


@given(sleepers(), st.integers(0, 26 * 60))
def test_a_pause_keeps_still_whoever_chose_it(facts: Facts, minutes: int) -> None:
    paused = Setting(1, ScopeKind.WORKFLOW, facts.flow.workflow_number)
    paused = replace(paused, pause_until=facts.now + 1 + minutes * MINUTE)
    own = [row for row in facts.recipient.settings if row.kind is not ScopeKind.WORKFLOW]
    facts = with_settings(facts, (*own, paused))
    if not facts.flow.category.mandatory:
        assert not any(rings(facts, answer) for answer in decide(facts).steps)

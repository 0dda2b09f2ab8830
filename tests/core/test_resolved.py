"""What a person would get, beside what `decide` says of the same."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide
from clarion.core.decision import Decision, Gate, Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.preference import label_of
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Level, Mention, ScopeKind, Setting, Window
from clarion.core.resolved import ChannelState, probe_of, resolved, told
from clarion.core.workflow import CHANNELS, Channel, Rollout, SendStep
from clarion.testing.builders import (
    MINUTE,
    NOW,
    WORKFLOW,
    a_category,
    a_recipient,
    a_setting,
    a_workflow,
    an_event,
    some_facts,
)
from tests.core.strategies import all_facts

STATES = {
    Result.SEND: ChannelState.ON,
    Result.HOLD: ChannelState.HELD,
    Result.DIGEST: ChannelState.HELD,
    Result.SKIP: ChannelState.OFF,
}
NOW_CLOSED = (Window((6,), 17 * 60, 18 * 60),)
"""Quiet hours in Vienna that hold at NOW, a Sunday; those of a Monday do not."""

QUIETS = (None, (), NOW_CLOSED, (Window((0,), 0, 60),))
PAUSES = (None, NOW, NOW + 1, FOREVER)
CADENCES = (None, "instant", "daily")


def timed(rows: tuple[Setting, ...], chance: Random) -> tuple[Setting, ...]:
    """The rows with quiet hours, pauses and cadences."""
    return tuple(
        replace(
            row,
            quiet=chance.choice(QUIETS),
            pause_until=chance.choice(PAUSES),
            cadence=chance.choice(CADENCES),
        )
        for row in rows
    )


@st.composite
def plain_facts(draw: st.DrawFn) -> Facts:
    """Facts without what only a real event has: a dedupe key, conditions."""
    facts, chance = draw(all_facts()), Random(draw(st.integers(0, 999)))
    return Facts(
        event=facts.event,
        flow=facts.flow,
        recipient=replace(
            facts.recipient,
            settings=timed(facts.recipient.settings, chance),
            zone="Europe/Vienna",
        ),
        defaults=timed(facts.defaults, chance),
        now=facts.now,
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(plain_facts())
def test_what_would_be_sent_is_what_decide_sends(facts: Facts) -> None:
    found = resolved(facts)
    assert list(found) == list(CHANNELS)
    first: dict[Channel, int] = {}
    for step in reversed(facts.flow.workflow.steps):
        match step:
            case SendStep():
                first[step.channel] = step.index
    answers = {answer.step: answer for answer in decide(facts).steps}
    for channel, index in first.items():
        answer = answers.get(-1) or answers.get(index)
        if answer is None:
            continue
        mine = found[channel]
        assert mine.state is STATES[answer.result]
        assert (mine.reason, mine.scope) == (answer.reason, answer.scope)
        assert (mine.until, mine.alert) == (answer.until, answer.alert)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(plain_facts())
def test_the_row_that_is_named_has_the_scope_that_is_named(facts: Facts) -> None:
    for answer in resolved(facts).values():
        if answer.row is not None:
            assert label_of(answer.row) == answer.scope
        elif answer.reason == Reason.OPTED_OUT:
            assert answer.scope in ("category", "user")
        else:
            assert answer.scope == ("topic_default" if answer.topic else "")


def test_a_switch_is_named_with_its_scope() -> None:
    row = a_setting(ScopeKind.WORKFLOW, WORKFLOW, channels={Channel.EMAIL: False})
    found = resolved(some_facts(row))
    assert (found[Channel.EMAIL].state, found[Channel.EMAIL].row) == (ChannelState.OFF, row)
    assert found[Channel.SMS].state is ChannelState.ON


def test_a_channel_without_a_step_is_answered_as_if_it_had_one() -> None:
    found = resolved(some_facts(workflow=a_workflow(Channel.INBOX)))
    assert {answer.state for answer in found.values()} == {ChannelState.ON}


def test_a_mute_answers_for_all_channels_and_a_mention_leaves_the_badge() -> None:
    muted = a_setting(mute_until=FOREVER)
    plain = resolved(some_facts(muted))
    assert {answer.state for answer in plain.values()} == {ChannelState.OFF}
    assert plain[Channel.INBOX].row == muted
    loud = resolved(some_facts(muted, mention=Mention.USER))
    assert (loud[Channel.INBOX].state, loud[Channel.INBOX].alert) == (ChannelState.ON, False)
    assert loud[Channel.PUSH].state is ChannelState.OFF


def test_the_default_of_a_topics_owner_is_named_by_its_topic() -> None:
    event = an_event(about_chain=(7, 8), default_levels={8: Level.NONE.value})
    answer = resolved(some_facts(event=event))[Channel.PUSH]
    assert (answer.scope, answer.row, answer.topic) == ("topic_default", None, 8)


def test_a_mandatory_category_is_on_whatever_was_chosen() -> None:
    facts = some_facts(a_setting(mute_until=FOREVER), category=a_category(mandatory=True))
    assert {answer.state for answer in resolved(facts).values()} == {ChannelState.ON}


def test_a_workflow_that_is_off_or_paused_sends_nothing() -> None:
    for facts in (some_facts(rollout=Rollout.OFF), some_facts(paused=True)):
        assert {answer.state for answer in resolved(facts).values()} == {ChannelState.OFF}


def test_conditions_and_dedupe_keys_of_a_real_event_are_left_aside() -> None:
    facts = some_facts(duplicate=True, whens={0: False, 1: False})
    assert resolved(facts)[Channel.INBOX].state is ChannelState.ON


@pytest.mark.parametrize("result", [Result.HOLD, Result.DIGEST])
def test_what_waits_is_held_until_its_instant(result: Result) -> None:
    row = a_setting(pause_until=NOW + 5)
    probe = probe_of(some_facts(recipient=a_recipient(row)))
    push = CHANNELS.index(Channel.PUSH)
    steps = [
        StepDecision(n, result if n == push else Result.SEND, Gate.END, "why", until=NOW + 5)
        for n in range(len(CHANNELS))
    ]
    found = told(probe, Decision(tuple(steps)))[Channel.PUSH]
    assert (found.state, found.until) == (ChannelState.HELD, NOW + 5)


def test_quiet_hours_and_pauses_hold_what_is_not_for_the_inbox() -> None:
    quiet = a_setting(quiet=NOW_CLOSED)
    found = resolved(some_facts(recipient=a_recipient(quiet, zone="Europe/Vienna")))
    assert found[Channel.INBOX].state is ChannelState.ON
    push = found[Channel.PUSH]
    assert (push.state, push.row, push.until) == (ChannelState.HELD, quiet, NOW + 3200 * 1_000_000)
    paused = a_setting(pause_until=NOW + MINUTE)
    push = resolved(some_facts(paused))[Channel.PUSH]
    assert (push.state, push.row, push.until) == (ChannelState.HELD, paused, NOW + MINUTE)

"""Steps that wait: delays, instants, windows and digests."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.digest import DigestTiming
from clarion.core.facts import LEADS
from clarion.core.recipient import FOREVER, Mention
from clarion.core.waits import (
    ask_wait,
    delay,
    digest,
    until,
)
from clarion.core.workflow import (
    DelayStep,
    DigestStep,
    Rollout,
    Step,
    UntilStep,
)
from clarion.testing.builders import (
    MINUTE,
    a_setting,
    a_workflow,
    an_event,
)
from tests.core.evening import (
    INBOX,
    LATE,
    OFFICE,
    PUSH,
    SLEEPS,
    SMS,
    answers,
    facts_at,
    held,
    the_answer,
)
from tests.core.wall_time import HOUR, utc

# Steps that wait

IN_AN_HOUR = DelayStep(index=0, seconds=3600)
AT = UntilStep(index=0, instant="data.at")
SOON = DigestStep(index=0, timing=DigestTiming(window_seconds=600))
DAILY = DigestStep(index=0, timing=DigestTiming(cadence="daily", by_user=True))


def test_a_delay_holds_all_that_follows() -> None:
    found = answers(facts_at(LATE), INBOX, IN_AN_HOUR, PUSH)
    assert found == (
        StepDecision(0, Result.SEND, Gate.END, "level_all"),
        StepDecision(1, Result.HOLD, Gate.DELAY, "delayed", "", LATE + HOUR),
    )


def test_behind_the_delay_only_what_follows_is_decided() -> None:
    facts = facts_at(LATE, span=(2, 99))
    found = answers(facts, INBOX, IN_AN_HOUR, PUSH, SMS)
    assert [answer.step for answer in found] == [2, 3]
    alone = answers(replace(facts, span=(2, 3)), INBOX, IN_AN_HOUR, PUSH, SMS)
    assert [answer.step for answer in alone] == [2]


def test_a_step_until_an_instant_holds_until_it_has_come() -> None:
    facts = facts_at(LATE, untils={0: LATE + 1})
    assert answers(facts, AT, PUSH) == (held(Gate.UNTIL, "waits_until", LATE + 1),)
    for come in (LATE, LATE - 1):
        (sent,) = answers(replace(facts, untils={0: come}), AT, PUSH)
        assert (sent.step, sent.result) == (1, Result.SEND)


def test_a_step_until_an_instant_that_nobody_named_waits_for_nothing() -> None:
    assert until(AT, facts_at(LATE, untils={1: LATE + HOUR})) is None


def test_a_step_until_a_window_waits_for_it_to_open() -> None:
    opening = UntilStep(index=0, window=OFFICE)
    opens = utc("2026-11-24 08:00")
    assert answers(facts_at(LATE), opening, PUSH) == (held(Gate.UNTIL, "waits_until", opens),)
    assert until(opening, facts_at(opens)) is None


@pytest.mark.parametrize("step", [IN_AN_HOUR, AT])
def test_nobody_waits_for_what_expires_meanwhile(step: Step) -> None:
    facts = facts_at(LATE, untils={0: LATE + HOUR}, event=an_event(expires_at=LATE + HOUR))
    gate = Gate.DELAY if isinstance(step, DelayStep) else Gate.UNTIL
    expected = StepDecision(0, Result.SKIP, gate, "expires_while_held")
    assert answers(facts, step, PUSH) == (expected,)
    in_time = replace(facts, event=an_event(expires_at=LATE + HOUR + 1))
    assert answers(in_time, step, PUSH)[0].result is Result.HOLD


def test_a_digest_gathers_and_what_follows_is_told_with_it() -> None:
    expected = StepDecision(0, Result.DIGEST, Gate.DIGEST, "digested", "", LATE + 10 * MINUTE)
    assert answers(facts_at(LATE), SOON, PUSH) == (expected,)


def test_the_event_that_leads_goes_on_and_the_next_ones_are_gathered() -> None:
    (sent,) = answers(facts_at(LATE, leads={0: LEADS}), SOON, PUSH)
    assert (sent.step, sent.result) == (1, Result.SEND)
    ruling = digest(SOON, facts_at(LATE, leads={0: LEADS}), ())
    assert (ruling.verdict, ruling.reason) == ("pass", "leads_digest")
    gathered = StepDecision(0, Result.DIGEST, Gate.DIGEST, "digested", "", LATE + MINUTE)
    assert answers(facts_at(LATE, leads={0: LATE + MINUTE}), SOON, PUSH) == (gathered,)
    assert answers(facts_at(LATE, leads={0: LATE}), SOON, PUSH)[0].step == 1


def test_the_rhythm_of_a_person_says_when_a_digest_comes() -> None:
    (weekly,) = answers(facts_at(LATE, a_setting(cadence="weekly")), DAILY, PUSH)
    expected = StepDecision(
        0, Result.DIGEST, Gate.DIGEST, "digested", "user", utc("2026-11-30 07:00")
    )
    assert weekly == expected
    (usual,) = answers(facts_at(LATE), DAILY, PUSH)
    assert (usual.until, usual.scope) == (utc("2026-11-24 07:00"), "")


def test_whoever_wants_digests_at_once_is_told_at_once() -> None:
    facts = facts_at(LATE, a_setting(cadence="instant"))
    assert [answer.step for answer in answers(facts, DAILY, PUSH)] == [1]
    ruling = digest(DAILY, facts, (a_setting(cadence="instant"),))
    assert (ruling.verdict, ruling.reason) == ("pass", "instant")


def test_the_rhythm_of_a_person_says_nothing_to_a_step_that_does_not_ask() -> None:
    facts = facts_at(LATE, a_setting(cadence="instant"))
    (answer,) = answers(facts, SOON, PUSH)
    assert (answer.result, answer.scope) == (Result.DIGEST, "")


def test_a_step_that_waits_is_asked_by_its_kind() -> None:
    facts = facts_at(LATE, untils={0: LATE + 1})
    asked = [ask_wait(step, facts, ())[0] for step in (IN_AN_HOUR, AT, SOON)]
    assert asked == [Gate.DELAY, Gate.UNTIL, Gate.DIGEST]
    assert ask_wait(IN_AN_HOUR, facts, ())[1] == delay(IN_AN_HOUR, facts)


def test_a_shadow_rollout_waits_for_nothing() -> None:
    facts = facts_at(LATE, SLEEPS, workflow=a_workflow(rollout=Rollout.SHADOW))
    shadowed = StepDecision(0, Result.SKIP, Gate.ROLLOUT, "rollout_shadow")
    assert the_answer(facts, PUSH) == shadowed
    assert answers(facts, IN_AN_HOUR, PUSH) == (shadowed,)


def test_where_only_the_badge_counts_a_wait_is_worth_it_for_an_inbox_behind_it() -> None:
    muted = facts_at(LATE, a_setting(mute_until=FOREVER), who={"mention": Mention.USER})
    (waiting,) = answers(muted, IN_AN_HOUR, INBOX)
    assert (waiting.result, waiting.alert) == (Result.HOLD, False)
    (skipped,) = answers(muted, IN_AN_HOUR, PUSH)
    assert skipped == StepDecision(-1, Result.SKIP, Gate.MUTE, "muted", "user")
    first = answers(muted, PUSH, IN_AN_HOUR, PUSH)
    assert first == (StepDecision(0, Result.SKIP, Gate.MUTE, "muted", "user"),)
    assert answers(replace(muted, span=(0, 2)), PUSH, IN_AN_HOUR, INBOX) == first
    (item,) = answers(muted, INBOX, IN_AN_HOUR, PUSH)
    assert (item.step, item.result) == (0, Result.SEND)

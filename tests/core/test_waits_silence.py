"""Pauses and quiet hours of the people who are told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.recipient import FOREVER, ScopeKind, Setting, Standing
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.waits import (
    pause,
    quiet,
)
from clarion.core.window import Window
from clarion.core.workflow import (
    WhenQuiet,
)
from clarion.testing.builders import (
    a_category,
    a_setting,
    an_event,
)
from tests.core.evening import (
    INBOX,
    LATE,
    MORNING,
    NIGHT,
    PUSH,
    SLEEPS,
    VIENNA,
    facts_at,
    held,
    the_answer,
)
from tests.core.wall_time import EVERY_DAY, HOUR

# Pause and quiet hours

PAUSED = a_setting(pause_until=LATE + HOUR)
STILL = [
    pytest.param(PAUSED, LATE + HOUR, Gate.PAUSE, "paused", id="pause"),
    pytest.param(SLEEPS, MORNING, Gate.QUIET, "quiet_hours", id="quiet hours"),
]


@pytest.mark.parametrize(("row", "end", "gate", "reason"), STILL)
@pytest.mark.parametrize(
    ("word", "result"),
    [
        (WhenQuiet.HOLD, Result.HOLD),
        (WhenQuiet.DIGEST, Result.DIGEST),
        (WhenQuiet.SKIP, Result.SKIP),
    ],
)
def test_a_step_says_what_becomes_of_it_while_somebody_wants_silence(
    word: WhenQuiet, result: Result, row: Setting, end: int, gate: Gate, reason: str
) -> None:
    until = None if result is Result.SKIP else end
    expected = StepDecision(0, result, gate, reason, "user", until)
    assert the_answer(facts_at(LATE, row), replace(PUSH, quiet=word)) == expected


@pytest.mark.parametrize(("row", "end", "gate", "reason"), STILL)
def test_a_silent_step_is_sent_at_once_without_a_sound(
    row: Setting, end: int, gate: Gate, reason: str
) -> None:
    silently = replace(PUSH, quiet=WhenQuiet.SILENT)
    expected = StepDecision(0, Result.SEND, Gate.QUIET, reason, "user", alert=False)
    assert the_answer(facts_at(LATE, row), silently) == expected
    loud = facts_at(end, row)
    assert the_answer(loud, silently) == StepDecision(0, Result.SEND, Gate.END, "level_all")


@pytest.mark.parametrize(("row", "end", "gate", "reason"), STILL)
def test_silence_ends_at_its_instant(row: Setting, end: int, gate: Gate, reason: str) -> None:
    assert the_answer(facts_at(end - 1, row), PUSH).result is Result.HOLD
    assert the_answer(facts_at(end, row), PUSH).result is Result.SEND


@pytest.mark.parametrize(("row", "end", "gate", "reason"), STILL)
def test_what_would_expire_in_the_silence_is_dropped_by_its_gate(
    row: Setting, end: int, gate: Gate, reason: str
) -> None:
    expected = StepDecision(0, Result.SKIP, gate, "expires_while_held", "user")
    assert the_answer(facts_at(LATE, row, event=an_event(expires_at=end)), PUSH) == expected
    just = facts_at(LATE, row, event=an_event(expires_at=end + 1))
    assert the_answer(just, PUSH).result is Result.HOLD


@pytest.mark.parametrize(("row", "end", "gate", "reason"), STILL)
def test_silence_never_concerns_the_inbox_nobody_or_a_category_that_ignores_it(
    row: Setting, end: int, gate: Gate, reason: str
) -> None:
    ignoring = facts_at(LATE, row, category=a_category(quiet_hours="ignore"))
    assert the_answer(ignoring, PUSH).result is Result.SEND
    assert the_answer(facts_at(LATE, row), INBOX).result is Result.SEND
    nobody = replace(row, user=0, kind=ScopeKind.ENVIRONMENT)
    facts = facts_at(LATE, who={"user": 0, "standing": Standing.NOBODY}, defaults=(nobody,))
    assert the_answer(facts, PUSH).result is Result.SEND


def test_a_pause_without_an_end_drops() -> None:
    facts = facts_at(LATE, a_setting(pause_until=FOREVER))
    for word in (WhenQuiet.HOLD, WhenQuiet.SILENT):
        expected = StepDecision(0, Result.SKIP, Gate.PAUSE, "paused", "user")
        assert the_answer(facts, replace(PUSH, quiet=word)) == expected


def test_quiet_hours_without_an_end_drop() -> None:
    facts = facts_at(LATE, a_setting(quiet=(Window(EVERY_DAY, 0, 1440),)))
    expected = StepDecision(0, Result.SKIP, Gate.QUIET, "quiet_hours", "user")
    assert the_answer(facts, PUSH) == expected


def test_the_pause_that_ends_last_counts() -> None:
    longer = a_setting(ScopeKind.ENVIRONMENT, user=0, pause_until=LATE + 2 * HOUR)
    facts = facts_at(LATE, PAUSED, defaults=(longer,))
    expected = held(Gate.PAUSE, "paused", LATE + 2 * HOUR, "environment")
    assert the_answer(facts, PUSH) == expected
    same = replace(longer, pause_until=LATE + HOUR)
    assert the_answer(facts_at(LATE, PAUSED, defaults=(same,)), PUSH).scope == "user"


def test_the_most_specific_scope_says_when_it_is_quiet() -> None:
    awake = a_setting(ScopeKind.WORKFLOW, 10, quiet=())
    assert the_answer(facts_at(LATE, SLEEPS, awake), PUSH).result is Result.SEND
    asleep = a_setting(ScopeKind.WORKFLOW, 10, quiet=NIGHT)
    assert the_answer(facts_at(LATE, asleep, a_setting(quiet=())), PUSH).scope == "workflow"
    default = a_setting(ScopeKind.TENANT, 3, user=0, quiet=NIGHT)
    assert the_answer(facts_at(LATE, defaults=(default,)), PUSH).scope == "tenant"


def test_a_person_of_unknown_zone_is_quiet_by_that_of_the_event() -> None:
    facts = facts_at(LATE, SLEEPS, who={"zone": None}, event=an_event(zone="Asia/Tokyo"))
    assert the_answer(facts, PUSH).result is Result.SEND  # 07:30 there
    assert the_answer(replace(facts, event=an_event(zone=VIENNA)), PUSH).until == MORNING


MANDATORY = a_category(mandatory=True)


def test_a_mandatory_message_does_not_heed_a_pause() -> None:
    for ends in (LATE + HOUR, FOREVER):
        facts = facts_at(LATE, a_setting(pause_until=ends), category=MANDATORY)
        assert the_answer(facts, PUSH).result is Result.SEND


@pytest.mark.parametrize("word", [WhenQuiet.HOLD, WhenQuiet.DIGEST, WhenQuiet.SKIP])
def test_a_mandatory_message_waits_for_the_end_of_quiet_hours_and_is_never_dropped(
    word: WhenQuiet,
) -> None:
    step = replace(PUSH, quiet=word)
    expected = held(Gate.QUIET, "quiet_hours", MORNING, "user")
    assert the_answer(facts_at(LATE, SLEEPS, category=MANDATORY), step) == expected
    just = facts_at(LATE, SLEEPS, category=MANDATORY, event=an_event(expires_at=MORNING + 1))
    assert the_answer(just, step) == expected


@pytest.mark.parametrize("word", [WhenQuiet.HOLD, WhenQuiet.DIGEST, WhenQuiet.SKIP])
def test_a_mandatory_message_that_cannot_wait_is_sent_in_quiet_hours(word: WhenQuiet) -> None:
    step = replace(PUSH, quiet=word)
    sent = StepDecision(0, Result.SEND, Gate.END, "mandatory")
    late = facts_at(LATE, SLEEPS, category=MANDATORY, event=an_event(expires_at=MORNING))
    assert the_answer(late, step) == sent
    assert quiet(step, late, (SLEEPS,)) == Ruling(GateVerdict.PASS, "quiet_hours", "user")
    always = a_setting(quiet=(Window(EVERY_DAY, 0, 1440),))
    assert the_answer(facts_at(LATE, always, category=MANDATORY), step) == sent


def test_a_mandatory_message_of_a_silent_step_makes_no_sound_in_quiet_hours() -> None:
    facts = facts_at(LATE, SLEEPS, category=MANDATORY)
    answer = the_answer(facts, replace(PUSH, quiet=WhenQuiet.SILENT))
    assert (answer.result, answer.alert, answer.gate) == (Result.SEND, False, Gate.QUIET)


def test_the_gates_of_silence_say_when_they_are_not_asked() -> None:
    facts = facts_at(LATE, SLEEPS, category=a_category(quiet_hours="ignore"))
    ruling = quiet(PUSH, facts, (SLEEPS,))
    assert ruling is not None
    assert (ruling.verdict, ruling.reason) == ("off", "quiet_ignored")
    assert quiet(INBOX, facts, (SLEEPS,)) is None
    assert pause(PUSH, facts, (PAUSED,)) is None

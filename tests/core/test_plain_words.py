"""The sentences that tell a person why."""

from __future__ import annotations

import itertools
import re
import string

import pytest
from hypothesis import given

from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.plain_words import (
    DEFAULT_CLAUSES,
    OWN_CLAUSES,
    SCOPES,
    Names,
    Verdict,
    because,
    sentence,
    verdict_of,
)
from clarion.core.preference import DEFAULT_LABELS, OWN_LABELS
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Mention, ScopeKind
from clarion.core.trace import PASSED, TOLD
from clarion.core.workflow import Channel
from clarion.testing.builders import a_recipient, a_setting, a_workflow, an_event, some_facts
from tests.core.strategies import all_facts

NAMES = Names(
    user="u1",
    event="comment.created",
    workflow="the workflow comment",
    category="the category social",
    channels={0: Channel.INBOX, 1: Channel.PUSH, 2: Channel.EMAIL},
    scopes={-1: "the thread doc:9"},
)


@pytest.mark.parametrize("names", [NAMES, Names()], ids=["named", "unnamed"])
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_in_every_place(reason: Reason, names: Names) -> None:
    for scope, result, step in itertools.product(SCOPES, Result, (-1, 0, 1, 2, 99)):
        told = sentence(StepDecision(step, result, Gate.END, reason, scope), names)
        assert re.fullmatch(r"\S.*, so .*[^.]\.", told)
        assert not set("{}_") & set(told)


def test_every_reason_and_gate_has_its_words() -> None:
    assert set(OWN_CLAUSES) == set(TOLD) == set(Reason)
    assert set(DEFAULT_CLAUSES) < set(Reason)
    assert set(PASSED) == set(Gate)
    labels = {*OWN_LABELS.values(), *DEFAULT_LABELS.values(), ScopeKind.ACTOR.label, ""}
    assert set(SCOPES) == labels


def test_clauses_name_only_what_a_caller_can_name() -> None:
    allowed = {*Names.__struct_fields__, "scope", "channel", "place"} - {"channels", "scopes"}
    for clause in (*OWN_CLAUSES.values(), *DEFAULT_CLAUSES.values()):
        fields = {field for _, field, _, _ in string.Formatter().parse(clause) if field}
        assert fields <= allowed


def test_an_unknown_reason_is_told_as_it_stands() -> None:
    told = sentence(StepDecision(1, Result.SKIP, Gate.END, "brand_new"), NAMES)
    assert told == "The reason was brand_new, so the push was not sent."


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            StepDecision(-1, Result.SKIP, Gate.MUTE, Reason.MUTED, "topic"),
            "u1 muted the thread doc:9, so nothing was sent.",
        ),
        (
            StepDecision(-1, Result.SKIP, Gate.EXPIRED, Reason.EXPIRED),
            "comment.created had expired before u1 could be told, so nothing was sent.",
        ),
        (
            StepDecision(1, Result.SKIP, Gate.CHANNEL, Reason.CHANNEL_OFF, "user"),
            "u1 switched off push for all notifications, so the push was not sent.",
        ),
        (
            StepDecision(1, Result.SKIP, Gate.CHANNEL, Reason.CHANNEL_OFF, "tenant"),
            "push is off for the organisation by default, so the push was not sent.",
        ),
        (
            StepDecision(2, Result.SKIP, Gate.DESTINATION, Reason.NO_DESTINATION),
            "u1 had no working e-mail address, so the e-mail was not sent.",
        ),
        (
            StepDecision(0, Result.SEND, Gate.MUTE, Reason.MUTED, "user", alert=False),
            "u1 muted all notifications, so the inbox item was sent without an alert.",
        ),
        (
            StepDecision(1, Result.SEND, Gate.END, Reason.MANDATORY),
            "The category social is mandatory, so the push was sent.",
        ),
        (
            StepDecision(1, Result.SEND, Gate.END, Reason.LEVEL_ALL),
            "u1 has nothing set against it, so the push was sent.",
        ),
        (
            StepDecision(1, Result.HOLD, Gate.END, Reason.SILENT, until=1_750_000_000_000_000),
            "comment.created was sent silently, so the push was held until 2025-06-15 15:06 UTC.",
        ),
    ],
)
def test_a_sentence_says_why_and_what_followed(answer: StepDecision, told: str) -> None:
    assert sentence(answer, NAMES) == told


def told_about(facts: Facts, names: Names = NAMES) -> str:
    steps = decide(facts).steps
    return because(verdict_of(steps), steps, names)


def test_steps_with_one_reason_share_a_sentence() -> None:
    facts = some_facts(workflow=a_workflow(Channel.INBOX, Channel.PUSH, Channel.EMAIL))
    assert told_about(facts) == (
        "u1 has nothing set against it, so the inbox item, the push and the e-mail were sent."
    )


def test_each_missing_place_is_told_by_itself() -> None:
    facts = some_facts(
        workflow=a_workflow(Channel.INBOX, Channel.PUSH, Channel.EMAIL),
        recipient=a_recipient(destinations={}),
    )
    assert told_about(facts) == (
        "u1 has nothing set against it, so the inbox item was sent."
        " u1 had no device that takes pushes, so the push was not sent."
        " u1 had no working e-mail address, so the e-mail was not sent."
    )


def test_different_scopes_are_told_apart() -> None:
    off = {Channel.PUSH: False, Channel.EMAIL: False}
    names = Names(user="u1", scopes={1: "doc:9", 2: "doc:10"}, channels=NAMES.channels)
    facts = some_facts(
        a_setting(channels=off),
        workflow=a_workflow(Channel.INBOX, Channel.PUSH, Channel.EMAIL),
    )
    assert "for doc:9," in told_about(facts, names)
    assert "for doc:10," in told_about(facts, names)


def test_whoever_was_not_in_the_audience_is_told_so() -> None:
    assert verdict_of(()) is Verdict.NOT_IN_AUDIENCE
    assert because(Verdict.NOT_IN_AUDIENCE, (), Names()) == (
        "The user was not among those who were to be told about the event."
    )


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (some_facts(), Verdict.TOLD),
        (some_facts(recipient=a_recipient(destinations={})), Verdict.PARTLY_TOLD),
        (some_facts(event=an_event(silent=True), mention=Mention.USER), Verdict.PARTLY_TOLD),
        (some_facts(a_setting(mute_until=FOREVER)), Verdict.NOT_TOLD),
        (some_facts(whens={0: False, 1: False}), Verdict.NOT_TOLD),
    ],
)
def test_the_verdict_sums_up_the_steps(facts: Facts, verdict: Verdict) -> None:
    assert verdict_of(decide(facts).steps) is verdict


@pytest.mark.parametrize("result", [Result.HOLD, Result.DIGEST])
def test_whoever_still_has_something_to_come_is_waiting(result: Result) -> None:
    later = StepDecision(1, result, Gate.END, Reason.LEVEL_ALL)
    now = StepDecision(0, Result.SEND, Gate.END, Reason.LEVEL_ALL)
    assert verdict_of((now, later)) is Verdict.WAITING


@given(all_facts())
def test_every_decision_can_be_told(facts: Facts) -> None:
    channels = {step.index: step.channel for step in facts.flow.workflow.steps}
    told = told_about(facts, Names(user="u1", channels=channels))
    assert told.endswith(".")

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
    EVERYWHERE_CLAUSES,
    OWN_CLAUSES,
    SCOPES,
    Names,
    Verdict,
    because,
    sentence,
)
from clarion.core.preference import DEFAULT_LABELS, OWN_LABELS
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Mention, ScopeKind
from clarion.core.trace import PASSED, TOLD
from clarion.core.workflow import Channel
from clarion.testing.builders import a_recipient, a_setting, a_workflow, some_facts
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
    words = {"scope", "channel", "place", "mentioned", "held_none", "kind"}
    allowed = {*Names.__struct_fields__, *words} - {"channels", "scopes", "mutes", "mention"}
    clauses = (OWN_CLAUSES, DEFAULT_CLAUSES, EVERYWHERE_CLAUSES)
    for clause in (text for told in clauses for text in told.values()):
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
            "By default push is off for the organisation, so the push was not sent.",
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


@pytest.mark.parametrize(
    ("reason", "scope", "told"),
    [
        (Reason.LEVEL_ALL, "user", "u1 gets all notifications, so"),
        (Reason.LEVEL_NONE, "user", "u1 turned off all notifications, so"),
        (Reason.NO_MENTION, "user", "u1 wants only mentions, and it did not mention u1, so"),
        (Reason.MENTION_SUPPRESSED, "user", "u1 ignores mentions of everyone, so"),
        (Reason.MENTION_SUPPRESSED, "tenant", "The organisation spares everybody mentions of"),
        (Reason.MUTED, "environment", "All notifications are muted for everybody, so"),
        (Reason.CHANNEL_OFF, "environment", "By default e-mail is off, so"),
        (Reason.MENTION, "category", "it mentioned everyone, so"),
        (Reason.DUPLICATE, "", "The workflow had already handled the same for u1, so"),
    ],
)
def test_what_holds_everywhere_reads_like_it(reason: Reason, scope: str, told: str) -> None:
    names = Names(user="u1", event="it", mention=Mention.EVERYONE, channels={2: Channel.EMAIL})
    assert sentence(StepDecision(2, Result.SKIP, Gate.END, reason, scope), names).startswith(told)


@pytest.mark.parametrize(
    ("mention", "told"),
    [
        (Mention.USER, "it mentioned u1, so"),
        (Mention.REPLY, "it was a reply to u1, so"),
        (Mention.ROLE, "it mentioned a role of u1, so"),
    ],
)
def test_the_kind_of_mention_is_told(mention: Mention, told: str) -> None:
    names = Names(user="u1", event="it", mention=mention)
    assert sentence(StepDecision(0, Result.SEND, Gate.END, Reason.MENTION), names).startswith(told)


def test_a_mute_is_told_with_its_end() -> None:
    answer = StepDecision(-1, Result.SKIP, Gate.MUTE, Reason.MUTED, "user")
    ends = Names(user="u1", mutes={-1: 1_750_000_000_000_000})
    assert sentence(answer, ends) == (
        "u1 muted all notifications until 2025-06-15 15:06 UTC, so nothing was sent."
    )
    assert "until" not in sentence(answer, Names(user="u1", mutes={-1: FOREVER}))


def test_what_has_one_cause_is_one_sentence() -> None:
    facts = some_facts(
        a_setting(mute_until=FOREVER),
        mention=Mention.USER,
        workflow=a_workflow(Channel.INBOX, Channel.PUSH, Channel.EMAIL),
    )
    assert told_about(facts) == (
        "u1 muted all notifications, so the inbox item was sent without an alert,"
        " and the push and the e-mail were not sent."
    )


def test_a_user_called_nobody_is_not_written_large() -> None:
    answer = StepDecision(-1, Result.SKIP, Gate.ACTOR, Reason.OWN_EVENT)
    assert sentence(answer, Names(user="nobody")).startswith("nobody caused")


def told_about(facts: Facts, names: Names = NAMES) -> str:
    return because(Verdict.TOLD, decide(facts).steps, names)


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
    assert because(Verdict.NOT_IN_AUDIENCE, (), Names()) == (
        "The user was not among those who were to be told about the event."
    )


@given(all_facts())
def test_every_decision_can_be_told(facts: Facts) -> None:
    channels = {step.index: step.channel for step in facts.flow.workflow.steps}
    told = told_about(facts, Names(user="u1", channels=channels))
    assert told.endswith(".")

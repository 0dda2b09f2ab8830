"""The sentences that tell a person why."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given

from clarion.core.clauses import (
    SCOPES,
)
from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import CapOutcome, Facts
from clarion.core.plain_words import Names, Verdict, because, sentence
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Mention
from clarion.core.workflow import Channel
from clarion.testing.builders import a_recipient, a_setting, a_workflow, some_facts
from tests.core.strategies import all_facts
from tests.core.waiting import channels_of, waiting_facts

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
        assert told[0].isupper() or told.startswith((names.user, names.event))
        assert not set("{}_") & set(told)


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
            "comment.created was sent silently, so the push was held until 15:06 on 15 June 2025"
            " (UTC).",
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
    ends = Names(user="u1", ends={-1: 1_750_000_000_000_000})
    assert sentence(answer, ends) == (
        "u1 muted all notifications until 15:06 on 15 June 2025 (UTC), so nothing was sent."
    )
    assert "until" not in sentence(answer, Names(user="u1", ends={-1: FOREVER}))


SEVEN = 1_772_517_600_000_000
"""07:00 on 3 March 2026 in Berlin, microseconds UTC."""

BERLIN = Names(
    user="u1",
    event="the event comment.created",
    workflow="the workflow comment",
    category="the category deals",
    channels={0: Channel.INBOX, 1: Channel.PUSH, 2: Channel.EMAIL, 3: Channel.SMS},
    behind={5: (Channel.PUSH, Channel.EMAIL)},
    caps={
        1: CapOutcome(False, "skip", "workflow", SEVEN, 5, 5, 86_400, "user"),
        2: CapOutcome(False, "skip", "tenant", SEVEN, 1, 1, 3_600, "tenant", by_channel=True),
    },
    zone="Europe/Berlin",
    near=SEVEN,
)
MARCH = "07:00 on 3 March (Europe/Berlin)"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            StepDecision(2, Result.SKIP, Gate.SUPPRESSED, Reason.SUPPRESSED),
            "No address of u1 for e-mail may be used any more, as each is on the suppression list"
            " (after a bounce, a complaint or an opt-out), so the e-mail was not sent.",
        ),
        (
            StepDecision(2, Result.SKIP, Gate.OPTED_OUT, Reason.OPTED_OUT, "category"),
            "u1 opted out of the category deals, so the e-mail was not sent.",
        ),
        (
            StepDecision(2, Result.SKIP, Gate.OPTED_OUT, Reason.OPTED_OUT, "user"),
            "u1 opted out of everything that is not mandatory, so the e-mail was not sent.",
        ),
        (
            StepDecision(3, Result.SKIP, Gate.CONSENT, Reason.NO_CONSENT),
            "The category deals may only reach people who agreed to it, and u1 had not agreed to"
            " get it by SMS, so the SMS was not sent.",
        ),
        (
            StepDecision(1, Result.SKIP, Gate.LARGE, Reason.LARGE_AUDIENCE),
            "The event comment.created went to a very large audience, of which only those who are"
            " mentioned get a push, and u1 was not mentioned, so the push was not sent.",
        ),
        (
            StepDecision(1, Result.HOLD, Gate.WINDOW, Reason.OUTSIDE_WINDOW, until=SEVEN),
            "Whoever wrote the workflow comment set hours for this message, and it was outside of"
            f" them, so the push was held until {MARCH}.",
        ),
        (
            StepDecision(3, Result.HOLD, Gate.LEGAL_HOURS, Reason.LEGAL_HOURS, until=SEVEN),
            "The law allows advertising by SMS only from 08:00 to 21:00 in the recipient's own"
            f" time, and it was outside of these hours, so the SMS was held until {MARCH}.",
        ),
        (
            StepDecision(1, Result.HOLD, Gate.PRESENCE, Reason.ACTIVE_ON_DESKTOP, until=SEVEN),
            "u1 was active at a desktop and could see it there, so the push was held until"
            f" {MARCH}.",
        ),
        (
            StepDecision(1, Result.SKIP, Gate.PRESENCE, Reason.SEEN),
            "u1 had seen it in the inbox meanwhile, so the push was not sent.",
        ),
        (
            StepDecision(1, Result.HOLD, Gate.PAUSE, Reason.PAUSED, "user", SEVEN),
            f"u1 had paused all notifications, so the push was held until {MARCH}.",
        ),
        (
            StepDecision(1, Result.HOLD, Gate.QUIET, Reason.QUIET_HOURS, "user", SEVEN),
            f"It was within the quiet hours that u1 set, so the push was held until {MARCH}.",
        ),
        (
            StepDecision(1, Result.SEND, Gate.QUIET, Reason.QUIET_HOURS, "tenant", alert=False),
            "It was within the quiet hours that hold by default for the organisation, so the push"
            " was sent without a sound.",
        ),
        (
            StepDecision(1, Result.SKIP, Gate.QUIET, Reason.EXPIRES_WHILE_HELD, "user", SEVEN),
            f"It had to wait until {MARCH} for the end of quiet hours, and would have expired by"
            " then, so the push was not sent.",
        ),
        (
            StepDecision(1, Result.SKIP, Gate.CAP, Reason.CAPPED, "workflow"),
            "The workflow comment sends at most 5 messages to u1 within 24 hours, 5 had been sent,"
            f" and there is room again from {MARCH}, so the push was not sent.",
        ),
        (
            StepDecision(2, Result.HOLD, Gate.CAP, Reason.CAPPED, "tenant", SEVEN),
            "The organisation sends at most 1 message by e-mail within 1 hour, and 1 had"
            f" been sent, so the e-mail was held until {MARCH}.",
        ),
        (
            StepDecision(3, Result.SKIP, Gate.CAP, Reason.CAPPED, "environment"),
            "This service sends at most a certain number of messages in a time, and these had been"
            " sent, so the SMS was not sent.",
        ),
        (
            StepDecision(5, Result.HOLD, Gate.DELAY, Reason.DELAYED, until=SEVEN),
            "The workflow comment waits at this point before it goes on, so the push and the"
            f" e-mail were held until {MARCH}.",
        ),
        (
            StepDecision(5, Result.DIGEST, Gate.DIGEST, Reason.DIGESTED, until=SEVEN),
            "The workflow comment gathers several such events into one message, so the push and"
            f" the e-mail were kept for the next digest, due at {MARCH}.",
        ),
        (
            StepDecision(5, Result.DIGEST, Gate.DIGEST, Reason.DIGESTED, "user", SEVEN),
            "u1 wants such news gathered into one message, so the push and the e-mail were kept"
            f" for the next digest, due at {MARCH}.",
        ),
    ],
    ids=lambda value: value.reason if isinstance(value, StepDecision) else "",
)
def test_what_waits_is_told_with_who_decided_and_until_when(
    answer: StepDecision, told: str
) -> None:
    assert sentence(answer, BERLIN) == told


def test_a_pause_is_told_with_its_end_where_nothing_waits_for_it() -> None:
    answer = StepDecision(1, Result.SKIP, Gate.PAUSE, Reason.PAUSED, "user")
    ends = Names(user="u1", ends={1: SEVEN}, channels={1: Channel.PUSH}, zone="Europe/Berlin")
    assert sentence(answer, ends) == (
        "u1 had paused all notifications until 07:00 on 3 March 2026 (Europe/Berlin), so the push"
        " was not sent."
    )


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


@given(all_facts() | waiting_facts())
def test_every_decision_can_be_told(facts: Facts) -> None:
    names = Names(
        user="u1", channels=channels_of(facts), caps=facts.caps, zone=facts.recipient.zone
    )
    told = told_about(facts, names)
    assert told.endswith(".")
    assert not set("{}") & set(told)

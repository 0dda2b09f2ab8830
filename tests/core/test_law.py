"""What the law forbids, whatever people and senders chose."""

from __future__ import annotations

import pytest

from clarion.core.facts import Facts
from clarion.core.law import consent, opted_out, suppressed
from clarion.core.recipient import Consent, Standing
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.workflow import Channel, SendStep
from clarion.testing.builders import CATEGORY, a_category, a_recipient, some_facts

EMAIL = SendStep(index=0, channel=Channel.EMAIL)
SMS = SendStep(index=1, channel=Channel.SMS)
INBOX = SendStep(index=2, channel=Channel.INBOX)
OTHER = CATEGORY + 1


def facts_of(
    *said: tuple[int, Channel | None, bool],
    mandatory: bool = False,
    required: bool = False,
    standing: Standing = Standing.KNOWN,
    stopped: frozenset[Channel] = frozenset(),
) -> Facts:
    """A recipient who said this (purpose, channel, granted), under a category."""
    consents = tuple(Consent(*row) for row in said)
    who = a_recipient(standing=standing, consents=consents, suppressed=stopped)
    category = a_category(mandatory=mandatory, consent="required" if required else "none")
    return some_facts(recipient=who, category=category)


def reason_of(ruling: Ruling | None) -> str | None:
    if ruling is None:
        return None
    assert ruling.verdict is GateVerdict.SKIP
    return ruling.reason


@pytest.mark.parametrize("mandatory", [True, False])
def test_a_suppressed_channel_is_skipped_mandatory_or_not(mandatory: bool) -> None:
    facts = facts_of(mandatory=mandatory, stopped=frozenset({Channel.EMAIL}))
    assert reason_of(suppressed(EMAIL, facts)) == "suppressed"
    assert suppressed(SMS, facts) is None


def test_the_inbox_cannot_be_suppressed() -> None:
    assert suppressed(INBOX, facts_of(stopped=frozenset(Channel))) is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([], None),
        ([(CATEGORY, None, False)], "opted_out"),
        ([(0, None, False)], "opted_out"),
        ([(OTHER, None, False)], None),
        ([(CATEGORY, Channel.SMS, False)], None),
        ([(0, None, True), (0, Channel.EMAIL, False)], "opted_out"),
        ([(0, None, False), (0, Channel.EMAIL, True)], None),
        ([(0, Channel.EMAIL, False), (CATEGORY, None, True)], None),
        ([(0, Channel.EMAIL, True), (CATEGORY, None, False)], "opted_out"),
        ([(CATEGORY, None, False), (CATEGORY, Channel.EMAIL, True)], None),
        ([(CATEGORY, None, True), (CATEGORY, Channel.EMAIL, False)], "opted_out"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_most_specific_word_counts_in_any_order(
    said: list[tuple[int, Channel | None, bool]], reason: str | None, turned: bool
) -> None:
    facts = facts_of(*(reversed(said) if turned else said))
    assert reason_of(opted_out(EMAIL, facts)) == reason


def test_opting_out_tells_whether_it_was_of_one_category_or_of_all() -> None:
    of_one = opted_out(EMAIL, facts_of((CATEGORY, None, False)))
    of_all = opted_out(EMAIL, facts_of((0, Channel.EMAIL, False)))
    assert of_one is not None
    assert of_all is not None
    assert (of_one.scope, of_all.scope) == ("category", "user")


def test_nobody_opts_out_of_what_is_mandatory() -> None:
    assert opted_out(EMAIL, facts_of((0, None, False), mandatory=True)) is None


def test_an_objection_to_a_purpose_is_also_about_the_inbox() -> None:
    assert reason_of(opted_out(INBOX, facts_of((CATEGORY, None, False)))) == "opted_out"
    assert opted_out(INBOX, facts_of((CATEGORY, Channel.EMAIL, False))) is None


@pytest.mark.parametrize(
    "granted",
    [
        (CATEGORY, Channel.EMAIL, True),
        (CATEGORY, None, True),
        (0, Channel.EMAIL, True),
        (0, None, True),
    ],
)
def test_a_category_that_requires_consent_needs_one_that_covers_the_step(
    granted: tuple[int, Channel | None, bool],
) -> None:
    assert reason_of(consent(EMAIL, facts_of(required=True))) == "no_consent"
    assert consent(EMAIL, facts_of(granted, required=True)) is None
    assert consent(EMAIL, facts_of()) is None


def test_consent_to_something_else_is_none() -> None:
    facts = facts_of((OTHER, None, True), (CATEGORY, Channel.SMS, True), required=True)
    assert reason_of(consent(EMAIL, facts)) == "no_consent"
    assert consent(SMS, facts) is None


def test_what_is_mandatory_and_requires_consent_heeds_a_withdrawal() -> None:
    facts = facts_of((0, None, True), (CATEGORY, None, False), required=True, mandatory=True)
    assert reason_of(consent(EMAIL, facts)) == "no_consent"


def test_inbox_and_nobody_need_no_consent() -> None:
    assert consent(INBOX, facts_of(required=True)) is None
    assert consent(EMAIL, facts_of(required=True, standing=Standing.NOBODY)) is None

"""Which setting is behind an answer."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from clarion.core.decide import badge_counts, decide, decided_by
from clarion.core.decision import Gate
from clarion.core.digest import DigestTiming
from clarion.core.facts import CapOutcome, Facts
from clarion.core.recipient import FOREVER, Consent, Level, Mention, ScopeKind, Setting
from clarion.core.workflow import Channel, DigestStep, SendStep, WhenQuiet
from clarion.testing.builders import (
    ACTOR,
    CATEGORY,
    WORKFLOW,
    a_recipient,
    a_setting,
    a_workflow,
    an_event,
    some_facts,
)
from tests.core.evening import LATE, NIGHT, VIENNA
from tests.core.wall_time import HOUR

TOPIC = 100
PUSH = SendStep(index=0, channel=Channel.PUSH)
PLAIN = a_setting(ScopeKind.WORKFLOW, WORKFLOW)
"""A row of a nearer scope that chooses nothing."""

DIGEST = DigestStep(index=0, timing=DigestTiming(cadence="daily", by_user=True))


def facts_of(*rows: Setting, step: SendStep | DigestStep = PUSH, **changes: Any) -> Facts:
    steps = (step,) if isinstance(step, SendStep) else (step, replace(PUSH, index=1))
    who = {"zone": VIENNA, **changes.pop("who", {})}
    return some_facts(
        workflow=a_workflow(steps=steps),
        recipient=a_recipient(*rows, **who),
        now=LATE,
        **changes,
    )


@pytest.mark.parametrize(
    ("gate", "row", "changes"),
    [
        (Gate.MUTED_ACTOR, a_setting(ScopeKind.ACTOR, ACTOR, mute_until=FOREVER), {}),
        (Gate.MUTE, a_setting(mute_until=FOREVER), {}),
        (Gate.LEVEL, a_setting(level=Level.NONE), {}),
        (Gate.END, a_setting(level=Level.ALL), {}),
        (Gate.CHANNEL, a_setting(channels={Channel.PUSH: False}), {}),
        (Gate.PAUSE, a_setting(pause_until=LATE + HOUR), {}),
        (Gate.QUIET, a_setting(quiet=NIGHT), {}),
        (Gate.QUIET, a_setting(quiet=NIGHT), {"step": replace(PUSH, quiet=WhenQuiet.SILENT)}),
        (
            Gate.QUIET,
            a_setting(pause_until=LATE + HOUR),
            {"step": replace(PUSH, quiet=WhenQuiet.SILENT)},
        ),
        (Gate.DIGEST, a_setting(cadence="weekly"), {"step": DIGEST}),
    ],
)
def test_the_setting_behind_an_answer_is_the_row_that_decided(
    gate: Gate, row: Setting, changes: dict[str, Any]
) -> None:
    loud = a_setting(ScopeKind.CATEGORY, CATEGORY, channels={Channel.EMAIL: False})
    facts = facts_of(PLAIN, row, loud, **changes)
    (answer,) = decide(facts).steps
    assert answer.gate is gate
    assert decided_by(facts, answer) is row


def test_a_suppressed_mention_was_decided_by_the_row_that_suppresses() -> None:
    level = a_setting(ScopeKind.WORKFLOW, WORKFLOW, level=Level.MENTIONS)
    row = a_setting(suppress=("roles",))
    facts = facts_of(level, row, who={"mention": Mention.ROLE})
    (answer,) = decide(facts).steps
    assert answer.reason == "mention_suppressed"
    assert decided_by(facts, answer) is row


def test_in_a_thread_the_level_above_it_may_be_what_decided() -> None:
    own = a_setting(ScopeKind.TOPIC, TOPIC, level=Level.ALL)
    above = a_setting(ScopeKind.TOPIC, TOPIC + 1, level=Level.NONE)
    event = an_event(about_chain=(TOPIC, TOPIC + 1), thread=True)
    facts = facts_of(own, above, event=event)
    (answer,) = decide(facts).steps
    assert decided_by(facts, answer) is above
    topic = replace(facts, event=replace(event, thread=False))
    assert decided_by(topic, decide(topic).steps[0]) is own


def test_the_switch_of_the_steps_own_channel_is_named() -> None:
    email = a_setting(ScopeKind.WORKFLOW, WORKFLOW, channels={Channel.EMAIL: False})
    push = a_setting(channels={Channel.PUSH: False})
    facts = some_facts(email, push, workflow=a_workflow(Channel.PUSH, Channel.EMAIL))
    first, second = decide(facts).steps
    assert (decided_by(facts, first), decided_by(facts, second)) == (push, email)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"duplicate": True},
        {"event": an_event(about_chain=(TOPIC,), default_levels={TOPIC: "none"})},
        {"caps": {0: CapOutcome(False, "skip", "category")}},
        {"who": {"consents": (Consent(CATEGORY, None, granted=False),)}},
        {"who": {"consents": (Consent(0, None, granted=False),)}},
        {"who": {"suppressed": frozenset({Channel.PUSH})}},
    ],
    ids=["plain", "duplicate", "owner's default", "cap", "opted out", "out of all", "suppressed"],
)
def test_an_answer_that_no_setting_gave_has_none(changes: dict[str, Any]) -> None:
    row = a_setting(channels={Channel.EMAIL: False})
    facts = facts_of(row, **changes)
    (answer,) = decide(facts).steps
    assert decided_by(facts, answer) is None


@pytest.mark.parametrize(
    ("mention", "suppress", "counts"),
    [
        (Mention.NONE, (), False),
        (Mention.USER, ("everyone", "roles"), True),
        (Mention.REPLY, ("everyone", "roles"), True),
        (Mention.ROLE, ("everyone",), True),
        (Mention.ROLE, ("roles",), False),
        (Mention.EVERYONE, ("everyone",), False),
    ],
)
def test_a_mention_counts_on_the_badge_unless_it_is_suppressed(
    mention: Mention, suppress: tuple[str, ...], counts: bool
) -> None:
    facts = facts_of(a_setting(suppress=suppress, mute_until=FOREVER), who={"mention": mention})
    assert badge_counts(facts) is counts


def test_neither_ones_own_event_nor_that_of_somebody_muted_counts_on_the_badge() -> None:
    muted = a_setting(ScopeKind.ACTOR, ACTOR, mute_until=FOREVER)
    assert not badge_counts(facts_of(muted, who={"mention": Mention.USER}))
    own = facts_of(who={"mention": Mention.USER, "user": ACTOR})
    assert not badge_counts(own)

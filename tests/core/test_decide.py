"""The gates one by one, their order, and whom they do not concern."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from clarion.core.decide import INBOX_GATES, SEND_GATES, decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import EventFacts, Facts
from clarion.core.gates import NOTIFICATION_GATES, PERSON_GATES
from clarion.core.recipient import (
    FOREVER,
    Consent,
    Level,
    Mention,
    Recipient,
    ScopeKind,
    Setting,
    Standing,
)
from clarion.core.workflow import Channel, Rollout
from clarion.testing.builders import (
    ACTOR,
    NOW,
    USER,
    WORKFLOW,
    a_category,
    a_recipient,
    a_setting,
    a_workflow,
    an_event,
    some_facts,
)
from tests.core.answers import (
    LEVEL_NONE,
    MUTED,
    MUTED_ACTOR,
    PUSH_OFF,
    TOPIC,
    the_push,
    the_skip,
)


def test_without_settings_every_step_is_sent() -> None:
    assert decide(some_facts()).steps == (
        StepDecision(0, Result.SEND, Gate.END, "level_all"),
        StepDecision(1, Result.SEND, Gate.END, "level_all"),
    )


def test_a_workflow_without_steps_has_no_answers() -> None:
    assert decide(some_facts(workflow=a_workflow(steps=()))).steps == ()


# The gates of the notification


@pytest.mark.parametrize(
    ("facts", "gate", "reason"),
    [
        (some_facts(event=an_event(expires_at=NOW)), Gate.EXPIRED, "expired"),
        (some_facts(event=an_event(cancelled=True)), Gate.CANCELLED, "cancelled"),
        (some_facts(paused=True), Gate.PAUSED, "workflow_paused"),
        (some_facts(rollout=Rollout.OFF), Gate.ROLLOUT, "rollout_off"),
        (
            some_facts(recipient=a_recipient(standing=Standing.UNKNOWN)),
            Gate.EXISTS,
            "unknown_user",
        ),
        (some_facts(recipient=a_recipient(standing=Standing.ERASED)), Gate.EXISTS, "erased_user"),
        (some_facts(duplicate=True), Gate.DUPLICATE, "duplicate"),
        (some_facts(event=an_event(actor=USER)), Gate.ACTOR, "own_event"),
        (some_facts(event=an_event(silent=True)), Gate.SILENT, "silent"),
    ],
)
def test_a_gate_of_the_notification_ends_it_with_one_row(
    facts: Facts, gate: Gate, reason: str
) -> None:
    assert the_skip(facts) == (gate, reason, "")


@pytest.mark.parametrize(
    ("row", "gate", "reason", "scope"),
    [
        (MUTED_ACTOR, Gate.MUTED_ACTOR, "actor_muted", "actor"),
        (MUTED, Gate.MUTE, "muted", "user"),
        (LEVEL_NONE, Gate.LEVEL, "level_none", "user"),
        (a_setting(level=Level.MENTIONS), Gate.LEVEL, "no_mention", "user"),
    ],
)
def test_a_setting_that_ends_the_notification_names_its_scope(
    row: Setting, gate: Gate, reason: str, scope: str
) -> None:
    assert the_skip(some_facts(row)) == (gate, reason, scope)


def test_an_event_that_expires_later_is_sent() -> None:
    assert the_push(some_facts(event=an_event(expires_at=NOW + 1))).result is Result.SEND


def test_an_event_without_an_actor_is_nobodys_own() -> None:
    facts = some_facts(event=an_event(actor=0), recipient=a_recipient(user=0))
    assert the_push(facts).result is Result.SEND


@pytest.mark.parametrize("mute_until", [NOW - 1, NOW])
@pytest.mark.parametrize(
    ("kind", "scope"), [(ScopeKind.USER, 0), (ScopeKind.ACTOR, ACTOR)], ids=["user", "actor"]
)
def test_a_mute_that_has_ended_silences_nothing(
    kind: ScopeKind, scope: int, mute_until: int
) -> None:
    facts = some_facts(a_setting(kind, scope, mute_until=mute_until))
    assert the_push(facts) == StepDecision(1, Result.SEND, Gate.END, "level_all")


@pytest.mark.parametrize(
    "row",
    [
        a_setting(ScopeKind.ACTOR, ACTOR + 1, mute_until=FOREVER),
        a_setting(ScopeKind.ACTOR, ACTOR, user=USER + 1, mute_until=FOREVER),
        a_setting(ScopeKind.ACTOR, ACTOR),
    ],
    ids=["another actor", "another user", "not muted"],
)
def test_an_actor_is_heard_by_those_who_did_not_mute_them(row: Setting) -> None:
    assert the_push(some_facts(row)).result is Result.SEND


def _on_event(**changes: object) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, event=replace(facts.event, **changes))


def _on_recipient(**changes: object) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, recipient=replace(facts.recipient, **changes))


def _with_row(row: Setting) -> Callable[[Facts], Facts]:
    return lambda facts: _on_recipient(settings=(*facts.recipient.settings, row))(facts)


def _rollout_off(facts: Facts) -> Facts:
    off = replace(facts.flow.workflow, rollout=Rollout.OFF)
    return replace(facts, flow=replace(facts.flow, workflow=off))


BREAKS: list[tuple[Gate, Callable[[Facts], Facts]]] = [
    (Gate.SILENT, _on_event(silent=True)),
    (Gate.LEVEL, _with_row(LEVEL_NONE)),
    (Gate.MUTE, _with_row(a_setting(ScopeKind.WORKFLOW, WORKFLOW, mute_until=FOREVER))),
    (Gate.MUTED_ACTOR, _with_row(MUTED_ACTOR)),
    (Gate.ACTOR, _on_event(actor=USER)),
    (Gate.DUPLICATE, lambda facts: replace(facts, duplicate=True)),
    (Gate.EXISTS, _on_recipient(standing=Standing.ERASED)),
    (Gate.ROLLOUT, _rollout_off),
    (Gate.PAUSED, lambda facts: replace(facts, flow=replace(facts.flow, paused=True))),
    (Gate.CANCELLED, _on_event(cancelled=True)),
    (Gate.EXPIRED, _on_event(expires_at=NOW)),
]


@pytest.mark.parametrize("broken", range(1, len(BREAKS) + 1))
def test_the_earliest_closed_gate_decides(broken: int) -> None:
    facts = some_facts(whens={0: False, 1: False})
    for _, close in BREAKS[:broken]:
        facts = close(facts)
    assert the_skip(facts)[0] is BREAKS[broken - 1][0]


# Mandatory categories, nobody, rollout


@pytest.mark.parametrize(
    ("event", "recipient"),
    [
        (an_event(), a_recipient(MUTED, MUTED_ACTOR, LEVEL_NONE, PUSH_OFF)),
        (an_event(silent=True), a_recipient()),
        (an_event(actor=USER), a_recipient()),
        (an_event(about_chain=(TOPIC,), thread=True), a_recipient(in_thread=False)),
    ],
    ids=["settings", "silent", "own event", "not in the thread"],
)
def test_a_mandatory_category_passes_every_gate_of_the_settings(
    event: EventFacts, recipient: Recipient
) -> None:
    facts = some_facts(event=event, recipient=recipient, category=a_category(mandatory=True))
    assert decide(facts).steps == (
        StepDecision(0, Result.SEND, Gate.END, "mandatory"),
        StepDecision(1, Result.SEND, Gate.END, "mandatory"),
    )


def test_a_mandatory_category_still_needs_a_destination_and_its_condition() -> None:
    facts = some_facts(
        recipient=a_recipient(destinations={}),
        category=a_category(mandatory=True),
        whens={0: False},
    )
    assert [answer.reason for answer in decide(facts).steps] == ["when_false", "no_destination"]


def test_nobodys_destination_ignores_settings_and_defaults() -> None:
    default = a_setting(ScopeKind.ENVIRONMENT, user=0, level=Level.NONE, mute_until=FOREVER)
    off = a_setting(
        ScopeKind.TENANT, 3, user=0, channels={Channel.PUSH: False, Channel.WEBHOOK: False}
    )
    facts = some_facts(
        workflow=a_workflow(Channel.PUSH, Channel.WEBHOOK),
        recipient=a_recipient(user=0, standing=Standing.NOBODY),
        defaults=(default, off),
    )
    assert [(s.result, s.reason) for s in decide(facts).steps] == [
        (Result.SEND, "no_preferences"),
        (Result.SEND, "no_preferences"),
    ]


def test_nobody_has_no_inbox_and_needs_a_destination_for_push_only() -> None:
    facts = some_facts(
        workflow=a_workflow(Channel.INBOX, Channel.PUSH, Channel.WEBHOOK),
        recipient=a_recipient(user=0, standing=Standing.NOBODY, destinations={}),
    )
    assert [s.reason for s in decide(facts).steps] == [
        "no_destination",
        "no_destination",
        "no_preferences",
    ]


def test_a_shadow_rollout_decides_to_the_end_and_sends_nothing() -> None:
    facts = some_facts(PUSH_OFF, rollout=Rollout.SHADOW)
    assert decide(facts).steps == (
        StepDecision(0, Result.SKIP, Gate.ROLLOUT, "rollout_shadow"),
        StepDecision(1, Result.SKIP, Gate.CHANNEL, "channel_off", "user"),
    )


def test_a_shadow_rollout_writes_no_inbox_item_for_the_badge() -> None:
    facts = some_facts(MUTED, mention=Mention.USER, rollout=Rollout.SHADOW)
    assert [s.reason for s in decide(facts).steps] == ["rollout_shadow", "muted"]


# The gates of a send step


def test_a_false_condition_skips_its_own_step_only() -> None:
    assert decide(some_facts(whens={0: False, 1: True})).steps == (
        StepDecision(0, Result.SKIP, Gate.WHEN, "when_false"),
        StepDecision(1, Result.SEND, Gate.END, "level_all"),
    )


def test_a_channel_that_is_off_skips_its_own_step_only() -> None:
    assert decide(some_facts(PUSH_OFF)).steps == (
        StepDecision(0, Result.SEND, Gate.END, "level_all"),
        StepDecision(1, Result.SKIP, Gate.CHANNEL, "channel_off", "user"),
    )


def test_the_most_specific_switch_of_a_channel_wins() -> None:
    on = a_setting(ScopeKind.WORKFLOW, WORKFLOW, channels={Channel.PUSH: True})
    assert the_push(some_facts(PUSH_OFF, on)).result is Result.SEND


def test_a_condition_is_asked_before_the_switch_and_the_switch_before_the_destination() -> None:
    nowhere = a_recipient(PUSH_OFF, destinations={})
    assert the_push(some_facts(recipient=nowhere)).gate is Gate.CHANNEL
    assert the_push(some_facts(recipient=nowhere, whens={1: False})).gate is Gate.WHEN


def test_only_inbox_and_webhook_need_no_destination() -> None:
    facts = some_facts(workflow=a_workflow(*Channel), recipient=a_recipient(destinations={}))
    skipped = {
        step.channel
        for step, answer in zip(facts.flow.workflow.sends, decide(facts).steps, strict=True)
        if answer.reason == "no_destination"
    }
    assert skipped == {Channel.PUSH, Channel.EMAIL, Channel.SMS, Channel.CHAT}


def test_an_empty_list_of_destinations_is_none() -> None:
    facts = some_facts(recipient=a_recipient(destinations={Channel.PUSH: ()}))
    assert the_push(facts).reason == "no_destination"


OFFERS = a_category(consent="required")
STEP_BREAKS: list[tuple[Gate, str, Callable[[Facts], Facts]]] = [
    (Gate.DESTINATION, "no_destination", _on_recipient(destinations={})),
    (Gate.CHANNEL, "channel_off", _with_row(PUSH_OFF)),
    (Gate.CONSENT, "no_consent", _on_recipient(consents=())),
    (
        Gate.OPTED_OUT,
        "opted_out",
        _on_recipient(consents=(Consent(0, Channel.PUSH, granted=False),)),
    ),
    (Gate.SUPPRESSED, "suppressed", _on_recipient(suppressed=frozenset({Channel.PUSH}))),
    (Gate.WHEN, "when_false", lambda facts: replace(facts, whens={1: False})),
]


@pytest.mark.parametrize("broken", range(1, len(STEP_BREAKS) + 1))
def test_the_earliest_closed_gate_of_a_step_decides(broken: int) -> None:
    granted = a_recipient(consents=(Consent(0, None, granted=True),))
    facts = some_facts(recipient=granted, category=OFFERS)
    assert the_push(facts).result is Result.SEND
    for _, _, close in STEP_BREAKS[:broken]:
        facts = close(facts)
    gate, reason, _ = STEP_BREAKS[broken - 1]
    assert (the_push(facts).gate, the_push(facts).reason) == (gate, reason)
    assert decide(facts).steps[0].result is Result.SEND


def test_gates_are_asked_in_the_order_of_their_words() -> None:
    order = [*Gate]
    for gates in ((*NOTIFICATION_GATES, *PERSON_GATES), SEND_GATES, INBOX_GATES):
        asked = [gate for gate, _ in gates]
        assert asked == sorted(asked, key=order.index)

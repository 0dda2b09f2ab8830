"""The gates one by one, their order, and what a stopped alert leaves behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from clarion.core.decide import badge_counts, decide, decided_by, explain
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import EventFacts, Facts
from clarion.core.recipient import (
    FOREVER,
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

TOPIC, PARENT = 100, 101
MUTED = a_setting(mute_until=FOREVER)
MUTED_ACTOR = a_setting(ScopeKind.ACTOR, ACTOR, mute_until=FOREVER)
LEVEL_NONE = a_setting(level=Level.NONE)
PUSH_OFF = a_setting(channels={Channel.PUSH: False})


def the_skip(facts: Facts) -> tuple[Gate, str, str]:
    """Gate, reason and scope of the single row that ends a notification."""
    (answer,) = decide(facts).steps
    assert (answer.step, answer.result) == (-1, Result.SKIP)
    return answer.gate, answer.reason, answer.scope


def the_push(facts: Facts) -> StepDecision:
    """The answer for the push step of the default workflow."""
    return decide(facts).steps[1]


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
    nobody = a_recipient(user=0, standing=Standing.NOBODY)
    facts = some_facts(event=an_event(actor=0), recipient=nobody)
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


def test_a_muted_actor_is_heard_by_those_who_did_not_mute_them() -> None:
    somebody_else = a_setting(ScopeKind.ACTOR, ACTOR + 1, mute_until=FOREVER)
    assert the_push(some_facts(somebody_else)).result is Result.SEND


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


# Level and mentions


@pytest.mark.parametrize(
    ("mention", "suppress", "reason"),
    [
        (Mention.USER, ("everyone", "roles"), "mention"),
        (Mention.REPLY, ("everyone", "roles"), "mention"),
        (Mention.ROLE, ("everyone",), "mention"),
        (Mention.ROLE, ("roles",), "mention_suppressed"),
        (Mention.EVERYONE, ("roles",), "mention"),
        (Mention.EVERYONE, ("everyone",), "mention_suppressed"),
        (Mention.NONE, (), "no_mention"),
    ],
)
def test_the_level_mentions_asks_for_a_mention_that_is_not_suppressed(
    mention: Mention, suppress: tuple[str, ...], reason: str
) -> None:
    row = a_setting(level=Level.MENTIONS, suppress=suppress)
    assert decide(some_facts(row, mention=mention)).steps[0].reason == reason


def test_a_default_level_of_the_nearest_topic_is_used_where_nobody_chose() -> None:
    event = an_event(about_chain=(TOPIC, PARENT), default_levels={TOPIC: "none", PARENT: "all"})
    assert the_skip(some_facts(event=event)) == (Gate.LEVEL, "level_none", "topic_default")
    assert the_push(some_facts(a_setting(level=Level.ALL), event=event)).scope == "user"


def test_a_default_level_of_a_parent_is_used_where_the_nearest_topic_has_none() -> None:
    event = an_event(about_chain=(TOPIC, PARENT), default_levels={PARENT: "none"})
    assert the_skip(some_facts(event=event))[2] == "topic_default"


# Threads


def a_thread(*settings: Setting, in_thread: bool = True, mention: Mention = Mention.NONE) -> Facts:
    return some_facts(
        event=an_event(about_chain=(TOPIC, PARENT), thread=True),
        recipient=a_recipient(*settings, in_thread=in_thread, mention=mention),
    )


def on_topic(scope: int, level: Level, suppress: tuple[str, ...] = ()) -> Setting:
    return a_setting(ScopeKind.TOPIC, scope, level=level, suppress=suppress)


def test_whoever_is_not_in_a_thread_hears_nothing_of_it() -> None:
    facts = a_thread(on_topic(TOPIC, Level.ALL), in_thread=False)
    assert the_skip(facts) == (Gate.LEVEL, "not_in_thread", "")


def test_a_parents_none_wins_over_the_threads_own_level() -> None:
    facts = a_thread(on_topic(TOPIC, Level.ALL), on_topic(PARENT, Level.NONE))
    assert the_skip(facts) == (Gate.LEVEL, "level_none", "topic")


def test_only_topics_are_parents_of_a_thread() -> None:
    facts = a_thread(on_topic(TOPIC, Level.ALL), a_setting(level=Level.NONE))
    assert the_push(facts).reason == "thread_level_all"


def test_a_default_none_for_the_parent_does_not_overrule_the_users_own_thread_level() -> None:
    default = a_setting(ScopeKind.TOPIC, PARENT, user=0, level=Level.NONE)
    facts = replace(a_thread(on_topic(TOPIC, Level.ALL)), defaults=(default,))
    assert the_push(facts).reason == "thread_level_all"


def test_outside_threads_the_nearest_topic_wins_over_a_parents_none() -> None:
    facts = some_facts(
        on_topic(TOPIC, Level.ALL),
        on_topic(PARENT, Level.NONE),
        event=an_event(about_chain=(TOPIC, PARENT)),
    )
    assert the_push(facts).reason == "level_all"


def test_suppress_flags_stop_the_badge_but_not_the_alert_inside_a_thread() -> None:
    quiet = on_topic(TOPIC, Level.MENTIONS, suppress=("everyone",))
    facts = a_thread(quiet, mention=Mention.EVERYONE)
    assert the_push(facts).reason == "mention"
    assert not badge_counts(facts)


def test_the_mute_of_the_thread_itself_has_its_own_reason() -> None:
    own = a_setting(ScopeKind.TOPIC, TOPIC, mute_until=FOREVER)
    parent = a_setting(ScopeKind.TOPIC, PARENT, mute_until=FOREVER)
    assert the_skip(a_thread(own)) == (Gate.MUTE, "thread_muted", "topic")
    assert the_skip(a_thread(parent)) == (Gate.MUTE, "muted", "topic")


# Badge


STOPPED_ALERTS: list[tuple[Facts, Gate, str, str]] = [
    (some_facts(MUTED, mention=Mention.USER), Gate.MUTE, "muted", "user"),
    (some_facts(LEVEL_NONE, mention=Mention.REPLY), Gate.LEVEL, "level_none", "user"),
    (some_facts(mention=Mention.ROLE, event=an_event(silent=True)), Gate.SILENT, "silent", ""),
]


@pytest.mark.parametrize(("facts", "gate", "reason", "scope"), STOPPED_ALERTS)
def test_a_mention_that_must_not_alert_is_still_written_to_the_inbox(
    facts: Facts, gate: Gate, reason: str, scope: str
) -> None:
    assert decide(facts).steps == (
        StepDecision(0, Result.SEND, gate, reason, scope, alert=False),
        StepDecision(1, Result.SKIP, gate, reason, scope),
    )


def test_the_inbox_item_for_the_badge_passes_the_gates_of_its_step() -> None:
    off = a_setting(mute_until=FOREVER, channels={Channel.INBOX: False})
    assert decide(some_facts(off, mention=Mention.USER)).steps[0].gate is Gate.CHANNEL
    closed = replace(some_facts(MUTED, mention=Mention.USER), whens={0: False})
    assert decide(closed).steps[0].reason == "when_false"


@pytest.mark.parametrize("mention", [Mention.ROLE, Mention.EVERYONE])
def test_a_suppressed_mention_leaves_no_badge(mention: Mention) -> None:
    row = a_setting(mute_until=FOREVER, suppress=("roles", "everyone"))
    assert the_skip(some_facts(row, mention=mention)) == (Gate.MUTE, "muted", "user")


@pytest.mark.parametrize(
    "facts",
    [
        some_facts(mention=Mention.USER, event=an_event(actor=USER)),
        some_facts(MUTED_ACTOR, mention=Mention.USER),
    ],
    ids=["own event", "muted actor"],
)
def test_neither_ones_own_event_nor_a_muted_actor_leaves_a_badge(facts: Facts) -> None:
    assert decide(facts).steps[0].step == -1
    assert not badge_counts(facts)


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
        for step, answer in zip(facts.flow.workflow.steps, decide(facts).steps, strict=True)
        if answer.reason == "no_destination"
    }
    assert skipped == {Channel.PUSH, Channel.EMAIL, Channel.SMS, Channel.CHAT}


def test_an_empty_list_of_destinations_is_none() -> None:
    facts = some_facts(recipient=a_recipient(destinations={Channel.PUSH: ()}))
    assert the_push(facts).reason == "no_destination"


# What is told about it


def test_the_trace_names_every_gate_in_the_order_it_was_asked() -> None:
    facts = some_facts(workflow=a_workflow(Channel.PUSH))
    of_the_notification = [gate.value for gate in Gate][: list(Gate).index(Gate.WHEN)]
    assert [line.gate for line in explain(facts)] == [
        *of_the_notification,
        *("when", "channel", "destination", "end"),
    ]
    assert [line.step for line in explain(facts)][-4:] == [0, 0, 0, 0]


def test_the_trace_ends_with_the_gate_that_stopped_the_notification() -> None:
    last = explain(some_facts(MUTED))[-1]
    assert (last.gate, last.verdict, last.scope, last.step) == ("mute", "skip", "user", -1)


def test_the_trace_marks_gates_that_do_not_apply_as_off() -> None:
    facts = some_facts(MUTED, PUSH_OFF, category=a_category(mandatory=True))
    off = [line.gate for line in explain(facts) if line.verdict == "off"]
    assert off == ["actor", "muted_actor", "mute", "level", "silent", "channel", "channel"]


def test_the_trace_says_badge_where_only_the_alert_was_stopped() -> None:
    lines = explain(some_facts(MUTED, mention=Mention.USER))
    assert [(line.gate, line.step) for line in lines if line.verdict == "badge"] == [
        ("mute", -1),
        ("end", 0),
    ]
    assert (lines[-1].gate, lines[-1].verdict, lines[-1].step) == ("mute", "skip", 1)


def test_the_trace_tells_of_a_switch_that_was_turned_on() -> None:
    on = a_setting(ScopeKind.WORKFLOW, WORKFLOW, channels={Channel.PUSH: True})
    told = [line.scope for line in explain(some_facts(on)) if line.gate == "channel"]
    assert told == ["", "workflow"]


@pytest.mark.parametrize(
    ("row", "mention"),
    [
        (a_setting(ScopeKind.TOPIC, PARENT, mute_until=FOREVER), Mention.NONE),
        (a_setting(ScopeKind.TOPIC, PARENT, level=Level.NONE), Mention.NONE),
        (a_setting(ScopeKind.TOPIC, PARENT, level=Level.ALL), Mention.NONE),
        (
            a_setting(ScopeKind.TOPIC, PARENT, level=Level.MENTIONS, suppress=("roles",)),
            Mention.ROLE,
        ),
        (a_setting(ScopeKind.TOPIC, PARENT, channels={Channel.PUSH: False}), Mention.NONE),
        (MUTED_ACTOR, Mention.NONE),
    ],
)
def test_the_setting_behind_an_answer_can_be_found(row: Setting, mention: Mention) -> None:
    bystander = a_setting(ScopeKind.TOPIC, TOPIC, channels={Channel.EMAIL: True})
    event = an_event(about_chain=(TOPIC, PARENT))
    facts = some_facts(bystander, row, event=event, mention=mention)
    assert decided_by(facts, decide(facts).steps[-1]) == row


@pytest.mark.parametrize(
    "facts",
    [
        some_facts(),
        some_facts(paused=True),
        some_facts(MUTED, category=a_category(mandatory=True)),
        some_facts(event=an_event(about_chain=(TOPIC,), default_levels={TOPIC: "none"})),
    ],
)
def test_no_setting_is_behind_an_answer_that_none_decided(facts: Facts) -> None:
    assert decided_by(facts, decide(facts).steps[0]) is None

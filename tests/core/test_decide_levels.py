"""Levels, mentions, threads, and the badge that a stopped alert leaves behind."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from clarion.core.decide import badge_counts, decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.recipient import (
    FOREVER,
    Level,
    Mention,
    ScopeKind,
    Setting,
)
from clarion.core.workflow import Channel
from clarion.testing.builders import (
    USER,
    a_recipient,
    a_setting,
    an_event,
    some_facts,
)
from tests.core.answers import (
    LEVEL_NONE,
    MUTED,
    MUTED_ACTOR,
    PARENT,
    TOPIC,
    the_push,
    the_skip,
)

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
    answer = decide(some_facts(row, mention=mention)).steps[0]
    assert (answer.reason, answer.scope) == (reason, "user")


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


def test_membership_of_a_thread_is_not_asked_outside_threads() -> None:
    facts = some_facts(event=an_event(about_chain=(TOPIC,)), recipient=a_recipient(in_thread=False))
    assert the_push(facts).result is Result.SEND


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

"""The trace, and the setting behind an answer."""

from __future__ import annotations

import pytest

from clarion.core.decide import SEND_GATES, decide, decided_by, explain
from clarion.core.decision import Gate
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
    WORKFLOW,
    a_category,
    a_setting,
    a_workflow,
    an_event,
    some_facts,
)
from tests.core.answers import (
    MUTED,
    MUTED_ACTOR,
    PARENT,
    PUSH_OFF,
    TOPIC,
)


def test_the_trace_names_every_gate_in_the_order_it_was_asked() -> None:
    facts = some_facts(workflow=a_workflow(Channel.PUSH))
    of_the_notification = [gate.value for gate in Gate][: list(Gate).index(Gate.WHEN)]
    assert [line.gate for line in explain(facts)] == [
        *of_the_notification,
        *(gate.value for gate, _ in SEND_GATES),
        "end",
    ]
    assert {line.step for line in explain(facts)} == {-1, 0}


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

"""Rows that stop something, and how tests look at an answer."""

from __future__ import annotations

from msgspec.structs import replace

from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.recipient import FOREVER, Level, ScopeKind, Setting
from clarion.core.workflow import Channel
from clarion.testing.builders import (
    ACTOR,
    a_setting,
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


def with_settings(facts: Facts, found: tuple[Setting, ...]) -> Facts:
    """The same facts of somebody with these rows of their own."""
    return replace(facts, recipient=replace(facts.recipient, settings=found))

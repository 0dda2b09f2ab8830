"""What a person would get on each channel: `decide`, asked about an event that has not happened.

There is no second set of rules: a message is made up for every channel, and decided.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from clarion.core.decide import decide, decided_by
from clarion.core.decision import Decision, Result, StepDecision
from clarion.core.facts import Facts, WorkflowFacts
from clarion.core.preference import DEFAULT_LABELS, default_topic
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.workflow import CHANNELS, Channel, SendStep, Workflow


class ChannelState(StrEnum):
    """`on`: sent at once. `held`: sent later, alone or with others. `off`: not sent."""

    ON = "on"
    HELD = "held"
    OFF = "off"


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a message on one channel.

    `reason` is that of the decision, `scope` the label of the scope that decided ("" for none),
    `row` the setting behind it, `topic` the topic whose owner's default level decided (0: none).
    `until` is the instant until which it is held. `alert` False: the inbox item does not ring.
    """

    state: ChannelState
    reason: str
    scope: str = ""
    row: Setting | None = None
    topic: int = 0
    until: int | None = None
    alert: bool = True


_STATES = {
    Result.SEND: ChannelState.ON,
    Result.HOLD: ChannelState.HELD,
    Result.DIGEST: ChannelState.HELD,
    Result.SKIP: ChannelState.OFF,
}


def resolved(facts: Facts) -> dict[Channel, Resolved]:
    """What `facts.recipient` would get of such an event on every channel at `facts.now`.

    Of the workflow its first send step on a channel counts, without its condition; a channel it has
    no step for is answered as if it had. Dedupe keys, caps and waits are left aside.
    """
    probe = probe_of(facts)
    return told(probe, decide(probe))


def probe_of(facts: Facts) -> Facts:
    """The facts with a message on every channel, the step's index being that of the channel, and
    without what only a real event has."""
    flow = facts.flow
    steps = tuple(_step(flow.workflow, index, channel) for index, channel in enumerate(CHANNELS))
    probed = WorkflowFacts(
        workflow=replace(flow.workflow, steps=steps),
        category=flow.category,
        workflow_number=flow.workflow_number,
        category_number=flow.category_number,
        paused=flow.paused,
    )
    return Facts(
        event=facts.event,
        flow=probed,
        recipient=facts.recipient,
        defaults=facts.defaults,
        now=facts.now,
    )


def told(probe: Facts, decision: Decision) -> dict[Channel, Resolved]:
    """The answers of a decision about a probe, by channel."""
    answers = {answer.step: answer for answer in decision.steps}
    whole = answers.get(-1)
    return {
        channel: _told(probe, whole or answers[index]) for index, channel in enumerate(CHANNELS)
    }


def _told(probe: Facts, answer: StepDecision) -> Resolved:
    by_owner = answer.scope == DEFAULT_LABELS[ScopeKind.TOPIC]
    row = decided_by(probe, answer)
    return Resolved(
        state=_STATES[answer.result],
        reason=str(answer.reason),
        scope=answer.scope,
        row=row,
        topic=default_topic(probe) if by_owner and row is None else 0,
        until=answer.until,
        alert=answer.alert,
    )


def _step(workflow: Workflow, index: int, channel: Channel) -> SendStep:
    for step in workflow.steps:
        match step:
            case SendStep(channel=found) if found is channel:
                return replace(step, index=index, when=None)
    return SendStep(index=index, channel=channel)

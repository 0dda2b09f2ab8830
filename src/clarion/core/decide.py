"""The decision: facts in, one answer per step out. Pure, total, fast."""

from __future__ import annotations

import msgspec

from clarion.core.decision import Decision, Gate, Result, StepDecision, TraceLine
from clarion.core.facts import Facts
from clarion.core.gates import (
    BADGE_GATES,
    NOTIFICATION_GATES,
    PERSON_GATES,
    STEP_GATES,
    exemption,
    muted_actor,
    own_event,
)
from clarion.core.preference import (
    Chain,
    chain_of,
    level_in,
    mention_counts,
    mute_in,
    mute_of_actor,
    suppressing,
    switch_in,
    thread_of,
)
from clarion.core.reasons import Reason
from clarion.core.recipient import Setting
from clarion.core.trace import GateVerdict, Ruling, line
from clarion.core.workflow import Channel, Rollout, SendStep


class _Heard(msgspec.Struct, frozen=True, gc=False):
    """What the gates of the notification say together. `alert` False: only the badge counts."""

    gate: Gate
    reason: str
    scope: str
    alert: bool


_SHADOWED = Ruling(GateVerdict.SKIP, Reason.ROLLOUT_SHADOW)


def decide(facts: Facts, trace: list[TraceLine] | None = None) -> Decision:
    """Send or skip, for every step of the workflow, or once for the whole notification (step -1).

    With `trace` given, one line per gate that was asked is appended to it, in order.
    """
    stop = _ask_all(facts, trace)
    if stop is not None:
        return Decision((stop,))
    exempt = exemption(facts)
    chain = chain_of(facts) if exempt is None else ()
    heard = _ask_person(facts, chain, trace) if exempt is None else _exempted(exempt, trace)
    if isinstance(heard, StepDecision):
        return Decision((heard,))
    steps = facts.flow.workflow.steps
    return Decision(tuple([_ask_step(step, facts, chain, heard, trace) for step in steps]))


def explain(facts: Facts) -> list[TraceLine]:
    """Every gate that is asked for these facts, in order, with what it says."""
    trace: list[TraceLine] = []
    decide(facts, trace)
    return trace


def badge_counts(facts: Facts) -> bool:
    """Whether the event counts as a mention on the user's badge, with or without an alert.

    Direct mentions and replies do, unless the user caused the event or muted whoever did; mentions
    of a role or of everyone only where no scope suppresses them.
    """
    if own_event(facts, ()) is not None or muted_actor(facts, ()) is not None:
        return False
    return mention_counts(chain_of(facts), facts.recipient.mention)


def decided_by(facts: Facts, answer: StepDecision) -> Setting | None:
    """The setting behind one answer of `decide(facts)`; None where no setting decided it.

    Its kind and scope number say which topic or tenant it was; `answer.scope` says only what kind.
    """
    if not answer.scope:
        return None
    chain = chain_of(facts)
    if answer.gate == Gate.MUTED_ACTOR:
        return mute_of_actor(facts)
    if answer.gate == Gate.MUTE:
        return mute_in(chain, facts.now)
    if answer.gate == Gate.CHANNEL:
        return switch_in(chain, _channel_of(facts, answer.step))
    if answer.reason == Reason.MENTION_SUPPRESSED:
        return suppressing(chain, facts.recipient.mention)
    return level_in(chain, thread_of(facts))


def _ask_all(facts: Facts, trace: list[TraceLine] | None) -> StepDecision | None:
    for gate, ask in NOTIFICATION_GATES:
        ruling = ask(facts)
        if trace is not None:
            trace.append(line(gate, ruling))
        if ruling is not None and ruling.verdict is GateVerdict.SKIP:
            return StepDecision(-1, Result.SKIP, gate, ruling.reason)
    return None


def _exempted(exempt: Ruling, trace: list[TraceLine] | None) -> _Heard:
    if trace is not None:
        trace.append(line(Gate.MANDATORY, exempt))
        not_asked = Ruling(GateVerdict.OFF, exempt.reason)
        trace.extend(line(gate, not_asked) for gate, _ in PERSON_GATES)
    return _Heard(Gate.END, exempt.reason, "", alert=True)


def _ask_person(facts: Facts, chain: Chain, trace: list[TraceLine] | None) -> _Heard | StepDecision:
    if trace is not None:
        trace.append(line(Gate.MANDATORY, None))
    reason, scope = "", ""
    for gate, ask in PERSON_GATES:
        ruling = ask(facts, chain)
        if ruling is not None and ruling.verdict is GateVerdict.SKIP:
            return _stopped(gate, ruling, facts, chain, trace)
        if trace is not None:
            trace.append(line(gate, ruling))
        if ruling is not None:
            reason, scope = ruling.reason, ruling.scope
    return _Heard(Gate.END, reason, scope, alert=True)


def _stopped(
    gate: Gate, ruling: Ruling, facts: Facts, chain: Chain, trace: list[TraceLine] | None
) -> _Heard | StepDecision:
    counts = gate in BADGE_GATES and mention_counts(chain, facts.recipient.mention)
    if trace is not None:
        verdict = GateVerdict.BADGE if counts else GateVerdict.SKIP
        trace.append(line(gate, Ruling(verdict, ruling.reason, ruling.scope)))
    if counts:
        return _Heard(gate, ruling.reason, ruling.scope, alert=False)
    return StepDecision(-1, Result.SKIP, gate, ruling.reason, ruling.scope)


def _ask_step(
    step: SendStep, facts: Facts, chain: Chain, heard: _Heard, trace: list[TraceLine] | None
) -> StepDecision:
    if not heard.alert and step.channel is not Channel.INBOX:
        only_badge = Ruling(GateVerdict.SKIP, heard.reason, heard.scope)
        return _skip(step, heard.gate, only_badge, trace)
    for gate, ask in STEP_GATES:
        ruling = ask(step, facts, chain)
        if ruling is not None and ruling.verdict is GateVerdict.SKIP:
            return _skip(step, gate, ruling, trace)
        if trace is not None:
            trace.append(line(gate, ruling, step.index))
    if facts.flow.workflow.rollout is Rollout.SHADOW:
        return _skip(step, Gate.ROLLOUT, _SHADOWED, trace)
    if trace is not None:
        verdict = GateVerdict.PASS if heard.alert else GateVerdict.BADGE
        trace.append(line(Gate.END, Ruling(verdict, heard.reason, heard.scope), step.index))
    return StepDecision(
        step.index, Result.SEND, heard.gate, heard.reason, heard.scope, alert=heard.alert
    )


def _skip(
    step: SendStep, gate: Gate, ruling: Ruling, trace: list[TraceLine] | None
) -> StepDecision:
    if trace is not None:
        trace.append(line(gate, ruling, step.index))
    return StepDecision(step.index, Result.SKIP, gate, ruling.reason, ruling.scope)


def _channel_of(facts: Facts, index: int) -> Channel:
    return next(step.channel for step in facts.flow.workflow.steps if step.index == index)

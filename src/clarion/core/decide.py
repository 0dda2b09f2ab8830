"""The decision: facts in, one answer per step out. Pure, total, fast."""

from __future__ import annotations

import msgspec

from clarion.core.decision import Decision, Gate, Result, StepDecision, TraceLine
from clarion.core.facts import WHOLE, Facts
from clarion.core.gates import (
    BADGE_GATES,
    NOTIFICATION_GATES,
    PERSON_GATES,
    STEP_GATES,
    exemption,
    muted_actor,
    own_event,
)
from clarion.core.hush import hush
from clarion.core.preference import (
    Chain,
    cadence_in,
    chain_of,
    level_in,
    mention_counts,
    mute_in,
    mute_of_actor,
    pause_in,
    quiet_in,
    suppressing,
    switch_in,
    thread_of,
)
from clarion.core.reasons import Reason
from clarion.core.recipient import Setting
from clarion.core.trace import GateVerdict, Ruling, line
from clarion.core.waits import HOLDING_GATES, ask_wait
from clarion.core.workflow import (
    Channel,
    DelayStep,
    DigestStep,
    Rollout,
    SendStep,
    Step,
    UntilStep,
)

INBOX_GATES = (*STEP_GATES, (Gate.PAUSE, hush))
"""Nothing holds an inbox item; a pause takes its sound away."""

SEND_GATES = (*STEP_GATES, *HOLDING_GATES)


class _Heard(msgspec.Struct, frozen=True, gc=False):
    """What the gates of the notification say together. `alert` False: only the badge counts."""

    gate: Gate
    reason: str
    scope: str
    alert: bool


_STOPPING = frozenset({GateVerdict.SKIP, GateVerdict.HOLD, GateVerdict.DIGEST})
_SCOPED_ELSEWHERE = frozenset({Gate.CAP, Gate.OPTED_OUT, Gate.CONSENT, Gate.SUPPRESSED})
"""Gates whose scope is no setting."""

_SHADOWED = Ruling(GateVerdict.SKIP, Reason.ROLLOUT_SHADOW)


def decide(facts: Facts, trace: list[TraceLine] | None = None) -> Decision:
    """Send, hold, gather or skip, for each step that can be decided now, or once for all of them
    (step -1).

    The steps of the span are walked in the order of the file; one that waits ends the walk. With
    `trace` given, one line per gate that was asked is appended to it, in order.
    """
    stop = _ask_all(facts, trace)
    if stop is not None:
        return Decision((stop,))
    exempt = exemption(facts)
    chain = chain_of(facts)
    heard = _ask_person(facts, chain, trace) if exempt is None else _exempted(exempt, trace)
    if isinstance(heard, StepDecision):
        return Decision((heard,))
    return Decision(_walk(facts, chain, heard, trace))


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
    if answer.gate == Gate.PAUSE:
        return pause_in(chain, facts.now)
    if answer.gate == Gate.QUIET:
        return pause_in(chain, facts.now) if answer.reason == Reason.PAUSED else quiet_in(chain)
    if answer.gate == Gate.DIGEST:
        return cadence_in(chain)
    if answer.gate in _SCOPED_ELSEWHERE:
        return None
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


def _walk(
    facts: Facts, chain: Chain, heard: _Heard, trace: list[TraceLine] | None
) -> tuple[StepDecision, ...]:
    first, end = facts.span
    answers: list[StepDecision] = []
    steps = facts.flow.workflow.steps
    for step in steps if facts.span is WHOLE else steps[first:end]:
        if isinstance(step, SendStep):
            answers.append(_ask_step(step, facts, chain, heard, trace))
            continue
        wait = _ask_wait(step, facts, chain, heard, trace)
        if wait is not None:
            if heard.alert or _counts_later(steps, step.index, end):
                answers.append(wait)
            elif not answers:
                answers.append(_only_badge(heard, trace))
            break
    return tuple(answers)


def _ask_wait(
    step: DelayStep | UntilStep | DigestStep,
    facts: Facts,
    chain: Chain,
    heard: _Heard,
    trace: list[TraceLine] | None,
) -> StepDecision | None:
    """What a step says that waits; None when it is passed."""
    gate, ruling = ask_wait(step, facts, chain)
    if trace is not None:
        trace.append(line(gate, ruling, step.index))
    if ruling is None or ruling.verdict is GateVerdict.PASS:
        return None
    if ruling.verdict is GateVerdict.SKIP:
        return StepDecision(step.index, Result.SKIP, gate, ruling.reason, ruling.scope)
    if facts.flow.workflow.rollout is Rollout.SHADOW:
        return _skip(step.index, Gate.ROLLOUT, _SHADOWED, trace)
    return _waiting(step.index, gate, ruling, heard)


def _counts_later(steps: tuple[Step, ...], index: int, end: int) -> bool:
    """Whether the inbox, where the badge counts, comes behind the step."""
    later = (step for step in steps[index + 1 : end] if isinstance(step, SendStep))
    return any(step.channel is Channel.INBOX for step in later)


def _only_badge(heard: _Heard, trace: list[TraceLine] | None) -> StepDecision:
    """Only the badge would count, and no inbox comes behind the wait."""
    return _skip(-1, heard.gate, Ruling(GateVerdict.SKIP, heard.reason, heard.scope), trace)


def _ask_step(
    step: SendStep, facts: Facts, chain: Chain, heard: _Heard, trace: list[TraceLine] | None
) -> StepDecision:
    inbox = step.channel is Channel.INBOX
    if not heard.alert and not inbox:
        only_badge = Ruling(GateVerdict.SKIP, heard.reason, heard.scope)
        return _skip(step.index, heard.gate, only_badge, trace)
    shadow = facts.flow.workflow.rollout is Rollout.SHADOW
    quietly: Ruling | None = None
    for gate, ask in INBOX_GATES if inbox else SEND_GATES:
        ruling = ask(step, facts, chain)
        if ruling is not None and ruling.verdict in _STOPPING:
            if ruling.verdict is GateVerdict.SKIP:
                return _skip(step.index, gate, ruling, trace)
            if trace is not None:
                trace.append(line(gate, ruling, step.index))
            if shadow:
                return _skip(step.index, Gate.ROLLOUT, _SHADOWED, trace)
            return _waiting(step.index, gate, ruling, heard)
        if trace is not None:
            trace.append(line(gate, ruling, step.index))
        if ruling is not None and ruling.verdict is GateVerdict.SILENT:
            quietly = ruling
    if shadow:
        return _skip(step.index, Gate.ROLLOUT, _SHADOWED, trace)
    return _sent(step, heard, quietly, trace)


def _sent(
    step: SendStep, heard: _Heard, quietly: Ruling | None, trace: list[TraceLine] | None
) -> StepDecision:
    if trace is not None:
        verdict = GateVerdict.PASS if heard.alert else GateVerdict.BADGE
        trace.append(line(Gate.END, Ruling(verdict, heard.reason, heard.scope), step.index))
    if quietly is not None:
        return StepDecision(
            step.index, Result.SEND, Gate.QUIET, quietly.reason, quietly.scope, alert=False
        )
    return StepDecision(
        step.index, Result.SEND, heard.gate, heard.reason, heard.scope, alert=heard.alert
    )


def _waiting(index: int, gate: Gate, ruling: Ruling, heard: _Heard) -> StepDecision:
    result = Result.DIGEST if ruling.verdict is GateVerdict.DIGEST else Result.HOLD
    return StepDecision(
        index, result, gate, ruling.reason, ruling.scope, ruling.until, alert=heard.alert
    )


def _skip(index: int, gate: Gate, ruling: Ruling, trace: list[TraceLine] | None) -> StepDecision:
    if trace is not None:
        trace.append(line(gate, ruling, index))
    return StepDecision(index, Result.SKIP, gate, ruling.reason, ruling.scope)


def _channel_of(facts: Facts, index: int) -> Channel:
    return next(step.channel for step in facts.flow.workflow.sends if step.index == index)

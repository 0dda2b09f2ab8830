"""Which caps a step is under, what is asked of their counters, and what the answers come to."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from clarion.clock import SECOND
from clarion.core.caps import OVER_WORDS, CapAnswer, CapAsk, CapDefaults, CapRule, CapScope
from clarion.core.facts import CapOutcome
from clarion.core.recipient import Recipient
from clarion.core.workflow import CHANNEL_NUMBER, Channel, SendStep
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.store.contract.people import UserRow

if TYPE_CHECKING:
    from clarion.pipeline.flow import Flow

ANY_CHANNEL = "*"
GRANTED = CapOutcome(granted=True)


class StepRule(msgspec.Struct, frozen=True):
    """A rule that a step is under, and the number of whom it belongs to."""

    scope: CapScope
    number: int
    rule: CapRule


def rules_of(compiled: CompiledWorkflow, defaults: CapDefaults) -> dict[int, tuple[StepRule, ...]]:
    """The rules of each step that has any: its own, its workflow's, its category's, and those of
    tenant and environment, which mandatory categories are above."""
    found = {}
    for step in compiled.workflow.sends:
        if step.channel is Channel.INBOX:
            continue
        rules = tuple(_rules(compiled, step, defaults))
        if rules:
            found[step.index] = rules
    return found


def asks_of(flow: Flow, recipient: Recipient, row: UserRow | None, step: SendStep) -> list[CapAsk]:
    """What a step asks for one recipient: one use of each counter, all or none."""
    holder = _holder(flow, recipient.user, step.index)
    asks = []
    for one in flow.caps[step.index]:
        rule = one.rule
        key = flow.cap_key(rule.key, row) if rule.key is not None else ""
        own_step = f"{step.index}:" if one.scope is CapScope.STEP else ""
        asks.append(
            CapAsk(
                scope=one.scope,
                number=one.number,
                user=recipient.user if rule.per == "user" else 0,
                channel=CHANNEL_NUMBER[step.channel] if one.scope is CapScope.USER_CHANNEL else 0,
                key=own_step + key,
                limit=rule.limit,
                window_us=rule.window_seconds * SECOND,
                holder=holder,
                tenant=flow.facts.tenant if rule.per == "tenant" else 0,
            )
        )
    return asks


def outcome_of(rules: tuple[StepRule, ...], answers: list[CapAnswer]) -> CapOutcome:
    """Granted when all counters grant; else by the rule that is the most definite of those that
    refuse."""
    refused = [
        (rule, answer) for rule, answer in zip(rules, answers, strict=True) if not answer.granted
    ]
    if not refused:
        return GRANTED
    rule, _ = min(refused, key=lambda pair: OVER_WORDS.index(pair[0].rule.over))
    return CapOutcome(
        granted=False,
        over=rule.rule.over,
        scope=rule.scope.name.lower(),
        frees_at=max(answer.frees_at for _, answer in refused),
    )


def _rules(compiled: CompiledWorkflow, step: SendStep, defaults: CapDefaults) -> list[StepRule]:
    category, workflow = compiled.category.category, compiled.row.number
    rules = [
        (CapScope.STEP, workflow, step.cap),
        (CapScope.WORKFLOW, workflow, compiled.workflow.throttle),
        (CapScope.CATEGORY, compiled.category.number, category.cap),
    ]
    if not category.mandatory:
        usual = defaults.channels.get(step.channel.value) or defaults.channels.get(ANY_CHANNEL)
        rules += [(CapScope.USER_CHANNEL, 0, usual), (CapScope.TENANT, 0, defaults.total)]
    return [
        StepRule(scope, number, rule)
        for scope, number, rule in rules
        if rule is not None and (not rule.channels or step.channel in rule.channels)
    ]


def _holder(flow: Flow, user: int, step: int) -> int:
    """The same number whenever the same step asks again."""
    text = f"{flow.event}:{flow.compiled.row.number}:{user}:{step}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1

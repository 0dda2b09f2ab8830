"""The caps of a flow, what its recipients ask of them, and what the answers come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clarion.core.cap_asks import Capped, ask_of, caps_of_step, refusal_of
from clarion.core.caps import NO_CAPS, CapAnswer, CapAsk, CapDefaults
from clarion.core.facts import CapOutcome
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.store.contract.people import UserRow

if TYPE_CHECKING:
    from clarion.pipeline.flow import Flow

GRANTED = CapOutcome(granted=True)


class UsualCaps(msgspec.Struct, frozen=True):
    """What a tenant and the environment set."""

    of_tenant: CapDefaults = NO_CAPS
    of_environment: CapDefaults = NO_CAPS


NONE_SET = UsualCaps()


def rules_of(
    compiled: CompiledWorkflow, tenant: int, usual: UsualCaps
) -> dict[int, tuple[Capped, ...]]:
    """The caps of each step that has any. Mandatory categories are above those of tenant and
    environment."""
    category = compiled.category.category
    if category.mandatory or usual == NONE_SET:
        if not compiled.capped:
            return {}
        usual = NONE_SET
    found = {}
    for step in compiled.workflow.sends:
        caps = caps_of_step(
            step.channel,
            step.index,
            workflow=compiled.row.number,
            category=compiled.category.number,
            tenant=tenant,
            own=step.cap,
            throttle=compiled.workflow.throttle,
            of_category=category.cap,
            of_tenant=usual.of_tenant,
            of_environment=usual.of_environment,
        )
        if caps:
            found[step.index] = caps
    return found


def asks_of(
    flow: Flow, user: int, row: UserRow | None, step: int
) -> tuple[tuple[Capped, ...], list[CapAsk]]:
    """What a step asks for one recipient, all or nothing, and the caps that it asks."""
    caps, asks = [], []
    for capped in flow.caps[step]:
        source = capped.rule.key
        ask = ask_of(
            capped,
            event=bytes.fromhex(flow.event),
            workflow=flow.compiled.row.number,
            user=user,
            key=flow.cap_key(source, row) if source is not None else "",
        )
        if ask is not None:
            caps.append(capped)
            asks.append(ask)
    return tuple(caps), asks


def outcome_of(caps: tuple[Capped, ...], answers: list[CapAnswer]) -> CapOutcome:
    """As the decision sees it."""
    refusal = refusal_of(caps, answers)
    if refusal is None:
        return GRANTED
    capped, answer = next(
        (capped, answer)
        for capped, answer in zip(caps, answers, strict=True)
        if not answer.granted and (capped.rule.over, capped.label) == (refusal.over, refusal.label)
    )
    return CapOutcome(
        granted=False,
        over=refusal.over,
        scope=refusal.label,
        frees_at=refusal.frees_at,
        used=answer.used,
        limit=capped.rule.limit,
        window_seconds=capped.rule.window_seconds,
        per=capped.rule.per,
        by_channel=bool(capped.channel),
    )

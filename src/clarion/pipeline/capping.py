"""What recipients ask of the caps of a flow, and what the answers come to."""

from __future__ import annotations

from clarion.core.cap_asks import Capped, ask_of, refusal_of
from clarion.core.caps import CapAnswer, CapAsk
from clarion.core.facts import CapOutcome
from clarion.pipeline.flow import Flow
from clarion.store.contract.people import UserRow

GRANTED = CapOutcome(granted=True)


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

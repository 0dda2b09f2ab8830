"""The spans of an event. Its own trace is the producer's, where there is one; each notification has
a trace of its own that is linked to it, as one event may mean a million of them.

Ids are derived from what the rows say, so that whatever process goes on with a notification after a
crash finds the same trace without anything being kept for it. What is kept is the event's own
context, in its row. Names and attributes follow OpenTelemetry's conventions for messaging (1.44),
those of the domain begin with `notification.`; nothing in them is an address, a token or a word of
a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from clarion.core.delivery import DeliveryKey, Outcome, OutcomeClass
from clarion.core.event import IncomingEvent
from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.tracing import (
    CLIENT,
    CONSUMER,
    PRODUCER,
    Origin,
    Span,
    TraceContext,
    derived_span,
    derived_trace,
    kept_context,
    tracer,
)

if TYPE_CHECKING:
    from clarion.core.decision import StepDecision
    from clarion.pipeline.flow import Flow
    from clarion.pipeline.material import Material
    from clarion.store.contract.deliveries import Claim
    from clarion.store.contract.events import EventRow

SYSTEM = "clarion"
OTHER = "_OTHER"
"""Stands for a vendor's code that is none."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Attempt(NamedTuple):
    """A try that is under way: its span, and where the one before is."""

    context: TraceContext
    parent: str
    links: tuple[TraceContext, ...]
    recipient: str


def begun(event: bytes, origin: Origin) -> TraceContext:
    """The span of an event that is accepted now: a part of its producer's trace, or the first of a
    new one. Whether it is recorded is decided here for all that comes of it."""
    parent = origin.hop or origin.made
    trace_id = parent.trace_id if parent else derived_trace("event", event.hex())
    sampled = parent.sampled if parent else tracer.samples(trace_id)
    span_id = derived_span("event", event.hex())
    return TraceContext(trace_id, span_id, sampled, parent.state if parent else "")


def context_of(event: bytes, kept: str | None) -> TraceContext:
    """The context of an event's row. One that nobody accepted (a digest, a blast) has none kept,
    and begins a trace."""
    found = kept_context(kept) if kept else None
    return found or begun(event, Origin())


def begun_kept(event: bytes) -> str | None:
    """For a flow of an event that nobody accepted; None while nothing is recorded."""
    return begun(event, Origin()).kept if tracer.on else None


def kept_of(row: EventRow) -> str | None:
    """For a flow of an event that is read back; None while nothing is recorded."""
    return row.trace or begun_kept(row.id) if tracer.on else None


def accepted(
    context: TraceContext, origin: Origin, event: bytes, incoming: IncomingEvent, span: range
) -> None:
    """An event was written. `span` is from when it came to when it was durable."""
    parent = origin.hop or origin.made
    links = (origin.made,) if origin.hop and origin.made and origin.made != origin.hop else ()
    attributes: dict[str, str | int] = {
        **_messaging("accept", "create", "clarion.events"),
        "messaging.message.id": event_name(event),
        "notification.event_type": incoming.type,
    }
    if incoming.correlation_id is not None:
        attributes["messaging.message.conversation_id"] = incoming.correlation_id
    tracer.take(
        Span(
            name="accept clarion.events",
            kind=PRODUCER,
            context=context,
            parent=parent.span_id if parent else "",
            began=span.start,
            ended=span.stop,
            attributes=attributes,
            links=links,
        )
    )


def decided(flow: Flow, user: int, steps: Iterable[StepDecision], n: int, now: int) -> None:
    """A notification was decided, for the `n`th time. The first is the root of its trace."""
    event = kept_context(flow.trace) if flow.trace else None
    if event is None or not event.sampled:
        return
    number = flow.compiled.row.number
    trace_id = _trace_of(event, flow.env, flow.event, number, user)
    sends = flow.compiled.sends
    said = [
        (
            sends[step.step].channel.value if step.step in sends else "",
            step.result.label,
            step.reason,
        )
        for step in steps
    ]
    tracer.take(
        Span(
            name="decide clarion.notifications",
            kind=CONSUMER,
            context=TraceContext(trace_id, _decision_of(trace_id, n), sampled=True),
            parent=_decision_of(trace_id, 1) if n > 1 else "",
            began=now,
            ended=now,
            attributes={
                **_messaging("decide", "process", "clarion.notifications"),
                "messaging.message.id": notification_name(bytes.fromhex(flow.event), number, user),
                "notification.workflow": flow.compiled.workflow.key,
                "notification.recipient": tracer.hashed(flow.env, user),
                "notification.decisions": [" ".join(filter(None, parts)) for parts in said],
                "notification.decision.reason": said[0][2] if said else "",
            },
            links=(event,) if n == 1 else (),
        )
    )


def attempt_of(material: Material) -> Attempt:
    """The span of the try that a claim is about."""
    claim, row = material.claim, material.event
    key = claim.key
    event = context_of(key.event, row.trace if row is not None else None)
    trace_id = _trace_of(event, key.env, key.event.hex(), key.workflow, key.user)
    crashed = claim.crashes - 1 if claim.crashes > 1 else 0
    context = TraceContext(trace_id, _attempt_of(trace_id, key, claim.made, crashed), event.sampled)
    before = _attempt_of(trace_id, key, claim.made - 1, 0)
    links = (context._replace(span_id=before),) if claim.made else ()
    return Attempt(context, _decision_of(trace_id, 1), links, tracer.hashed(key.env, key.user))


def attempted(
    attempt: Attempt, material: Material, outcome: Outcome, provider: str, span: range
) -> None:
    """A try came to its outcome. `provider` is the account's name."""
    claim = material.claim
    accepted_it = outcome.kind is OutcomeClass.ACCEPTED
    attributes = {
        **_messaging("send", "process", "clarion.deliveries"),
        **_told_of(claim, provider),
        "notification.workflow": material.compiled.workflow.key,
        "notification.outcome": outcome.kind.value,
        "notification.recipient": attempt.recipient,
    }
    if outcome.code and not accepted_it:
        attributes["error.type"] = outcome.code if _CODE.fullmatch(outcome.code) else OTHER
    correlation = material.event.correlation if material.event is not None else None
    if correlation is not None:
        attributes["messaging.message.conversation_id"] = correlation
    tracer.take(
        Span(
            name="send clarion.deliveries",
            kind=CONSUMER,
            context=attempt.context,
            parent=attempt.parent,
            began=span.start,
            ended=span.stop,
            attributes=attributes,
            links=attempt.links,
            error="" if accepted_it else outcome.kind.value,
        )
    )


def settled(context: TraceContext, claim: Claim, status: str, span: range) -> None:
    """The outcome of a try is durable: `context` is the try's."""
    tracer.take(
        Span(
            name="settle clarion.deliveries",
            kind=CLIENT,
            context=context._replace(span_id=derived_span(context.span_id, "settle")),
            parent=context.span_id,
            began=span.start,
            ended=span.stop,
            attributes={
                **_messaging("settle", "settle", "clarion.deliveries"),
                **_told_of(claim, claim.account),
                "notification.status": status,
            },
        )
    )


def _messaging(name: str, kind: str, destination: str) -> dict[str, str | int]:
    return {
        "messaging.system": SYSTEM,
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
        "messaging.destination.name": destination,
    }


def _told_of(claim: Claim, provider: str) -> dict[str, str | int]:
    return {
        "messaging.message.id": delivery_name(claim.key),
        "notification.channel": claim.key.channel.value,
        "notification.provider": provider,
        "notification.attempt": claim.made + 1,
    }


def _trace_of(event: TraceContext, env: int, event_hex: str, workflow: int, user: int) -> str:
    return derived_trace(event.trace_id, env, event_hex, workflow, user)


def _decision_of(trace_id: str, n: int) -> str:
    return derived_span(trace_id, "decide", n)


def _attempt_of(trace_id: str, key: DeliveryKey, made: int, crashed: int) -> str:
    return derived_span(
        trace_id, "attempt", key.step, key.channel.value, key.destination, made, crashed
    )

"""Notifications as the lists show them: what was decided first, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.api.answers import when
from clarion.api.naming import Named, named
from clarion.api.services import Services
from clarion.core.ids import event_name, notification_name
from clarion.core.states import Bucket
from clarion.pipeline.contract import ChannelStood, Stood
from clarion.store.contract.catalog import WorkflowRow
from clarion.store.contract.events import EventRow
from clarion.store.contract.ledger import NotificationRow

TITLE_CHARS = 200
"""Most of a title that a list shows."""


class StepAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided for a step; `step` is null when a gate ended the whole notification."""

    step: int | None
    channel: str | None
    result: str
    reason: str
    scope: str | None
    until: str | None


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one channel: sent, partly_sent (not to every device), silent (in the inbox,
    where nothing rang), on_its_way, waiting, gathered (in a digest that is open), given_up,
    not_known (sent; it may or may not have arrived) or not_sent, and why it is not sent.
    `deliveries` are counted by status; `cause` says in words why those that were given up were."""

    step: int
    channel: str
    became: str
    reason: str
    deliveries: dict[str, int]
    cause: str | None


class NotificationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one user under one workflow. `status`: open, held, sent, dead or skipped;
    what is held is due `until`. `verdict` is that of its story: what became of it for the user, in
    a word; `title` is the title, subject or text of what was told, its first 200 characters, null
    where nothing was told or it is not known in which words. `steps` are what was decided first,
    `channels` what became of it since."""

    id: str
    event_id: str
    type: str | None
    workflow: str | None
    user: str | None
    tenant: str | None
    status: str
    verdict: str
    title: str | None
    until: str | None
    decided_at: str
    canceled_at: str | None
    correlation_id: str | None
    steps: list[StepAnswer]
    channels: list[ChannelAnswer]


SUMMARY_EXAMPLE: dict[str, Any] = {
    "id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s0000004000000000000a",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "type": "comment.added",
    "workflow": "comment-added",
    "user": "u1",
    "tenant": None,
    "status": "sent",
    "verdict": "told",
    "title": "Ana commented",
    "until": None,
    "decided_at": "2026-01-02T03:04:05.678901Z",
    "canceled_at": None,
    "correlation_id": None,
    "steps": [
        {
            "step": 0,
            "channel": "inbox",
            "result": "send",
            "reason": "level_all",
            "scope": None,
            "until": None,
        }
    ],
    "channels": [
        {
            "step": 0,
            "channel": "inbox",
            "became": "sent",
            "reason": "level_all",
            "deliveries": {},
            "cause": None,
        }
    ],
}


async def summaries(
    services: Services, env: int, rows: Sequence[NotificationRow]
) -> list[NotificationSummary]:
    """Rows of the ledger as the lists show them, in their order."""
    if not rows:
        return []
    events = await services.store.events.rows(env, list({row.event for row in rows}))
    flows = await _flows(services, env, rows, events)
    stood = await services.explaining.standings(env, rows, events)
    names = await named(
        services,
        env,
        users={row.user for row in rows},
        workflows={row.workflow for row in rows},
        tenants={row.tenant for row in rows},
    )
    held = [row for row in rows if row.bucket == Bucket.HELD]
    dues = await services.store.held.dues(env, [_key(row) for row in held])
    return [
        _summary(
            row, events.get(row.event), flows, names, dues.get(_key(row)), _titled(services, one)
        )
        for row, one in zip(rows, stood, strict=True)
    ]


def _titled(services: Services, stood: Stood) -> Stood:
    """With its title as one line of a bounded length, whose links open nothing."""
    if stood.title is None:
        return stood
    line = " ".join(services.linker.links.masked(stood.title).split())
    if len(line) > TITLE_CHARS:
        line = line[: TITLE_CHARS - 1].rstrip() + "…"
    return msgspec.structs.replace(stood, title=line or None)


async def _flows(
    services: Services,
    env: int,
    rows: Sequence[NotificationRow],
    events: Mapping[bytes, EventRow],
) -> dict[tuple[int, int], WorkflowRow]:
    """The workflows at the versions that the events remember."""
    wanted = {
        (row.workflow, version)
        for row in rows
        if (version := _pin(events.get(row.event), row.workflow))
    }
    return await services.store.catalog.workflow_versions(env, list(wanted))


def _key(row: NotificationRow) -> tuple[bytes, int, int]:
    return row.event, row.workflow, row.user


def _pin(event: EventRow | None, workflow: int) -> int | None:
    if event is None:
        return None
    return next((version for number, version, *_ in event.workflows if number == workflow), None)


def _summary(
    row: NotificationRow,
    event: EventRow | None,
    flows: dict[tuple[int, int], WorkflowRow],
    names: Named,
    due: int | None,
    stood: Stood,
) -> NotificationSummary:
    flow = flows.get((row.workflow, _pin(event, row.workflow) or 0))
    channels = {step.index: step.channel.value for step in flow.workflow.sends} if flow else {}
    return NotificationSummary(
        id=notification_name(row.event, row.workflow, row.user),
        event_id=event_name(row.event),
        type=event.type if event else None,
        workflow=names.workflows.get(row.workflow),
        user=names.users.get(row.user),
        tenant=names.tenants.get(row.tenant),
        status=Bucket(row.bucket).name.lower(),
        verdict=stood.verdict,
        title=stood.title,
        until=when(due),
        decided_at=when(row.decided.at) or "",
        canceled_at=when(event.cancelled_at) if event else None,
        correlation_id=event.correlation if event else None,
        channels=[_channel(one) for one in stood.channels],
        steps=[
            StepAnswer(
                step=step.step if step.step >= 0 else None,
                channel=channels.get(step.step),
                result=step.result.label,
                reason=str(step.reason),
                scope=step.scope or None,
                until=when(step.until),
            )
            for step in row.decided.steps
        ],
    )


def _channel(stood: ChannelStood) -> ChannelAnswer:
    return msgspec.convert(stood, ChannelAnswer, from_attributes=True)

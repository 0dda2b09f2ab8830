"""The audiences of an event: what of them is decided at once, what is walked by tasks, and what is
kept of how they were found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.core.event import INLINE_RECIPIENTS
from clarion.core.workflow import Channel
from clarion.pipeline.broadcasting import broadcast_of, counting_task
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.drafts import Audience
from clarion.pipeline.sketches import Part, Sketch
from clarion.store.contract.broadcasts import BroadcastWrite
from clarion.store.contract.events import Behind
from clarion.store.contract.work import TaskWrite

_encode = msgspec.json.Encoder().encode


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of the names that a group of events mentions."""

    users: dict[str, int]
    topics: dict[str, int]
    tenants: dict[str, int]


def is_small(users: list[int], compiled: CompiledWorkflow) -> bool:
    """Decided in the accepting transaction: few named users, and nothing to reserve first, as that
    would be held by an event that turns out to be a repeat."""
    return len(users) <= INLINE_RECIPIENTS and not compiled.reserves


def is_decided_here(part: Part) -> bool:
    """Whether the named users of a part are decided in the transaction that accepts the event."""
    capped = part.flow is not None and part.flow.reserves
    return not part.walked and not capped and is_small(part.users, part.compiled)


def is_walked(audience: Audience) -> bool:
    """Whether some of it is found page by page."""
    return bool(audience.topics or audience.everyone)


def is_nobodys(audience: Audience, compiled: CompiledWorkflow) -> bool:
    """Whether the reserved user 0 is told: an FCM topic is named, or nobody is at all and the
    workflow calls a webhook."""
    if audience.fcm_topics:
        return True
    sends = compiled.workflow.sends
    return audience.empty and any(step.channel is Channel.WEBHOOK for step in sends)


def users_of(parts: list[Part]) -> set[int]:
    """The named users of all parts."""
    return {user for part in parts for user in part.users}


def behind_of(parts: list[Part], numbers: Numbers, tenant: int) -> Behind:
    """An event that may have to wait for an earlier one of its ordering key: all of it as tasks."""
    recipients = users_of(parts)
    tasks = [
        task for part in parts for task in tasks_of(part, numbers, tenant, recipients, whole=True)
    ]
    return Behind(tasks=tuple(tasks), recipients=tuple(sorted(recipients)))


def tasks_of(
    part: Part, numbers: Numbers, tenant: int, recipients: set[int], *, whole: bool
) -> Iterable[TaskWrite]:
    """One task for each part of the audience that is walked in pages; `whole`: also for what is
    decided at once usually. `recipients` are the named users of all workflows: those of others are
    excepted."""
    common: dict[str, Any] = {
        "workflow": part.compiled.row.number,
        "lane": part.compiled.lane,
        "tenant": tenant,
    }
    if part.users and (whole or not is_decided_here(part)):
        others = tuple(sorted(recipients.difference(part.users)))
        yield TaskWrite(source="users", scope=0, excepted=others, **common)
    if whole and is_nobodys(part.audience, part.compiled):
        yield TaskWrite(source="nobody", scope=0, lo=0, hi=0, **common)
    for number, others in _topics(part, numbers):
        if part.broadcast:
            yield counting_task(part, number, tenant, others)
            continue
        yield TaskWrite(
            source="topic",
            scope=number,
            excepted=others,
            **common,
        )
    if part.audience.everyone:
        yield TaskWrite(
            source="all",
            scope=tenant,
            excepted=tuple(numbers.users[user] for user in part.audience.everyone_except),
            **common,
        )


def _topics(part: Part, numbers: Numbers) -> list[tuple[int, tuple[int, ...]]]:
    """The topics of an audience with who is excepted."""
    return [
        (numbers.topics[topic], tuple(numbers.users[user] for user in excepted))
        for topic, excepted in part.audience.topics
    ]


def broadcasts_of(parts: list[Part], numbers: Numbers, tenant: int) -> Iterable[BroadcastWrite]:
    """What is told in the broadcast form."""
    for part in parts:
        for topic, others in _topics(part, numbers) if part.broadcast else ():
            found = broadcast_of(part, topic, tenant, others)
            if found is not None:
                yield found


def audience_json(sketch: Sketch, numbers: Numbers) -> str:
    """How the audience was found, kept to answer "why was I not in it?"; users by number."""
    found = []
    more: dict[str, Any] = {"test": True} if sketch.draft.test else {}
    for part in sketch.parts:
        audience = part.audience
        users = [numbers.users[user] for user in audience.users]
        found.append(
            {
                "workflow": part.compiled.row.number,
                "expression": part.expression,
                "users": users if len(users) <= INLINE_RECIPIENTS else [],
                "named": len(users),
                "topics": [
                    [numbers.topics[topic], [numbers.users[user] for user in excepted]]
                    for topic, excepted in audience.topics
                ],
                "everyone": audience.everyone,
                "everyone_except": [numbers.users[user] for user in audience.everyone_except],
                "fcm_topics": audience.fcm_topics,
                **more,
            }
        )
    return _encode(found).decode()

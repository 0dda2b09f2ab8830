"""Which form an inbox send to a topic goes in: written out for each subscriber, or stored once as a
broadcast that members decide when they look; and the count of who the members are."""

from __future__ import annotations

from collections.abc import Iterable

from clarion.clock import SECOND
from clarion.core.ids import instant_of
from clarion.core.workflow import Channel, SendStep
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.sketches import Part
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import SOURCE, BroadcastWrite
from clarion.store.contract.work import Task, TaskWrite

ABOVE = 10_000
"""Subscribers of a topic that does not say which form it wants, beyond which it is a broadcast."""

COUNTED_AT_ONCE = 5_000
"""Members a transaction counts."""

COUNTED_FOR_ONE = 20
"""So many members are counted in the time in which one recipient is decided."""

SETTLING_SECONDS = 2

_NOBODY = 0
"""The last user of a counting task: a process of a version that does not know how to count finds
nobody to tell."""


def may_be_broadcast(compiled: CompiledWorkflow) -> bool:
    """Whether all that a workflow does is to put an item into the inbox at once, on no condition
    and without anything that has to be reserved or gathered."""
    steps = compiled.workflow.steps
    if len(steps) != 1 or not isinstance(steps[0], SendStep) or compiled.reserves:
        return False
    step = steps[0]
    waits = step.when is not None or step.window or step.presence_seconds
    return step.channel is Channel.INBOX and step.aggregate is None and not waits


def sole_topic(part: Part) -> tuple[str, tuple[str, ...]] | None:
    """The topic (and who is excepted) that is all there is of an audience."""
    audience = part.audience
    others = audience.users or audience.everyone or audience.fcm_topics
    return None if others or len(audience.topics) != 1 else audience.topics[0]


class Forms:
    """Chooses the form of each part of an event. A topic that leaves it open is a broadcast with
    more than `above` subscribers."""

    def __init__(self, store: Store, above: int = ABOVE) -> None:
        self._store = store
        self._above = above

    async def choose(self, env: int, parts: Iterable[Part], topics: dict[str, int]) -> None:
        """Set `broadcast` of the parts that go in that form."""
        asked: list[tuple[Part, int]] = []
        for part in parts:
            topic = sole_topic(part) if may_be_broadcast(part.compiled) else None
            if topic is not None and part.flow is not None and not _is_bound(part):
                asked.append((part, topics[topic[0]]))
        if not asked:
            return
        wanted = {number for _, number in asked}
        said = await self._store.broadcasts.forms(env, sorted(wanted))
        for number in wanted - said.keys():
            if await self._store.topics.has_more(env, number, self._above):
                said[number] = "always"
        for part, number in asked:
            part.broadcast = said.get(number) == "always"


def _is_bound(part: Part) -> bool:
    """What is capped or comes in an order is decided for everybody in turn."""
    return part.flow is None or part.flow.reserves or part.flow.ordering_key is not None


def counting_task(part: Part, topic: int, tenant: int, excepted: tuple[int, ...]) -> TaskWrite:
    """The task that counts the members of a part in broadcast form."""
    return TaskWrite(
        workflow=part.compiled.row.number,
        lane=part.compiled.lane,
        tenant=tenant,
        source=SOURCE,
        scope=topic,
        hi=_NOBODY,
        excepted=excepted,
    )


def broadcast_of(
    part: Part, topic: int, tenant: int, excepted: tuple[int, ...]
) -> BroadcastWrite | None:
    """The broadcast of a part."""
    if part.flow is None:
        return None
    return BroadcastWrite(
        topic=topic,
        tenant=tenant,
        workflow=part.compiled.row.number,
        step=part.compiled.workflow.steps[0].index,
        lane=part.compiled.lane,
        expires_at=part.flow.facts.expires_at,
        defaults_version=part.flow.defaults_version,
        excepted=excepted,
    )


def countable_from(task: Task) -> int:
    """From when on the members can be counted: whoever was just subscribing or leaving when the
    event was accepted is in the store by then."""
    return instant_of(task.event) + SETTLING_SECONDS * SECOND


async def count_members(store: Store, task: Task) -> tuple[int, bool]:
    """Count the next members of a broadcast: what it cost, in recipients decided, and whether it
    was the end."""
    count, done = await store.broadcasts.count(task, COUNTED_AT_ONCE)
    return count // COUNTED_FOR_ONE, done

"""Looking up a page of an audience: who is next, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.core.recipient import Recipient, Standing
from clarion.errors import UnavailableError
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import Gatherer, scopes_of
from clarion.pipeline.kinds import Kind, kinds_of
from clarion.pipeline.nobodies import nobody_of
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.people import UserRow
from clarion.store.contract.work import Task
from clarion.telemetry import logger

PAGE_RECIPIENTS = 500
"""Looked up at once where everybody is looked at."""

PAGE_ALIKE = 2_000
"""Looked up at once where people are taken by kind."""

_log = logger("fanout")


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Users of a page: `kinds` of those who are the same, `recipients` the others one by one, and
    the rows of these where words or conditions ask for them."""

    kinds: list[Kind] = []
    recipients: list[Recipient] = []
    rows: dict[int, UserRow] = {}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The users of a page, in number order, with what is known of them. `last`: there is nobody
    behind them. `people` is None when looking them up failed, which may be due to one of them."""

    users: list[int]
    last: bool
    people: People | None


class Pages:
    """Looks up pages."""

    def __init__(self, store: Store, gatherer: Gatherer) -> None:
        self._store = store
        self._gatherer = gatherer

    async def look(self, task: Task, event: EventRow, flow: Flow, after: int) -> Found:
        """The page above a user number."""
        size = PAGE_ALIKE if flow.impersonal else PAGE_RECIPIENTS
        users = await self._store.work.audience(task, after, size)
        people = None
        try:
            people = await self.people(task, event, flow, users, flow.now)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whose error it is is looked for by halves
            _log.warning(
                "a page of task %d is looked up in parts: %s", task.task, type(error).__name__
            )
        return Found(users=users, last=len(users) < size, people=people)

    async def people(
        self, task: Task, event: EventRow, flow: Flow, users: Sequence[int], now: int
    ) -> People:
        """What is known of these."""
        if not users:
            return People()
        kinds: list[Kind] = []
        others = list(users)
        topic = task.topic
        if flow.impersonal and task.source != "nobody":
            scopes = sorted(scopes_of([flow]))
            found = await self._store.people.alike(task.env, others, scopes)
            kinds = kinds_of(found, flow.facts.actor, topic)
            there = {user for kind in kinds for user in kind.users}
            others = [user for user in others if user not in there]
        recipients = await self._recipients(task, event, others, flow, now) if others else []
        rows = await self._gatherer.people(task.env, [flow], recipients)
        return People(kinds=kinds, recipients=recipients, rows=rows)

    async def _recipients(
        self, task: Task, event: EventRow, users: list[int], flow: Flow, now: int
    ) -> list[Recipient]:
        if task.source == "nobody":
            found = next(part for part in event.audience if part["workflow"] == task.workflow)
            return [await nobody_of(self._store, task.env, found["fcm_topics"], now)]
        facts = await self._gatherer.recipients(task.env, users, [flow])
        topic = task.topic
        recipients = [reached_by(facts.get(user), user, topic) for user in users]
        recipients = await self._gatherer.in_threads(task.env, flow, recipients)
        return await self._gatherer.present(flow, recipients)


def reached_by(found: Recipient | None, user: int, topic: int) -> Recipient:
    """Somebody of an audience, with the topic that it was found by (0: none)."""
    if found is None:
        return Recipient(user=user, standing=Standing.UNKNOWN, topic=topic)
    if not topic:
        return found
    return msgspec.structs.replace(found, topic=topic)

"""Fan out: walk a task's audience in number order, decide page by page, move the cursor with
each page."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.conditions.contract import CompiledCondition
from clarion.core.recipient import Recipient, Standing
from clarion.core.workflow import Lane
from clarion.errors import InvalidError, LostLeaseError, UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.catalogs import CatalogService, pin_of
from clarion.pipeline.directory import Directory
from clarion.pipeline.flows import EventHead, Gatherer
from clarion.pipeline.lease import Lease
from clarion.pipeline.planning import Flow, Planner, empty_page
from clarion.pipeline.rates import Rates
from clarion.pipeline.routes import Routes
from clarion.pipeline.values import person
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.people import UserRow
from clarion.store.contract.work import PageWrite, Task
from clarion.telemetry import logger

PAGE_RECIPIENTS = 500
CHUNK_RECIPIENTS = 125
IDLE_SECONDS = 1.0
TURN_PAGES = 8
PAUSE_SECONDS = 5
CRASH_LIMIT = 3
CLAIMABLE = 0
PUT_ASIDE = 3

_log = logger("fanout")


class FanOut:
    """The fan-out stage of one lane."""

    def __init__(
        self,
        lane: Lane,
        lease: Lease,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        gatherer: Gatherer,
        routes: Routes,
        bus: Bus,
        clock: Clock,
        rates: Rates,
    ) -> None:
        self._lane = lane
        self._lease = lease
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._gatherer = gatherer
        self._routes = routes
        self._bus = bus
        self._clock = clock
        self._in_hand: Task | None = None
        self._unsure = False
        self._rates = rates

    async def step(self, rang: bool) -> float:
        """Walk a part of one task; seconds to wait before the next look.

        A task is kept in hand while the store cannot be reached, and goes on where it stands.
        """
        if self._in_hand is None:
            tasks = await self._claim()
            self._in_hand = tasks[0] if tasks else None
        if self._in_hand is None:
            return IDLE_SECONDS
        reach("fanout.after_claim")
        await self._go_on(self._in_hand)
        self._in_hand = None
        return 0

    async def _claim(self) -> list[Task]:
        """One task. After a claim whose answer never came, what it may have brought comes first."""
        lane, worker = int(self._lane), self._lease.worker
        if self._unsure:
            found = await self._store.work.forgotten(lane, worker)
            self._unsure = False
            if found:
                return found
        try:
            return await self._store.work.claim_tasks([lane], worker, 1, self._clock.now())
        except UnavailableError:
            self._unsure = True
            raise

    async def _go_on(self, task: Task) -> None:
        """Walk some pages, then let other tasks of the lane have their turn."""
        if task.crashes > CRASH_LIMIT:
            _log.error("task %d is put aside: it failed %d times", task.task, task.crashes - 1)
            await self._store.work.give_back(task, self._clock.now(), PUT_ASIDE)
            return
        try:
            if not await self._walk(task):
                await self._store.work.give_back(task, self._clock.now(), CLAIMABLE)
        except UnavailableError:
            raise
        except LostLeaseError as error:
            _log.warning("task %d is left: %s", task.task, error)
        except Exception:  # noqa: BLE001 - other tasks of the lane go on
            _log.exception("task %d failed and is tried again", task.task)
            later = self._clock.now() + PAUSE_SECONDS * SECOND
            await self._store.work.give_back(task, later, CLAIMABLE)

    async def _walk(self, task: Task) -> bool:
        """Decide up to TURN_PAGES pages; whether the task is done."""
        cursor: int | None = task.cursor
        for _ in range(TURN_PAGES):
            event = (await self._store.events.rows(task.env, [task.event]))[task.event]
            cursor = await self._page(task, event, cursor or 0)
            if cursor is None:
                return True
        return False

    async def _page(self, task: Task, event: EventRow, after: int) -> int | None:
        """Decide and write one page; the cursor for the next, None at the end."""
        users = await self._store.work.audience(task, after, PAGE_RECIPIENTS)
        done = len(users) < PAGE_RECIPIENTS
        now = self._clock.now()
        flow = await self._flow(task, event, now)
        facts = await self._gatherer.recipients(task.env, users, [flow])
        recipients = [
            _reached(facts.get(user), user, task.scope if task.source == "topic" else 0)
            for user in users
        ]
        recipients = await self._gatherer.in_threads(task.env, flow, recipients)
        people = await self._gatherer.people(task.env, [flow], recipients)
        planner = Planner(self._routes.of(await self._directory.environment(task.env)))
        duplicates: set[int] = set()
        if flow.compiled.dedupe is not None:
            wanting = planner.wanting(flow, recipients, people=people, now=now)
            duplicates = await self._duplicates(task, flow, wanting, people, now)
        rung: set[str] = set()
        for start in range(0, max(len(recipients), 1), CHUNK_RECIPIENTS):
            chunk = recipients[start : start + CHUNK_RECIPIENTS]
            last = start + CHUNK_RECIPIENTS >= len(recipients)
            page = empty_page()
            planner.plan(page, flow, chunk, people=people, duplicates=duplicates, now=now)
            cursor = chunk[-1].user if chunk else after
            reach("fanout.before_page")
            await self._store.work.write_page(task, page, cursor, done and last, now)
            reach("fanout.after_page")
            self._rates.count(self._lane, len(page.items), now)
            rung |= _rings(page, task.env)
        planner.count()
        for name in rung:
            self._bus.ring(name)
        return None if done else users[-1]

    async def _flow(self, task: Task, event: EventRow, now: int) -> Flow:
        """The flow is made anew for each page, so that a pause or a cancellation holds from the
        next page on."""
        head = await head_of(event, self._gatherer)
        pin = pin_of(event, task.workflow)
        compiled = (await self._catalogs.pinned(task.env, [pin]))[pin]
        current = await self._catalogs.compiled(task.env)
        about = head.about or (task.scope if task.source == "topic" else 0)
        shared = await self._gatherer.shared(
            task.env, topics={about}, tenants={head.tenant}, actors={head.actor}
        )
        return self._gatherer.flow(
            head, compiled, shared, about=about, paused=current.paused(task.workflow), now=now
        )

    async def _duplicates(
        self,
        task: Task,
        flow: Flow,
        recipients: list[Recipient],
        people: dict[int, UserRow],
        now: int,
    ) -> set[int]:
        """Users whose dedupe key another event holds; reserving again for the same event is
        harmless."""
        condition, dedupe = flow.compiled.dedupe, flow.compiled.workflow.dedupe
        if condition is None or dedupe is None:
            return set()
        until = now + dedupe.window_seconds * SECOND
        rows: dict[tuple[int, str], tuple[int, str, int, int, str, int]] = {}
        shared = None if "user" in condition.names else _key(condition, flow.values)
        for recipient in recipients:
            values = {**flow.values, "user": person(people.get(recipient.user))}
            key = _key(condition, values) if shared is None else shared
            rows[recipient.user, key] = (
                task.env, flow.event, task.workflow, recipient.user, key, until,
            )  # fmt: skip
        if not rows:
            return set()
        taken = await self._store.work.reserve(list(rows.values()), now)
        return {user for _, user, _ in taken}


def _key(condition: CompiledCondition, values: dict[str, Any]) -> str:
    """The dedupe key; a value that is missing counts as the empty key."""
    try:
        return condition.text(values)
    except InvalidError:
        return ""


def _reached(found: Recipient | None, user: int, topic: int) -> Recipient:
    if found is None:
        return Recipient(user=user, standing=Standing.UNKNOWN, topic=topic)
    if not topic:
        return found
    return msgspec.structs.replace(found, topic=topic)


def _rings(page: PageWrite, env: int) -> set[str]:
    return {f"ready:{d.account}:{d.lane}" for d in page.deliveries} | {
        f"inbox:{env}:{i.user}" for i in page.items
    }


async def head_of(event: EventRow, gatherer: Gatherer) -> EventHead:
    """An event read back, as its flows need it."""
    actor_name, tenant_name = await gatherer.names_of(event.env, event.actor, event.tenant)
    return EventHead(
        env=event.env,
        id=event.id,
        type=event.type,
        tenant=event.tenant,
        actor=event.actor,
        actor_name=actor_name,
        tenant_name=tenant_name,
        about=event.about,
        silent=event.silent,
        accepted_at=event.accepted_at,
        expires_at=event.expires_at,
        cancelled=event.cancelled_at is not None,
        data=event.data,
        mentions=tuple((kind, who) for kind, who in event.mentions),
        ordering_key=event.ordering_key,
    )

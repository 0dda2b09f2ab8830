"""Fan out: walk a task's audience in number order, decide page by page, move the cursor with
each page."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.core.ids import event_name
from clarion.core.workflow import Channel, Lane
from clarion.errors import LostLeaseError, UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.bisecting import bisected
from clarion.pipeline.blasts.pausing import STILL_SECONDS, stands_still
from clarion.pipeline.broadcasting import count_members, countable_from
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.chunks import Chunk, Pace, parts_of, rings_of
from clarion.pipeline.compiled import pin_of
from clarion.pipeline.cutting import cut
from clarion.pipeline.directory import Directory
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import Gatherer, crowd_of, head_of
from clarion.pipeline.hearsay import inboxes_of, told_of
from clarion.pipeline.lease import Lease
from clarion.pipeline.paging import Pages, People
from clarion.pipeline.planning import Planner, empty_page
from clarion.pipeline.rates import Rates
from clarion.pipeline.reserving import NOTHING, Reserver
from clarion.pipeline.rooms import Rooms
from clarion.pipeline.routes import Routes
from clarion.pipeline.subjects import OfEvent, of_row
from clarion.pipeline.turns import Turns
from clarion.pipeline.undecidable import undecidable_page
from clarion.pipeline.writing import Chance
from clarion.pipeline.yielding import Rest, go_on
from clarion.store.contract import Store
from clarion.store.contract.alerts import AlertNote
from clarion.store.contract.broadcasts import SOURCE as BROADCAST
from clarion.store.contract.dead_letters import PUT_ASIDE as TASK_CAUSE
from clarion.store.contract.events import EventRow
from clarion.store.contract.work import PageWrite, Task
from clarion.telemetry import about, logger, told_about

IDLE_SECONDS = 1.0
PAUSE_SECONDS = 5
CRASH_LIMIT = 2
CLAIMABLE = 0
PUT_ASIDE = 3
UNWRITABLE_LIMIT = 25
"""Recipients of a page whose rows are refused; beyond it the fault is not theirs."""
DOUBT_SECONDS = 30.0
"""So long after the store failed a claim may turn out to have been made."""

Plan = Callable[[Sequence[int]], Awaitable[list[Chunk]]]

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
        chance: Chance,
        rooms: Rooms | None = None,
        rest: Rest = go_on,
    ) -> None:
        self._lane = lane
        self._chance = chance
        self._reserver = Reserver(store)
        self._lease = lease
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._gatherer = gatherer
        self._routes = routes
        self._bus = bus
        self._clock = clock
        self._in_hand: Task | None = None
        self._doubts_until_seconds = 0.0
        self._rates = rates
        self._rooms = rooms or Rooms(store, clock, rates)
        self._turns = Turns()
        self._rest = rest
        self._pages = Pages(store, gatherer)
        self._pace = Pace(store.chunk_seconds)

    async def step(self, rang: bool) -> float:
        """Walk a part of one task; seconds to wait before the next look.

        A task is kept in hand while the store cannot be reached, and goes on where it stands.
        """
        await self._lease.held()
        if self._in_hand is None:
            tasks = await self._claim()
            if not tasks:
                return IDLE_SECONDS
            self._in_hand = tasks[0]
            self._turns.begin(tasks[0])
        reach("fanout.after_claim")
        await self._go_on(self._in_hand)
        self._in_hand = None
        return 0

    async def _claim(self) -> list[Task]:
        """A task that is due, if there is one; first what an earlier claim may have left to us,
        when its answer was lost."""
        lanes, worker, work = [int(self._lane)], self._lease.worker, self._store.work
        tasks: list[Task] = []
        try:
            if self._clock.monotonic_seconds() < self._doubts_until_seconds:
                tasks = await work.reclaim_tasks(lanes, worker)
            if not tasks:
                now = self._clock.now()
                tasks = await work.claim_tasks(lanes, worker, 1, now, self._turns.after)
        except UnavailableError:
            self._doubts_until_seconds = self._clock.monotonic_seconds() + DOUBT_SECONDS
            raise
        return tasks

    async def _go_on(self, task: Task) -> None:
        """Walk some pages, then let other tasks of the lane have their turn."""
        with told_about(OfEvent(task.event)):
            await self._try(task)

    async def _try(self, task: Task) -> None:
        if task.crashes > CRASH_LIMIT:
            await self._put_aside(task)
            return
        try:
            if await self._walk(await self._cut(task)):
                self._ring_next(task)
        except UnavailableError:
            raise
        except LostLeaseError as error:
            _log.warning("task %d is left: %s", task.task, error)
        except Exception:  # noqa: BLE001 - other tasks of the lane go on
            _log.exception("task %d failed and is tried again", task.task)
            later = self._clock.now() + PAUSE_SECONDS * SECOND
            await self._store.work.give_back(task, later, CLAIMABLE)

    async def _cut(self, task: Task) -> Task:
        """The task, or its first range when it is large; others may begin with the rest. When the
        answer is lost it is claimed anew, as it may have been cut."""
        try:
            found = await cut(self._store, task)
        except UnavailableError:
            self._in_hand = None
            self._doubts_until_seconds = self._clock.monotonic_seconds() + DOUBT_SECONDS
            raise
        if found.hi != task.hi:
            self._in_hand = found
            self._bus.ring(f"fanout:{int(self._lane)}")
        return found

    async def _put_aside(self, task: Task) -> None:
        """Nobody claims it until it is redriven; the operators are told."""
        failed, now = task.crashes - 1, self._clock.now()
        _log.error("task %d is put aside: it failed %d times", task.task, failed)
        note = AlertNote(
            env=task.env,
            account="fan-out",
            cause=TASK_CAUSE,
            detail=f"a fan-out task failed {failed} times and waits for `clarion dead redrive`",
            sample=(event_name(task.event),),
        )
        await self._store.alerts.note([note], now)
        await self._store.work.give_back(task, now, PUT_ASIDE)

    async def _walk(self, task: Task) -> bool:
        """Decide pages until the tenant's turn is over or an account has no room; whether the task
        is done. What is in hand moves on with each page, so that a failure repeats one page and
        none before it."""
        if task.source == BROADCAST:
            return await self._count(task)
        cursor: int | None = task.cursor
        while cursor is not None:
            self._in_hand = task = msgspec.structs.replace(task, cursor=cursor)
            event = (await self._store.events.rows(task.env, [task.event]))[task.event]
            about.set(of_row(event))
            if wait_seconds := await self._full(task, event):
                due = self._clock.now() + int(wait_seconds * SECOND)
                await self._store.work.postpone(task, due)
                return False
            cursor = await self._page(task, event)
            if cursor is not None and self._turns.left <= 0:
                await self._store.work.give_back(task, self._clock.now(), CLAIMABLE)
                return False
        return True

    async def _count(self, task: Task) -> bool:
        """Count the members of a broadcast, for as long as the tenant's turn is."""
        if self._clock.now() < (due := countable_from(task)):
            await self._store.work.postpone(task, due)
            return False
        done = False
        while not done:
            cost, done = await count_members(self._store, task)
            self._turns.spend(cost)
            if not done and self._turns.left <= 0:
                await self._store.work.give_back(task, self._clock.now(), CLAIMABLE)
                return False
        return True

    async def _full(self, task: Task, event: EventRow) -> float:
        """How long the accounts that this task adds to need to get room; 0 when there is some. An
        event that stands still is looked at again later."""
        pin = pin_of(event, task.workflow)
        compiled = (await self._catalogs.pinned(task.env, [pin]))[pin]
        if stands_still(event, compiled, self._clock.now()):
            return STILL_SECONDS
        channels = {step.channel for step in compiled.workflow.sends} - {Channel.INBOX}
        environment = await self._directory.environment(task.env)
        accounts = self._routes.all_of(environment, channels)
        return await self._rooms.wait_seconds(task.lane, accounts)

    def _ring_next(self, task: Task) -> None:
        """The next event of an ordering key may be in any lane."""
        if task.ordering_key is not None:
            for lane in Lane:
                self._bus.ring(f"fanout:{int(lane)}")

    async def _page(self, task: Task, event: EventRow) -> int | None:
        """Decide and write one page; the cursor for the next, None at the end."""
        now = self._clock.now()
        route = self._routes.of(await self._directory.environment(task.env))
        planner = Planner(route, self._chance)
        flow = await self._flow(task, event, now)
        found = await self._pages.look(task, event, flow, task.cursor)
        users, done = found.users, found.last

        async def plan(some: Sequence[int]) -> list[Chunk]:
            if some is users and found.people is not None:
                return await self._planned(task, flow, some, found.people, planner, now)
            return await self._plan(task, event, some, planner, now)

        chunks: list[Chunk] = []
        for part in await bisected(users, plan):
            chunks += part.found or []
            if part.error is not None:
                chunks.append(await self._undecidable(task, event, part.members[0], part.error))
        chunks = chunks or [Chunk(empty_page(), task.cursor, whole=True)]
        chunks[-1] = msgspec.structs.replace(chunks[-1], last=done)
        rung = await self._write_all(task, event, chunks, plan, now)
        planner.count()
        self._turns.spend(len(users))
        for name in rung:
            self._bus.ring(name)
        return None if done else users[-1]

    async def _write_all(
        self, task: Task, event: EventRow, chunks: list[Chunk], plan: Plan, now: int
    ) -> set[str]:
        """Write the chunks of a page; the doorbells of what they bring."""
        rung: set[str] = set()
        unwritable = 0
        while chunks:
            chunk = chunks.pop(0)
            error = await self._write(task, chunk, now)
            if error is None:
                rung |= rings_of(chunk.page)
                self._bus.tell(inboxes_of(task.env), told_of(chunk.page))
                continue
            unwritable += len(chunk.users) == 1
            if unwritable > UNWRITABLE_LIMIT:
                raise error
            chunks[:0] = await self._halved(task, event, chunk, error, plan)
        return rung

    async def _write(self, task: Task, chunk: Chunk, now: int) -> Exception | None:
        """Write a chunk; the error when it is its rows' own and there are fewer to try."""
        await self._rest()
        began = self._clock.monotonic_seconds()
        try:
            reach("fanout.before_page")
            await self._store.work.write_page(task, chunk.page, chunk.cursor, chunk.last, now)
            reach("fanout.after_page")
        except (UnavailableError, LostLeaseError):
            raise
        except Exception as error:
            if chunk.whole:
                raise
            return error
        self._pace.took(self._clock.monotonic_seconds() - began)
        self._written(chunk.page, now)
        return None

    async def _halved(
        self, task: Task, event: EventRow, chunk: Chunk, error: Exception, plan: Plan
    ) -> list[Chunk]:
        """What stands for a chunk that cannot be written: its halves, or one dead letter."""
        users = chunk.users
        if len(users) == 1:
            found = [await self._undecidable(task, event, users[0], error)]
        else:
            middle = len(users) // 2
            found = [*await plan(users[:middle]), *await plan(users[middle:])]
        found[-1] = msgspec.structs.replace(found[-1], last=chunk.last)
        return found

    async def _plan(
        self, task: Task, event: EventRow, users: Sequence[int], planner: Planner, now: int
    ) -> list[Chunk]:
        """What these users come to. The flow is new, as it remembers what it has rendered."""
        if not users:
            return []
        flow = await self._flow(task, event, now)
        people = await self._pages.people(task, event, flow, users, now)
        return await self._planned(task, flow, users, people, planner, now)

    async def _planned(
        self,
        task: Task,
        flow: Flow,
        users: Sequence[int],
        people: People,
        planner: Planner,
        now: int,
    ) -> list[Chunk]:
        """What people come to whose facts are at hand."""
        reserved = NOTHING
        alone = people.recipients
        if flow.reserves and task.source != "nobody":
            facts = planner.facts(flow, alone, people.rows, now)
            reserved = await self._reserver.reserve(flow, facts, people.rows, now)
        size = self._pace.size(len(users) - len(alone), len(alone))
        chunks = []
        for mine, some in parts_of(users, people, size):
            page = empty_page()
            for kind in some.kinds:
                planner.alike(page, flow, kind, now)
            planner.plan(
                page, flow, some.recipients, people=people.rows, reserved=reserved, now=now
            )
            chunks.append(Chunk(page, mine[-1], mine))
            await asyncio.sleep(0)  # a page of chunks would hold up whoever shares the loop
        return chunks

    async def _undecidable(self, task: Task, event: EventRow, user: int, error: Exception) -> Chunk:
        _log.error("a recipient of task %d cannot be decided", task.task, exc_info=error)
        pin = pin_of(event, task.workflow)
        compiled = (await self._catalogs.pinned(task.env, [pin]))[pin]
        page = undecidable_page(task, compiled, user, error, self._clock.now())
        return Chunk(page, user, whole=True)

    def _written(self, page: PageWrite, now: int) -> None:
        alike = sum(len(kind.users) for kind in page.alike if kind.item is not None)
        self._rates.count(self._lane, alike + len(page.items) + len(page.members), now)
        for (lane, account), n in Counter((d.lane, d.account) for d in page.deliveries).items():
            self._rooms.add(lane, account, n)

    async def _flow(self, task: Task, event: EventRow, now: int) -> Flow:
        """The flow is made anew for each page, so that a pause or a cancellation holds from the
        next page on."""
        head = await head_of(event, self._gatherer)
        pin = pin_of(event, task.workflow)
        compiled = (await self._catalogs.pinned(task.env, [pin]))[pin]
        current = await self._catalogs.compiled(task.env)
        about = head.about or task.topic
        shared = await self._gatherer.shared(
            task.env, topics={about}, tenants={head.tenant}, actors={head.actor},
            crowds={crowd} if (crowd := crowd_of(compiled, about)) else None,
        )  # fmt: skip
        return self._gatherer.flow(
            head, compiled, shared, about=about, paused=current.paused(task.workflow), now=now
        )

"""Preparing blasts: the audience is cut page by page under a lease, and each page is decided as it
would be. A crash costs the page in hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import msgspec

from clarion.clock import SECOND, Clock
from clarion.core.blast import (
    RANGE_RECIPIENTS,
    Queue,
    Section,
    Tally,
    Trouble,
    earliest_seconds,
    expiry_at,
    takes_nothing,
)
from clarion.core.quota import Quota
from clarion.errors import ClarionError, UnavailableError
from clarion.pipeline.blasts.planned import NOBODY, plan_of, tally_of, tally_text
from clarion.pipeline.blasts.surveying import Surveyor, words_troubles
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.directory import Directory
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import EventHead, Gatherer, Shared, crowd_of
from clarion.pipeline.nobodies import nobody_of
from clarion.pipeline.routes import Routes
from clarion.store.contract import Store
from clarion.store.contract.blasts import BlastRow, BlastState, CutPage
from clarion.store.contract.events import EventWrite
from clarion.store.contract.work import Task, TaskWrite
from clarion.telemetry import logger

PAGE_RECIPIENTS = 500
AT_ONCE = 8
"""So many are prepared in turns; of others the plan is not kept in memory."""

IDLE_SECONDS = 1.0
LEASE_SECONDS = 30
AHEAD_COUNTED = 100_000
LATE = "it is done at the earliest {late} s after its expiry; fire it with force, or prepare less"

_log = logger("blasts")


class Accounts(Protocol):
    """What is known of the accounts."""

    def quota(self, account: str) -> Quota | None:
        """The quota that was set; None: no bound of ours."""
        ...

    def at_rest(self, account: str) -> bool:
        """Whether nothing leaves by it now."""
        ...


class Preparation(msgspec.Struct, kw_only=True):
    """A blast in hand. `shared` belongs to the section that is walked."""

    row: BlastRow
    plan: EventWrite
    tally: Tally
    compiled: dict[int, CompiledWorkflow]
    names: tuple[str | None, str | None]
    shared: tuple[int, Shared] | None = None


class Preparer:
    """Goes on with what is to be prepared, a page at a time, the least lately worked on first.
    `worker()` is the number of this process."""

    def __init__(
        self,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        gatherer: Gatherer,
        routes: Routes,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._gatherer = gatherer
        # Of its own: a dry run takes no account's turn and no probe.
        self._routes = Routes(routes.accounts)
        self._accounts = accounts
        self._clock = clock
        self._surveyor = Surveyor(store, gatherer)
        self._mine: dict[tuple[int, int], Preparation] = {}

    async def step(self, worker: int) -> float:
        """Prepare a page of one blast; seconds to wait before the next look."""
        rows = await self._store.blasts.preparing(worker, AT_ONCE, self._clock.now())
        known = {(row.env, row.number) for row in rows}
        self._mine = {place: mine for place, mine in self._mine.items() if place in known}
        for row in rows:
            if await self.go_on(row, worker):
                return 0
        return IDLE_SECONDS

    async def go_on(self, row: BlastRow, worker: int) -> bool:
        """Prepare a page; False when it is in other hands. One that cannot go on is refused."""
        mine = self._mine.get((row.env, row.number))
        if mine is None or mine.row.fence != row.fence:
            fence = await self._store.blasts.take(
                row, worker, LEASE_SECONDS * SECOND, self._clock.now()
            )
            if fence is None:
                return False
            row = msgspec.structs.replace(row, fence=fence)
            mine = None
        try:
            mine = mine or await self._begin(row)
            pages = await self._page(mine)
        except UnavailableError:
            self._mine.pop((row.env, row.number), None)
            raise
        except Exception as error:  # noqa: BLE001 - one blast must not hold up all others
            pages, mine = [], self._given_up(row, error)
        if await self._save(mine, pages) and mine.row.state is BlastState.PREPARING:
            self._mine[row.env, row.number] = mine
        else:
            self._mine.pop((row.env, row.number), None)
        return True

    async def _save(self, mine: Preparation, pages: Sequence[CutPage]) -> bool:
        now = self._clock.now()
        mine.row = msgspec.structs.replace(mine.row, tally=tally_text(mine.tally), updated_at=now)
        try:
            return await self._store.blasts.save(mine.row, pages, LEASE_SECONDS * SECOND, now)
        except UnavailableError:
            self._mine.pop((mine.row.env, mine.row.number), None)
            raise

    def _given_up(self, row: BlastRow, error: Exception) -> Preparation:
        told = str(error)
        if not isinstance(error, ClarionError):
            _log.error("blast %d cannot be prepared", row.number, exc_info=error)
            told = f"it could not be prepared ({type(error).__name__}); the server's log has more"
        tally = tally_of(row)
        tally.problems = [*tally.problems, Trouble(detail=told)]
        now = self._clock.now()
        row = msgspec.structs.replace(row, state=BlastState.REFUSED, ended_at=now)
        empty: dict[int, CompiledWorkflow] = {}
        plan = EventWrite(
            env=row.env, id=b"", type="", tenant=0, actor=0, about=0, silent=False, accepted_at=now,
            expires_at=None, correlation=None, cancellation=None, ordering_key=None, mentions="[]",
            audience="[]", data="{}", lane=3,
        )  # fmt: skip
        return Preparation(row=row, plan=plan, tally=tally, compiled=empty, names=(None, None))

    async def _begin(self, row: BlastRow) -> Preparation:
        plan = plan_of((await self._store.blasts.plan(row.env, row.number))[1])
        pins = [pinned[:4] for pinned in plan.workflows]
        compiled = await self._catalogs.pinned(row.env, pins)
        names = await self._gatherer.names_of(row.env, plan.actor, plan.tenant)
        tally = tally_of(row)
        tally.workflows = [compiled[pin].workflow.key for pin in pins]
        tally.lanes = sorted({compiled[pin].lane for pin in pins})
        return Preparation(
            row=row, plan=plan, tally=tally, names=names,
            compiled={pin[0]: compiled[pin] for pin in pins},
        )  # fmt: skip

    async def _page(self, mine: Preparation) -> list[CutPage]:
        """Walk one page; how far it is stands in the row of `mine` afterwards."""
        row, tally = mine.row, mine.tally
        if row.section >= len(mine.plan.tasks):
            await self._arm(mine)
            return []
        task = mine.plan.tasks[row.section]
        if len(tally.sections) <= row.section:
            tally.sections = [*tally.sections, Section(step=RANGE_RECIPIENTS)]
        if task.source == NOBODY:
            await self._nobody(mine, task)
            mine.row = msgspec.structs.replace(row, section=row.section + 1, cursor=0)
            return []
        users = await self._users(mine, task, row.cursor)
        done = len(users) < PAGE_RECIPIENTS
        fresh = await self._fresh(mine, users)
        pages = []
        if fresh:
            flow = await self._flow(mine, task)
            route = self._routes.of(await self._directory.environment(row.env))
            topic = task.scope if task.source == "topic" else 0
            await self._surveyor.survey(tally, flow, fresh, topic, route)
            tally.sections[row.section].add(fresh[-1], len(fresh))
            pages.append(CutPage(section=row.section, users=fresh))
        section, cursor = (row.section + 1, 0) if done else (row.section, users[-1])
        tally.share = await self._share(mine, section, cursor)
        tally.problems, tally.warnings = words_troubles(tally)
        mine.row = msgspec.structs.replace(row, section=section, cursor=cursor)
        return pages

    async def _users(self, mine: Preparation, task: TaskWrite, after: int) -> list[int]:
        """The next users of a section, by number."""
        if task.source == "users":
            excepted = set(task.excepted)
            named = [n for n in mine.plan.recipients if after < n <= task.hi and n not in excepted]
            return named[:PAGE_RECIPIENTS]
        walked = Task(
            task=0, env=mine.row.env, event=mine.plan.id, workflow=task.workflow, lane=task.lane,
            tenant=task.tenant, source=task.source, scope=task.scope, hi=task.hi, cursor=after,
            excepted=task.excepted, fence=0, crashes=0,
        )  # fmt: skip
        return await self._store.work.audience(walked, after, PAGE_RECIPIENTS)

    async def _fresh(self, mine: Preparation, users: list[int]) -> list[int]:
        """Without those whom an earlier section of the same workflow has."""
        row, tasks = mine.row, mine.plan.tasks
        workflow = tasks[row.section].workflow
        earlier = [
            n
            for n, task in enumerate(tasks[: row.section])
            if task.workflow == workflow and mine.tally.sections[n].recipients
        ]
        if not users or not earlier:
            return users
        taken = await self._store.blasts.overlapping(
            row.env, row.number, earlier, users[0], users[-1]
        )
        return [user for user in users if user not in taken]

    async def _nobody(self, mine: Preparation, task: TaskWrite) -> None:
        part = next(
            part
            for part in msgspec.json.decode(mine.plan.audience)
            if part["workflow"] == task.workflow
        )
        now = self._clock.now()
        recipient = await nobody_of(self._store, mine.row.env, part["fcm_topics"], now)
        flow = await self._flow(mine, task)
        route = self._routes.of(await self._directory.environment(mine.row.env))
        await self._surveyor.count(mine.tally, flow, [recipient], route)

    async def _share(self, mine: Preparation, section: int, cursor: int) -> float:
        """About how much of the audience is walked, by the numbers of users."""
        sections = len(mine.plan.tasks)
        if section >= sections or not cursor:
            return section / sections
        last = await self._store.blasts.last_user(mine.row.env)
        return (section + min(cursor / max(last, 1), 1.0)) / sections

    async def _flow(self, mine: Preparation, task: TaskWrite) -> Flow:
        """Made anew for each page, as of an ordinary event."""
        row, plan, now = mine.row, mine.plan, self._clock.now()
        compiled = mine.compiled[task.workflow]
        about = plan.about or (task.scope if task.source == "topic" else 0)
        if mine.shared is None or mine.shared[0] != row.section:
            crowd = crowd_of(compiled, about)
            found = await self._gatherer.shared(
                row.env, topics={about}, tenants={plan.tenant}, actors={plan.actor},
                crowds={crowd} if crowd else None,
            )  # fmt: skip
            mine.shared = (row.section, found)
        head = EventHead(
            env=row.env, id=plan.id, type=plan.type, tenant=plan.tenant, actor=plan.actor,
            actor_name=mine.names[0], tenant_name=mine.names[1], about=plan.about,
            silent=plan.silent, accepted_at=now,
            expires_at=expiry_at(now, plan.expires_at, row.expires_in_seconds), cancelled=False,
            data=msgspec.json.decode(plan.data),
            mentions=tuple((kind, who) for kind, who in msgspec.json.decode(plan.mentions)),
            ordering_key=plan.ordering_key,
        )  # fmt: skip
        paused = (await self._catalogs.compiled(row.env)).paused(task.workflow)
        shared = mine.shared[1]
        return self._gatherer.flow(head, compiled, shared, about=about, paused=paused, now=now)

    async def _arm(self, mine: Preparation) -> None:
        """The end: how soon it can be done, and whether it may be fired."""
        tally, row, now = mine.tally, mine.row, self._clock.now()
        problems, warnings = words_troubles(tally)
        tally.share = 1.0
        tally.expires_in_seconds = _expires_in_seconds(mine)
        await self._queues(tally, problems, warnings)
        if not tally.recipients:
            warnings.append(Trouble(detail="nobody is in the audience"))
        late = late_seconds(tally, row.expires_at, now)
        if late > 0:
            warnings.append(Trouble(detail=LATE.format(late=math.ceil(late))))
        for compiled in mine.compiled.values():
            if (await self._catalogs.compiled(row.env)).paused(compiled.row.number):
                key = compiled.workflow.key
                warnings.append(Trouble(detail="the workflow is paused", workflow=key))
        tally.problems, tally.warnings = problems, warnings
        state = BlastState.REFUSED if problems else BlastState.ARMED
        mine.row = msgspec.structs.replace(
            row,
            state=state,
            armed_at=None if problems else now,
            ended_at=now if problems else None,
        )

    async def _queues(self, tally: Tally, problems: list[Trouble], warnings: list[Trouble]) -> None:
        queues = []
        for place, deliveries in sorted(tally.accounts.items()):
            channel, lane, account = place.split("/", 2)
            quota = self._accounts.quota(account)
            if takes_nothing(quota):
                detail = f"the quota of the account {account} is zero: nothing would leave by it"
                problems.append(Trouble(detail=detail, channel=channel, account=account))
                quota = None
            elif self._accounts.at_rest(account):
                detail = f"the account {account} is out at the moment"
                warnings.append(Trouble(detail=detail, channel=channel, account=account))
            ahead = await self._store.deliveries.depth(int(lane), account, AHEAD_COUNTED)
            queue = Queue(
                channel=channel, lane=int(lane), account=account, deliveries=deliveries,
                ahead=ahead, rate_per_second=quota.rate_per_second if quota else None,
                seconds=earliest_seconds(deliveries, ahead, quota, int(lane)),
            )  # fmt: skip
            queues.append(queue)
        tally.queues = queues


def late_seconds(tally: Tally, expires_at: int | None, fired_at: int) -> float:
    """How long after its expiry a blast that is fired then is done at the earliest; 0 or less when
    it is in time."""
    expiry = expiry_at(fired_at, expires_at, tally.expires_in_seconds)
    if expiry is None or tally.seconds is None:
        return 0.0
    return tally.seconds - (expiry - fired_at) / SECOND


def _expires_in_seconds(mine: Preparation) -> int | None:
    """The first of the expiries that count from firing."""
    found = [mine.row.expires_in_seconds]
    found += [one.workflow.expires_in_seconds for one in mine.compiled.values()]
    return min((seconds for seconds in found if seconds is not None), default=None)

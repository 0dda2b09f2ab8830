"""Turns checked events into rows: names into numbers, audiences into tasks, small audiences into
decisions."""

from __future__ import annotations

from collections import Counter

import msgspec

from clarion.core.event import IncomingEvent
from clarion.core.recipient import Recipient, Standing
from clarion.core.workflow import Lane
from clarion.errors import ClarionError
from clarion.pipeline.audiences import (
    Numbers,
    audience_json,
    behind_of,
    broadcasts_of,
    is_decided_here,
    is_nobodys,
    is_walked,
    tasks_of,
    users_of,
)
from clarion.pipeline.broadcasting import Forms
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.directory import Directory
from clarion.pipeline.drafts import Draft
from clarion.pipeline.flows import EventHead, Gatherer, crowd_of
from clarion.pipeline.nobodies import nobody_of
from clarion.pipeline.planning import Planner, empty_page
from clarion.pipeline.routes import Routes
from clarion.pipeline.sketches import Part, Sketch, sketch_of
from clarion.pipeline.writing import Chance
from clarion.store.contract import Store
from clarion.store.contract.events import EventWrite
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.contract.work import PageWrite

_encode = msgspec.json.Encoder().encode


class Composed(msgspec.Struct, kw_only=True):
    """What an event comes to: rows to write and doorbells to ring afterwards, or a problem. `items`
    counts the inbox items of its page by the lane's number."""

    write: EventWrite | None = None
    workflows: tuple[str, ...] = ()
    rings: set[str] = set()
    told: list[int] = []
    items: dict[int, int] = {}
    problem: ClarionError | None = None


class Composer:
    """Draws a group of events of one environment with a few batch look-ups for all of them."""

    def __init__(
        self,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        gatherer: Gatherer,
        routes: Routes,
        chance: Chance,
        forms: Forms | None = None,
    ) -> None:
        self._store = store
        self._forms = forms or Forms(store)
        self._catalogs = catalogs
        self._chance = chance
        self._directory = directory
        self._gatherer = gatherer
        self._routes = routes

    async def lane_of(self, env: int, incoming: IncomingEvent) -> Lane:
        """The most urgent lane of the workflows that listen to an event; transactional when none
        does."""
        catalog = await self._catalogs.compiled(env)
        if incoming.workflow is not None:
            named = catalog.by_key.get(incoming.workflow)
            found = [] if named is None else [named]
        else:
            found = catalog.by_type.get(incoming.type, [])
        return Lane(min((compiled.lane for compiled in found), default=Lane.TRANSACTIONAL))

    async def compose(
        self,
        env: int,
        drafts: list[tuple[bytes, Draft]],
        now: int,
        *,
        walk: bool = False,
        whole: bool = False,
    ) -> list[Composed]:
        """Rows for each event, in order. `walk`: small audiences are left to tasks as well;
        `whole`: also the reserved user 0, and nothing is a broadcast: nothing is decided here."""
        catalog = await self._catalogs.compiled(env)
        sketches = [sketch_of(catalog, id_, found, now) for id_, found in drafts]
        good = [sketch for sketch in sketches if sketch.problem is None]
        await self._write_inline(env, good, now)
        numbers = await self._numbers(env, good)
        heads = {sketch.id: _head(env, sketch, numbers, now) for sketch in good}
        shared = await self._gatherer.shared(
            env,
            topics={head.about for head in heads.values()},
            tenants={head.tenant for head in heads.values()},
            actors={head.actor for head in heads.values()},
            crowds={
                crowd
                for sketch in good
                for part in sketch.parts
                if (crowd := crowd_of(part.compiled, heads[sketch.id].about))
            },
        )
        for sketch in good:
            for part in sketch.parts:
                part.users = [numbers.users[user] for user in part.audience.users]
                part.walked = walk
                part.flow = self._gatherer.flow(
                    heads[sketch.id],
                    part.compiled,
                    shared,
                    about=heads[sketch.id].about,
                    paused=part.compiled.row.paused,
                    now=now,
                )
        parts = [] if whole else [part for sketch in good for part in sketch.parts]
        await self._forms.choose(env, parts, numbers.topics)
        planner = Planner(self._routes.of(await self._directory.environment(env)), self._chance)
        pages = await self._decide_small(env, good, planner, now)
        for sketch in good:
            for part in sketch.parts:
                if not whole and is_nobodys(part.audience, part.compiled):
                    await self._nobody(env, part, planner, pages[sketch.id], now)
        planner.count()
        return [
            Composed(problem=sketch.problem)
            if sketch.problem is not None
            else _rows(env, sketch, heads[sketch.id], numbers, pages[sketch.id], now, whole)
            for sketch in sketches
        ]

    async def _write_inline(self, env: int, sketches: list[Sketch], now: int) -> None:
        """Upsert inline recipients; not those of a repeat, whose words may be old by now."""
        if not any(sketch.draft.inline for sketch in sketches):
            return
        keys = [key for sketch in sketches for key, _ in sketch.draft.keys]
        used = set(await self._store.events.by_keys(env, keys)) if keys else set()
        writes: list[UserWrite] = []
        for sketch in sketches:
            own = {key for key, _ in sketch.draft.keys}
            if not own & used:
                writes.extend(sketch.draft.inline)
            used |= own
        if writes:
            await self._store.people.write_users(env, writes, now)

    async def _numbers(self, env: int, sketches: list[Sketch]) -> Numbers:
        users: set[str] = set()
        topics: set[str] = set()
        tenants: set[str] = set()
        for sketch in sketches:
            incoming = sketch.draft.incoming
            users.update(who for kind, who in sketch.draft.mentions if kind in ("user", "reply"))
            if incoming.actor is not None:
                users.add(incoming.actor)
            if incoming.tenant is not None:
                tenants.add(incoming.tenant)
            if incoming.about is not None:
                topics.add(incoming.about)
            for part in sketch.parts:
                users.update(part.audience.users)
                users.update(part.audience.everyone_except)
                for topic, excepted in part.audience.topics:
                    topics.add(topic)
                    users.update(excepted)
        return Numbers(
            users=await self._directory.mint(env, NameKind.USER, users),
            topics=await self._directory.mint(env, NameKind.TOPIC, topics),
            tenants=await self._directory.mint(env, NameKind.TENANT, tenants),
        )

    async def _decide_small(
        self, env: int, sketches: list[Sketch], planner: Planner, now: int
    ) -> dict[bytes, PageWrite]:
        """Decide the named users of small events at once, over all events of the group."""
        small = [
            (sketch, part, part.flow)
            for sketch in sketches
            for part in sketch.parts
            if part.flow is not None and is_decided_here(part)
        ]
        flows = [flow for _, _, flow in small]
        users = sorted({user for _, part, _ in small for user in part.users})
        facts = await self._gatherer.recipients(env, users, flows)
        people = await self._gatherer.people(env, flows, list(facts.values()))
        pages = {sketch.id: empty_page() for sketch in sketches}
        for sketch, part, flow in small:
            recipients = [_fact(facts, user) for user in part.users]
            recipients = await self._gatherer.in_threads(env, flow, recipients)
            recipients = await self._gatherer.present(flow, recipients)
            planner.plan(pages[sketch.id], flow, recipients, people=people, now=now)
        return pages

    async def _nobody(
        self, env: int, part: Part, planner: Planner, page: PageWrite, now: int
    ) -> None:
        """FCM topics, and the webhook of an event that names nobody: the reserved user 0."""
        if part.flow is None:
            return
        nobodies = [await nobody_of(self._store, env, part.audience.fcm_topics, now)]
        planner.plan(page, part.flow, nobodies, people={}, now=now)


def _rows(
    env: int,
    sketch: Sketch,
    head: EventHead,
    numbers: Numbers,
    page: PageWrite,
    now: int,
    whole: bool,
) -> Composed:
    """The rows of an event whose small audiences are decided already."""
    many = [part for part in sketch.parts if not is_decided_here(part)]
    recipients = users_of(many)
    tasks = []
    if many or whole or any(is_walked(part.audience) for part in sketch.parts):
        tasks = [
            task
            for part in sketch.parts
            for task in tasks_of(part, numbers, head.tenant, recipients, whole=whole)
        ]
    incoming, behind = sketch.draft.incoming, None
    if incoming.ordering_key is not None:
        behind = behind_of(sketch.parts, numbers, head.tenant)
    lanes = {part.compiled.row.number: part.compiled.lane for part in sketch.parts}
    rings = {f"ready:{d.account}:{d.lane}" for d in page.deliveries}
    told = [(item.user, item.workflow) for item in page.items]
    told += [(member.user, member.workflow) for member in page.members]
    items = dict(Counter(lanes[workflow] for _, workflow in told))
    if tasks or behind:
        rings |= {f"fanout:{task.lane}" for task in (*tasks, *(behind.tasks if behind else ()))}
    return Composed(
        workflows=tuple(part.compiled.workflow.key for part in sketch.parts),
        rings=rings,
        told=[user for user, _ in told],
        items=items,
        write=EventWrite(
            env=env, id=sketch.id, type=incoming.type, tenant=head.tenant, actor=head.actor,
            about=head.about, silent=head.silent, accepted_at=now, expires_at=head.expires_at,
            correlation=incoming.correlation_id, cancellation=incoming.cancellation_key,
            ordering_key=incoming.ordering_key, mentions=_encode(head.mentions).decode(),
            audience=audience_json(sketch, numbers),
            data=_encode(incoming.data).decode(),
            lane=min(lanes.values(), default=1),
            keys=sketch.draft.keys, tags=incoming.tags,
            workflows=tuple((*part.compiled.pin, part.compiled.lane) for part in sketch.parts),
            recipients=tuple(sorted(recipients)), tasks=tuple(tasks), page=page, behind=behind,
            broadcasts=tuple(broadcasts_of(sketch.parts, numbers, head.tenant)),
            trace=head.trace,
        ),
    )  # fmt: skip


def _fact(facts: dict[int, Recipient], user: int) -> Recipient:
    return facts.get(user) or Recipient(user=user, standing=Standing.UNKNOWN)


def _head(env: int, sketch: Sketch, numbers: Numbers, now: int) -> EventHead:
    incoming = sketch.draft.incoming
    return EventHead(
        env=env,
        id=sketch.id,
        type=incoming.type,
        tenant=numbers.tenants[incoming.tenant] if incoming.tenant else 0,
        actor=numbers.users[incoming.actor] if incoming.actor else 0,
        actor_name=incoming.actor,
        tenant_name=incoming.tenant,
        about=numbers.topics[incoming.about] if incoming.about else 0,
        silent=incoming.silent,
        accepted_at=now,
        expires_at=sketch.draft.expires_at,
        cancelled=False,
        data=incoming.data,
        mentions=tuple(
            (kind, numbers.users[who] if kind in ("user", "reply") else who)
            for kind, who in sketch.draft.mentions
        ),
        ordering_key=incoming.ordering_key,
        test=sketch.draft.test,
        trace=sketch.draft.trace,
        correlation=incoming.correlation_id,
    )

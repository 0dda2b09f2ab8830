"""Decides broadcasts for somebody as of the instant they were published, however late that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from clarion.clock import Clock
from clarion.core.recipient import Recipient, Setting
from clarion.errors import UnavailableError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, pin_of
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import Gatherer, Shared, head_of
from clarion.pipeline.kinds import Kind
from clarion.pipeline.locales import Usual, profiles_of
from clarion.pipeline.paging import reached_by
from clarion.pipeline.planning import Planner, empty_page
from clarion.pipeline.routes import no_account
from clarion.pipeline.subjects import of_row
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import Broadcast
from clarion.store.contract.events import EventRow
from clarion.store.contract.topics import TopicRow
from clarion.store.contract.work import PageWrite
from clarion.telemetry import logger, told_about

KEPT = 500
"""Broadcasts of which the topics and the defaults are kept near."""

SEVERAL = 4
"""So many people who are alike are decided as one."""

Then = tuple[list[TopicRow], tuple[int, tuple[Setting, ...]]]
"""The topics that an event is about, and the version and rows of the defaults."""

_log = logger("hindsight")


class _Known(NamedTuple):
    """The event of a broadcast, its workflow as it was, and what is usual in its tenant."""

    event: EventRow
    compiled: CompiledWorkflow
    usual: Usual


class Hindsight:
    """Decides with what was chosen then. Needs no accounts, as an inbox has none."""

    def __init__(
        self, store: Store, catalogs: CatalogService, gatherer: Gatherer, clock: Clock
    ) -> None:
        self._store = store
        self._catalogs = catalogs
        self._gatherer = gatherer
        self._clock = clock
        self._known: dict[tuple[int, int], Then] = {}

    async def decided(
        self, env: int, wanted: Sequence[tuple[Broadcast, Sequence[int]]]
    ) -> PageWrite:
        """What broadcasts come to, each for some of its members, the oldest first; those whose
        event or data is forgotten come to nothing."""
        page = empty_page()
        found = sorted(wanted, key=lambda pair: (pair[0].published_at, pair[0].seq))
        ids = sorted({one.event for one, _ in found})
        events = await self._store.events.rows(env, ids) if ids else {}
        found = [pair for pair in found if _is_kept(pair[0], events)]
        if not found:
            return page
        pins = {pin_of(events[one.event], one.workflow) for one, _ in found}
        compiled = await self._catalogs.pinned(env, sorted(pins))
        usual = await profiles_of(self._store, env, {one.tenant for one, _ in found})
        asked = [(user, one.published_at) for one, users in found for user in users]
        then = await self._store.broadcasts.recipients(env, asked)
        often = Counter(user for user, _ in asked)
        once = {user for user, count in often.items() if count == 1}
        for one, users in found:
            event = events[one.event]
            known = _Known(event, compiled[pin_of(event, one.workflow)], usual[one.tenant])
            people = [then[user, one.published_at] for user in users]
            await self._decide(page, one, known, people, once)
        return page

    async def _decide(
        self,
        page: PageWrite,
        one: Broadcast,
        known: _Known,
        people: list[Recipient],
        once: Collection[int],
    ) -> None:
        """Who fails stays undecided, and costs no other: all are tried together, then each."""
        try:
            rows = await self._planned(one, known, people, once)
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - told in the log, others are decided
            if len(people) > 1:
                for person in people:
                    await self._decide(page, one, known, [person], once)
                return
            with told_about(of_row(known.event)):
                _log.exception("a broadcast of workflow %d cannot be decided", one.workflow)
            return
        page.notifications.extend(rows.notifications)
        page.items.extend(rows.items)
        page.contents.extend(rows.contents)
        page.alike.extend(rows.alike)

    async def _planned(
        self, one: Broadcast, known: _Known, people: list[Recipient], once: Collection[int]
    ) -> PageWrite:
        """The rows of one broadcast. Those who have nothing else `once` decided and are alike get
        theirs together."""
        page = empty_page()
        planner = Planner(no_account, _no_chance)
        flow = await self._flow(one, known)
        placed = await self._placed(one, flow, people)
        kinds, others = _by_kind(flow, placed, once)
        for kind in kinds:
            planner.alike(page, flow, kind, flow.now)
        rows = await self._gatherer.people(one.env, [flow], others)
        planner.plan(page, flow, others, people=rows, now=flow.now)
        planner.count()
        return page

    async def _flow(self, one: Broadcast, known: _Known) -> Flow:
        """The flow as it was at the instant of publishing. Only the clock has gone on: what has
        expired since is decided as of now, and a pause or a cancellation holds."""
        env, at, usual = one.env, one.published_at, known.usual
        head = await head_of(known.event, self._gatherer)
        about = head.about or one.topic
        chain, defaults = await self._then(one, about)
        actors = {}
        if head.actor:
            actors = await self._store.people.users_by_number(env, [head.actor])
        shared = Shared(
            chains={about: chain},
            defaults={head.tenant: defaults},
            actors=actors,
            locales={head.tenant: usual.locales},
            zones={head.tenant: usual.zone},
        )
        current = await self._catalogs.compiled(env)
        now = self._clock.now()
        return self._gatherer.flow(
            head, known.compiled, shared, about=about, paused=current.paused(one.workflow),
            now=now if one.is_over(now) else at,
        )  # fmt: skip

    async def _then(self, one: Broadcast, about: int) -> Then:
        """The topics and the defaults of the instant: they never change again, and are kept near
        for the others who look."""
        key = (one.env, one.seq)
        if key not in self._known:
            chain = await self._store.topics.chain(one.env, about, one.published_at)
            topics = [about, *(row.number for row in chain)]
            defaults = await self._store.people.defaults(
                one.env, one.tenant, one.defaults_version, topics=topics
            )
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = (chain, defaults)
        return self._known[key]

    async def _placed(
        self, one: Broadcast, flow: Flow, people: Sequence[Recipient]
    ) -> list[Recipient]:
        """The recipients with the topic that led to them, and whether they were in the thread."""
        placed = [reached_by(person, person.user, one.topic) for person in people]
        if not flow.facts.thread:
            return placed
        thread, users = flow.facts.about_chain[0], [person.user for person in people]
        joined = await self._store.streams.members(one.env, thread, one.published_at, users)
        return [
            msgspec.structs.replace(person, in_thread=person.user in joined) for person in placed
        ]


def _is_kept(one: Broadcast, events: Mapping[bytes, EventRow]) -> bool:
    return one.event in events and events[one.event].data_kept


def _by_kind(
    flow: Flow, people: list[Recipient], once: Collection[int]
) -> tuple[list[Kind], list[Recipient]]:
    """Those who are alike by kind, and the others."""
    if not flow.impersonal:
        return [], people
    groups: dict[Any, list[Recipient]] = {}
    others = []
    for person in people:
        likeness = flow.likeness(person) if person.user in once else None
        if likeness is None:
            others.append(person)
        else:
            groups.setdefault(likeness, []).append(person)
    kinds = []
    for group in groups.values():
        if len(group) < SEVERAL:
            others.extend(group)
        else:
            kinds.append(Kind(group[0], sorted(person.user for person in group), []))
    return kinds, others


def was_in(spans: Sequence[tuple[int, int | None]], at: int) -> bool:
    """Whether an instant lies in one of these spans of (since, until); None: without an end."""
    return any(since <= at and (until is None or at < until) for since, until in spans)


def _no_chance(_: int) -> bytes:
    return b""

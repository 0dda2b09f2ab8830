"""Decides broadcasts for somebody as of the instant they were published, however late that is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.clock import Clock
from clarion.core.recipient import Recipient, Setting
from clarion.errors import UnavailableError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, Pin, pin_of
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import Gatherer, Shared, head_of
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

Then = tuple[list[TopicRow], tuple[int, tuple[Setting, ...]]]
"""The topics that an event is about, and the version and rows of the defaults."""

_log = logger("hindsight")


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

    async def decided(self, env: int, user: int, broadcasts: Sequence[Broadcast]) -> PageWrite:
        """What broadcasts come to for a member, the oldest first; those whose event or data is
        forgotten come to nothing."""
        page = empty_page()
        found = sorted(broadcasts, key=lambda one: (one.published_at, one.seq))
        ids = sorted({one.event for one in found})
        events = await self._store.events.rows(env, ids) if ids else {}
        kept = [one for one in found if one.event in events and events[one.event].data_kept]
        if not kept:
            return page
        pins = {pin_of(events[one.event], one.workflow) for one in kept}
        compiled = await self._catalogs.pinned(env, sorted(pins))
        usual = await profiles_of(self._store, env, {one.tenant for one in kept})
        instants = [one.published_at for one in kept]
        recipients = await self._store.broadcasts.recipients(env, user, instants)
        for one in kept:
            found_then = recipients[one.published_at]
            await self._decide(
                page, one, events[one.event], compiled, usual[one.tenant], found_then
            )
        return page

    async def _decide(
        self,
        page: PageWrite,
        one: Broadcast,
        event: EventRow,
        compiled: dict[Pin, CompiledWorkflow],
        usual: Usual,
        recipient: Recipient,
    ) -> None:
        """One that fails stays undecided, and costs no other."""
        alone = empty_page()
        planner = Planner(no_account, _no_chance)
        try:
            flow = await self._flow(one, event, compiled[pin_of(event, one.workflow)], usual)
            recipient = await self._placed(one, flow, recipient)
            people = await self._gatherer.people(one.env, [flow], [recipient])
            planner.plan(alone, flow, [recipient], people=people, now=flow.now)
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - told in the log, others are decided
            with told_about(of_row(event)):
                _log.exception("a broadcast of workflow %d cannot be decided", one.workflow)
            return
        planner.count()
        page.notifications.extend(alone.notifications)
        page.items.extend(alone.items)
        page.contents.extend(alone.contents)

    async def _flow(
        self, one: Broadcast, event: EventRow, compiled: CompiledWorkflow, usual: Usual
    ) -> Flow:
        """The flow as it was at the instant of publishing. Only the clock has gone on: what has
        expired since is decided as of now, and a pause or a cancellation holds."""
        env, at = one.env, one.published_at
        head = await head_of(event, self._gatherer)
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
            head, compiled, shared, about=about, paused=current.paused(one.workflow),
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

    async def _placed(self, one: Broadcast, flow: Flow, recipient: Recipient) -> Recipient:
        """The recipient with the topic that led to it, and whether it was in the thread."""
        placed = reached_by(recipient, recipient.user, one.topic)
        if not flow.facts.thread:
            return placed
        spans = await self._store.broadcasts.spans(
            one.env, flow.facts.about_chain[0], recipient.user
        )
        return msgspec.structs.replace(placed, in_thread=was_in(spans, one.published_at))


def was_in(spans: Sequence[tuple[int, int | None]], at: int) -> bool:
    """Whether an instant lies in one of these spans of (since, until); None: without an end."""
    return any(since <= at and (until is None or at < until) for since, until in spans)


def _no_chance(_: int) -> bytes:
    return b""

"""Resume: what waited is decided again when its time has come, with the facts of then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.core.ids import is_digest
from clarion.core.recipient import Mention, Recipient
from clarion.core.workflow import Lane
from clarion.errors import LostLeaseError, UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.bisecting import bisected
from clarion.pipeline.blasts.pausing import stands_still
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.chunks import rings_of
from clarion.pipeline.compiled import Pin, pin_of
from clarion.pipeline.digesting import digest_head, gathered, strongest_mention
from clarion.pipeline.directory import Directory
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import EventHead, Gatherer, crowd_of, head_of
from clarion.pipeline.hearsay import inboxes_of, told_of
from clarion.pipeline.lease import Lease
from clarion.pipeline.paging import reached_by
from clarion.pipeline.planning import Planner, Turn, empty_page
from clarion.pipeline.rates import Rates
from clarion.pipeline.reserving import Reserver
from clarion.pipeline.routes import Routes
from clarion.pipeline.subjects import OfEvent, of_row
from clarion.pipeline.writing import Chance
from clarion.store.contract import Store
from clarion.store.contract.alerts import AlertNote
from clarion.store.contract.held import WINDOW, Context, Digest, Held, Resumed
from clarion.store.contract.work import PageWrite
from clarion.telemetry import logger, told_about

BATCH = 200
LONGEST_IDLE_SECONDS = 1.0
PAUSED_SECONDS = 30
PAUSE_SECONDS = 5
CRASH_LIMIT = 2
DOUBT_SECONDS = 30.0
"""So long after the store failed a claim may turn out to have been made."""

Contexts = dict[tuple[bytes, int, int], Context]
"""By event, workflow and user."""

_log = logger("resume")


class Group(msgspec.Struct, kw_only=True):
    """Held rows of one event under one workflow and reached by one topic, or of one digest whose
    window closes. `still`: the event is paused."""

    flow: Flow
    held: list[Held]
    topic: int = 0
    still: bool = False
    digest: Digest | None = None
    mention: Mention | None = None
    """How what a digest gathered mentions its user; None for an event, which says so itself."""


class Planned(msgspec.Struct, kw_only=True):
    """What a group came to."""

    resumed: list[Resumed]
    page: PageWrite
    digest: Digest | None


class Resume:
    """The resume stage of one lane."""

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
        self._rates = rates
        self._chance = chance
        self._reserver = Reserver(store)
        self._in_hand: list[Held] = []
        self._doubts_until_seconds = 0.0

    async def step(self, rang: bool) -> float:
        """Decide a batch of what is due; seconds to wait before the next look.

        A batch is kept in hand while the store cannot be reached.
        """
        await self._lease.held()
        if not self._in_hand:
            self._in_hand = await self._claim()
            if not self._in_hand:
                return await self._idle_seconds()
        reach("resume.after_claim")
        while self._in_hand:
            batch = _one_of_each(self._in_hand)
            try:
                await self._go_on(batch)
            except (UnavailableError, LostLeaseError):
                raise
            except Exception:
                await self._let_go()
                raise
            taken = {id(held) for held in batch}
            self._in_hand = [held for held in self._in_hand if id(held) not in taken]
        return 0

    async def _let_go(self) -> None:
        """Others of the lane go on; what was in hand is tried later, each by itself."""
        due = self._clock.now() + PAUSE_SECONDS * SECOND
        await self._store.held.give_back(self._in_hand, due)
        self._in_hand = []

    async def _claim(self) -> list[Held]:
        lane, worker, held = int(self._lane), self._lease.worker, self._store.held
        claimed: list[Held] = []
        try:
            if self._clock.monotonic_seconds() < self._doubts_until_seconds:
                claimed = await held.reclaim(lane, worker)
            if not claimed:
                claimed = await held.claim(lane, worker, BATCH, self._clock.now())
        except UnavailableError:
            self._doubts_until_seconds = self._clock.monotonic_seconds() + DOUBT_SECONDS
            raise
        return claimed

    async def _idle_seconds(self) -> float:
        due = await self._store.held.next_due(int(self._lane))
        if due is None:
            return LONGEST_IDLE_SECONDS
        return min(max(0.0, (due - self._clock.now()) / SECOND), LONGEST_IDLE_SECONDS)

    async def _go_on(self, batch: list[Held]) -> None:
        """Decide and write a batch; one that cannot be decided is set aside, the others go on."""
        suspects = [held for held in batch if held.crashes > CRASH_LIMIT]
        for held in suspects:
            await self._put_aside(held)
        going = [held for held in batch if held.crashes <= CRASH_LIMIT]
        for part in await bisected(going, self._planned):
            for one in part.found or []:
                await self._carry_out(one)
            if part.error is not None:
                await self._retry_later(part.members[0], part.error)

    async def _carry_out(self, planned: Planned) -> None:
        """Write a group; where the store refuses its rows, all that it takes."""
        try:
            await self._write(planned)
        except (UnavailableError, LostLeaseError):
            raise
        except Exception:  # noqa: BLE001 - whose rows they are is what is looked for
            refused = [one.held for one in planned.resumed]
            for part in await bisected(refused, self._planned_and_written):
                if part.error is not None:
                    await self._retry_later(part.members[0], part.error)

    async def _planned_and_written(self, batch: Sequence[Held]) -> None:
        for one in await self._planned(batch):
            await self._write(one)

    async def _retry_later(self, held: Held, error: Exception) -> None:
        """Tried again a few times, as a crash would be."""
        with told_about(await self._subject(held)):
            _log.error("a held notification cannot be decided", exc_info=error)
        due = self._clock.now() + PAUSE_SECONDS * SECOND
        await self._store.held.give_back([held], due)

    async def _subject(self, held: Held) -> OfEvent:
        """The event as far as it can be read; of a digest that is still open nothing more."""
        with suppress(Exception):
            rows = await self._store.events.rows(held.env, [held.event])
            return of_row(rows[held.event])
        return OfEvent(held.event)

    async def _put_aside(self, held: Held) -> None:
        """Nobody claims it until it is redriven; the operators are told."""
        with told_about(await self._subject(held)):
            _log.error("a held notification is put aside: it failed %d times", held.crashes - 1)
        note = AlertNote(
            env=held.env,
            account="resume",
            cause="held_put_aside",
            detail="a held notification could not be decided and waits for `clarion dead redrive`",
            sample=(),
        )
        now = self._clock.now()
        await self._store.alerts.note([note], now)
        await self._store.held.put_aside([held], now)

    async def _planned(self, batch: Sequence[Held]) -> list[Planned]:
        now = self._clock.now()
        contexts = await self._store.held.contexts([*batch])
        planned = []
        for group in await self._groups(batch, contexts, now):
            if group.flow.flow_facts.paused or group.still:
                due = now + PAUSED_SECONDS * SECOND
                await self._store.held.postpone(group.held, due)
            else:
                planned.append(await self._plan(group, contexts, now))
        return planned

    async def _groups(self, batch: Sequence[Held], contexts: Contexts, now: int) -> list[Group]:
        windows = [(held.env, held.event) for held in batch if held.kind == WINDOW]
        closed = await self._store.held.close(windows, now)
        alike: defaultdict[tuple[int, bytes, int, int], list[Held]] = defaultdict(list)
        for held in batch:
            topic = contexts[held.event, held.workflow, held.user].topic
            alike[held.env, held.event, held.workflow, topic].append(held)
        return [
            await self._digest_group(closed[event], held, now)
            if event in closed
            else await self._event_group(held, topic, now)
            for (_, event, _, topic), held in alike.items()
        ]

    async def _event_group(self, held: list[Held], topic: int, now: int) -> Group:
        env, event = held[0].env, held[0].event
        row = (await self._store.events.rows(env, [event]))[event]
        head = await head_of(row, self._gatherer)
        values, mention = None, None
        if is_digest(event):
            digest = (await self._store.held.digests(env, [event]))[event]
            values = msgspec.to_builtins(await gathered(self._store, digest))
            mention = strongest_mention(digest)
        flow = await self._flow(head, pin_of(row, held[0].workflow), topic, now, values)
        still = stands_still(row, flow.compiled, now)
        return Group(flow=flow, held=held, topic=topic, still=still, mention=mention)

    async def _digest_group(self, digest: Digest, held: list[Held], now: int) -> Group:
        _, tenant_name = await self._gatherer.names_of(digest.env, 0, digest.tenant)
        head = digest_head(digest, tenant_name)
        values = msgspec.to_builtins(await gathered(self._store, digest))
        flow = await self._flow(head, digest.pinned[:4], 0, now, values)
        return Group(flow=flow, held=held, digest=digest, mention=strongest_mention(digest))

    async def _flow(
        self, head: EventHead, pin: Pin, topic: int, now: int, values: dict[str, Any] | None
    ) -> Flow:
        compiled = (await self._catalogs.pinned(head.env, [pin]))[pin]
        current = await self._catalogs.compiled(head.env)
        about = head.about or topic
        shared = await self._gatherer.shared(
            head.env, topics={about}, tenants={head.tenant}, actors={head.actor},
            crowds={crowd} if (crowd := crowd_of(compiled, about)) else None,
        )  # fmt: skip
        return self._gatherer.flow(
            head, compiled, shared, about=about, paused=current.paused(compiled.row.number),
            now=now, gathered=values,
        )  # fmt: skip

    async def _plan(self, group: Group, contexts: Contexts, now: int) -> Planned:
        flow = group.flow
        planner = Planner(
            self._routes.of(await self._directory.environment(flow.env)), self._chance
        )
        recipients = await self._recipients(group)
        people = await self._gatherer.people(flow.env, [flow], [*recipients.values()])
        turns = [_turn(held, contexts) for held in group.held]
        facts = [
            planner.resumed_facts(flow, recipients[held.user], people.get(held.user), turn, now)
            for held, turn in zip(group.held, turns, strict=True)
        ]
        reserved = await self._reserver.cap(flow, facts, people, now)
        page = empty_page()
        resumed = [
            planner.resume(page, flow, held, reserved.told(one), people.get(held.user), turn)
            for held, one, turn in zip(group.held, facts, turns, strict=True)
        ]
        planner.count()
        return Planned(resumed=resumed, page=page, digest=group.digest)

    async def _recipients(self, group: Group) -> dict[int, Recipient]:
        flow, users = group.flow, sorted({held.user for held in group.held})
        facts = await self._gatherer.recipients(flow.env, users, [flow])
        found = [reached_by(facts.get(user), user, group.topic) for user in users]
        if group.mention is not None:
            found = [msgspec.structs.replace(one, mention=group.mention) for one in found]
        found = await self._gatherer.in_threads(flow.env, flow, found)
        return {one.user: one for one in await self._gatherer.present(flow, found)}

    async def _write(self, planned: Planned) -> None:
        reach("resume.before_page")
        now = self._clock.now()
        digests = [] if planned.digest is None else [planned.digest]
        await self._store.held.resume(planned.resumed, planned.page, digests, now)
        reach("resume.after_page")
        self._rates.count(self._lane, len(planned.page.items) + len(planned.page.members), now)
        for name in rings_of(planned.page):
            self._bus.ring(name)
        if told := told_of(planned.page):
            self._bus.tell(inboxes_of(planned.resumed[0].held.env), told)


def _one_of_each(held: list[Held]) -> list[Held]:
    """At most one row of a notification: what they come to could not be told apart."""
    return [*{(one.env, one.event, one.workflow, one.user): one for one in reversed(held)}.values()]


def _turn(held: Held, contexts: Contexts) -> Turn:
    context = contexts[held.event, held.workflow, held.user]
    return Turn(
        span=(held.first, held.last), waited=held.gates, seen=context.seen, read=context.read,
        n=held.n + 1,
    )  # fmt: skip

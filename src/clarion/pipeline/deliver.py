"""Deliver: claim ready deliveries of one (lane, account), say them in words, hand them to the
provider."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, Protocol

from clarion.bus.contract import Bus
from clarion.channels.contract import Capabilities
from clarion.clock import SECOND, Clock
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.ids import delivery_name, notification_name
from clarion.core.retry import Tried, judge
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Lane
from clarion.errors import ClarionError, UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.lease import Lease
from clarion.pipeline.material import Material, Materials, Words
from clarion.pipeline.settle import Settler
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim, Finish
from clarion.telemetry import (
    ambiguous_outcomes,
    attempt_duration_seconds,
    dead_letters,
    deliveries,
    delivery_latency_seconds,
    destinations_disabled,
    logger,
    retries,
)

CLAIM_LIMIT = 200
IDLE_SECONDS = 5.0
SHORTEST_WAIT_SECONDS = 0.001
CRASH_LIMIT = 2
BROKEN_OFF = Outcome(
    kind=OutcomeClass.AMBIGUOUS,
    code="broken_off",
    detail="the server stopped before an answer came",
)

_log = logger("deliver")


class Sender(Protocol):
    """A provider with everything `conduct` puts around it."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def conduct(self, message: Message) -> Outcome: ...


class Dispatcher:
    """Deliveries of one (lane, account). Never claims more than it can have under way."""

    def __init__(
        self,
        lane: Lane,
        account: str,
        sender: Callable[[Claim], Sender],
        slots: int,
        lease: Lease,
        store: Store,
        materials: Materials,
        settler: Settler,
        bus: Bus,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self.lane = lane
        self.account = account
        self._sender = sender
        self._slots = slots
        self._lease = lease
        self._store = store
        self._materials = materials
        self._settler = settler
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._under_way: dict[asyncio.Task[None], int] = {}
        self._full = False
        self._in_hand: list[Claim] = []
        self._unsure = False
        self._beginning: asyncio.Task[float] | None = None
        self._breaking_off = False

    @property
    def doorbell(self) -> str:
        """Name of the bell that says there is something ready."""
        return f"ready:{self.account}:{int(self.lane)}"

    async def step(self, rang: bool) -> float:
        """Claim and start what there is room for; seconds to wait before the next look.

        A step that is broken off (the server stops) goes on behind the scenes until `drain`, as the
        store may have handed out the rows already.
        """
        self._beginning = asyncio.create_task(self._begin(rang), name=self.doorbell)
        return await asyncio.shield(self._beginning)

    async def _begin(self, rang: bool) -> float:
        """Without a ring the queue is only looked at, as a claim takes the writer's turn."""
        await self._lease.held()
        free = min(self._slots - len(self._under_way), CLAIM_LIMIT)
        if free <= 0:
            self._full = True
            return IDLE_SECONDS
        now = self._clock.now()
        sure = not self._in_hand and not self._unsure
        if not rang and sure and (wait_seconds := await self._wait_seconds(now)) > 0:
            return wait_seconds
        if not self._in_hand:
            self._in_hand = await self._claim(free, now)
        if not self._in_hand:
            return max(await self._wait_seconds(now), SHORTEST_WAIT_SECONDS)
        reach("deliver.after_claim")
        for material in await self._gather(self._in_hand):
            task = asyncio.create_task(self._deliver(material), name=self.doorbell)
            self._under_way[task] = material.claim.seq
            task.add_done_callback(self._ended)
        self._in_hand = []
        return 0

    async def _claim(self, free: int, now: int) -> list[Claim]:
        """Rows to send. After a claim whose answer never came, what it may have brought is looked
        for first: nobody else would, as this worker lives."""
        lane, worker = int(self.lane), self._lease.worker
        if self._unsure:
            known = [*self._under_way.values(), *self._settler.unwritten]
            found = await self._store.deliveries.forgotten(lane, self.account, worker, known)
            self._unsure = False
            if found:
                return found
        try:
            return await self._store.deliveries.claim(lane, self.account, worker, free, now)
        except UnavailableError:
            self._unsure = True
            raise

    async def _gather(self, claims: list[Claim]) -> list[Material]:
        """Material of the claims. Claims stay in hand while the store cannot be reached; one whose
        rows cannot be read otherwise ends, so that it holds up no other."""
        try:
            return await self._materials.gather(claims)
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - one bad claim holds up no other
            if len(claims) > 1:
                parts = [await self._gather([claim]) for claim in claims]
                return [material for part in parts for material in part]
            _log.exception("a delivery could not be prepared and is given up")
            await self._settler.settle(
                Finish(
                    claim=claims[0],
                    status=DeliveryStatus.DEAD,
                    attempted=False,
                    cause="unreadable",
                )
            )
            return []

    async def drain(self, seconds: float) -> int:
        """Wait until what is under way has an outcome, and give back what was only claimed. What
        has no outcome in time is broken off, with one that says so; how many these were."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        if self._beginning is not None:
            await asyncio.wait({self._beginning}, timeout=seconds)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=max(end - loop.time(), 0))
        left = len(self._under_way)
        self._breaking_off = True
        await self.abandon()
        claims, self._in_hand = self._in_hand, []
        for claim in claims:
            await self._settler.settle(self._given_back(claim))
        return left

    async def abandon(self) -> None:
        """Drop what is under way; its outcomes stay unknown."""
        tasks: list[asyncio.Task[Any]] = [*self._under_way]
        if self._beginning is not None:
            tasks.append(self._beginning)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        if self._full:
            self._full = False
            self._bus.ring(self.doorbell)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a delivery failed in our own code", exc_info=task.exception())

    async def _wait_seconds(self, now: int) -> float:
        """Until the next ready row is due; 0 when one is due."""
        due = await self._store.deliveries.next_due(int(self.lane), self.account)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - now) / SECOND, 0.0), IDLE_SECONDS)

    async def _deliver(self, material: Material) -> None:
        """One delivery from claim to outcome; every way out settles it. Nothing is sent once
        others may have taken it over."""
        ended = self._cannot_go(material) if self._lease.valid else self._given_back(material.claim)
        if ended is not None:
            await self._settler.settle(ended)
            return
        started_at = self._clock.now()
        try:
            outcome, words = await self._attempt(material, started_at)
        except Exception as error:  # noqa: BLE001 - a mistake of ours is an outcome too
            _log.exception("a delivery failed in our own code")
            detail = type(error).__name__
            outcome, words = Outcome(kind=OutcomeClass.RETRY, code="internal", detail=detail), None
        reach("deliver.after_answer")
        await self._settle(material, outcome, started_at, words)

    async def _attempt(self, material: Material, started_at: int) -> tuple[Outcome, Words | None]:
        try:
            words = material.words()
        except ClarionError as error:
            detail = str(error)
            return Outcome(kind=OutcomeClass.PERMANENT, code="render_failed", detail=detail), None
        message = _message(material, words.fields, started_at)
        try:
            return await self._sender(material.claim).conduct(message), words
        except asyncio.CancelledError:
            if not self._breaking_off:
                raise
            return BROKEN_OFF, words

    def _given_back(self, claim: Claim) -> Finish:
        """Nothing was tried: others may claim it at once."""
        return Finish(
            claim=claim, status=DeliveryStatus.READY, attempted=False, due=self._clock.now(),
            crashes=claim.crashes - 1,
        )  # fmt: skip

    def _cannot_go(self, material: Material) -> Finish | None:
        """What is not sent any more: expired, cancelled, erased, without a destination,
        poisonous."""
        claim, now = material.claim, self._clock.now()
        status: DeliveryStatus | None = None
        cause = None
        if material.event is None or material.gone or material.event.cancelled_at is not None:
            status = DeliveryStatus.CANCELED
        elif claim.expires_at is not None and claim.expires_at <= now:
            status = DeliveryStatus.EXPIRED
        elif claim.crashes > CRASH_LIMIT:
            status, cause = DeliveryStatus.DEAD, "quarantined"
            dead_letters.labels(claim.key.channel.value, self.account, "quarantined").inc()
        if status is None:
            return None
        return Finish(claim=claim, status=status, attempted=False, cause=cause)

    async def _settle(
        self, material: Material, outcome: Outcome, started_at: int, words: Words | None
    ) -> None:
        claim, now = material.claim, self._clock.now()
        can = self._sender(claim).capabilities
        category = material.compiled.category.category
        verdict = judge(
            outcome,
            Tried(
                channel=claim.key.channel,
                attempts=claim.attempts,
                created_at=claim.created_at,
                expires_at=claim.expires_at,
                repeatable=can.idempotent or can.replaces,
            ),
            category,
            now=now,
            chance=self._chance.random(),
        )
        self._measure(material, outcome, verdict.status, verdict.cause, now - started_at, now)
        await self._settler.settle(
            Finish(
                claim=claim,
                status=verdict.status,
                outcome=outcome,
                attempted=verdict.counted,
                started_at=started_at,
                ms=(now - started_at) // 1000,
                due=verdict.due,
                cause=verdict.cause,
                disable=verdict.disable,
                content=words.content if words is not None else None,
            )
        )

    def _measure(
        self,
        material: Material,
        outcome: Outcome,
        status: DeliveryStatus,
        cause: str | None,
        took: int,
        now: int,
    ) -> None:
        channel, kind = material.claim.key.channel.value, outcome.kind.value
        deliveries.labels(channel, self.account, kind).inc()
        attempt_duration_seconds.labels(channel, self.account).observe(took / SECOND)
        if outcome.kind is OutcomeClass.ACCEPTED and material.event is not None:
            waited = (now - material.event.accepted_at) / SECOND
            delivery_latency_seconds.labels(channel, self.lane.label).observe(waited)
        if status is DeliveryStatus.READY:
            retries.labels(channel, self.account, kind).inc()
        if cause is not None:
            dead_letters.labels(channel, self.account, kind).inc()
        if outcome.kind is OutcomeClass.DESTINATION_INVALID:
            destinations_disabled.labels(channel, kind).inc()
        if outcome.kind is OutcomeClass.AMBIGUOUS:
            policy = material.compiled.category.category.policy(material.claim.key.channel)
            ambiguous_outcomes.labels(channel, self.account, policy.value).inc()


def _message(material: Material, fields: dict[str, Any], now: int) -> Message:
    claim, event = material.claim, material.event
    key = claim.key
    destination = material.destination
    ttl = None if claim.expires_at is None else max((claim.expires_at - now) // SECOND, 0)
    return Message(
        delivery_id=delivery_name(key),
        channel=key.channel,
        address=destination.address if destination else str(fields.get("url", "")),
        content=fields,
        platform=destination.platform if destination else "",
        keys=destination.keys if destination else {},
        ttl_seconds=ttl,
        event_type=event.type if event else "",
        occurred_at=event.accepted_at if event else 0,
        tenant=material.tenant,
        notification_id=notification_name(key.event, key.workflow, key.user),
        urgent=material.compiled.category.category.lane is Lane.CRITICAL,
    )

"""Deliver: claim ready deliveries of one (lane, account), say them in words, hand them to the
provider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.ids import delivery_name, notification_name
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Lane
from clarion.errors import ClarionError, UnavailableError
from clarion.failpoint import reach
from clarion.pipeline import traces
from clarion.pipeline.admission import SHORTEST_WAIT_SECONDS, Admission, destination_of
from clarion.pipeline.blasts.pausing import STILL_SECONDS
from clarion.pipeline.judging import Judging, Sender
from clarion.pipeline.lease import Lease
from clarion.pipeline.material import Material, Materials, Words
from clarion.pipeline.redeciding import Again
from clarion.pipeline.settle import Settler
from clarion.pipeline.subjects import OfClaim
from clarion.pipeline.yielding import Rest, go_on
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim, Finish
from clarion.telemetry import about, dead_letters, logger, told_about
from clarion.tracing import current, tracer

CRASH_LIMIT = 2
STARTED_AT_ONCE = 8
"""Sends of the lanes social and bulk that begin in one turn of the loop."""
BROKEN_OFF = Outcome(
    kind=OutcomeClass.AMBIGUOUS,
    code="broken_off",
    detail="the server stopped before an answer came",
)

DOUBT_SECONDS = 30.0
"""So long after the store failed a claim may turn out to have been made."""

_log = logger("deliver")


class Dispatcher:
    """Deliveries of one (lane, account). Never claims more than it can have under way."""

    def __init__(
        self,
        lane: Lane,
        account: str,
        sender: Callable[[Claim], Sender],
        admission: Admission,
        judging: Judging,
        lease: Lease,
        store: Store,
        materials: Materials,
        settler: Settler,
        bus: Bus,
        clock: Clock,
        rest: Rest = go_on,
    ) -> None:
        self.lane = lane
        self.account = account
        self._sender = sender
        self._admission = admission
        self._judging = judging
        self._lease = lease
        self._store = store
        self._materials = materials
        self._settler = settler
        self._bus = bus
        self._clock = clock
        self._rest = rest
        self._under_way: dict[asyncio.Task[None], int] = {}
        self._awaits = 0
        self._in_hand: list[Claim] = []
        self._claimed_by = 0
        self._doubts_until_seconds = 0.0
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
        await self._lease.held()
        if not self._in_hand and self._doubts:
            await self._take(self._reclaim)
            if self._in_hand:
                self._doubt()  # there may be more than there was room for
        drained = False
        if not self._in_hand:
            await self._rest()
            admitted = await self._admission.ask(rang)
            if not admitted.claims:
                self._awaits = admitted.awaits
                return admitted.wait_seconds
            await self._take(lambda worker: self._claim(worker, admitted.claims))
            await self._admission.claimed(admitted, self._in_hand)
            drained = len(self._in_hand) < admitted.claims
        if not self._in_hand:
            return max(await self._admission.wait_seconds(), SHORTEST_WAIT_SECONDS)
        reach("deliver.after_claim")
        await self._start(await self._gather(self._in_hand))
        return await self._admission.wait_seconds() if drained else 0

    async def _start(self, materials: list[Material]) -> None:
        """Let them go, those of the lower lanes a few at a time: others share the loop."""
        self._in_hand = [material.claim for material in materials]
        for started, material in enumerate(materials, 1):
            del self._in_hand[0]
            work = self._deliver(material, self._claimed_by)
            context = copy_context()
            task = asyncio.create_task(work, name=self.doorbell, context=context)
            self._under_way[task] = material.claim.seq
            self._admission.valve.began(self.lane)
            task.add_done_callback(self._ended, context=context)
            if self.lane >= Lane.SOCIAL and started % STARTED_AT_ONCE == 0:
                await asyncio.sleep(0)

    @property
    def _doubts(self) -> bool:
        return self._clock.monotonic_seconds() < self._doubts_until_seconds

    async def _take(self, claim: Callable[[int], Awaitable[list[Claim]]]) -> None:
        """Take rows in hand. When the answer is lost they may be ours nevertheless."""
        worker = self._lease.worker
        try:
            self._in_hand = await claim(worker)
        except UnavailableError:
            self._doubt()
            raise
        self._claimed_by = worker

    def _doubt(self) -> None:
        self._doubts_until_seconds = self._clock.monotonic_seconds() + DOUBT_SECONDS

    async def _claim(self, worker: int, limit: int) -> list[Claim]:
        return await self._store.deliveries.claim(
            int(self.lane), self.account, worker, limit, self._clock.now()
        )

    async def _reclaim(self, worker: int) -> list[Claim]:
        """What an earlier claim left to us without our knowing, as far as there is room."""
        room = self._admission.valve.room(int(self.lane), self._clock.now()).claims
        if not room:
            self._doubt()  # until there is some
            return []
        known = self._settler.unwritten().union(self._under_way.values())
        return await self._store.deliveries.reclaim(
            int(self.lane), self.account, worker, sorted(known), room
        )

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
            with told_about(OfClaim(claims[0])):
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
        self._admission.valve.ended(self.lane)
        if self._awaits and self._admission.free >= self._awaits:
            self._awaits = 0
            self._bus.ring(self.doorbell)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a delivery failed in our own code", exc_info=task.exception())

    async def _deliver(self, material: Material, worker: int) -> None:
        """One delivery from claim to outcome; every way out settles it. Nothing is sent once
        others may have taken it over from the worker that claimed it."""
        started_at = self._clock.now()
        about.set(material)
        attempt = traces.attempt_of(material) if tracer.on else None
        try:
            self._last_look(material, worker)
            current.set(attempt.context if attempt is not None else None)
            outcome, words = await self._attempt(material, worker, started_at)
        except _KeptError as kept:
            current.set(None)
            await self._settler.settle(kept.finish)
            await self._admission.settled(material.claim)
            return
        except Exception as error:  # noqa: BLE001 - a mistake of ours is an outcome too
            _log.exception("a delivery failed in our own code")
            detail = type(error).__name__
            outcome, words = Outcome(kind=OutcomeClass.RETRY, code="internal", detail=detail), None
        reach("deliver.after_answer")
        finish = self._judging.finish(material, outcome, started_at, words)
        if attempt is not None:
            span = range(started_at, self._clock.now())
            traces.attempted(attempt, material, outcome, self.account, span)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("a try ended as %s", outcome.kind, extra=_ended_as(outcome, finish))
        await self._settler.settle(finish)
        await self._admission.settled(material.claim)

    def _last_look(self, material: Material, worker: int) -> None:
        """Raises when it must not go: asked before the words are made, and again when nothing
        stands between them and the provider any more, as a slot or a stopped process takes time."""
        mine = self._lease.holds(worker)
        ended = self._cannot_go(material) if mine else self._given_back(material.claim)
        if ended is not None:
            raise _KeptError(ended)

    async def _attempt(
        self, material: Material, worker: int, started_at: int
    ) -> tuple[Outcome, Words | None]:
        try:
            words = material.words()
        except ClarionError as error:
            detail = str(error)
            return Outcome(kind=OutcomeClass.PERMANENT, code="render_failed", detail=detail), None
        context = current.get()
        traceparent = context.traceparent if context is not None else ""
        message = _message(material, words.fields, started_at, traceparent)
        try:
            outcome = await self._sender(material.claim).conduct(
                message, lambda: self._last_look(material, worker)
            )
            self._admission.told(material.claim, outcome, started_at)
            return outcome, words
        except asyncio.CancelledError:
            if not self._breaking_off:
                raise
            return BROKEN_OFF, words

    def _given_back(self, claim: Claim) -> Finish:
        """Nothing was tried: others may claim it at once."""
        return self._judging.put_off(claim, self._clock.now())

    def _cannot_go(self, material: Material) -> Finish | None:
        """What is not sent any more: expired, cancelled, erased, without a destination,
        poisonous, unwanted since; or not yet, as its event stands still or its destination asked
        for a pause."""
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
        if status is None and material.again is not None:
            return self._kept_back(claim, material.again)
        if status is None:
            if material.event is not None and material.event.paused_at is not None:
                return self._judging.put_off(claim, now + STILL_SECONDS * SECOND)
            valve = self._admission.valve
            if not valve.any_rest:
                return None
            rests_until = valve.rests_until(destination_of(claim.key))
            return self._judging.put_off(claim, rests_until) if rests_until > now else None
        return Finish(claim=claim, status=status, attempted=False, cause=cause)

    def _kept_back(self, claim: Claim, again: Again) -> Finish:
        """As its user chose since it was decided."""
        if again.until is not None:
            return self._judging.put_off(claim, again.until)
        return Finish(
            claim=claim, status=DeliveryStatus.CANCELED, attempted=False, decided=again.decided
        )


class _KeptError(Exception):
    """A message that does not go, and what becomes of it."""

    def __init__(self, finish: Finish) -> None:
        super().__init__("kept")
        self.finish = finish


def _ended_as(outcome: Outcome, finish: Finish) -> dict[str, str]:
    """What the log says of a try beside whose it is."""
    told = {"outcome": outcome.kind.value, "provider_code": outcome.code}
    return told if finish.cause is None else {**told, "reason": finish.cause}


def _message(
    material: Material, fields: dict[str, Any], now: int, traceparent: str = ""
) -> Message:
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
        silent=claim.silent,
        headers=material.headers(),
        urgent=material.compiled.category.category.lane is Lane.CRITICAL,
        traceparent=traceparent,
    )

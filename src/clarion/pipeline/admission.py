"""How many rows a dispatcher may claim now. Everything that can say no is asked here: breaker,
pause, in-flight limit, quota, and whether there is anything due at all."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from clarion.clock import SECOND, Clock
from clarion.core.delivery import DeliveryKey, Outcome
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.pipeline.detours import Detours
from clarion.pipeline.exchange import Exchange
from clarion.pipeline.valve import IDLE_SECONDS, Room, Valve
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim
from clarion.telemetry import throttled_seconds

CLAIM_LIMIT = 200
GATHER_SECONDS = 0.005
"""While more waits than may be under way, a claim waits this long at most until half of that is
free again: one claim costs what it costs, for one row or for many."""

SHORTEST_WAIT_SECONDS = 0.001
LOOK_SECONDS = 0.5
"""How often the queue of an account that is out is looked at, while another stands in."""


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows to claim; 0: ask again after `wait_seconds`, or earlier, when `awaits` (if
    any) more may be under way again."""

    claims: int = 0
    wait_seconds: float = IDLE_SECONDS
    probe: bool = False
    awaits: int = 0


class Admission:
    """Of one (lane, account)."""

    def __init__(
        self,
        lane: Lane,
        valve: Valve,
        exchange: Exchange,
        detours: Detours,
        store: Store,
        clock: Clock,
    ) -> None:
        self.valve = valve
        self._lane = lane
        self._exchange = exchange
        self._detours = detours
        self._store = store
        self._clock = clock
        self._probe_claim = 0
        self._more_waits = False
        self._gathered = False
        self._kept_back: tuple[str, float] | None = None

    @property
    def free(self) -> int:
        """How many more may be under way, as far as the account's limit goes."""
        return self.valve.flight.allowed - self.valve.under_way.get(self._lane, 0)

    @property
    def has_stand_in(self) -> bool:
        """Whether the account is out and another one may take over."""
        return self.valve.share(self._clock.now()) == 0 and self._detours.stand_in(
            self.valve.account
        )

    async def ask(self, rang: bool) -> Admitted:
        """What may be claimed. Without a ring the queue is only looked at first, as a claim takes
        the writer's turn."""
        now = self._clock.now()
        self._count_wait()
        room = self.valve.room(int(self._lane), now)
        if room.out:
            self._wait_for("pause" if now < self.valve.paused_until else "breaker")
            return await self._turned_away(room)
        if room.probe:
            return await self._probe(now)
        if not room.claims:
            if now < self.valve.paused_until:
                self._wait_for("pause")
            return Admitted(wait_seconds=room.wait_seconds, awaits=int(room.full))
        half = self.valve.flight.allowed // 2
        if self._more_waits and not self._gathered and room.claims < half:
            self._gathered = True
            return Admitted(wait_seconds=GATHER_SECONDS, awaits=half)
        free = min(room.claims, CLAIM_LIMIT)
        if self.valve.limits.quota is not None:
            return await self._metered(free, now)
        if not (rang or self._more_waits) and (wait_seconds := await self.wait_seconds()) > 0:
            return Admitted(wait_seconds=wait_seconds)
        return Admitted(claims=free)

    async def claimed(self, admitted: Admitted, claims: list[Claim]) -> None:
        """What there was. A probe without a message is given back."""
        filled = len(claims) == admitted.claims and not admitted.probe
        self._more_waits = filled and self._lane is not Lane.CRITICAL
        self._gathered = False
        self._exchange.unused(self.valve, int(self._lane), admitted.claims - len(claims))
        if admitted.probe and claims:
            self._probe_claim = claims[0].seq
        elif admitted.probe:
            await self._exchange.drop_probe(self.valve)

    def told(self, claim: Claim, outcome: Outcome, started_at: int) -> None:
        """The outcome of a try that reached the provider."""
        if claim.seq == self._probe_claim:
            self._probe_claim = 0
        self.valve.told(outcome, destination_of(claim.key), started_at, self._clock.now())

    async def settled(self, claim: Claim) -> None:
        """A claim came to its end. Was it the probe and not tried, another one may be."""
        if claim.seq == self._probe_claim:
            self._probe_claim = 0
            with suppress(UnavailableError):  # then it is lost, and made again after its time
                await self._exchange.drop_probe(self.valve)

    async def wait_seconds(self) -> float:
        """Until the next ready row is due; 0 when one is due."""
        due = await self._store.deliveries.next_due(int(self._lane), self.valve.account)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()) / SECOND, 0.0), IDLE_SECONDS)

    def _wait_for(self, kind: str) -> None:
        self._kept_back = kind, self._clock.monotonic_seconds()

    def _count_wait(self) -> None:
        """What kept messages back until now."""
        if self._kept_back is not None:
            kind, since = self._kept_back
            waited = max(self._clock.monotonic_seconds() - since, 0.0)
            throttled_seconds.labels(self.valve.account, kind).inc(waited)
            self._kept_back = None

    async def _turned_away(self, room: Room) -> Admitted:
        if not self._detours.stand_in(self.valve.account):
            return Admitted(wait_seconds=room.wait_seconds)
        if (wait_seconds := await self.wait_seconds()) > 0:
            return Admitted(wait_seconds=min(room.wait_seconds, wait_seconds, LOOK_SECONDS))
        moved = await self._detours.away(self._lane, self.valve.account)
        return Admitted(wait_seconds=0 if moved else room.wait_seconds)

    async def _probe(self, now: int) -> Admitted:
        """A single row, after the probe of all processes is ours."""
        if (wait_seconds := await self.wait_seconds()) > 0:
            if (early := self.valve.probe_wanted_in(self._lane, now)) > 0:
                return Admitted(wait_seconds=min(early, wait_seconds))
            if not await self._detours.for_probe(self._lane, self.valve.account):
                return Admitted(wait_seconds=wait_seconds)
        if not await self._exchange.hold_probe(self.valve):
            return Admitted(wait_seconds=SHORTEST_WAIT_SECONDS)
        return Admitted(claims=1, probe=True)

    async def _metered(self, free: int, now: int) -> Admitted:
        due = await self._store.deliveries.due(
            int(self._lane), self.valve.account, max(free, CLAIM_LIMIT), now
        )
        if not due:
            return Admitted(wait_seconds=max(await self.wait_seconds(), SHORTEST_WAIT_SECONDS))
        lease = await self._exchange.tokens(self.valve, int(self._lane), min(free, due), due)
        if not lease.tokens:
            self._wait_for("quota")
        return Admitted(claims=lease.tokens, wait_seconds=min(lease.wait_seconds, IDLE_SECONDS))


def destination_of(key: DeliveryKey) -> tuple[int, int, int]:
    """What a destination's own throttling is kept under; a step's own URL is the step's."""
    if key.destination:
        return key.env, key.destination, -1
    return key.env, -key.workflow, key.step

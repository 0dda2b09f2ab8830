"""What processes tell each other of their accounts, through the store: turns of breakers at once,
the rest about once a second. While the store is down each goes on with what it knows."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.core.breaker import Phase, probing, unprobed
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.pipeline.alerting import account_trouble
from clarion.pipeline.lease import Lease
from clarion.pipeline.valve import Valve
from clarion.store.contract import Store
from clarion.store.contract.accounts import AccountRow, Report, Tokens, Turn
from clarion.telemetry import (
    breaker_state,
    logger,
    provider_breaker,
    provider_in_flight,
    provider_in_flight_limit,
    provider_share,
)

DOORBELL = "accounts"
PERIOD_SECONDS = 1.0
RENEWED_SECONDS = 20
"""A report that says nothing new is written this seldom."""

LEASE_SECONDS = 1.0
"""Tokens that were not used by then are lost."""

CHUNK_SECONDS = 0.25
"""A lease is for what is due, at most this much of the rate beyond the free slots."""

HALF_OPEN = {Phase.CLOSED: 0, Phase.OPEN: 2}
"""What a breaker shows to those who know three states; the rest is half-open."""

_log = logger("account")


class Exchange:
    """All accounts of this process. One loop, woken by the bell `accounts`."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        self._lease: Lease | None = None
        self._valves: Mapping[str, Valve] = {}
        self._store = store
        self._bus = bus
        self._clock = clock
        self._said: dict[str, tuple[Report, int]] = {}
        self._leased: dict[tuple[str, int], tuple[int, int]] = {}
        self._is_down = False

    @property
    def worker(self) -> int:
        """Number of this process; 0 before `start`."""
        return self._lease.worker if self._lease is not None else 0

    async def start(self, valves: Mapping[str, Valve], lease: Lease) -> None:
        """Take over what the store knows of these accounts; `lease` has our number. Settings were
        just read: accounts that were refused for theirs may be probed."""
        self._valves = valves
        self._lease = lease
        await self._learn()
        for valve in self._valves.values():
            valve.mended(self._clock.now())

    async def step(self, _rang: bool) -> float:
        """Tell what is new, learn what is new."""
        for valve in self._valves.values():
            valve.tick(self._clock.now())
        try:
            await self._tell_turns()
            await self._tell_pauses()
            await self._tell_reports()
            await self._learn()
            self._is_down = False
        except UnavailableError as error:
            if not self._is_down:
                _log.warning("accounts are not exchanged while the store is away: %s", error)
            self._is_down = True
        self._show()
        return PERIOD_SECONDS

    async def hold_probe(self, valve: Valve) -> bool:
        """Whether the one probe of all processes is ours."""
        now = self._clock.now()
        state = probing(valve.state, now=now, policy=valve.limits.policy)
        turn = Turn(account=valve.account, known=valve.row.term, state=state, holder=self.worker)
        (row,) = await self._store.accounts.turn([turn], now)
        valve.adopt(row)
        return row.holder == self.worker and row.state == state

    async def drop_probe(self, valve: Valve) -> None:
        """Give the probe back, as there was nothing to send."""
        now = self._clock.now()
        state = unprobed(valve.state, now=now)
        turn = Turn(account=valve.account, known=valve.row.term, state=state, holder=self.worker)
        (row,) = await self._store.accounts.turn([turn], now)
        valve.adopt(row)

    async def tokens(self, valve: Valve, lane: int, free: int, due: int) -> Tokens:
        """Tokens for up to `free` of `due` rows: what is left of the last lease, else a new one."""
        quota, now = valve.limits.quota, self._clock.now()
        if quota is None:
            return Tokens(tokens=free)
        left, until = self._leased.get((valve.account, lane), (0, 0))
        if not left or until <= now:
            chunk = min(due, max(free, round(quota.rate_per_second * CHUNK_SECONDS)))
            lease = await self._store.accounts.lease(valve.account, quota, lane, chunk, now)
            left, until = lease.tokens, now + round(LEASE_SECONDS * SECOND)
            if not left:
                return lease
        used = min(left, free)
        self._leased[valve.account, lane] = (left - used, until)
        return Tokens(tokens=used)

    def unused(self, valve: Valve, lane: int, tokens: int) -> None:
        """Tokens for which there was no row after all."""
        if tokens and valve.limits.quota is not None:
            left, until = self._leased.get((valve.account, lane), (0, 0))
            self._leased[valve.account, lane] = (left + tokens, until)

    def turned(self, valve: Valve) -> None:
        """An account changed: tell the others what they do not know, let its lanes look again."""
        if self._clock.now() < valve.paused_until:
            for lane in Lane:
                self._leased.pop((valve.account, lane), None)
        if valve.turn(self.worker) or valve.pause():
            self._bus.ring(DOORBELL)
        for lane in Lane:
            self._bus.ring(f"ready:{valve.account}:{int(lane)}")

    async def _tell_turns(self) -> None:
        turns = [turn for valve in self._valves.values() if (turn := valve.turn(self.worker))]
        if turns:
            rows = await self._store.accounts.turn(turns, self._clock.now())
            for turn, row in zip(turns, rows, strict=True):
                self._valves[turn.account].adopt(row, sent=turn.state)
            pairs = zip(turns, rows, strict=True)
            await self._alert(
                [t for t, row in pairs if (row.state, row.holder) == (t.state, t.holder)]
            )

    async def _alert(self, turns: list[Turn]) -> None:
        """Operators are told of accounts that went out, by the process whose turn it was."""
        notes = [
            account_trouble(turn.account, turn.state.cause.partition(":")[0], turn.state.cause)
            for turn in turns
            if turn.state.phase is Phase.OPEN
        ]
        if notes:
            await self._store.alerts.note(notes, self._clock.now())

    async def _tell_pauses(self) -> None:
        pauses = [pause for valve in self._valves.values() if (pause := valve.pause())]
        if pauses:
            await self._store.accounts.pause(pauses, self._clock.now())

    async def _tell_reports(self) -> None:
        now = self._clock.now()
        fresh = [
            report
            for report in (valve.report() for valve in self._valves.values())
            if self._is_news(report, now)
        ]
        if fresh:
            await self._store.accounts.report(self.worker, fresh, now)
            for report in fresh:
                self._said[report.account] = (report, now)

    def _is_news(self, report: Report, now: int) -> bool:
        if not report.outcomes and not report.in_flight:
            return False  # it has sent nothing
        said = self._said.get(report.account)
        return said is None or said[0] != report or now - said[1] >= RENEWED_SECONDS * SECOND

    async def _learn(self) -> None:
        for row in await self._store.accounts.states():
            valve = self._valves.get(row.account)
            if valve is not None:
                valve.adopt(row)

    def _show(self) -> None:
        now = self._clock.now()
        for name, valve in self._valves.items():
            report = valve.report()
            provider_breaker.labels(name).set(int(valve.state.phase))
            for channel in valve.limits.channels:
                breaker_state.labels(channel, name).set(HALF_OPEN.get(valve.state.phase, 1))
            provider_share.labels(name).set(valve.share(now))
            provider_in_flight.labels(name).set(report.in_flight)
            provider_in_flight_limit.labels(name).set(report.limit)


def _is_mine(turn: Turn, row: AccountRow) -> bool:
    """Whether the turn was made, and not another's before it."""
    return (row.state, row.holder) == (turn.state, turn.holder)

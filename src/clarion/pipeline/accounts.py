"""All accounts of this process: their valves, routes, what is exchanged of them, and how they are
shown."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock, to_rfc3339
from clarion.core.breaker import Phase
from clarion.core.quota import Quota
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.pipeline.admission import Admission
from clarion.pipeline.detours import Detours
from clarion.pipeline.exchange import Exchange
from clarion.pipeline.lease import Lease
from clarion.pipeline.routes import Account, Routes
from clarion.pipeline.valve import ERRORS_KEPT, Limits, Valve
from clarion.store.contract import Store
from clarion.store.contract.accounts import AccountRow, Report

FRESH_SECONDS = 60
"""A process that has not reported for so long is left out."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is known from the settings. `routed`: messages are given to it by its order;
    `channels` are shown."""

    account: Account
    channels: tuple[str, ...]
    limits: Limits
    routed: bool = True


class SharedAccounts:
    """Made once a process; `start` before the first message."""

    def __init__(
        self,
        known: Iterable[Known],
        store: Store,
        bus: Bus,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self._known = {entry.account.name: entry for entry in known}
        self._store = store
        self._clock = clock
        self.exchange = Exchange(store, bus, clock)
        self.valves = {
            name: Valve(name, entry.limits, chance, self.exchange.turned)
            for name, entry in self._known.items()
        }
        routed = [entry.account for entry in self._known.values() if entry.routed]
        self.routes = Routes(routed, self)
        self._detours = Detours(self.routes, self.valves, store, bus, clock)

    async def start(self, lease: Lease) -> None:
        """Take over what other processes know; `lease` has this one's number."""
        await self.exchange.start(self.valves, lease)

    def admission(self, lane: Lane, account: str) -> Admission:
        """What the dispatcher of a (lane, account) asks."""
        return Admission(
            lane, self.valves[account], self.exchange, self._detours, self._store, self._clock
        )

    def quota(self, account: str) -> Quota | None:
        """The quota that was set for an account; None: no bound of ours, or not known here."""
        valve = self.valves.get(account)
        return None if valve is None else valve.limits.quota

    def share(self, account: str) -> float:
        """See `Standing.share`."""
        return self.valves[account].share(self._clock.now())

    def wants_probe(self, account: str, lane: int) -> bool:
        """See `Standing.wants_probe`."""
        return self.valves[account].lend(lane, self._clock.now())

    def at_rest(self, account: str) -> bool:
        """Whether due deliveries of the account wait: it is out or paused, and none stands in."""
        valve, now = self.valves.get(account), self._clock.now()
        if valve is None:
            return True
        is_out = now < valve.paused_until or (
            valve.state.phase is Phase.OPEN and not valve.state.probe_due(now)
        )
        return is_out and not (valve.share(now) == 0 and self._detours.stand_in(account))

    async def documents(self) -> list[dict[str, Any]]:
        """Every account of this process with what all processes say of it; with what this one knows
        while the store is away."""
        now = self._clock.now()
        rows = {name: valve.row for name, valve in self.valves.items()}
        reports: list[Report] = []
        try:
            rows |= {row.account: row for row in await self._store.accounts.states()}
            reports = await self._store.accounts.reports(now - FRESH_SECONDS * SECOND)
        except UnavailableError:
            pass
        return [
            self._document(
                entry,
                rows[name],
                [
                    *(r for r in reports if r.account == name and not self._is_mine(r)),
                    self.valves[name].report(),
                ],
                now,
            )
            for name, entry in self._known.items()
        ]

    def _is_mine(self, report: Report) -> bool:
        return report.worker == self.exchange.worker

    def _document(
        self, entry: Known, row: AccountRow, reports: list[Report], now: int
    ) -> dict[str, Any]:
        valve, quota = self.valves[entry.account.name], entry.limits.quota
        # What turned here a moment ago is newer than what the store has.
        state = row.state if row.term > valve.row.term else valve.state
        paused_until = max(row.paused_until, valve.paused_until)
        errors = sorted((e for r in reports for e in r.errors), key=lambda error: error["at"])
        last = [{**error, "at": to_rfc3339(error["at"])} for error in errors[-ERRORS_KEPT:]]
        waits = state.phase in (Phase.OPEN, Phase.PROBING)
        return {
            "account": entry.account.name,
            "kind": entry.account.capabilities.kind,
            "channels": list(entry.channels),
            "order": entry.account.order,
            "breaker": state.phase.label,
            "since": to_rfc3339(state.since) if state.since else None,
            "cause": state.cause or None,
            "ramp_percent": round(100 * state.share),
            "next_probe_at": to_rfc3339(state.until) if waits else None,
            "paused_until": to_rfc3339(paused_until) if paused_until > now else None,
            "in_flight": sum(report.in_flight for report in reports),
            "in_flight_limit": min(report.limit for report in reports),
            "in_flight_ceiling": entry.limits.in_flight,
            "rate_per_second": quota.rate_per_second if quota else None,
            "burst": quota.burst if quota else None,
            "processes": sum(bool(report.outcomes) for report in reports),
            "outcomes": _summed(report.outcomes for report in reports),
            "outcomes_apart": _summed(report.apart for report in reports),
            "last_error": last[-1] if last else None,
            "last_errors": last,
        }


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    outcomes: dict[str, int] = {}
    for some in counts:
        for kind, count in some.items():
            outcomes[kind] = outcomes.get(kind, 0) + count
    return outcomes

"""How fast all processes together are: each tells what it did in the last seconds, through the
store, once a second while it does anything; whoever is asked adds them up."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from clarion.clock import SECOND, Clock
from clarion.errors import UnavailableError
from clarion.pipeline.lease import Lease
from clarion.pipeline.rates import WINDOW_SECONDS, Rates, added
from clarion.store.contract import Store
from clarion.store.contract.accounts import PROCESS, Report

PERIOD_SECONDS = 1.0
FRESH_SECONDS = WINDOW_SECONDS
"""What a process said longer ago says nothing of now."""

_RATE, _WAITED = "rate", "waited"
_THOUSANDTHS = 1000


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Of the last ten seconds or so: messages a second by lane, and by lane and account; how many
    waited how long by lane (places of BOUNDS_SECONDS). `processes` did any of it."""

    lanes: dict[int, float]
    accounts: dict[tuple[int, str], float]
    waits: dict[int, dict[int, int]]
    processes: int = 1

    @property
    def is_idle(self) -> bool:
        """Whether nothing was done."""
        return not any(self.lanes.values()) and not any(self.waits.values())


class Pacing:
    """Of one process, which tells the others unless it is `alone` on its store."""

    def __init__(
        self, store: Store, rates: Rates, lease: Lease, clock: Clock, *, alone: bool
    ) -> None:
        self._store = store
        self._rates = rates
        self._lease = lease
        self._clock = clock
        self._alone = alone
        self._told_something = False

    async def step(self, _rang: bool) -> float:
        """Tell what was done, and once that nothing was done any more."""
        own = self._own()
        if self._alone or (own.is_idle and not self._told_something):
            return PERIOD_SECONDS
        try:
            report = Report(account=PROCESS, in_flight=0, limit=0, outcomes=_flat(own), errors=[])
            await self._store.accounts.report(self._lease.worker, [report], self._clock.now())
            self._told_something = not own.is_idle
        except UnavailableError:
            pass  # others tell that the store is away; what was done then is of no use later
        return PERIOD_SECONDS

    async def all(self) -> Pace:
        """Of all processes; of this one while the store is away."""
        own = self._own()
        reports: list[Report] = []
        if not self._alone:
            since = self._clock.now() - FRESH_SECONDS * SECOND
            with suppress(UnavailableError):
                reports = await self._store.accounts.reports(since)
        others = [
            _read(report)
            for report in reports
            if report.account == PROCESS and report.worker != self._lease.worker
        ]
        return _sum([own, *others])

    def _own(self) -> Pace:
        now = self._clock.now()
        rates = self._rates
        return Pace(
            lanes=rates.per_second(now), accounts=rates.accounts(now), waits=rates.waits(now)
        )


def _flat(pace: Pace) -> dict[str, int]:
    """As a report holds it: whole numbers by name."""
    rates = {f"{_RATE}:{lane}": round(n * _THOUSANDTHS) for lane, n in pace.lanes.items() if n}
    of_accounts = {
        f"{_RATE}:{lane}:{account}": round(n * _THOUSANDTHS)
        for (lane, account), n in pace.accounts.items()
    }
    waits = {
        f"{_WAITED}:{lane}:{place}": count
        for lane, counts in pace.waits.items()
        for place, count in counts.items()
    }
    return {**rates, **of_accounts, **waits}


def _read(report: Report) -> Pace:
    pace = Pace(lanes={}, accounts={}, waits={})
    for name, number in report.outcomes.items():
        match name.split(":", 2):
            case [what, lane] if what == _RATE:
                pace.lanes[int(lane)] = number / _THOUSANDTHS
            case [what, lane, account] if what == _RATE:
                pace.accounts[int(lane), account] = number / _THOUSANDTHS
            case [what, lane, place] if what == _WAITED:
                pace.waits.setdefault(int(lane), {})[int(place)] = number
    return pace


def _sum(paces: Iterable[Pace]) -> Pace:
    lanes: dict[int, float] = {}
    accounts: dict[tuple[int, str], float] = {}
    waits: dict[int, dict[int, int]] = {}
    busy = 0
    for pace in paces:
        busy += not pace.is_idle
        for lane, rate in pace.lanes.items():
            lanes[lane] = lanes.get(lane, 0.0) + rate
        for key, rate in pace.accounts.items():
            accounts[key] = accounts.get(key, 0.0) + rate
        for lane, counts in pace.waits.items():
            waits[lane] = added(waits.get(lane, {}), counts)
    return Pace(lanes=lanes, accounts=accounts, waits=waits, processes=busy)

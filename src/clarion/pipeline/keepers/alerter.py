"""Tells the operators what went wrong: one alert an (environment, account, cause) and window.

A window is gathered by exactly one keeper, and its rows are claimed under a lease. A keeper that
dies between telling and noting it leaves the row to the next one: an alert is told at least once,
with the same id each time.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from clarion.clock import SECOND, Clock
from clarion.core.delivery import OutcomeClass
from clarion.core.retry import delay_seconds
from clarion.pipeline.alerting import Report, Target, message_of, report_of
from clarion.pipeline.directory import Directory
from clarion.store.contract import Store
from clarion.store.contract.alerts import AlertRow
from clarion.telemetry import alerts, logger

BATCH = 20
IDLE_SECONDS = 2.0
LEASE_SECONDS = 120
TRIES_LIMIT = 8

_log = logger("alerter")


class Alerter:
    """Gathers windows that are over, and tells every target. Without targets it only logs."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        targets: Sequence[Target],
        clock: Clock,
        chance: random.Random,
        *,
        window_seconds: int,
        min_count: int,
        public_url: str | None = None,
    ) -> None:
        self._store = store
        self._directory = directory
        self._targets = targets
        self._clock = clock
        self._chance = chance
        self._window_seconds = window_seconds
        self._min_count = min_count
        self._public_url = public_url

    async def step(self, rang: bool) -> float:
        """Gather a window and tell what is due; seconds to wait before the next look."""
        more = await self._store.alerts.gather(
            self._window_seconds, self._min_count, self._clock.now()
        )
        claimed = await self._store.alerts.claim(LEASE_SECONDS, BATCH, self._clock.now())
        for alert in claimed:
            await self._tell(alert)
        return 0 if more or len(claimed) == BATCH else IDLE_SECONDS

    async def _tell(self, alert: AlertRow) -> None:
        name = await self._directory.environment(alert.env) if alert.env else ""
        report = report_of(alert, name, self._public_url)
        if alert.tries == 1:
            _log.warning("%s", report.headline)
        told, wait = list(alert.told), 0.0
        for target in self._targets:
            if target.name not in told:
                delay = await self._told(report, target, alert.tries)
                wait = max(wait, delay)
                if not delay:
                    told.append(target.name)
        now = self._clock.now()
        again = wait > 0 and alert.tries < TRIES_LIMIT
        due = now + int(wait * SECOND) if again else None
        await self._store.alerts.told(alert.alert, tuple(told), due, now)

    async def _told(self, report: Report, target: Target, tries: int) -> float:
        """Tell one target; seconds until another try, 0 when it has it."""
        outcome = await target.teller.conduct(message_of(report, target, self._clock.now()))
        alerts.labels(target.name, outcome.kind.value).inc()
        if outcome.kind is OutcomeClass.ACCEPTED:
            return 0.0
        _log.error(
            "the alert %s was not taken by %s: %s (%s)",
            report.id, target.name, outcome.kind.value, outcome.code,
        )  # fmt: skip
        return delay_seconds(tries, outcome, self._chance.random())

"""The retry budget of a lane in this process."""

from __future__ import annotations

from clarion.core.budget import Budget, budget_of, earned, spent
from clarion.core.workflow import Lane
from clarion.telemetry import retries_put_off

FLOORS_PER_SECOND = {Lane.CRITICAL: 20.0, Lane.TRANSACTIONAL: 5.0}
"""Retries a second that a quiet lane may make all the same; 1 in the others. A code that comes late
is worthless, so the lane of codes has room for them."""


class Retries:
    """Counts first tries, and says how far a retry is put off."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._budget: Budget = budget_of(FLOORS_PER_SECOND.get(lane, 1.0))

    def first_try(self) -> None:
        """A delivery was tried for the first time."""
        self._budget = earned(self._budget)

    def put_off_seconds(self, now: int) -> float:
        """Seconds to add to the delay of a retry that is planned now."""
        self._budget, seconds = spent(self._budget, now=now)
        if seconds:
            retries_put_off.labels(self._lane.label).inc()
        return seconds

"""Whose turn it is: tenants of a lane are served one after the other, by what their work costs."""

from __future__ import annotations

from clarion.store.contract.work import NOBODYS_TURN, Task

TURN_RECIPIENTS = 4_000
"""What a tenant may have decided before the next one's turn."""

LEAST_COST = 50
"""A task costs at least as much as so many recipients: to claim and end one is work too."""


class Turns:
    """Deficit round robin: who has some of the turn left goes on with the next task."""

    def __init__(self) -> None:
        self._taker = NOBODYS_TURN
        self.left = 0

    @property
    def after(self) -> tuple[int, int]:
        """Behind which (environment, tenant) to look for the next task."""
        env, tenant = self._taker
        return (env, tenant - 1) if self.left > 0 else self._taker

    def begin(self, task: Task) -> None:
        """A task was claimed: its tenant goes on with its turn, or begins one."""
        taker = (task.env, task.tenant)
        if taker != self._taker or self.left <= 0:
            self._taker = taker
            self.left = TURN_RECIPIENTS
        self.left -= LEAST_COST

    def spend(self, recipients: int) -> None:
        """So many were decided."""
        self.left -= recipients

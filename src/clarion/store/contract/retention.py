"""Forgetting: what the ledger keeps no longer. Events with work left stay until it is done."""

from __future__ import annotations

from typing import Protocol


class RetentionStore(Protocol):
    """Removes events of long ago with everything that hangs on them, a batch at a time."""

    async def items(self, before: bytes, limit: int) -> int:
        """Take inbox items of events below this id out of the counts and remove them; how many."""
        ...

    async def days(self, before: int) -> int:
        """Drop the days of the ledger that ended by this instant at once, where the store keeps
        days apart; how many."""
        ...

    async def events(self, before: bytes, limit: int) -> int:
        """Remove events below this id that are complete, with all their rows; how many."""
        ...

    async def keys(
        self, before: bytes, after: tuple[int, str], limit: int
    ) -> tuple[int, str] | None:
        """Remove idempotency keys of events below this id among the next `limit` keys after one;
        where to go on (None: the end)."""
        ...

    async def captures(self, before: int, limit: int) -> int:
        """Remove captured messages older than this instant; how many."""
        ...

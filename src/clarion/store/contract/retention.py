"""Forgetting: what is kept no longer. Events with work left stay until it is done."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Walk(StrEnum):
    """What is taken off events that stay: their `payloads`, the `contents` of channels other than
    the inbox, all `words`, earlier `attempts`, the `decisions` made again, and of notifications the
    `records` of what was decided."""

    PAYLOADS = "payloads"
    CONTENTS = "contents"
    WORDS = "words"
    ATTEMPTS = "attempts"
    DECISIONS = "decisions"
    RECORDS = "records"


class RetentionStore(Protocol):
    """Removes what is old, a bounded batch at a time. Bounds are event ids: below is old."""

    @property
    def by_day(self) -> frozenset[Walk]:
        """What `empty_days` takes off, whole days of all environments at once."""
        ...

    async def items(self, env: int, before: bytes, limit: int) -> int:
        """Take inbox items of old events out of the counts and remove them; how many."""
        ...

    async def days(self, before: int) -> int:
        """Drop the days of the ledger that ended by this instant at once, where the store keeps
        days apart; how many."""
        ...

    async def empty_days(self, walk: Walk, before: int) -> int:
        """Take what the walk means off all days that ended by this instant, where it is `by_day`;
        of how many days."""
        ...

    async def forget(self, env: int, walk: Walk, before: bytes, events: int, rows: int) -> bool:
        """Go on with a walk: look at so many old events, change so many rows at most. Whether
        there is more to do; else the next call begins a new pass, at the first event that was left
        because it had work to do."""
        ...

    async def events(self, env: int, before: bytes, limit: int, rows: int) -> int:
        """Remove old events that are complete (up to `limit`), and up to `rows` of their rows; what
        is left of them goes with the next calls. 0: nothing is left."""
        ...

    async def keys(
        self, before: bytes, after: tuple[int, str], limit: int
    ) -> tuple[int, str] | None:
        """Remove idempotency keys of old events among the next `limit` keys after one; where to go
        on (None: the end)."""
        ...

    async def captures(self, env: int, before: int, limit: int) -> int:
        """Remove captured messages older than this instant; how many."""
        ...

    async def overrides(self) -> dict[int, dict[str, int]]:
        """Days by kind (a field of RetentionDays) of the environments that keep less."""
        ...

    async def override(self, env: int, changed: dict[str, int | None]) -> dict[str, int]:
        """Set days by kind; None takes them back. What holds afterwards."""
        ...

"""Who is active at a desktop."""

from __future__ import annotations

from typing import Protocol


class PresenceStore(Protocol):
    """Short-lived: who does not say it again is away."""

    async def write(self, rows: list[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
        """Rows of (env, user, until): active until then; a longer presence stays. What holds
        afterwards by (env, user); who does not exist is missing."""
        ...

    async def clear(self, env: int, user: int) -> None:
        """The user is away."""
        ...

    async def active(self, env: int, users: list[int], now: int) -> dict[int, int]:
        """Who of these is active, and until when."""
        ...

    async def prune(self, now: int, limit: int) -> int:
        """Remove what is over (keeper); how many."""
        ...

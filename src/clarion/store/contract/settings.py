"""What users chose, scope by scope, with its history."""

from __future__ import annotations

from typing import Protocol

from clarion.core.recipient import ScopeKind, Setting


class SettingStore(Protocol):
    """Rows of choices. User 0 holds those of tenants and of the environment; scopes are numbers."""

    async def write(
        self,
        env: int,
        user: int,
        rows: list[Setting],
        cleared: list[tuple[ScopeKind, int]],
        now: int,
    ) -> int:
        """Replace the rows of their scopes and remove the cleared ones, all under one new
        version (returned)."""
        ...

    async def rows(
        self, env: int, user: int, version: int | None = None
    ) -> tuple[int, list[Setting]]:
        """Version and all rows of a user, now or as they were at a version."""
        ...

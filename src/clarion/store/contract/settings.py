"""What users chose, scope by scope, with its history; what tenants and the environment are by
default."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.core.recipient import ScopeKind, Setting


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """IANA time zone and locale for users who have none of their own."""

    timezone: str | None = None
    locale: str | None = None


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

    async def write_profile(self, env: int, tenant: int, changed: dict[str, str | None]) -> Profile:
        """Set `timezone` or `locale` of a tenant (0: of the environment itself); None clears, what
        is not named stays. What holds afterwards."""
        ...

    async def profiles(self, env: int, tenants: list[int]) -> dict[int, Profile]:
        """Profiles of tenants (0: of the environment itself); who never had one is missing."""
        ...

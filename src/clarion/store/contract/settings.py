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


class SettingChange(msgspec.Struct, frozen=True, kw_only=True):
    """One scope that one version changed: the row `before` and `after`, None where it chose
    nothing. `at` is when, in microseconds, `source` where or by whom ("": nobody said).
    """

    version: int
    at: int
    kind: ScopeKind
    scope: int
    before: Setting | None
    after: Setting | None
    source: str = ""


class SettingStore(Protocol):
    """Rows of choices. User 0 holds those of tenants and of the environment; scopes are numbers."""

    async def write(
        self,
        env: int,
        user: int,
        rows: list[Setting],
        cleared: list[tuple[ScopeKind, int]],
        now: int,
        source: str = "",
    ) -> int:
        """Replace the rows of their scopes and remove the cleared ones, all under one new
        version (returned). `source` says where they were chosen."""
        ...

    async def rows(
        self, env: int, user: int, version: int | None = None
    ) -> tuple[int, list[Setting]]:
        """Version and all rows of a user, now or as they were at a version."""
        ...

    async def rows_at(self, env: int, user: int, at: int) -> tuple[int, list[Setting]]:
        """Version and all rows of a user as they were at an instant (0 and none before the
        first)."""
        ...

    async def rows_of(self, env: int, users: list[int]) -> dict[int, list[Setting]]:
        """All rows of many users, now; who has none is missing."""
        ...

    async def owners(self, env: int, after: int, limit: int) -> list[int]:
        """Users with a number above `after` who have rows now, in number order (never user 0)."""
        ...

    async def changes(
        self,
        env: int,
        user: int,
        kinds: list[ScopeKind],
        scope: int | None,
        before: tuple[int, int, int] | None,
        limit: int,
    ) -> list[SettingChange]:
        """What changed at scopes of these kinds (of one number when `scope` is given), newest
        first; `before` is (version, kind, scope) of the last one of the page before."""
        ...

    async def write_profile(self, env: int, tenant: int, changed: dict[str, str | None]) -> Profile:
        """Set `timezone` or `locale` of a tenant (0: of the environment itself); None clears, what
        is not named stays. What holds afterwards."""
        ...

    async def profiles(self, env: int, tenants: list[int]) -> dict[int, Profile]:
        """Profiles of tenants (0: of the environment itself); who never had one is missing."""
        ...

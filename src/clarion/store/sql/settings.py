"""Choices and their history.

A body is a JSON array of what follows the key in a Setting, so that a page of rows is decoded in
one go.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from clarion.core.recipient import ScopeKind, Setting
from clarion.errors import NotFoundError
from clarion.store.contract.settings import Profile, SettingChange
from clarion.store.sql.codec import text_json
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look

URGENCY = 1
CLEARED = ""
NEWEST = (2**62, 0, 0)
"""A position (version, kind, scope) before the newest change."""

_SETTINGS = msgspec.json.Decoder(list[Setting])


class SqlSettings:
    """Member of the SettingStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def write(
        self,
        env: int,
        user: int,
        rows: list[Setting],
        cleared: list[tuple[ScopeKind, int]],
        now: int,
        source: str = "",
    ) -> int:
        """NotFoundError when the user (other than 0) does not exist."""
        version = await self._executor.write(
            lambda tx: write_settings(tx, env, user, rows, cleared, now, source), URGENCY
        )
        if version is None:
            raise NotFoundError(f"user number {user} does not exist; write the user first")
        return version

    async def rows(
        self, env: int, user: int, version: int | None = None
    ) -> tuple[int, list[Setting]]:
        return await self._executor.read(lambda tx: _rows(tx, env, user, version))

    async def rows_at(self, env: int, user: int, at: int) -> tuple[int, list[Setting]]:
        return await self._executor.read(lambda tx: _rows_at(tx, env, user, at))

    async def rows_of(self, env: int, users: list[int]) -> dict[int, list[Setting]]:
        return await self._executor.read(lambda tx: _rows_of(tx, env, users))

    async def owners(self, env: int, after: int, limit: int) -> list[int]:
        rows = await self._executor.read(look("settings/select_owners", env, after, limit))
        return [user for (user,) in rows]

    async def changes(
        self,
        env: int,
        user: int,
        kinds: list[ScopeKind],
        scope: int | None,
        before: tuple[int, int, int] | None,
        limit: int,
    ) -> list[SettingChange]:
        place = (Values([int(kind) for kind in kinds]), env, user, scope, *(before or NEWEST))
        rows = await self._executor.read(look("settings/select_changes", *place, limit))
        return [_change(user, row) for row in rows]

    async def write_profile(self, env: int, tenant: int, changed: dict[str, str | None]) -> Profile:
        return await self._executor.write(
            lambda tx: _write_profile(tx, env, tenant, changed), URGENCY
        )

    async def profiles(self, env: int, tenants: list[int]) -> dict[int, Profile]:
        rows = await self._executor.read(look("settings/select_profiles", Values(tenants), env))
        return _profiles_of(rows)


def settings_of(rows: Iterable[Row]) -> list[Setting]:
    """Rows of (user, kind, scope, body) -> settings."""
    parts = [f"[{user},{kind},{scope},{body[1:]}" for user, kind, scope, body in rows]
    return _SETTINGS.decode(f"[{','.join(parts)}]") if parts else []


async def settings_at(tx: Tx, env: int, user: int, version: int) -> list[Setting]:
    """All rows of a user as they were at a version."""
    return (await settings_of_versions(tx, env, [(user, version)])).get((user, version), [])


async def settings_of_versions(
    tx: Tx, env: int, asked: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], list[Setting]]:
    """All rows of users as they were at versions, by (user, version); who had none is missing."""
    rows = await tx.rows("settings/select_rows_at", Rows([*asked]), env)
    found: dict[tuple[int, int], list[Setting]] = {}
    for (version, *_), setting in zip(rows, settings_of(row[1:] for row in rows), strict=True):
        found.setdefault((setting.user, version), []).append(setting)
    return found


async def versions_at(
    tx: Tx, env: int, asked: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """The versions of users' settings by (user, instant); who had none yet is missing."""
    rows = await tx.rows("settings/select_versions_at", Rows([*asked]), env)
    return {(user, at): version for user, at, version in rows}


async def version_of(tx: Tx, env: int, user: int) -> int:
    """Version of a user's settings now (user 0: of tenants and environment); 0 before the first."""
    if user:
        row = await tx.row("settings/select_user_version", env, user)
    else:
        row = await tx.row("settings/select_defaults_version", env)
    return row[0] if row else 0


async def _rows(tx: Tx, env: int, user: int, version: int | None) -> tuple[int, list[Setting]]:
    if version is not None:
        return version, await settings_at(tx, env, user, version)
    found = settings_of(await tx.rows("settings/select_rows", env, user))
    return await version_of(tx, env, user), found


async def _rows_at(tx: Tx, env: int, user: int, at: int) -> tuple[int, list[Setting]]:
    version = (await versions_at(tx, env, [(user, at)])).get((user, at), 0)
    return version, await settings_at(tx, env, user, version) if version else []


async def _rows_of(tx: Tx, env: int, users: list[int]) -> dict[int, list[Setting]]:
    found: dict[int, list[Setting]] = {}
    for row in settings_of(await tx.rows("settings/select_rows_of", Values(users), env)):
        found.setdefault(row.user, []).append(row)
    return found


def _change(user: int, row: Row) -> SettingChange:
    version, at, kind, scope, after, source, before = row
    return SettingChange(
        version=version,
        at=at,
        kind=ScopeKind(kind),
        scope=scope,
        before=_row_of(user, kind, scope, before),
        after=_row_of(user, kind, scope, after),
        source=source,
    )


def _row_of(user: int, kind: int, scope: int, body: str | None) -> Setting | None:
    return settings_of([(user, kind, scope, body)])[0] if body else None


async def write_settings(
    tx: Tx,
    env: int,
    user: int,
    rows: list[Setting],
    cleared: list[tuple[ScopeKind, int]],
    now: int,
    source: str = "",
) -> int | None:
    version = await _bump(tx, env, user)  # the row lock of the version holds the user
    if version is None:
        return None
    bodies = {(row.kind, row.scope): _body(row) for row in rows}
    gone = [scope for scope in dict.fromkeys(cleared) if scope not in bodies]
    written = [(kind, scope, body) for (kind, scope), body in bodies.items()]
    await tx.run("settings/upsert_settings", env, user, version, Rows(written))
    await tx.run("settings/delete_settings", env, user, Rows(gone))
    history = written + [(kind, scope, CLEARED) for kind, scope in gone]
    await tx.run("settings/insert_history", env, user, version, now, source, Rows(history))
    if user:
        await tx.run("held/hasten_settings", env, user, now)
    return version


async def _profiles(tx: Tx, env: int, tenants: list[int]) -> dict[int, Profile]:
    return _profiles_of(await tx.rows("settings/select_profiles", Values(tenants), env))


def _profiles_of(rows: Iterable[Row]) -> dict[int, Profile]:
    return {tenant: Profile(timezone=zone, locale=locale) for tenant, zone, locale in rows}


async def _write_profile(tx: Tx, env: int, tenant: int, changed: dict[str, str | None]) -> Profile:
    await tx.hold("profiles", env, tenant)
    held = (await _profiles(tx, env, [tenant])).get(tenant, Profile())
    profile = msgspec.structs.replace(held, **changed)
    await tx.run("settings/upsert_profile", env, tenant, profile.timezone, profile.locale)
    return profile


async def _bump(tx: Tx, env: int, user: int) -> int | None:
    if user:
        found = await tx.rows("settings/bump_user", env, user)
    else:
        found = await tx.rows("settings/bump_defaults", env)
    return found[0][0] if found else None


def _body(row: Setting) -> str:
    chosen = (row.level, row.mute_until, row.suppress, row.channels)
    timed = (row.quiet, row.pause_until, row.cadence)
    return text_json(chosen if timed == (None, None, None) else (*chosen, *timed))

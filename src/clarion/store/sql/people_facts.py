"""The facts that `decide` needs of people, a page of users at a time."""

from __future__ import annotations

from collections.abc import Collection

from clarion.core.recipient import Recipient, ScopeKind, Setting, Standing
from clarion.core.workflow import CHANNELS, Channel
from clarion.store.sql.codec import plain
from clarion.store.sql.law_facts import with_law
from clarion.store.sql.settings import settings_at, settings_of, version_of
from clarion.store.sql.tx import Rows, Tx, Values

Live = tuple[dict[Channel, tuple[int, ...]], dict[int, str]]
"""A user's destinations by channel, and the platforms of those that have one."""

_NOWHERE: Live = ({}, {})


async def recipients(
    tx: Tx, env: int, users: list[int], scopes: list[tuple[int, int]]
) -> dict[int, Recipient]:
    """Three statements for a page. Settings, consents and suppressed destinations are only looked
    for where the user ever had some."""
    page = Values(users)
    rows = await tx.rows("people/select_facts", page, env)
    live = await _live_destinations(tx, env, page)
    chosen = await _settings(tx, env, [row[0] for row in rows if row[2]], scopes)
    found = {
        user: Recipient(
            user=user,
            standing=Standing.KNOWN if erased_at is None else Standing.ERASED,
            user_version=version,
            settings_version=settings_version,
            locale=locale,
            zone=zone,
            roles=_roles(roles),
            settings=chosen.get(user, ()),
            destinations=places[0],
            platforms=places[1],
        )
        for user, version, settings_version, locale, zone, roles, erased_at, _ in rows
        for places in (live.get(user, _NOWHERE),)
    }
    if marked := {row[0]: row[7] for row in rows if row[7]}:
        purposes = {scope for kind, scope in scopes if kind == ScopeKind.CATEGORY}
        found |= await with_law(tx, env, found, marked, purposes)
    for user in users:
        if user not in found:
            found[user] = Recipient(user=user, standing=_absent(user))
    return found


async def recipient_at(
    tx: Tx, env: int, user: int, user_version: int, settings_version: int
) -> Recipient:
    """One user as of two versions. What was erased answers ERASED for every version."""
    now = (await recipients(tx, env, [user], []))[user]
    row = await tx.row("people/select_facts_at", env, user, user_version)
    standing = _absent(user) if row is None else Standing.KNOWN
    if now.standing == Standing.ERASED or (row and row[3] is not None):
        standing = Standing.ERASED
    locale, zone, roles, _ = row or (None, None, "[]", None)
    return Recipient(
        user=user,
        standing=standing,
        user_version=user_version,
        settings_version=settings_version,
        locale=locale,
        zone=zone,
        roles=_roles(roles),
        settings=tuple(await settings_at(tx, env, user, settings_version)),
        destinations=now.destinations,
        platforms=now.platforms,
    )


async def defaults(
    tx: Tx, env: int, tenant: int, version: int | None, topics: Collection[int]
) -> tuple[int, tuple[Setting, ...]]:
    """Version and rows of the environment, its workflows and categories, the topics and one
    tenant."""
    page = Values(list(topics))
    if version is None:
        rows = await tx.rows("people/select_defaults", env, tenant, page)
        return await version_of(tx, env, 0), tuple(settings_of(rows))
    rows = await tx.rows("people/select_defaults_at", env, tenant, page, version)
    return version, tuple(settings_of(rows))


async def _live_destinations(tx: Tx, env: int, page: Values) -> dict[int, Live]:
    live: dict[int, Live] = {}
    rows = await tx.rows("people/select_live_destinations", page, env)
    for user, channel, destination, platform in rows:
        mine, platforms = live.setdefault(user, ({}, {}))
        word = CHANNELS[channel - 1]
        mine[word] = (*mine.get(word, ()), destination)
        if platform:
            platforms[destination] = platform
    return live


async def _settings(
    tx: Tx, env: int, users: list[int], scopes: list[tuple[int, int]]
) -> dict[int, tuple[Setting, ...]]:
    if not users or not scopes:
        return {}
    rows = await tx.rows("people/select_settings", Rows(scopes), Values(users), env)
    chosen: dict[int, tuple[Setting, ...]] = {}
    for setting in settings_of(rows):
        chosen[setting.user] = (*chosen.get(setting.user, ()), setting)
    return chosen


def _roles(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(plain(text))


def _absent(user: int) -> Standing:
    return Standing.UNKNOWN if user else Standing.NOBODY

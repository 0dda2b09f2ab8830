"""Users, devices and destinations."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from clarion.core.recipient import Recipient, Setting
from clarion.core.workflow import Channel
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import (
    Alike,
    DestinationRow,
    DeviceWrite,
    Erased,
    Spoken,
    UserRow,
    UserWrite,
    Written,
)
from clarion.store.sql import (
    people_alike,
    people_devices,
    people_erase,
    people_facts,
    people_writes,
)
from clarion.store.sql.codec import plain
from clarion.store.sql.names import mint_names, names_of, numbers_of
from clarion.store.sql.tx import Executor, Rows, Tx, Values, look

URGENCY = 1
BULK = 2
"""Urgency of a call that takes more than one piece."""

CHUNK = 250
"""Writes a transaction holds, so that urgent work gets in between."""


class SqlPeople:
    """Member of the PeopleStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def write_users(self, env: int, writes: list[UserWrite], now: int) -> list[Written]:
        """InvalidError when a write names a field that users do not have."""
        people_writes.check_fields(writes)
        urgency = URGENCY if len(writes) <= CHUNK else BULK
        answers: list[Written] = []
        for start in range(0, len(writes), CHUNK):
            piece = writes[start : start + CHUNK]
            answers += await self._executor.write(
                partial(people_writes.write_users, env=env, writes=piece, now=now), urgency
            )
        return answers

    async def users(self, env: int, ids: list[str]) -> dict[str, UserRow]:
        return await self._executor.read(lambda tx: _users(tx, env, ids))

    async def users_by_number(self, env: int, numbers: list[int]) -> dict[int, UserRow]:
        return await self._executor.read(lambda tx: _by_number(tx, env, numbers))

    async def changed_since(self, env: int, since: dict[int, int]) -> set[int]:
        asked = Rows(sorted(since.items()))
        rows = await self._executor.read(look("people/changed_since", asked, env))
        return {user for (user,) in rows}

    async def erase(self, env: int, user: str, now: int) -> Erased | None:
        return await people_erase.erase(self._executor, env, user, now)

    async def finish_erasures(self, before: int, limit: int) -> int:
        return await people_erase.finish_begun(self._executor, before, limit)

    async def write_devices(self, env: int, writes: list[DeviceWrite], now: int) -> list[int]:
        numbers: list[int] = []
        for start in range(0, len(writes), CHUNK):
            piece = writes[start : start + CHUNK]
            numbers += await self._executor.write(
                partial(people_devices.write_devices, env=env, writes=piece, now=now), URGENCY
            )
        return numbers

    async def remove_device(self, env: int, user: str, token: str, now: int) -> bool:
        return await self._executor.write(
            lambda tx: people_devices.remove_device(tx, env, user, token), URGENCY
        )

    async def confirm_address(
        self, env: int, user: int, channel: Channel, address: str, now: int
    ) -> bool:
        place = (env, user, channel, address)
        return await self._executor.write(
            lambda tx: people_devices.confirm_address(tx, *place, now), URGENCY
        )

    async def endpoint(
        self, env: int, channel: Channel, platform: str, address: str, now: int
    ) -> int:
        place = (env, channel, platform, address)
        found = await self._executor.read(lambda tx: people_devices.find_endpoint(tx, *place))
        if found is not None:
            return found
        return await self._executor.write(
            lambda tx: people_devices.make_endpoint(tx, *place, now), URGENCY
        )

    async def destinations(self, env: int, user: int) -> list[DestinationRow]:
        return await self._executor.read(lambda tx: people_devices.destinations(tx, env, user))

    async def destinations_by_number(
        self, env: int, numbers: list[int]
    ) -> dict[int, DestinationRow]:
        wanted = look("people/select_destinations_by_number", Values(numbers), env)
        return people_devices.destinations_of(await self._executor.read(wanted))

    async def holders(self, env: int, address: str, limit: int) -> list[int]:
        asked = Rows(people_devices.places_of(address))
        rows = await self._executor.read(look("people/select_holders", asked, env, limit))
        return [user for (user,) in rows]

    async def join(self, env: int, tenant: str, user: str, member: bool, now: int) -> None:
        await self._executor.write(
            lambda tx: join_tenant(tx, env, tenant, user, member, now), URGENCY
        )

    async def recipients(
        self, env: int, users: list[int], scopes: list[tuple[int, int]]
    ) -> dict[int, Recipient]:
        """Number 0 is nobody and answers NOBODY."""
        return await self._executor.read(lambda tx: people_facts.recipients(tx, env, users, scopes))

    async def alike(self, env: int, users: list[int], scopes: list[tuple[int, int]]) -> list[Alike]:
        return await self._executor.read(lambda tx: people_alike.alike(tx, env, users, scopes))

    async def recipient_at(
        self, env: int, user: int, user_version: int, settings_version: int
    ) -> Recipient:
        """Who was erased since answers ERASED, whatever the versions: nothing else is kept."""
        return await self._executor.read(
            lambda tx: people_facts.recipient_at(tx, env, user, user_version, settings_version)
        )

    async def locales(self, env: int, users: list[int]) -> dict[int, list[Spoken]]:
        rows = await self._executor.read(look("people/select_locales", Values(users), env))
        found: dict[int, list[Spoken]] = {}
        for user, at, locale in rows:
            found.setdefault(user, []).append(Spoken(at, locale))
        return found

    async def defaults(
        self, env: int, tenant: int, version: int | None = None, *, topics: Collection[int] = ()
    ) -> tuple[int, tuple[Setting, ...]]:
        return await self._executor.read(
            lambda tx: people_facts.defaults(tx, env, tenant, version, topics)
        )


async def _users(tx: Tx, env: int, ids: list[str]) -> dict[str, UserRow]:
    numbers = await numbers_of(tx, env, NameKind.USER, ids)
    rows = await _rows(tx, env, {number: name for name, number in numbers.items()})
    return {row.id: row for row in rows.values()}


async def _by_number(tx: Tx, env: int, numbers: list[int]) -> dict[int, UserRow]:
    return await _rows(tx, env, await names_of(tx, env, NameKind.USER, numbers))


async def _rows(tx: Tx, env: int, names: dict[int, str]) -> dict[int, UserRow]:
    page = Values(list(names))
    tenants: dict[int, tuple[str, ...]] = {}
    for user, tenant in await tx.rows("people/select_memberships", page, env):
        tenants[user] = (*tenants.get(user, ()), tenant)
    found = {}
    for row in await tx.rows("people/select_states", page, env):
        number, version, source_version, at, locale, zone, email, phone, name, *rest = row
        roles, data, chosen, said = rest
        found[number] = UserRow(
            id=names[number],
            number=number,
            version=version,
            at=at,
            source_version=source_version,
            locale=locale,
            timezone=zone,
            email=email,
            phone=phone,
            name=name,
            roles=tuple(plain(roles)),
            data=plain(data),
            tenants=tenants.get(number, ()),
            settings_version=chosen,
            consents_version=said,
        )
    return found


async def join_tenant(tx: Tx, env: int, tenant: str, user: str, member: bool, now: int) -> None:
    await tx.hold("people", env)
    group = (await mint_names(tx, env, NameKind.TENANT, [tenant]))[tenant]
    number = (await mint_names(tx, env, NameKind.USER, [user]))[user]
    if member:
        await tx.run("people/insert_membership", env, group, number, now)
    else:
        await tx.run("people/end_membership", now, env, group, number)

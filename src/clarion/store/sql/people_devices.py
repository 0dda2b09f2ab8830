"""Devices and other destinations.

A token that changes hands leaves a disabled row with its former user, so that nothing meant for
that user reaches the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clarion.core.workflow import Channel
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DestinationRow, DeviceWrite, UserWrite
from clarion.store.sql.addresses import address_hash
from clarion.store.sql.codec import channel_of, number_of, plain, text_json
from clarion.store.sql.names import mint_names, numbers_of, reserve_numbers
from clarion.store.sql.people_writes import write_users
from clarion.store.sql.suppressions import mark_written
from clarion.store.sql.tx import Row, Rows, Tx, Values

PLATFORMS = ("fcm", "apns", "webpush")
"""Of devices."""


async def write_devices(tx: Tx, env: int, writes: list[DeviceWrite], now: int) -> list[int]:
    """Numbers of the destinations in the order given; of two writes of a token the later holds."""
    await tx.hold("people", env)
    users = await _users(tx, env, [write.user for write in writes], now)
    keys = [
        (write.platform, address_hash(Channel.PUSH, write.token).hex(), users[write.user])
        for write in writes
    ]
    numbers = await _token_numbers(tx, env, keys)
    holders: dict[tuple[str, str], tuple[Any, ...]] = {}
    rows: dict[tuple[str, str], tuple[Any, ...]] = {}
    for (platform, hashed, user), write in zip(keys, writes, strict=True):
        token = (platform, hashed)
        holders[token] = (platform, hashed, user)
        number = numbers[platform, hashed, user]
        rows[token] = (
            number,
            user,
            platform,
            write.app,
            write.token,
            hashed,
            text_json(write.keys),
        )
    await tx.run("people/move_tokens", now, Rows(list(holders.values())), env)
    await tx.run("people/upsert_tokens", env, now, Rows(list(rows.values())))
    await mark_written(tx, env, [(Channel.PUSH, write.token) for write in writes])
    return [numbers[key] for key in keys]


async def _users(tx: Tx, env: int, ids: list[str], now: int) -> dict[str, int]:
    """Numbers of the users, created where they are new."""
    numbers = await mint_names(tx, env, NameKind.USER, ids)
    known = {
        row[0] for row in await tx.rows("people/select_states", Values([*numbers.values()]), env)
    }
    missing = [name for name, number in numbers.items() if number not in known]
    if missing:
        await write_users(tx, env, [UserWrite(id=name, changed={}) for name in missing], now)
    return numbers


async def _token_numbers(
    tx: Tx, env: int, keys: list[tuple[str, str, int]]
) -> dict[tuple[str, str, int], int]:
    wanted = list(dict.fromkeys(keys))
    numbers = {
        wanted[place]: number
        for place, number in await tx.rows("people/select_tokens", Rows(wanted), env)
    }
    missing = [key for key in wanted if key not in numbers]
    if missing:
        first = await reserve_numbers(tx, env, NameKind.DESTINATION, len(missing))
        numbers.update(zip(missing, range(first, first + len(missing)), strict=True))
    return numbers


async def remove_device(tx: Tx, env: int, user: str, token: str) -> bool:
    """Delete the token's row; False when the user has no such token."""
    number = (await numbers_of(tx, env, NameKind.USER, [user])).get(user)
    if number is None:
        return False
    return await tx.run("people/delete_token", env, number, address_hash(Channel.PUSH, token)) > 0


async def confirm_address(
    tx: Tx, env: int, user: int, channel: Channel, address: str, now: int
) -> bool:
    """Switch an address of the user on again; False when there is none."""
    await tx.hold("people", env)
    place = (env, user, number_of(channel), address_hash(channel, address))
    return await tx.run("people/confirm_address", now, *place) > 0


def places_of(address: str) -> list[tuple[int, str, str]]:
    """(channel, platform, hash) of every kind of address that a text may be."""
    kinds = [(Channel.EMAIL, ""), (Channel.SMS, "")]
    kinds += [(Channel.PUSH, platform) for platform in PLATFORMS]
    return [
        (number_of(channel), platform, address_hash(channel, address).hex())
        for channel, platform in kinds
    ]


async def find_endpoint(
    tx: Tx, env: int, channel: Channel, platform: str, address: str
) -> int | None:
    """Number of nobody's destination, when it was seen before."""
    hashed = address_hash(channel, address)
    row = await tx.row("people/select_endpoint", env, number_of(channel), platform, hashed)
    return row[0] if row else None


async def make_endpoint(
    tx: Tx, env: int, channel: Channel, platform: str, address: str, now: int
) -> int:
    """Number of nobody's destination, made when it is new."""
    await tx.hold("people", env)
    found = await find_endpoint(tx, env, channel, platform, address)
    if found is not None:
        return found
    number = await reserve_numbers(tx, env, NameKind.DESTINATION, 1)
    hashed = address_hash(channel, address)
    place = (number_of(channel), platform, address, hashed)
    await tx.run("people/insert_endpoint", env, number, *place, now)
    await mark_written(tx, env, [(channel, address)])
    return number


async def destinations(tx: Tx, env: int, user: int) -> list[DestinationRow]:
    """All destinations of a user, by channel and number."""
    return [_destination(row) for row in await tx.rows("people/select_destinations", env, user)]


def destinations_of(rows: Iterable[Row]) -> dict[int, DestinationRow]:
    """Rows as destinations by their numbers."""
    return {row[0]: _destination(row) for row in rows}


def _destination(row: Row) -> DestinationRow:
    number, user, channel, platform, app, address, keys, confirmed, *rest = row
    disabled, reason, suppression = rest
    return DestinationRow(
        number=number,
        user=user,
        channel=channel_of(channel),
        platform=platform,
        app=app,
        address=address,
        keys={} if keys == "{}" else plain(keys),
        confirmed_at=confirmed,
        disabled_at=disabled,
        disabled_reason=reason,
        suppression=suppression,
    )

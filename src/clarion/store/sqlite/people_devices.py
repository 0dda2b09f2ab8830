"""Devices and other destinations.

A token that changes hands leaves a disabled row with its former user, so that nothing meant for
that user reaches the new one.
"""

from __future__ import annotations

from typing import Any

from clarion.core.workflow import Channel
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DestinationRow, DeviceWrite, UserWrite
from clarion.store.sqlite.codec import channel_of, number_of, plain, rows_json, text_json
from clarion.store.sqlite.connection import Row, Tx
from clarion.store.sqlite.names import mint_names, numbers_of, reserve_numbers
from clarion.store.sqlite.people_writes import address_hash, write_users


def write_devices(tx: Tx, env: int, writes: list[DeviceWrite], now: int) -> list[int]:
    """Numbers of the destinations in the order given; of two writes of a token the later holds."""
    users = _users(tx, env, [write.user for write in writes], now)
    keys = [
        (write.platform, address_hash(Channel.PUSH, write.token).hex(), users[write.user])
        for write in writes
    ]
    numbers = _token_numbers(tx, env, keys)
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
    tx.run("people/move_tokens", now, rows_json(list(holders.values())), env)
    tx.run("people/upsert_tokens", env, now, rows_json(list(rows.values())))
    return [numbers[key] for key in keys]


def _users(tx: Tx, env: int, ids: list[str], now: int) -> dict[str, int]:
    """Numbers of the users, created where they are new."""
    numbers = mint_names(tx, env, NameKind.USER, ids)
    known = {row[0] for row in tx.rows("people/select_states", rows_json([*numbers.values()]), env)}
    missing = [name for name, number in numbers.items() if number not in known]
    if missing:
        write_users(tx, env, [UserWrite(id=name, changed={}) for name in missing], now)
    return numbers


def _token_numbers(
    tx: Tx, env: int, keys: list[tuple[str, str, int]]
) -> dict[tuple[str, str, int], int]:
    wanted = list(dict.fromkeys(keys))
    numbers = {
        wanted[place]: number
        for place, number in tx.rows("people/select_tokens", rows_json(wanted), env)
    }
    missing = [key for key in wanted if key not in numbers]
    if missing:
        first = reserve_numbers(tx, env, NameKind.DESTINATION, len(missing))
        numbers.update(zip(missing, range(first, first + len(missing)), strict=True))
    return numbers


def remove_device(tx: Tx, env: int, user: str, token: str) -> bool:
    """Delete the token's row; False when the user has no such token."""
    number = numbers_of(tx, env, NameKind.USER, [user]).get(user)
    if number is None:
        return False
    return tx.run("people/delete_token", env, number, address_hash(Channel.PUSH, token)) > 0


def find_endpoint(tx: Tx, env: int, channel: Channel, platform: str, address: str) -> int | None:
    """Number of nobody's destination, when it was seen before."""
    hashed = address_hash(channel, address)
    row = tx.row("people/select_endpoint", env, number_of(channel), platform, hashed)
    return row[0] if row else None


def make_endpoint(tx: Tx, env: int, channel: Channel, platform: str, address: str, now: int) -> int:
    """Number of nobody's destination, made when it is new."""
    found = find_endpoint(tx, env, channel, platform, address)
    if found is not None:
        return found
    number = reserve_numbers(tx, env, NameKind.DESTINATION, 1)
    hashed = address_hash(channel, address)
    place = (number_of(channel), platform, address, hashed)
    tx.run("people/insert_endpoint", env, number, *place, now)
    return number


def destinations(tx: Tx, env: int, user: int) -> list[DestinationRow]:
    """All destinations of a user, by channel and number."""
    return [_destination(row) for row in tx.rows("people/select_destinations", env, user)]


def destinations_by_number(tx: Tx, env: int, numbers: list[int]) -> dict[int, DestinationRow]:
    """The destinations that exist."""
    rows = tx.rows("people/select_destinations_by_number", rows_json(numbers), env)
    return {row[0]: _destination(row) for row in rows}


def _destination(row: Row) -> DestinationRow:
    number, user, channel, platform, app, address, keys, confirmed, disabled, reason = row
    return DestinationRow(
        number=number,
        user=user,
        channel=channel_of(channel),
        platform=platform,
        app=app,
        address=address,
        keys=plain(keys),
        confirmed_at=confirmed,
        disabled_at=disabled,
        disabled_reason=reason,
    )

"""The suppression list, and the marks it leaves on destinations.

A destination remembers the number of the suppression that holds its address, so that a page of
facts needs no hashing and a suppression can be lifted by its number alone. Whoever writes
destinations or suppressions holds the environment's people.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from clarion.core.workflow import Channel
from clarion.store.contract.law import Suppression, SuppressionWrite
from clarion.store.contract.names import NameKind
from clarion.store.sql.addresses import address_hash, keyed_hash
from clarion.store.sql.codec import channel_of, number_of
from clarion.store.sql.keys import find_secret, keep_secret
from clarion.store.sql.names import reserve_numbers
from clarion.store.sql.tx import Row, Rows, Tx, Values

SECRET = "suppression"  # noqa: S105  (the name of the secret)
"""Name of the secret under which addresses are hashed. The first suppression makes it, so where
there is none, nothing is suppressed."""

PREFIX_DIGITS = 12

Key = tuple[int, str]
"""(number of the channel, keyed hash in hex)."""


async def suppress(
    tx: Tx, env: int, writes: list[SuppressionWrite], now: int, fresh: bytes
) -> list[Suppression]:
    """Put addresses on the list and mark the destinations that have them."""
    await tx.hold("people", env)
    secret = await keep_secret(tx, SECRET, fresh)
    keys = [_key(secret, env, write.channel, write.address) for write in writes]
    lasting: dict[Key, SuppressionWrite] = {}
    for key, write in zip(keys, writes, strict=True):
        if key not in lasting or _outlasts(write.until, lasting[key].until):
            lasting[key] = write
    await _upsert(tx, env, lasting, now)
    held = await _held(tx, env, lasting)
    marks = [
        (key[0], address_hash(write.channel, write.address).hex(), held[key].number)
        for key, write in lasting.items()
    ]
    await _mark(tx, env, marks)
    return [held[key] for key in keys]


async def mark_written(tx: Tx, env: int, written: Iterable[tuple[Channel, str]]) -> None:
    """Mark those of the (channel, address) just written that are on the list. Their users must be
    there already."""
    secret = await find_secret(tx, SECRET)
    if secret is None:
        return
    hashes = {
        _key(secret, env, channel, address): address_hash(channel, address).hex()
        for channel, address in written
    }
    held = await _held(tx, env, hashes)
    await _mark(tx, env, [(key[0], hashes[key], row.number) for key, row in held.items()])


async def find(tx: Tx, env: int, channel: Channel, address: str) -> Suppression | None:
    """The suppression of an address."""
    secret = await find_secret(tx, SECRET)
    if secret is None:
        return None
    key = _key(secret, env, channel, address)
    return (await _held(tx, env, [key])).get(key)


async def listed(
    tx: Tx, env: int, channel: Channel | None, reason: str | None, before: int | None, limit: int
) -> list[Suppression]:
    """Newest first."""
    conditions, parameters = ["env = ?"], [env]
    asked: list[tuple[str, Any]] = [
        ("channel = ?", None if channel is None else number_of(channel)),
        ("reason = ?", reason),
        ("suppression < ?", before),
    ]
    for condition, value in asked:
        if value is not None:
            conditions.append(condition)
            parameters.append(value)
    where = " and ".join(conditions)
    sql = (
        "select suppression, channel, keyed_hash, reason, at, until from suppression "  # noqa: S608 - conditions of ours, values bound
        f"where {where} order by suppression desc limit ?"
    )
    return [_suppression(row) for row in await tx.composed(sql, [*parameters, limit])]


async def lift(tx: Tx, env: int, channel: Channel, address: str) -> bool:
    """Take an address off the list."""
    await tx.hold("people", env)
    found = await find(tx, env, channel, address)
    return found is not None and await _lift(tx, env, [found.number]) > 0


async def lift_number(tx: Tx, env: int, number: int) -> bool:
    """Take what has the number off the list."""
    await tx.hold("people", env)
    return await _lift(tx, env, [number]) > 0


async def lift_ended(tx: Tx, now: int, limit: int) -> int:
    """Take off what ended by now, environment by environment."""
    ended = await tx.rows("law/select_ended", now, limit)
    lifted = 0
    for env, rows in groupby(ended, lambda row: row[0]):
        await tx.hold("people", env)
        # Somebody may have made it last longer before this work held the environment.
        still = {row[1] for row in await tx.rows("law/select_ended", now, limit) if row[0] == env}
        lifted += await _lift(tx, env, [row[1] for row in rows if row[1] in still])
    return lifted


async def _upsert(tx: Tx, env: int, lasting: dict[Key, SuppressionWrite], now: int) -> None:
    known = await _held(tx, env, lasting)
    missing = [key for key in lasting if key not in known]
    numbers = {key: row.number for key, row in known.items()}
    if missing:
        first = await reserve_numbers(tx, env, NameKind.SUPPRESSION, len(missing))
        numbers.update(zip(missing, range(first, first + len(missing)), strict=True))
    rows = [(numbers[key], *key, write.reason, write.until) for key, write in lasting.items()]
    await tx.run("law/upsert_suppressions", env, now, Rows(rows))


async def _held(tx: Tx, env: int, keys: Iterable[Key]) -> dict[Key, Suppression]:
    rows = await tx.rows("law/select_by_hash", Rows(list(keys)), env)
    return {(row[1], row[2].hex()): _suppression(row) for row in rows}


async def _mark(tx: Tx, env: int, marks: list[tuple[int, str, int]]) -> None:
    users = {user for (user,) in await tx.rows("law/mark_destinations", Rows(marks), env)} - {0}
    if users:
        await tx.run("law/mark_users", Values(sorted(users)), env)


async def _lift(tx: Tx, env: int, numbers: list[int]) -> int:
    """Users keep their mark: it only says that somebody has to look."""
    page = Values(numbers)
    await tx.run("law/unmark_destinations", page, env)
    return await tx.run("law/delete_suppressions", page, env)


def _key(secret: bytes, env: int, channel: Channel, address: str) -> Key:
    return number_of(channel), keyed_hash(secret, env, channel, address).hex()


def _outlasts(until: int | None, other: int | None) -> bool:
    return other is not None and (until is None or until > other)


def _suppression(row: Row) -> Suppression:
    number, channel, hashed, reason, at, until = row
    return Suppression(
        number=number,
        channel=channel_of(channel),
        hash_prefix=hashed.hex()[:PREFIX_DIGITS],
        reason=reason,
        at=at,
        until=until,
    )

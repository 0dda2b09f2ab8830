"""States of entities, and what the store holds of them, for tests of the replica."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.recipient import Level, ScopeKind, Setting
from clarion.store.contract.names import NameKind
from clarion.store.contract.replica import (
    GONE,
    Applied,
    EntityKind,
    StateWrite,
)
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, LEASE, NOW, SECOND

LATER = NOW + 60 * SECOND


def a_state(
    kind: EntityKind, version: int, body: Any, name: str = "", user_id: str = ""
) -> StateWrite:
    text = GONE if body is None else msgspec.json.encode(body).decode()
    return StateWrite(kind=kind, version=version, body=text, id=name, user_id=user_id)


def user_state(user: str, version: int, **fields: Any) -> StateWrite:
    return a_state(EntityKind.USER, version, fields, user_id=user)


def user_gone(user: str, version: int) -> StateWrite:
    return a_state(EntityKind.USER, version, None, user_id=user)


def topic_state(key: str, version: int, parent: str | None = None) -> StateWrite:
    return a_state(EntityKind.TOPIC, version, [parent, "topic", None, {}], name=key)


def topic_gone(key: str, version: int) -> StateWrite:
    return a_state(EntityKind.TOPIC, version, None, name=key)


def subscription(topic: str, user: str, version: int, *, on: bool = True) -> StateWrite:
    body: Any = {} if on else None
    return a_state(EntityKind.SUBSCRIPTION, version, body, name=topic, user_id=user)


def member(tenant: str, user: str, version: int, *, on: bool = True) -> StateWrite:
    body: Any = {} if on else None
    return a_state(EntityKind.TENANT_MEMBER, version, body, name=tenant, user_id=user)


def preferences(user: str, version: int, level: Level | None) -> StateWrite:
    rows = None if level is None else [Setting(user=0, kind=ScopeKind.USER, scope=0, level=level)]
    return a_state(EntityKind.PREFERENCES, version, rows, user_id=user)


async def a_worker(store: SqlStore, now: int = NOW) -> int:
    return await store.work.start_worker([], LEASE, now)


async def drained(
    store: SqlStore, worker: int, now: int = LATER, limit: int = 500
) -> list[Applied]:
    """Apply all that waits; what became of each."""
    results: list[Applied] = []
    while claims := await store.replica.claim(worker, limit, now):
        for kind in EntityKind:
            mine = [claim for claim in claims if claim.kind is kind]
            if mine:
                results += [result for result, _ in await store.replica.apply(mine, now)]
    return results


async def email(store: SqlStore, user: str) -> str | None:
    rows = await store.people.users(ENV, [user])
    return rows[user].email if user in rows else None


async def subscribed(store: SqlStore, topic: str) -> set[str]:
    row = await store.topics.topic(ENV, topic)
    if row is None:
        return set()
    pairs = await store.topics.subscribers(ENV, row.number, 0, 100)
    names = await store.names.names(ENV, NameKind.USER, [user for user, _ in pairs])
    return set(names.values())


async def level(store: SqlStore, user: str) -> Level | None:
    numbers = await store.names.numbers(ENV, NameKind.USER, [user])
    if user not in numbers:
        return None
    _, rows = await store.settings.rows(ENV, numbers[user])
    return rows[0].level if rows else None


async def waiting(store: SqlStore) -> int:
    return sum(depth.depth for depth in await store.replica.depths())

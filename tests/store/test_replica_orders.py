"""Whatever the order and repetition, each entity ends at its newest version."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.recipient import Level
from clarion.store.contract.names import NameKind
from clarion.store.contract.replica import (
    Applied,
    EntityKind,
    StateClaim,
    StateWrite,
)
from clarion.store.postgres.store import open_postgres
from clarion.store.sql.store import SqlStore
from clarion.store.sqlite.store import migrate_file, open_store
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import ENV, NOW, SECOND, a_user
from tests.store.servers import emptied_database
from tests.store.states import (
    a_worker,
    level,
    member,
    preferences,
    subscribed,
    subscription,
    topic_gone,
    topic_state,
    user_gone,
    user_state,
    waiting,
)

Name = tuple[EntityKind, str]
"""An entity of the drawn stories: none of them hangs on another that may be deleted."""

NAMES: list[Name] = [
    *((EntityKind.USER, name) for name in ("ana", "ben")),
    *((EntityKind.TOPIC, name) for name in ("doc:1", "doc:2")),
    *((EntityKind.SUBSCRIPTION, name) for name in ("s1", "s2")),
    (EntityKind.TENANT_MEMBER, "m1"),
    *((EntityKind.PREFERENCES, name) for name in ("p1", "p2")),
]


def written(name: Name, version: int, gone: bool) -> StateWrite:
    kind, word = name
    if kind is EntityKind.USER:
        return user_gone(word, version) if gone else user_state(word, version, name=str(version))
    if kind is EntityKind.TOPIC:
        return topic_gone(word, version) if gone else topic_state(word, version, f"v{version}")
    if kind is EntityKind.SUBSCRIPTION:
        return subscription(f"of-{word}", word, version, on=not gone)
    if kind is EntityKind.TENANT_MEMBER:
        return member("acme", word, version, on=not gone)
    chosen = [Level.ALL, Level.MENTIONS, Level.NONE][version % 3]
    return preferences(word, version, None if gone else chosen)


async def told(store: SqlStore, name: Name) -> Any:
    """What the store holds of an entity, None when it is gone."""
    kind, word = name
    if kind in (EntityKind.USER, EntityKind.TENANT_MEMBER):
        rows = await store.people.users(ENV, [word])
        if kind is EntityKind.TENANT_MEMBER:
            numbers = await store.names.numbers(ENV, NameKind.USER, [word])
            tenants = await store.names.numbers(ENV, NameKind.TENANT, ["acme"])
            if not numbers or not tenants:
                return None
            found = await store.people.users_by_number(ENV, [numbers[word]])
            return "in" if found and "acme" in found[numbers[word]].tenants else None
        return rows[word].name if word in rows else None
    if kind is EntityKind.TOPIC:
        topic = await store.topics.topic(ENV, word)
        return topic and topic.parent_key
    if kind is EntityKind.SUBSCRIPTION:
        return "in" if await subscribed(store, f"of-{word}") else None
    return await level(store, word)


def expected(name: Name, version: int, gone: bool) -> Any:
    if gone:
        return None
    kind = name[0]
    if kind is EntityKind.USER:
        return str(version)
    if kind is EntityKind.TOPIC:
        return f"v{version}"
    if kind is EntityKind.PREFERENCES:
        return [Level.ALL, Level.MENTIONS, Level.NONE][version % 3]
    return "in"


VERSIONS = st.tuples(st.sampled_from(NAMES), st.integers(0, 6))
BATCHES = st.lists(
    st.tuples(st.lists(VERSIONS, min_size=1, max_size=8), st.sampled_from("0123")),
    min_size=1,
    max_size=8,
)
"""Batches in any order, with repeats; between them nothing, a drain, a claim that is lost to a
crash, or a claim that is applied only after the next batch came."""


def is_gone(name: Name, version: int) -> bool:
    """A version always says the same of an entity, however often it comes."""
    return (len(name[1]) + version * 7 + int(name[0])) % 4 == 0


async def play(store: SqlStore, batches: list[tuple[list[tuple[Name, int]], str]]) -> None:
    await a_user(store, "m1")  # a membership shows at a user who exists
    newest: dict[Name, int] = {}
    now, worker = NOW, await a_worker(store)
    held: list[StateClaim] = []
    for batch, after in batches:
        now += SECOND
        writes = [written(name, version, is_gone(name, version)) for name, version in batch]
        await store.replica.accept(ENV, writes, now)
        for name, version in batch:
            newest[name] = max(version, newest.get(name, -1))
        await applied(store, held, now)
        held = []
        if after == "1":
            await through(store, worker, now)
        elif after == "2":
            held = await store.replica.claim(worker, 5, now)
        elif after == "3":
            await store.replica.claim(worker, 5, now)
            await store.replica.rescue([worker])
    await applied(store, held, now)
    await through(store, worker, now)
    for name, version in newest.items():
        gone = is_gone(name, version)
        assert await told(store, name) == expected(name, version, gone), (name, version)
    assert await waiting(store) == 0
    assert await store.replica.failed(ENV, 10) == []


async def applied(store: SqlStore, claims: list[StateClaim], now: int) -> None:
    for kind in EntityKind:
        mine = [claim for claim in claims if claim.kind is kind]
        results = await store.replica.apply(mine, now) if mine else []
        for claim, (result, _) in zip(mine, results, strict=True):
            if result is Applied.UNFINISHED:
                await store.topics.delete(ENV, claim.id, now)
                await store.replica.finish([claim])


async def through(store: SqlStore, worker: int, now: int) -> None:
    while claims := await store.replica.claim(worker, 50, now):
        await applied(store, claims, now)


def on_each(opened: Callable[[], Awaitable[SqlStore]], examples: int) -> Callable[[], None]:
    """A drawn test: each example has an empty store."""

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(batches=BATCHES)
    def drawn(batches: Any) -> None:
        async def once() -> None:
            store = await opened()
            try:
                await play(store, batches)
            finally:
                await store.close()

        asyncio.run(once())

    return drawn


def test_any_order_and_repetition_ends_at_the_newest_on_sqlite(tmp_path: Path) -> None:
    template, folder = tmp_path / "template.db", tmp_path / "used"
    migrate_file(template, NOW)

    async def opened() -> SqlStore:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(template, folder / "clarion.db")
        return open_store(folder / "clarion.db", NOW, serve=True, inline=True)

    on_each(opened, 30)()


def test_any_order_and_repetition_ends_at_the_newest_on_postgres(postgres: Postgres) -> None:
    async def opened() -> SqlStore:
        return await open_postgres(await emptied_database(postgres), NOW, clock_offset=None)

    on_each(opened, 8)()

"""The application's state: in order for each entity, at least once, applied once, older ignored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.recipient import Level, ScopeKind, Setting
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.contract.replica import (
    GONE,
    Applied,
    EntityKind,
    StateClaim,
    StateWrite,
)
from clarion.store.postgres.store import open_postgres
from clarion.store.sql.store import SqlStore
from clarion.store.sqlite.store import open_store
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import ENV, LEASE, NOW, SECOND, a_user
from tests.store.servers import emptied_database

LATER = NOW + 60 * SECOND


def a_state(kind: EntityKind, version: int, body: Any, **named: str) -> StateWrite:
    text = GONE if body is None else msgspec.json.encode(body).decode()
    return StateWrite(kind=kind, version=version, body=text, **named)


def user_state(user: str, version: int, **fields: Any) -> StateWrite:
    return a_state(EntityKind.USER, version, fields, user_id=user)


def user_gone(user: str, version: int) -> StateWrite:
    return a_state(EntityKind.USER, version, None, user_id=user)


def topic_state(key: str, version: int, parent: str | None = None) -> StateWrite:
    return a_state(EntityKind.TOPIC, version, [parent, "topic", None, {}], id=key)


def topic_gone(key: str, version: int) -> StateWrite:
    return a_state(EntityKind.TOPIC, version, None, id=key)


def subscription(topic: str, user: str, version: int, *, on: bool = True) -> StateWrite:
    body: Any = {} if on else None
    return a_state(EntityKind.SUBSCRIPTION, version, body, id=topic, user_id=user)


def member(tenant: str, user: str, version: int, *, on: bool = True) -> StateWrite:
    body: Any = {} if on else None
    return a_state(EntityKind.TENANT_MEMBER, version, body, id=tenant, user_id=user)


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


async def test_each_kind_is_written_where_its_noun_writes(store: SqlStore) -> None:
    worker = await a_worker(store)
    writes = [
        user_state("ana", 1, email="ana@example.org", roles=["ops"], data={"plan": "pro"}),
        topic_state("doc:9", 1, parent="folder:3"),
        subscription("doc:9", "ana", 1),
        member("acme", "ana", 1),
        preferences("ana", 1, Level.NONE),
    ]
    assert await store.replica.accept(ENV, writes, NOW) == [True] * 5
    assert await drained(store, worker) == [Applied.APPLIED] * 5
    row = (await store.people.users(ENV, ["ana"]))["ana"]
    assert (row.email, row.roles, row.data) == ("ana@example.org", ("ops",), {"plan": "pro"})
    assert (row.source_version, row.tenants) == (1, ("acme",))
    topic = await store.topics.topic(ENV, "doc:9")
    assert topic is not None
    assert topic.parent_key == "folder:3"
    assert await subscribed(store, "doc:9") == {"ana"}
    assert await level(store, "ana") is Level.NONE
    assert await waiting(store) == 0


async def test_what_is_deleted_is_gone_and_stays_gone(store: SqlStore) -> None:
    worker = await a_worker(store)
    await store.replica.accept(
        ENV,
        [
            user_state("ana", 1, email="ana@example.org"),
            topic_state("doc:9", 1),
            subscription("doc:9", "ben", 1),
            subscription("doc:8", "ben", 1),
            member("acme", "ben", 1),
            preferences("ben", 1, Level.NONE),
        ],
        NOW,
    )
    await drained(store, worker)
    gone = [
        user_gone("ana", 2),
        subscription("doc:8", "ben", 2, on=False),
        member("acme", "ben", 2, on=False),
        preferences("ben", 2, None),
    ]
    await store.replica.accept(ENV, gone, LATER)
    assert await drained(store, worker, LATER) == [Applied.APPLIED] * 4
    assert await store.people.users(ENV, ["ana"]) == {}
    assert await subscribed(store, "doc:8") == set()
    assert (await store.people.users(ENV, ["ben"]))["ben"].tenants == ()
    assert await level(store, "ben") is None
    late = [user_state("ana", 1, email="old@example.org"), subscription("doc:8", "ben", 1)]
    assert await store.replica.accept(ENV, late, LATER) == [False, False]
    assert await drained(store, worker, LATER) == []
    assert await store.people.users(ENV, ["ana"]) == {}


async def test_a_topic_is_ended_with_its_subscriptions_before_its_version_counts(
    store: SqlStore,
) -> None:
    worker = await a_worker(store)
    await store.topics.subscribe(ENV, "doc:9", ["ana", "ben"], [], NOW)
    await store.replica.accept(ENV, [topic_gone("doc:9", 2)], NOW)
    claims = await store.replica.claim(worker, 10, LATER)
    assert await store.replica.apply(claims, LATER) == [(Applied.UNFINISHED, "")]
    await store.replica.accept(ENV, [topic_state("doc:9", 3)], LATER)
    assert await store.replica.claim(await a_worker(store), 10, LATER) == []
    await store.topics.delete(ENV, "doc:9", LATER)
    await store.replica.finish(claims)
    assert await store.topics.topic(ENV, "doc:9") is None
    assert await drained(store, worker, LATER) == [Applied.APPLIED]
    topic = await store.topics.topic(ENV, "doc:9")
    assert topic is not None
    assert topic.subscribers == 0


async def test_only_the_newest_version_waits_and_older_ones_are_ignored(store: SqlStore) -> None:
    accept = store.replica.accept
    writes = [
        user_state("ana", 2, email="two@example.org"),
        user_state("ana", 1),
        user_state("b", 1),
    ]
    assert await accept(ENV, writes, NOW) == [True, False, True]
    writes = [user_state("ana", 2, email="again@example.org"), user_state("ana", 1)]
    assert await accept(ENV, writes, NOW) == [False, False]
    batch = [user_state("ana", version, email=f"{version}@example.org") for version in (3, 5, 4)]
    assert await accept(ENV, batch, NOW) == [False, True, False]
    assert await waiting(store) == 2
    await drained(store, await a_worker(store))
    assert await email(store, "ana") == "5@example.org"
    assert await accept(ENV, [user_state("ana", 5), user_state("ana", 6)], NOW) == [False, True]


async def test_environments_do_not_share_versions(store: SqlStore) -> None:
    assert await store.replica.accept(ENV, [user_state("ana", 9)], NOW) == [True]
    assert await store.replica.accept(ENV + 1, [user_state("ana", 1)], NOW) == [True]


async def test_an_entity_is_never_in_two_hands(store: SqlStore) -> None:
    first, second = await a_worker(store), await a_worker(store)
    await store.replica.accept(ENV, [user_state("ana", 1, email="1@example.org")], NOW)
    claims = await store.replica.claim(first, 10, NOW)
    await store.replica.accept(ENV, [user_state("ana", 2, email="2@example.org")], NOW)
    assert await store.replica.claim(second, 10, NOW) == []
    assert await store.replica.apply(claims, NOW) == [(Applied.APPLIED, "")]
    assert await email(store, "ana") == "1@example.org"
    assert await drained(store, second) == [Applied.APPLIED]
    assert await email(store, "ana") == "2@example.org"


async def test_what_a_dead_worker_held_is_applied_once_and_in_order(store: SqlStore) -> None:
    dead = await a_worker(store)
    await store.replica.accept(
        ENV, [user_state("ana", 1, email="1@example.org"), user_state("ben", 1)], NOW
    )
    lost = await store.replica.claim(dead, 10, NOW)
    await store.replica.accept(ENV, [user_state("ana", 2, email="2@example.org")], NOW)
    alive = await a_worker(store, LATER)
    buried = await store.work.bury(0, LATER)
    assert buried == [dead]
    assert await store.replica.rescue(buried) == 2
    claims = await store.replica.claim(alive, 10, LATER)
    assert [(claim.user_id, claim.version) for claim in claims] == [("ana", 2), ("ben", 1)]
    assert [r for r, _ in await store.replica.apply(claims, LATER)] == [Applied.APPLIED] * 2
    late = await store.replica.apply(lost, LATER)
    assert [result for result, _ in late] == [Applied.LOST] * 2
    row = (await store.people.users(ENV, ["ana"]))["ana"]
    assert (row.email, row.version) == ("2@example.org", 1)
    assert await waiting(store) == 0


async def test_a_claim_that_was_committed_after_the_rescue_is_found(store: SqlStore) -> None:
    dead = await a_worker(store)
    await store.replica.accept(ENV, [user_state("ana", 1)], NOW)
    await store.replica.claim(dead, 10, NOW)
    await store.work.bury(0, LATER)
    await store.work.rescued([dead], LATER)
    assert await store.work.left_behind() == 1
    assert await store.work.bury(0, LATER) == [dead]


async def test_a_dead_worker_claims_nothing(store: SqlStore) -> None:
    dead = await a_worker(store)
    await store.work.stop_worker(dead, NOW)
    await store.replica.accept(ENV, [user_state("ana", 1)], NOW)
    assert await store.replica.claim(dead, 10, NOW) == []


async def test_what_was_given_back_counts_as_no_crash(store: SqlStore) -> None:
    worker = await a_worker(store)
    await store.replica.accept(ENV, [user_state("ana", 1), user_state("ben", 1)], NOW)
    for _ in range(5):
        claims = await store.replica.claim(worker, 10, NOW)
        assert [claim.crashes for claim in claims] == [1, 1]
        assert await store.replica.give_back(worker) == 2


async def test_what_was_in_hand_at_several_deaths_is_claimed_alone(store: SqlStore) -> None:
    await store.replica.accept(ENV, [user_state("ana", 1), user_state("ben", 1)], NOW)
    for _ in range(2):
        worker = await a_worker(store)
        assert len(await store.replica.claim(worker, 10, NOW)) == 2
        await store.replica.rescue([worker])
    await store.replica.accept(ENV, [user_state("cleo", 1)], LATER)
    worker = await a_worker(store)
    for expected in (["ana"], ["ben"], ["cleo"]):
        claims = await store.replica.claim(worker, 10, LATER)
        assert [claim.user_id for claim in claims] == expected


async def failed_ids(store: SqlStore) -> list[str]:
    return [row.id or row.user_id for row in await store.replica.failed(ENV, 10)]


async def test_a_circle_of_topics_fails_where_it_can_be_seen(store: SqlStore) -> None:
    worker = await a_worker(store)
    circle = [topic_state("a", 1, "b"), topic_state("b", 1, "a"), topic_state("c", 1)]
    await store.replica.accept(ENV, circle, NOW)
    results = await drained(store, worker)
    assert results.count(Applied.FAILED) >= 1
    assert await failed_ids(store) == ["b"]
    (row,) = await store.replica.failed(ENV, 10)
    assert "below the topic itself" in row.detail
    assert await waiting(store) == 0
    assert await store.replica.accept(ENV, [topic_state("b", 1, "a")], LATER) == [False]
    assert await store.replica.accept(ENV, [topic_state("b", 2)], LATER) == [True]
    await drained(store, worker, LATER)
    assert await failed_ids(store) == []


async def test_a_topic_that_came_too_early_fits_when_the_circle_is_broken(store: SqlStore) -> None:
    worker = await a_worker(store)
    await store.replica.accept(ENV, [topic_state("b", 1, "a")], NOW)
    await drained(store, worker)
    await store.replica.accept(ENV, [topic_state("a", 2, "b")], NOW)
    await drained(store, worker)
    assert await failed_ids(store) == ["a"]
    await store.replica.accept(ENV, [topic_state("b", 3)], NOW)
    await drained(store, worker)
    assert await failed_ids(store) == []
    topic = await store.topics.topic(ENV, "a")
    assert topic is not None
    assert topic.parent_key == "b"


async def test_what_was_put_aside_is_told_newest_first(store: SqlStore) -> None:
    worker = await a_worker(store)
    for place, user in enumerate(("ana", "ben", "cleo")):
        await store.replica.accept(ENV, [user_state(user, 1)], NOW)
        claims = await store.replica.claim(worker, 10, NOW)
        await store.replica.fail(claims, "it cannot be", NOW + place)
    first = await store.replica.failed(ENV, 2)
    assert [row.user_id for row in first] == ["cleo", "ben"]
    rest = await store.replica.failed(ENV, 2, (first[-1].failed_at, first[-1].entity))
    assert [(row.user_id, row.detail) for row in rest] == [("ana", "it cannot be")]
    assert await store.replica.failed(ENV + 1, 2) == []


async def test_the_depths_tell_what_waits_since_when(store: SqlStore) -> None:
    worker = await a_worker(store)
    await store.replica.accept(ENV, [user_state("ana", 1), user_state("ben", 1)], NOW)
    await store.replica.claim(worker, 1, NOW)
    await store.replica.accept(ENV, [topic_state("doc:9", 1)], NOW + SECOND)
    depths = {depth.kind: depth for depth in await store.replica.depths()}
    users = depths[EntityKind.USER]
    assert (users.waiting, users.in_hand, users.failed, users.depth) == (1, 1, 0, 2)
    assert users.oldest_age_seconds(NOW + 3 * SECOND) == 3.0
    assert depths[EntityKind.TOPIC].oldest == NOW + SECOND
    assert depths[EntityKind.PREFERENCES].oldest_age_seconds(LATER) == 0.0


async def test_a_users_own_newer_version_wins_over_the_stream(store: SqlStore) -> None:
    worker = await a_worker(store)
    written = UserWrite(id="ana", changed={"email": "api@example.org"}, version=10)
    await store.people.write_users(ENV, [written], NOW)
    await store.replica.accept(ENV, [user_state("ana", 5, email="old@example.org")], NOW)
    assert await drained(store, worker) == [Applied.IGNORED]
    assert await email(store, "ana") == "api@example.org"
    await store.replica.accept(ENV, [user_gone("ana", 6)], NOW)
    assert await drained(store, worker) == [Applied.IGNORED]
    assert await email(store, "ana") == "api@example.org"


async def test_an_erased_user_does_not_come_back_by_what_waited(store: SqlStore) -> None:
    worker = await a_worker(store)
    await a_user(store, "ana")
    states = [
        user_state("ana", 4, email="ana@example.org"),
        preferences("ana", 1, Level.NONE),
        subscription("doc:9", "ana", 1),
        subscription("doc:9", "ben", 1),
    ]
    await store.replica.accept(ENV, states, NOW)
    erased = await store.people.erase(ENV, "ana", LATER)
    assert erased is not None
    assert erased.removed["states"] == 3
    assert await store.replica.accept(ENV, states, LATER) == [False] * 4
    await drained(store, worker)
    assert await store.people.users(ENV, ["ana"]) == {}
    assert await subscribed(store, "doc:9") == {"ben"}


async def test_what_was_claimed_for_an_erased_user_is_not_applied(store: SqlStore) -> None:
    worker = await a_worker(store)
    await store.replica.accept(ENV, [user_state("ana", 1, email="ana@example.org")], NOW)
    claims = await store.replica.claim(worker, 10, NOW)
    await store.people.erase(ENV, "ana", LATER)
    assert await store.replica.apply(claims, LATER) == [(Applied.LOST, "")]
    assert await store.people.users(ENV, ["ana"]) == {}


async def test_what_came_after_a_deletion_is_not_taken_along(store: SqlStore) -> None:
    worker = await a_worker(store)
    await a_user(store, "ana")
    await store.replica.accept(ENV, [member("acme", "ana", 1), user_gone("ana", 2)], NOW)
    claims = await store.replica.claim(worker, 10, NOW)
    await store.replica.accept(
        ENV, [user_state("ana", 3, email="new@example.org"), member("beta", "ana", 1)], LATER
    )
    gone = [claim for claim in claims if claim.kind is EntityKind.USER]
    assert await store.replica.apply(gone, LATER) == [(Applied.APPLIED, "")]
    await drained(store, worker)
    row = (await store.people.users(ENV, ["ana"]))["ana"]
    assert (row.email, row.tenants) == ("new@example.org", ("beta",))


async def test_equal_preferences_keep_their_version(store: SqlStore) -> None:
    worker = await a_worker(store)
    for version in (1, 2):
        await store.replica.accept(ENV, [preferences("ana", version, Level.NONE)], NOW)
        assert await drained(store, worker) == [Applied.APPLIED]
    number = (await store.names.numbers(ENV, NameKind.USER, ["ana"]))["ana"]
    assert (await store.settings.rows(ENV, number))[0] == 1


@pytest.mark.parametrize("rounds", [6])
async def test_workers_side_by_side_leave_the_newest_of_each(store: SqlStore, rounds: int) -> None:
    """Two take from the queue while one fills it; each user ends at the newest version."""
    users = [f"u{place}" for place in range(30)]
    workers = [await a_worker(store) for _ in range(2)]
    done = asyncio.Event()

    async def apply(worker: int) -> None:
        while not done.is_set() or await waiting(store):
            await drained(store, worker, NOW, limit=7)
            await asyncio.sleep(0)

    async def fill() -> None:
        for version in range(rounds):
            for start in range(0, len(users), 10):
                await store.replica.accept(
                    ENV,
                    [
                        user_state(user, version, email=f"{version}@example.org")
                        for user in users[start : start + 10]
                    ],
                    NOW,
                )
                await asyncio.sleep(0)
        done.set()

    await asyncio.gather(fill(), *map(apply, workers))
    rows = await store.people.users(ENV, users)
    assert {row.source_version for row in rows.values()} == {rounds - 1}
    assert {row.email for row in rows.values()} == {f"{rounds - 1}@example.org"}


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
    file = tmp_path / "clarion.db"

    async def opened() -> SqlStore:
        for path in tmp_path.iterdir():
            path.unlink()
        return open_store(file, NOW, serve=True, inline=True)

    on_each(opened, 60)()


def test_any_order_and_repetition_ends_at_the_newest_on_postgres(postgres: Postgres) -> None:
    async def opened() -> SqlStore:
        return await open_postgres(await emptied_database(postgres), NOW, clock_offset=None)

    on_each(opened, 12)()

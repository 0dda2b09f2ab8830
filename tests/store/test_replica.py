"""The application's state: in order for each entity, at least once, applied once, older ignored."""

from __future__ import annotations

import asyncio

import pytest

from clarion.core.recipient import Level
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.contract.replica import (
    Applied,
    EntityKind,
)
from clarion.store.sql.store import SqlStore
from clarion.store.sql.tx import Rows
from tests.store.builders import ENV, NOW, SECOND, a_user, an_event, an_event_id, an_item_page
from tests.store.states import (
    LATER,
    a_worker,
    drained,
    email,
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
    late = await store.replica.apply(lost, LATER)
    assert [result for result, _ in late] == [Applied.LOST] * 2
    assert await email(store, "ana") is None
    assert [r for r, _ in await store.replica.apply(claims, LATER)] == [Applied.APPLIED] * 2
    await store.replica.apply(lost, LATER)
    row = (await store.people.users(ENV, ["ana"]))["ana"]
    assert (row.email, row.version) == ("2@example.org", 1)
    assert await waiting(store) == 0


async def test_a_version_that_slipped_in_behind_a_newer_one_is_not_applied(store: SqlStore) -> None:
    """It was accepted while the newer one was being committed, which it could not see."""
    worker = await a_worker(store)
    await store.replica.accept(ENV, [user_state("ana", 1, email="1@example.org")], NOW)
    claims = await store.replica.claim(worker, 10, NOW)
    newer = Rows([(claims[0].entity, 2)])
    await store._executor.write(lambda tx: tx.run("replica/upsert_versions", ENV, newer), 0)
    assert await store.replica.apply(claims, NOW) == [(Applied.IGNORED, "")]
    assert await email(store, "ana") is None
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
    assert "the topic itself or below it" in row.detail
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


async def test_a_deletion_begins_an_erasure_that_a_keeper_finishes(store: SqlStore) -> None:
    worker = await a_worker(store)
    user = await a_user(store, "ana", email="ana@example.org")
    event = an_event_id(1)
    await store.events.accept_many([an_event(event, an_item_page(event, user))], NOW)
    await store.replica.accept(ENV, [user_gone("ana", 2)], NOW)
    assert await drained(store, worker) == [Applied.APPLIED]
    assert await store.names.numbers(ENV, NameKind.USER, ["ana"]) == {}
    assert await store.people.destinations(ENV, user) == []
    assert (await store.inbox.counts(ENV, user, 0)).total == 1
    assert await store.people.finish_erasures(LATER + 1, 9) == 1
    assert (await store.inbox.counts(ENV, user, 0)).total == 0


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

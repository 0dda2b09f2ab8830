"""Who is active at a desktop."""

from __future__ import annotations

from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, SECOND, a_user

SOON = NOW + 60 * SECOND


async def test_who_says_so_is_active_until_then(store: SqlStore) -> None:
    ada, bo = await a_user(store, "ada"), await a_user(store, "bo")
    assert await store.presence.write([(ENV, ada, SOON), (ENV, bo, NOW)]) == {
        (ENV, ada): SOON,
        (ENV, bo): NOW,
    }
    assert await store.presence.active(ENV, [ada, bo, 77], NOW) == {ada: SOON}
    assert await store.presence.active(ENV, [ada], SOON) == {}
    assert await store.presence.active(ENV + 1, [ada], NOW) == {}
    assert await store.presence.active(ENV, [bo], NOW) == {}


async def test_of_several_desktops_the_longest_counts(store: SqlStore) -> None:
    ada = await a_user(store, "ada")
    await store.presence.write([(ENV, ada, SOON), (ENV, ada, SOON - 5)])
    assert await store.presence.write([(ENV, ada, SOON - 9)]) == {(ENV, ada): SOON}


async def test_who_leaves_is_away(store: SqlStore) -> None:
    ada = await a_user(store, "ada")
    await store.presence.write([(ENV, ada, SOON)])
    await store.presence.clear(ENV, ada)
    await store.presence.clear(ENV, ada)
    assert await store.presence.active(ENV, [ada], NOW) == {}


async def test_who_does_not_exist_is_never_active(store: SqlStore) -> None:
    ada = await a_user(store, "ada")
    await store.people.erase(ENV, "ada", NOW)
    assert await store.presence.write([(ENV, ada, SOON), (ENV, 77, SOON)]) == {}
    assert await store.presence.active(ENV, [ada, 77], NOW) == {}
    assert await store.presence.write([]) == {}


async def test_what_is_over_goes(store: SqlStore) -> None:
    users = [await a_user(store, name) for name in ("ada", "bo", "cy")]
    await store.presence.write([(ENV, user, SOON + n) for n, user in enumerate(users)])
    assert await store.presence.prune(SOON + 1, 1) == 1
    assert await store.presence.prune(SOON + 1, 9) == 1
    assert await store.presence.active(ENV, users, NOW) == {users[2]: SOON + 2}

from __future__ import annotations

import asyncio

from clarion.clock import SECOND
from clarion.store.contract.keys import KeyRow
from clarion.store.sql.store import SqlStore
from tests.store.builders import NOW


async def test_an_environment_exists_from_its_first_key_on(store: SqlStore) -> None:
    assert await store.keys.environments() == {}
    row = await store.keys.create("prod", b"h1", "ck_a", "admin", NOW, None)
    other = await store.keys.create("dev", b"h2", "ck_b", "read", NOW, NOW + 5)
    assert row == KeyRow(
        environment="prod", env=row.env, hint="ck_a", scope="admin", created_at=NOW
    )
    assert await store.keys.environments() == {"dev": other.env, "prod": row.env}
    assert row.env != other.env
    assert await store.keys.list() == [other, row]


async def test_a_key_is_found_by_its_hash_alone(store: SqlStore) -> None:
    row = await store.keys.create("prod", b"h1", "ck_a", "trigger", NOW, None)
    assert await store.keys.find(b"h1") == row
    assert await store.keys.find(b"h2") is None


async def test_creating_again_changes_the_scope_only(store: SqlStore) -> None:
    await store.keys.create("prod", b"h1", "ck_a", "read", NOW, None)
    again = await store.keys.create("prod", b"h1", "ck_a", "admin", NOW + 1, None)
    assert (again.scope, again.created_at) == ("admin", NOW)
    assert await store.keys.list() == [again]


async def test_a_revoked_key_stays_revoked(store: SqlStore) -> None:
    await store.keys.create("prod", b"h1", "ck_a", "read", NOW, None)
    assert await store.keys.revoke("ck_a", NOW + 1) == 1
    assert await store.keys.revoke("ck_a", NOW + 2) == 0
    again = await store.keys.create("prod", b"h1", "ck_a", "read", NOW + 3, None)
    assert again.revoked_at == NOW + 1


async def test_a_secret_is_kept_from_the_first_asking_on(store: SqlStore) -> None:
    assert await store.keys.secret("tokens", b"one") == b"one"
    assert await store.keys.secret("tokens", b"two") == b"one"
    assert await store.keys.secret("hashes", b"two") == b"two"


async def test_a_key_may_be_revoked_in_one_environment_only(store: SqlStore) -> None:
    ours = await store.keys.create("prod", b"h1", "same", "read", NOW, None)
    await store.keys.create("dev", b"h2", "same", "read", NOW, None)
    assert await store.keys.revoke("same", NOW + 1, ours.env) == 1
    states = {row.environment: row.revoked_at for row in await store.keys.list()}
    assert states == {"prod": NOW + 1, "dev": None}


async def test_a_code_is_taken_once_and_in_time_only(store: SqlStore) -> None:
    await store.keys.create("prod", b"h1", "ck_a", "admin", NOW, None)
    await store.keys.keep_code("prod", b"c1", "read", NOW, NOW + 10)
    assert await store.keys.take_code(b"other", NOW) is None
    assert await store.keys.take_code(b"c1", NOW + 10) is None
    assert await store.keys.take_code(b"c1", NOW + 9) == ("prod", "read")
    assert await store.keys.take_code(b"c1", NOW + 9) is None


async def test_of_many_that_take_a_code_at_once_one_has_it(store: SqlStore) -> None:
    await store.keys.create("prod", b"h1", "ck_a", "admin", NOW, None)
    await store.keys.keep_code("prod", b"c1", "admin", NOW, NOW + 10)
    taken = await asyncio.gather(*(store.keys.take_code(b"c1", NOW) for _ in range(8)))
    assert [found for found in taken if found] == [("prod", "admin")]


async def test_a_code_is_no_key_and_in_no_list(store: SqlStore) -> None:
    row = await store.keys.create("prod", b"h1", "ck_a", "admin", NOW, None)
    await store.keys.keep_code("prod", b"c1", "admin", NOW, NOW + 10)
    assert await store.keys.find(b"c1") is None
    assert await store.keys.list() == [row]


async def test_a_code_for_an_environment_that_is_not_there_gives_nothing(store: SqlStore) -> None:
    await store.keys.keep_code("nowhere", b"c1", "admin", NOW, NOW + 10)
    assert await store.keys.take_code(b"c1", NOW) is None
    assert await store.keys.environments() == {}


async def test_keys_of_sign_ins_leave_the_list_a_month_after_their_end(store: SqlStore) -> None:
    await store.keys.create("prod", b"h1", "clk_prod_a", "admin", NOW, NOW + 5)
    await store.keys.create("prod", b"h2", "cls_prod_b", "admin", NOW, NOW + 5)
    await store.keys.create("prod", b"h3", "cls_prod_c", "admin", NOW, NOW + 10**15)
    month = 30 * 24 * 3600 * SECOND
    for now, left in ((NOW + month, 3), (NOW + month + 5, 2)):
        await store.keys.keep_code("prod", b"c1", "admin", now, now + 10)
        assert len(await store.keys.list()) == left
    assert {row.hint for row in await store.keys.list()} == {"clk_prod_a", "cls_prod_c"}

from __future__ import annotations

from typing import Any

import apsw
import pytest

from clarion.store.sql.tx import Rows
from clarion.store.sqlite.blocks import BLOCK_ROWS, flat_of
from clarion.store.sqlite.connection import SqliteTx, query


@pytest.fixture
def tx() -> SqliteTx:
    connection = apsw.Connection(":memory:")
    connection.execute(
        "create table event_payload (env, event, data);"
        "create table event_tag (env, key, value, event);"
    )
    return SqliteTx(connection)


@pytest.mark.parametrize(
    "name",
    [
        "events/insert_events",
        "work/insert_notifications",
        "work/insert_single_items",
        "work/insert_ready",
        "work/upsert_counts",
        "people/upsert_users",
    ],
)
def test_inserts_that_look_at_each_row_by_itself_are_bound(name: str) -> None:
    assert flat_of(query(name)) is not None


@pytest.mark.parametrize(
    "name",
    [
        "work/count_items",  # groups
        "work/insert_items",  # numbers the rows of an inbox
        "names/insert_names",  # asks for the row's place
        "events/next_numbers",  # answers rows
        "held/join_digests",
        "events/fold_deltas",
        "topics/end_subscriptions",  # no insert
        "topics/insert_subscriptions",  # its places have numbers
    ],
)
def test_what_sees_its_rows_as_a_whole_stays_one_statement(name: str) -> None:
    assert flat_of(query(name)) is None


@pytest.mark.parametrize("count", [0, 1, 9, 10, 61, 250, 563])
async def test_any_number_of_rows_arrives_in_its_order(tx: SqliteTx, count: int) -> None:
    rows: list[list[Any]] = [
        [1, n.to_bytes(2, "big").hex(), f'{{"n": "{n} \\" \\u0000"}}'] for n in range(count)
    ]
    assert await tx.run("events/insert_payloads", Rows(rows)) == count
    found = await tx.composed("select event, data from event_payload order by rowid", [])
    assert found == [(bytes.fromhex(event), data) for _, event, data in rows]


async def test_wide_rows_bind_no_more_than_a_statement_may() -> None:
    flat = flat_of("insert into t (a)\nselect value ->> 0 from json_each(?)")
    assert flat is not None
    rows = [list(range(100))] * BLOCK_ROWS[0]
    blocks = list(flat.blocks([], rows))
    assert max(len(bound) for _, bound in blocks) <= 7000
    assert sum(len(bound) for _, bound in blocks) == 100 * BLOCK_ROWS[0]


def test_other_parameters_keep_their_places() -> None:
    flat = flat_of(
        "insert into t (a, b, c)\nselect ?, value ->> 0, ? from json_each(?)\n"
        "where value ->> 0 > ?\non conflict do nothing"
    )
    assert flat is not None
    ((sql, bound),) = flat.blocks(["env", "at", "least"], [(7,)])
    assert sql == (
        "insert into t (a, b, c)\nselect ?, column1, ? from (values (?))\n"
        "where column1 > ?\non conflict do nothing"
    )
    assert bound == ["env", "at", 7, "least"]

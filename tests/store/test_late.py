"""Subscriptions that are written late, as of an instant before a broadcast: its counts follow."""

from __future__ import annotations

import pytest

from clarion.store.contract.broadcasts import COUNTED
from clarion.store.contract.names import NameKind
from clarion.store.sql.store import SqlStore
from tests.store.broadcasting import a_look, audited, count_all, published, undecided
from tests.store.builders import ENV, NOW


@pytest.fixture
async def event(store: SqlStore) -> bytes:
    """Published at NOW to three subscribers, who are counted; dee is excepted."""
    names = ["ana", "bo", "cy", "dee"]
    await store.topics.subscribe(ENV, "show", names, [], NOW - 10)
    dee = (await store.names.numbers(ENV, NameKind.USER, ["dee"]))["dee"]
    found = await published(store, excepted=(dee,))
    await count_all(store)
    assert await undecided(store, found) == 3
    return found


async def test_who_had_joined_before_is_counted_when_that_is_written(
    store: SqlStore, event: bytes
) -> None:
    await store.topics.subscribe(ENV, "show", ["eve", "fay"], [], NOW)
    assert (await store.broadcasts.of_event(ENV, event))[0].cursor == COUNTED
    assert await undecided(store, event) == 5
    assert await audited(store) == []


async def test_who_had_left_before_is_counted_no_more_when_that_is_written(
    store: SqlStore, event: bytes
) -> None:
    await store.topics.subscribe(ENV, "show", [], ["ana", "dee"], NOW)
    assert await undecided(store, event) == 2
    assert await audited(store) == []


async def test_what_happens_afterwards_changes_no_count(store: SqlStore, event: bytes) -> None:
    await store.topics.subscribe(ENV, "show", ["eve"], ["ana"], NOW + 1)
    assert await undecided(store, event) == 3
    assert await audited(store) == []


async def test_a_topic_that_was_deleted_before_is_counted_right(
    store: SqlStore, event: bytes
) -> None:
    await store.topics.delete(ENV, "show", NOW)
    assert await undecided(store, event) == 0
    assert await audited(store) == []


async def test_who_has_looked_before_that_is_written_looks_again(
    store: SqlStore, event: bytes
) -> None:
    eve = (await store.names.mint(ENV, NameKind.USER, ["eve"]))["eve"]
    await store.broadcasts.write(a_look(eve, marker=1))
    assert await store.broadcasts.behind(ENV, [eve], 0) == (0, {})
    await store.topics.subscribe(ENV, "show", ["eve"], [], NOW)
    assert await store.broadcasts.behind(ENV, [eve], 0) == (1, {eve: 0})
    found = await store.broadcasts.after(ENV, 0, {eve: 0}, 1, 10)
    assert [one.event for one in found.broadcasts.values()] == [event]

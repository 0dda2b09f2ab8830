from __future__ import annotations

from typing import Any

import pytest

from clarion.errors import InvalidError
from clarion.store.contract.names import NameKind
from clarion.store.contract.topics import TopicRow
from clarion.store.sql import topics
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW


async def put(store: SqlStore, key: str, parent: str | None = None, **changes: Any) -> TopicRow:
    values: dict[str, Any] = {"kind": "topic", "default_level": None, "data": {}, "now": NOW}
    return await store.topics.put(ENV, key, parent=parent, **(values | changes))


async def keys_of_chain(store: SqlStore, topic: int) -> list[str]:
    return [row.key for row in await store.topics.chain(ENV, topic)]


async def test_a_topic_comes_back_as_put(store: SqlStore) -> None:
    parent = await put(store, "folder:1")
    made = await put(
        store, "doc:9", "folder:1", kind="thread", default_level="mentions", data={"t": "x"}
    )
    assert made == TopicRow(
        number=made.number,
        key="doc:9",
        parent=parent.number,
        parent_key="folder:1",
        kind="thread",
        default_level="mentions",
        data={"t": "x"},
        version=1,
    )
    found = await store.topics.topic(ENV, "doc:9")
    assert found is not None
    assert (found.number, found.subscribers) == (made.number, 0)
    assert await store.topics.topic(ENV, "none") is None


async def test_equal_values_keep_their_version(store: SqlStore) -> None:
    assert (await put(store, "t", data={"a": 1})).version == 1
    assert (await put(store, "t", data={"a": 1})).version == 1
    assert (await put(store, "t", data={"a": 2})).version == 2


async def test_the_chain_is_the_topic_and_its_parents(store: SqlStore) -> None:
    await put(store, "folder", "unmade-root")
    doc = await put(store, "doc", "folder")
    assert await keys_of_chain(store, doc.number) == ["doc", "folder", "unmade-root"]
    assert await store.topics.chain(ENV, 99) == []


async def test_a_name_without_a_topic_is_a_bare_row(store: SqlStore) -> None:
    numbers = await store.names.mint(ENV, NameKind.TOPIC, ["doc:1"])
    row = TopicRow(number=numbers["doc:1"], key="doc:1")
    assert await store.topics.chain(ENV, numbers["doc:1"]) == [row]


async def test_the_chain_can_be_asked_for_as_it_was(store: SqlStore) -> None:
    before = await put(store, "doc", parent="folder", default_level="none", now=NOW)
    await put(store, "folder", parent="root", now=NOW)
    await put(store, "doc", kind="thread", now=NOW + 10)
    await store.topics.delete(ENV, "folder", NOW + 20)
    then = await store.topics.chain(ENV, before.number, NOW + 9)
    assert [(row.key, row.kind, row.default_level) for row in then] == [
        ("doc", "topic", "none"),
        ("folder", "topic", None),
        ("root", "topic", None),
    ]
    assert [row.kind for row in await store.topics.chain(ENV, before.number, NOW + 10)] == [
        "thread"
    ]
    assert [row.version for row in await store.topics.chain(ENV, before.number, NOW - 1)] == [0]
    folder = then[1].number
    assert [row.key for row in await store.topics.chain(ENV, folder, NOW + 20)] == ["folder"]
    assert len(await store.topics.chain(ENV, folder, NOW + 19)) == 2


async def test_the_chain_ends_at_a_deleted_parent(store: SqlStore) -> None:
    await put(store, "root")
    await put(store, "folder", "root")
    doc = await put(store, "doc", "folder")
    await store.topics.delete(ENV, "folder", NOW)
    assert await keys_of_chain(store, doc.number) == ["doc"]


@pytest.mark.parametrize("parent", ["a", "b", "c"])
async def test_a_parent_that_would_close_a_circle_is_refused(store: SqlStore, parent: str) -> None:
    await put(store, "a")
    await put(store, "b", "a")
    await put(store, "c", "b")
    with pytest.raises(InvalidError) as caught:
        await put(store, "a", parent)
    assert caught.value.pointer == "/parent"


async def test_topics_nest_eight_deep_and_no_deeper(store: SqlStore) -> None:
    last = await put(store, "t1")
    for n in range(2, 9):
        last = await put(store, f"t{n}", f"t{n - 1}")
    assert len(await store.topics.chain(ENV, last.number)) == 8
    with pytest.raises(InvalidError):
        await put(store, "t9", "t8")
    await put(store, "top")
    with pytest.raises(InvalidError):
        await put(store, "t1", "top")


async def test_subscribing_is_counted_once(store: SqlStore) -> None:
    assert await store.topics.subscribe(ENV, "t", ["a", "b", "a"], [], NOW) == (2, 0)
    assert await store.topics.subscribe(ENV, "t", ["b", "c"], ["a", "x"], NOW + 1) == (1, 1)
    found = await store.topics.topic(ENV, "t")
    assert found is not None
    assert (found.subscribers, found.version) == (2, 1)
    users = await store.names.numbers(ENV, NameKind.USER, ["a", "b", "c", "x"])
    assert set(users) == {"a", "b", "c"}
    rows = await store.topics.subscribers(ENV, found.number, 0, 10)
    assert rows == [(users["b"], NOW), (users["c"], NOW + 1)]


async def test_subscribers_come_in_pages_by_number(store: SqlStore) -> None:
    await store.topics.subscribe(ENV, "t", [f"u{n}" for n in range(5)], [], NOW)
    assert await store.topics.subscribers(ENV, 1, 0, 2) == [(1, NOW), (2, NOW)]
    assert await store.topics.subscribers(ENV, 1, 4, 2) == [(5, NOW)]


async def test_coming_back_begins_anew(store: SqlStore) -> None:
    await store.topics.subscribe(ENV, "t", ["a"], [], NOW)
    await store.topics.subscribe(ENV, "t", [], ["a"], NOW + 1)
    assert await store.topics.subscribe(ENV, "t", ["a"], [], NOW + 2) == (1, 0)
    assert await store.topics.subscribers(ENV, 1, 0, 9) == [(1, NOW + 2)]
    await store.topics.subscribe(ENV, "t", [], ["a"], NOW + 2)
    assert await store.topics.subscribe(ENV, "t", ["a"], [], NOW + 2) == (1, 0)


async def test_many_subscribers_are_written_in_pieces(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "CHUNK", 3)
    names = [f"u{n}" for n in range(10)]
    assert await store.topics.subscribe(ENV, "t", names, [], NOW) == (10, 0)
    assert await store.topics.subscribe(ENV, "t", [], names[:7], NOW) == (0, 7)
    assert await store.topics.delete(ENV, "t", NOW + 1)
    assert await store.topics.subscribers(ENV, 1, 0, 10) == []


async def test_subscribed_pairs_are_found(store: SqlStore) -> None:
    await store.topics.subscribe(ENV, "t", ["a", "b"], [], NOW)
    await store.topics.subscribe(ENV, "s", ["b", "c"], ["c"], NOW)
    pairs = await store.topics.subscribed(ENV, [1, 2], [1, 2, 3])
    assert pairs == {(1, 1), (1, 2), (2, 2)}
    assert await store.topics.subscribed(ENV, [], [1]) == set()


async def test_deleting_ends_the_topic_and_its_subscriptions(store: SqlStore) -> None:
    await put(store, "t", default_level="all")
    await store.topics.subscribe(ENV, "t", ["a"], [], NOW)
    assert await store.topics.delete(ENV, "t", NOW + 1)
    assert not await store.topics.delete(ENV, "t", NOW + 1)
    assert not await store.topics.delete(ENV, "never", NOW + 1)
    assert await store.topics.topic(ENV, "t") is None
    assert await store.topics.subscribed(ENV, [1], [1]) == set()
    again = await put(store, "t")
    assert (again.version, again.default_level) == (3, None)


async def test_the_subscriptions_of_a_user_are_read_page_by_page(store: SqlStore) -> None:
    topics = {key: (await put(store, key)).number for key in ("a", "b", "c", "d")}
    for at, key in enumerate(topics):
        await store.topics.subscribe(ENV, key, ["u1", "u2"], [], NOW + at)
    await store.topics.subscribe(ENV, "b", [], ["u1"], NOW + 9)
    user = (await store.names.numbers(ENV, NameKind.USER, ["u1"]))["u1"]
    first = await store.topics.subscriptions(ENV, user, 0, 2)
    assert first == [(topics["a"], NOW), (topics["c"], NOW + 2)]
    assert await store.topics.subscriptions(ENV, user, first[-1][0], 2) == [(topics["d"], NOW + 3)]
    assert await store.topics.subscriptions(ENV + 1, user, 0, 2) == []


async def test_topics_are_walked_in_number_order(store: SqlStore) -> None:
    made = [(await put(store, key)).number for key in ("a", "b", "c", "d")]
    await store.topics.delete(ENV, "b", NOW)
    assert [row.key for row in await store.topics.page(ENV, 0, 2)] == ["a", "c"]
    assert [row.key for row in await store.topics.page(ENV, made[2], 9)] == ["d"]
    assert await store.topics.page(ENV + 1, 0, 9) == []


async def test_ten_thousand_at_once_are_subscribed_and_taken_away(store: SqlStore) -> None:
    names = [f"u{n}" for n in range(10_000)]
    assert await store.topics.subscribe(ENV, "t", names, [], NOW) == (10_000, 0)
    assert await store.topics.subscribe(ENV, "t", names, names[:5000], NOW + 1) == (0, 5000)
    found = await store.topics.topic(ENV, "t")
    assert found is not None
    assert found.subscribers == 5000

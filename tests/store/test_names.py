from __future__ import annotations

import asyncio

from clarion.store.contract.names import NameKind
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW


async def test_names_get_numbers_from_one_on_and_keep_them(store: SqlStore) -> None:
    first = await store.names.mint(ENV, NameKind.USER, ["a", "b", "a"])
    again = await store.names.mint(ENV, NameKind.USER, ["b", "c"])
    assert first == {"a": 1, "b": 2}
    assert again == {"b": 2, "c": 3}


async def test_kinds_and_environments_count_apart(store: SqlStore) -> None:
    await store.names.mint(ENV, NameKind.USER, ["a", "b"])
    assert await store.names.mint(ENV, NameKind.TOPIC, ["t"]) == {"t": 1}
    assert await store.names.mint(ENV + 1, NameKind.USER, ["b"]) == {"b": 1}


async def test_numbers_and_names_are_found_both_ways(store: SqlStore) -> None:
    minted = await store.names.mint(ENV, NameKind.USER, ["ä \"quoted\" 'name'", "x"])
    assert await store.names.numbers(ENV, NameKind.USER, [*minted, "none"]) == minted
    backwards = {number: name for name, number in minted.items()}
    assert await store.names.names(ENV, NameKind.USER, [*backwards, 99]) == backwards
    assert await store.names.numbers(ENV, NameKind.USER, []) == {}


async def test_a_number_is_never_given_twice(store: SqlStore) -> None:
    await store.names.mint(ENV, NameKind.USER, ["a", "b"])
    await store.people.erase(ENV, "b", NOW)
    assert await store.names.mint(ENV, NameKind.USER, ["b"]) == {"b": 3}
    assert await store.names.names(ENV, NameKind.USER, [2]) == {}


async def test_minting_at_the_same_time_gives_one_number_a_name(store: SqlStore) -> None:
    answers = await asyncio.gather(
        *(store.names.mint(ENV, NameKind.USER, [f"u{n % 5}", f"v{n}"]) for n in range(20))
    )
    numbers = await store.names.numbers(ENV, NameKind.USER, [f"u{n}" for n in range(5)])
    assert all(
        answer[name] == numbers[name] for answer in answers for name in answer if name in numbers
    )
    every = [number for answer in answers for number in answer.values()]
    assert len(set(every)) == 25


async def test_names_are_found_by_how_they_begin(store: SqlStore) -> None:
    minted = await store.names.mint(
        ENV, NameKind.USER, ["b", "ab", "a", "a z", "aé", "a\U0001f600"]
    )
    await store.names.mint(ENV, NameKind.TOPIC, ["a1"])
    await store.names.mint(ENV + 1, NameKind.USER, ["a1"])
    names = ["a", "a z", "ab", "aé", "a\U0001f600"]
    rows = [(name, minted[name]) for name in names]
    assert await store.names.beginning(ENV, NameKind.USER, "a", None, 9) == rows
    assert await store.names.beginning(ENV, NameKind.USER, "a", "a", 2) == rows[1:3]
    assert await store.names.beginning(ENV, NameKind.USER, "", "aé", 9) == [
        rows[4], ("b", minted["b"])
    ]  # fmt: skip
    assert await store.names.beginning(ENV, NameKind.USER, "a%", None, 9) == []

"""Counters of caps that several use at once, and the caps of tenants and the environment."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from clarion.core.caps import (
    EXACT_LIMIT,
    NO_CAPS,
    CapAnswer,
    CapAsk,
    CapDefaults,
    CapRule,
    CapScope,
)
from clarion.core.recipient import ScopeKind, Setting
from clarion.store.sql.caps import HOUR, reserve_caps
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, SECOND

MINUTE = 60 * SECOND
WORKERS = 8
PUSHES = CapDefaults(channels={"push": CapRule(limit=3, window_seconds=3600, over="hold")})


def an_ask(user: int = 1, holder: int = 0, **changes: Any) -> CapAsk:
    """Three pushes of a category in a minute."""
    fields: dict[str, Any] = {
        "scope": CapScope.CATEGORY, "number": 7, "user": user, "channel": 2, "key": "",
        "limit": 3, "window_us": MINUTE, "holder": holder,
    }  # fmt: skip
    return CapAsk(**(fields | changes))


def granted(answers: list[list[CapAnswer]]) -> list[bool]:
    return [all(answer.granted for answer in group) for group in answers]


async def test_what_was_counted_stays_counted(store: SqlStore) -> None:
    groups = [[an_ask(holder=n)] for n in range(1, 5)]
    assert granted(await store.caps.reserve(ENV, groups[:2], NOW)) == [True, True]
    answers = await store.caps.reserve(ENV, groups[2:], NOW + 1)
    assert answers == [
        [CapAnswer(True, 3, NOW + MINUTE)],
        [CapAnswer(False, 3, NOW + MINUTE)],
    ]
    assert granted(await store.caps.reserve(ENV, groups[3:], NOW + MINUTE)) == [True]


async def test_who_repeats_after_a_crash_gets_the_same_answer(store: SqlStore) -> None:
    groups = [[an_ask(user, user * 10 + n)] for user in (1, 2) for n in range(5)]
    first = await store.caps.reserve(ENV, groups, NOW)
    assert granted(first) == [True, True, True, False, False] * 2
    assert granted(await store.caps.reserve(ENV, groups, NOW + 5)) == granted(first)
    other = await store.caps.reserve(ENV, [[an_ask(1, 99)]], NOW + 5)
    assert other == [[CapAnswer(False, 3, NOW + 5 + MINUTE)]]


async def test_each_part_of_a_counter_tells_it_apart(store: SqlStore) -> None:
    parts: list[dict[str, Any]] = [
        {}, {"scope": CapScope.WORKFLOW}, {"number": 8}, {"user": 2}, {"channel": 3},
        {"tenant": 5}, {"key": "doc:1"}, {"key": "doc:2"}, {"key": "ä" * 5000},
    ]  # fmt: skip
    groups = [[an_ask(**{"limit": 1, **part})] for part in parts]
    assert all(granted(await store.caps.reserve(ENV, groups, NOW)))
    assert not any(granted(await store.caps.reserve(ENV, groups, NOW)))
    assert all(granted(await store.caps.reserve(ENV + 1, groups, NOW)))


async def test_a_group_that_is_refused_counts_nowhere(store: SqlStore) -> None:
    shared = an_ask(user=0, limit=2, scope=CapScope.TENANT)
    groups = [[an_ask(user, limit=1), shared] for user in (1, 1, 2, 3)]
    answers = await store.caps.reserve(ENV, groups, NOW)
    assert granted(answers) == [True, False, True, False]
    assert [group[1].used for group in answers] == [1, 2, 2, 2]
    assert granted(await store.caps.reserve(ENV, [[an_ask(3, limit=1)]], NOW)) == [True]


async def test_a_group_without_asks_is_answered_by_nothing(store: SqlStore) -> None:
    assert await store.caps.reserve(ENV, [], NOW) == []
    assert await store.caps.reserve(ENV, [[], []], NOW) == [[], []]
    assert await store.caps.reserve(ENV, [[], [an_ask()]], NOW) == [
        [],
        [CapAnswer(True, 1, NOW)],
    ]


async def test_large_limits_are_counted(store: SqlStore) -> None:
    limit = EXACT_LIMIT + 20
    groups = [[an_ask(limit=limit)] for _ in range(limit + 5)]
    answers = granted(await store.caps.reserve(ENV, groups, NOW))
    assert answers == [True] * limit + [False] * 5


@pytest.mark.parametrize("limit", [10, EXACT_LIMIT + 1])
async def test_eight_at_once_get_what_there_is_and_no_more(store: SqlStore, limit: int) -> None:
    """Each asks for every counter in an order of its own, a few groups a call."""
    users = 6
    per_worker = limit // 4

    async def work(worker: int) -> list[tuple[int, bool]]:
        chance = random.Random(worker)
        wanted = [user for user in range(1, users + 1) for _ in range(per_worker)]
        chance.shuffle(wanted)
        got: list[tuple[int, bool]] = []
        for start in range(0, len(wanted), 20):
            some = wanted[start : start + 20]
            holders = [worker * 10_000 + start + n + 1 for n in range(len(some))]
            groups = [
                [an_ask(user, holder, limit=limit), an_ask(0, holder, limit=users * limit)]
                for user, holder in zip(some, holders, strict=True)
            ]
            answers = await store.caps.reserve(ENV, groups, NOW + worker)
            got += zip(some, granted(answers), strict=True)
        return got

    found = await asyncio.gather(*map(work, range(1, WORKERS + 1)))
    taken = [user for got in found for user, yes in got if yes]
    asked = WORKERS * per_worker
    assert {user: taken.count(user) for user in range(1, users + 1)} == dict.fromkeys(
        range(1, users + 1), min(limit, asked)
    )


async def test_it_counts_in_the_transaction_of_whoever_asks(store: SqlStore) -> None:
    class UndoneError(Exception):
        pass

    async def work(tx: Any) -> None:
        answers = await reserve_caps(tx, ENV, [[an_ask(limit=1)]], NOW)
        assert granted(answers) == [True]
        raise UndoneError

    with pytest.raises(UndoneError):
        await store._executor.write(work, 0)
    assert granted(await store.caps.reserve(ENV, [[an_ask(limit=1)]], NOW)) == [True]


async def test_counters_that_count_nothing_any_more_go(store: SqlStore) -> None:
    await store.caps.reserve(ENV, [[an_ask(1)], [an_ask(2, window_us=3 * HOUR)]], NOW)
    assert await store.caps.prune(NOW + MINUTE - 1, 10) == 0
    assert await store.caps.prune(NOW + MINUTE + HOUR, 10) == 1
    answers = await store.caps.reserve(ENV, [[an_ask(2, window_us=3 * HOUR)]], NOW + HOUR)
    assert answers[0][0].used == 2
    assert await store.caps.prune(NOW + 9 * HOUR, 10) == 1


async def test_caps_are_read_as_they_were_at_a_version(store: SqlStore) -> None:
    assert await store.caps.defaults(ENV, [0, 3]) == {}
    total = CapDefaults(total=CapRule(limit=9, window_seconds=60, per="tenant"))
    assert await store.caps.write_defaults(ENV, 0, PUSHES, 0, NOW) == 1
    assert await store.settings.write(ENV, 0, [Setting(0, ScopeKind.TENANT, 3)], [], NOW) == 2
    assert await store.caps.write_defaults(ENV, 3, total, 0, NOW) == 3
    assert await store.caps.write_defaults(ENV, 0, NO_CAPS, 1, NOW) == 4
    assert await store.caps.defaults(ENV, [0, 3, 4]) == {0: (4, NO_CAPS), 3: (3, total)}
    seen = [await store.caps.defaults(ENV, [0, 3], version) for version in range(5)]
    assert seen == [
        {},
        {0: (1, PUSHES)},
        {0: (1, PUSHES)},
        {0: (1, PUSHES), 3: (3, total)},
        {0: (4, NO_CAPS), 3: (3, total)},
    ]
    assert await store.caps.defaults(ENV + 1, [0, 3]) == {}


async def test_the_version_of_caps_is_that_of_the_defaults(store: SqlStore) -> None:
    version = await store.caps.write_defaults(ENV, 3, PUSHES, 0, NOW)
    assert (await store.people.defaults(ENV, 3))[0] == version == 1
    assert await store.caps.write_defaults(ENV, 3, PUSHES, 1, NOW) == 1


async def test_of_two_who_change_the_same_caps_one_is_told(store: SqlStore) -> None:
    answers = await asyncio.gather(
        *(
            store.caps.write_defaults(
                ENV, 3, CapDefaults(channels={"sms": CapRule(limit=n, window_seconds=60)}), 0, NOW
            )
            for n in range(1, 5)
        )
    )
    assert sorted(answers, key=str) == [1, None, None, None]

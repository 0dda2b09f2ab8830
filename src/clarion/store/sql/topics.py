"""Topics, their parents and subscribers.

Many subscribers are written in transactions of CHUNK users, so that urgent work gets in between;
every piece may be repeated.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from clarion.errors import InvalidError
from clarion.store.contract.names import NameKind
from clarion.store.contract.topics import Stay, TopicRow
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.late import keeping_counts
from clarion.store.sql.names import beginning_with, mint_names, names_of, numbers_of
from clarion.store.sql.tx import Executor, Tx, Values, look, look_one

URGENCY = 1
BULK = 3
"""Urgency of a call that takes more than one piece."""

DEPTH_LIMIT = 8
"""Topics in the longest chain of parents, the nearest included."""
CHUNK = 2000


class SqlTopics:
    """Member of the TopicStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def put(
        self,
        env: int,
        key: str,
        *,
        parent: str | None,
        kind: str,
        default_level: str | None,
        data: dict[str, Any],
        now: int,
        broadcast: str = "auto",
    ) -> TopicRow:
        """Equal values keep their version, which `broadcast` is no part of. A parent may be a name
        without a topic."""
        values = (kind, default_level, text_json(data))

        async def work(tx: Tx) -> TopicRow | InvalidError:
            row = await put_topic(tx, env, key, parent, values, now)
            if isinstance(row, InvalidError) or row.broadcast == broadcast:
                return row
            await tx.run("broadcasts/update_form", broadcast, env, row.number)
            return msgspec.structs.replace(row, broadcast=broadcast)

        row = await self._executor.write(work, URGENCY)
        if isinstance(row, InvalidError):
            raise row
        return row

    async def topic(self, env: int, key: str) -> TopicRow | None:
        return await self._executor.read(lambda tx: _topic(tx, env, key))

    async def page(self, env: int, after: int, limit: int) -> list[TopicRow]:
        return await self._executor.read(lambda tx: _page(tx, env, after, limit))

    async def beginning(
        self, env: int, prefix: str, after: str | None, limit: int
    ) -> tuple[list[TopicRow], str | None]:
        return await self._executor.read(lambda tx: _beginning(tx, env, prefix, after, limit))

    async def delete(self, env: int, key: str, now: int) -> bool:
        """Repeat it when it was interrupted: it goes on with the subscriptions that are left."""
        marked = await self._executor.write(lambda tx: mark_deleted(tx, env, key, now), URGENCY)
        if marked is None:
            return False
        topic, existed = marked
        after: int | None = 0
        while after is not None:
            after = await self._executor.write(
                partial(_end_page, env=env, topic=topic, after=after, now=now), URGENCY
            )
        return existed

    async def chain(self, env: int, topic: int, at: int | None = None) -> list[TopicRow]:
        return await self._executor.read(lambda tx: _chain(tx, env, topic, at))

    async def subscribe(
        self, env: int, key: str, add: list[str], remove: list[str], now: int
    ) -> tuple[int, int]:
        """Removing holds for who is in both lists."""
        topic = await self._executor.write(lambda tx: seen_topic(tx, env, key, now), URGENCY)
        urgency = URGENCY if len(add) + len(remove) <= CHUNK else BULK
        added = removed = 0
        for names in _chunks(add):
            added += await self._executor.write(
                partial(add_subscribers, env=env, topic=topic, names=names, now=now), urgency
            )
        for names in _chunks(remove):
            removed += await self._executor.write(
                partial(remove_subscribers, env=env, topic=topic, names=names, now=now), urgency
            )
        return added, removed

    async def subscribers(
        self, env: int, topic: int, after: int, limit: int
    ) -> list[tuple[int, int]]:
        rows = await self._executor.read(
            look("topics/select_subscribers", env, topic, after, limit)
        )
        return [(user, since) for user, since in rows]

    async def subscriptions(
        self, env: int, user: int, after: int, limit: int
    ) -> list[tuple[int, int]]:
        rows = await self._executor.read(
            look("topics/select_subscriptions", env, user, after, limit)
        )
        return [(topic, since) for topic, since in rows]

    async def has_more(self, env: int, topic: int, most: int) -> bool:
        row = await self._executor.read(look_one("topics/select_place", env, topic, most))
        return row is not None

    async def subscribed(
        self, env: int, topics: list[int], users: list[int]
    ) -> set[tuple[int, int]]:
        if not topics or not users:
            return set()
        pages = (Values(topics), Values(users))
        rows = await self._executor.read(look("topics/select_subscribed", *pages, env))
        return {(topic, user) for topic, user in rows}

    async def stay(self, env: int, topic: int, user: int) -> Stay | None:
        row = await self._executor.read(look_one("topics/select_stay", env, topic, user))
        return None if row is None else Stay(*row)


def _chunks(names: list[str]) -> list[list[str]]:
    return [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]


async def add_subscribers(tx: Tx, env: int, topic: int, names: list[str], now: int) -> int:
    await tx.hold("subscriptions", env, topic)
    users = sorted((await mint_names(tx, env, NameKind.USER, names)).values())

    async def add() -> int:
        return await tx.run("topics/insert_subscriptions", env, topic, now, Values(users))

    return await keeping_counts(tx, env, topic, now, users, add)


async def remove_subscribers(tx: Tx, env: int, topic: int, names: list[str], now: int) -> int:
    users = [*(await numbers_of(tx, env, NameKind.USER, names)).values()]

    async def remove() -> int:
        return await tx.run("topics/end_subscriptions", now, Values(users), env, topic)

    return await keeping_counts(tx, env, topic, now, users, remove)


async def seen_topic(tx: Tx, env: int, key: str, now: int) -> int:
    """The topic's number; a topic at first sight is made with the values of an empty one."""
    number = (await mint_names(tx, env, NameKind.TOPIC, [key]))[key]
    if await _rows(tx, env, {number: key}):
        return number
    await tx.hold("topics", env)
    if not await _rows(tx, env, {number: key}):
        await _store(tx, env, number, (0, "topic", None, "{}"), now)
    return number


async def put_topic(
    tx: Tx, env: int, key: str, parent: str | None, values: tuple[str, str | None, str], now: int
) -> TopicRow | InvalidError:
    """An error is answered, not raised: the transaction may hold other work."""
    await tx.hold("topics", env)
    above = 0
    if parent is not None:
        above = (await mint_names(tx, env, NameKind.TOPIC, [parent]))[parent]
    number = (await mint_names(tx, env, NameKind.TOPIC, [key]))[key]
    wrong = await _misplaced(tx, env, number, above) if above else None
    if wrong:
        return InvalidError(wrong, "/parent")
    held = await tx.row("topics/select_topics", Values([number]), env)
    if held is None or held[2:6] != (above, *values):
        await _store(tx, env, number, (above, *values), now)
    return (await _rows(tx, env, {number: key}))[number]


async def _misplaced(tx: Tx, env: int, topic: int, parent: int) -> str | None:
    chain = [row[0] for row in await tx.rows("topics/select_ancestors", env, parent, DEPTH_LIMIT)]
    if topic in chain:
        return "this parent is the topic itself or below it; choose one that is not"
    height: int = (await tx.rows("topics/select_height", env, topic, DEPTH_LIMIT))[0][0]
    if len(chain) + 1 + height > DEPTH_LIMIT:
        return f"topics nest at most {DEPTH_LIMIT} deep; choose a parent further up"
    return None


async def _store(
    tx: Tx, env: int, topic: int, values: tuple[int, str, str | None, str], now: int
) -> None:
    held = await tx.row("topics/select_version", env, topic)
    version = held[0] + 1 if held else 1
    await tx.run("topics/upsert_topic", env, topic, version, *values, now)
    await tx.run("topics/insert_history", env, topic)


async def _topic(tx: Tx, env: int, key: str) -> TopicRow | None:
    number = (await numbers_of(tx, env, NameKind.TOPIC, [key])).get(key)
    if number is None:
        return None
    count: int = (await tx.rows("topics/count_subscribers", env, number))[0][0]
    return (await _rows(tx, env, {number: key}, count)).get(number)


async def _rows(
    tx: Tx,
    env: int,
    names: dict[int, str],
    subscribers: int | None = None,
    at: int | None = None,
) -> dict[int, TopicRow]:
    if at is None:
        rows = await tx.rows("topics/select_topics", Values(list(names)), env)
    else:
        rows = await tx.rows("topics/select_topics_at", Values(list(names)), env, at)
    parents = await names_of(tx, env, NameKind.TOPIC, [row[2] for row in rows if row[2]])
    return {
        number: TopicRow(
            number=number,
            key=names[number],
            parent=parent,
            parent_key=parents.get(parent),
            kind=kind,
            default_level=level,
            data=plain(data),
            version=version,
            subscribers=subscribers,
            broadcast=form[0] if form else "auto",
        )
        for number, version, parent, kind, level, data, *form in rows
    }


async def _page(tx: Tx, env: int, after: int, limit: int) -> list[TopicRow]:
    numbers = [row[0] for row in await tx.rows("topics/select_page", env, after, limit)]
    rows = await _rows(tx, env, await names_of(tx, env, NameKind.TOPIC, numbers))
    return [rows[number] for number in numbers if number in rows]


async def _beginning(
    tx: Tx, env: int, prefix: str, after: str | None, limit: int
) -> tuple[list[TopicRow], str | None]:
    names = await beginning_with(tx, env, NameKind.TOPIC, prefix, after, limit)
    rows = await _rows(tx, env, names)
    last = names[[*names][-1]] if len(names) == limit else None
    return [rows[number] for number in names if number in rows], last


async def _chain(tx: Tx, env: int, topic: int, at: int | None) -> list[TopicRow]:
    if at is None:
        found = await tx.rows("topics/select_ancestors", env, topic, DEPTH_LIMIT)
    else:
        found = await tx.rows("topics/select_ancestors_at", env, topic, DEPTH_LIMIT, at)
    numbers = [row[0] for row in found]
    names = await names_of(tx, env, NameKind.TOPIC, numbers)
    rows = await _rows(tx, env, names, at=at)
    return [
        rows.get(number) or TopicRow(number=number, key=names[number])
        for number in numbers
        if number in names
    ]


async def mark_deleted(tx: Tx, env: int, key: str, now: int) -> tuple[int, bool] | None:
    number = (await numbers_of(tx, env, NameKind.TOPIC, [key])).get(key)
    if number is None:
        return None
    await tx.hold("topics", env)
    existed = await tx.run("topics/mark_deleted", now, env, number) > 0
    if existed:
        await tx.run("topics/insert_history", env, number)
    return number, existed


async def _end_page(tx: Tx, env: int, topic: int, after: int, now: int) -> int | None:
    """End the subscriptions of the next CHUNK users that began until now; the last user seen."""
    page = await tx.rows("topics/select_page_users", env, topic, after, CHUNK)
    if not page:
        return None
    users: list[int] = [user for (user,) in page]

    async def end() -> int:
        return await tx.run("topics/end_page", now, env, topic, after, users[-1])

    await keeping_counts(tx, env, topic, now, users, end)
    return users[-1]

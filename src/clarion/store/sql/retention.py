"""Forgetting events of long ago, and kinds of their data before that.

A member that keeps days apart drops or empties whole days first (`days`, `empty_days`); what is
left goes row by row, in transactions that are short however large an event is.
"""

from __future__ import annotations

from collections.abc import Mapping

from clarion.store.contract.retention import Walk
from clarion.store.sql.inbox import uncount
from clarion.store.sql.retention_walks import INBOX, walk_on
from clarion.store.sql.tx import Executor, Rows, Tx, Values, look

URGENCY = 3

_DELIVERY = ("workflow", '"user"', "step", "channel", "destination")
TABLES: dict[str, tuple[str, ...]] = {
    "digest_entry": ("digest",),
    "waiting": ("workflow", '"user"', "step"),
    "event_payload": (),
    "event_tag": ("key", "value"),
    "event_workflow": ("workflow",),
    "event_recipient": ('"user"',),
    "event_count": ("kind",),
    "event_delta": ("id",),
    "task": ("task",),
    "broadcast": ("workflow",),
    "attempt": (*_DELIVERY, "n"),
    "delivery": _DELIVERY,
    "decision": ("workflow", '"user"', "step", "n"),
    "content": ("workflow", '"user"', "step", "locale"),
    "dead_letter": _DELIVERY,
    "notification": ("workflow", '"user"'),
}
"""What hangs on an event (or on a digest, which stands in for one), with what tells its rows
apart."""

_OF_EVENT = [(table, "event", key) for table, key in TABLES.items()]
_OF_DIGEST = ("digest_entry", "digest", ("event",))
"""What a digest was made of."""

_ALONE = "{0} returning 1"


class SqlRetention:
    """Member of the RetentionStore contract. `around` has, by table, what a member wants done
    with rows that go: a statement around the one that deletes them."""

    def __init__(self, executor: Executor, around: Mapping[str, str] | None = None) -> None:
        self._executor = executor
        self._around = around or {}

    @property
    def by_day(self) -> frozenset[Walk]:
        return frozenset()

    async def items(self, env: int, before: bytes, limit: int) -> int:
        """The audit is told that items of older events may be gone."""

        async def work(tx: Tx) -> int:
            instant = int.from_bytes(before[:6], "big") * 1000
            old = await tx.rows("retention/select_items", env, before, instant, limit)
            if old:
                await tx.run("retention/raise_mark", env, INBOX, before)
            await uncount(tx, [row for row in old if row[7]])
            keys = Rows([row[:4] for row in old])
            await tx.run("retention/delete_item_keys", keys)
            await tx.run("retention/delete_members", keys)
            return await tx.run("retention/delete_items", keys)

        return await self._executor.write(work, URGENCY)

    async def days(self, before: int) -> int:
        return 0

    async def empty_days(self, walk: Walk, before: int) -> int:
        return 0

    async def forget(self, env: int, walk: Walk, before: bytes, events: int, rows: int) -> bool:
        return await self._executor.write(
            lambda tx: walk_on(tx, env, walk, before, events, rows), URGENCY
        )

    async def events(self, env: int, before: bytes, limit: int, rows: int) -> int:
        """An event goes first, so that a half removed one is no event any more for anybody."""

        async def work(tx: Tx) -> int:
            old = [
                event for (event,) in await tx.rows("retention/select_events", env, before, limit)
            ]
            if old:
                ids = Values([event.hex() for event in old])
                await tx.run("retention/insert_forgotten", env, ids)
                await tx.run("retention/delete_events", env, ids)
                await tx.run("retention/delete_digests", env, ids)
            return max(len(old), await self._strip_some(tx, env, limit, rows))

        return await self._executor.write(work, URGENCY)

    async def keys(
        self, before: bytes, after: tuple[int, str], limit: int
    ) -> tuple[int, str] | None:
        async def work(tx: Tx) -> tuple[int, str] | None:
            seen = await tx.rows("retention/select_keys", *after, limit)
            old = [(env, key, event.hex()) for env, key, event in seen if event < before]
            await tx.run("events/delete_keys", Rows(old))
            return (seen[-1][0], seen[-1][1]) if len(seen) == limit else None

        return await self._executor.write(work, URGENCY)

    async def captures(self, env: int, before: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("retention/delete_captures", env, before, limit), URGENCY
        )

    async def overrides(self) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        for env, kind, days in await self._executor.read(look("retention/select_overrides")):
            found.setdefault(env, {})[kind] = days
        return found

    async def override(self, env: int, changed: dict[str, int | None]) -> dict[str, int]:
        async def work(tx: Tx) -> None:
            for kind, days in changed.items():
                if days is None:
                    await tx.run("retention/delete_override", env, kind)
                else:
                    await tx.run("retention/upsert_override", env, kind, days)

        if changed:
            await self._executor.write(work, 1)
        return (await self.overrides()).get(env, {})

    async def _strip_some(self, tx: Tx, env: int, limit: int, rows: int) -> int:
        """Remove rows of events that are gone; how many events were met."""
        gone = [event for (event,) in await tx.rows("retention/select_forgotten", env, limit)]
        if not gone:
            return 0
        for table, column, key in (_OF_DIGEST, *_OF_EVENT):
            if rows > 0:
                sql = self._around.get(table, _ALONE).format(_removal(table, column, key))
                rows -= len(await tx.composed(sql, [env, env, env, len(gone), rows]))
        if rows > 0:
            ids = Values([event.hex() for event in gone])
            await tx.run("retention/delete_forgotten", env, ids)
        return len(gone)


def _removal(table: str, column: str, key: tuple[str, ...]) -> str:
    """A statement that removes up to so many rows of the first events that are gone."""
    columns = ", ".join((column, *key))
    return (
        f"delete from {table} where env = ? and ({columns}) in ("  # noqa: S608 - ours
        f"select {columns} from {table} where env = ? and {column} in ("
        "select event from forgotten_event where env = ? order by event limit ?) limit ?)"
    )

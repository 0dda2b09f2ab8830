"""Inboxes. Counters move in the transaction that changes what they count.

Items are locked as they are read, then their counters in the order of their keys.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import NamedTuple

from clarion.errors import InvalidError
from clarion.store.contract.inbox import Counts, ItemRow, MemberRow
from clarion.store.sql.codec import plain
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look, look_one

URGENCY = 1
KEEPER_URGENCY = 3
CHUNK = 1000
"""Items a transaction marks at once."""

_NO_LIMIT = 2**62
_MARKS = ("seen", "read", "unread", "archive", "unarchive")
_MARKS_OF_ALL = ("seen", "read", "archive")

Inbox = tuple[int, int, int]
"""(environment, user, tenant)."""


class SqlInbox:
    """Member of the InboxStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def page(
        self,
        env: int,
        user: int,
        tenant: int,
        *,
        status: str,
        archived: str,
        before: int | None,
        limit: int,
        now: int,
    ) -> list[ItemRow]:
        """An item whose content was pruned has no fields."""
        below = _NO_LIMIT if before is None else before
        rows = await self._executor.read(
            look("inbox/select_page", env, user, tenant, below, now, status, archived, limit)
        )
        return [_item(row) for row in rows]

    async def place(self, env: int, user: int, tenant: int, seq: int) -> int:
        row = await self._executor.read(look_one("inbox/select_place", env, user, tenant, seq))
        return int(row[0]) if row else seq

    async def members(
        self, env: int, user: int, items: list[tuple[int, int]], limit: int
    ) -> dict[tuple[int, int], list[MemberRow]]:
        async def work(tx: Tx) -> dict[tuple[int, int], list[MemberRow]]:
            return {
                item: [
                    MemberRow(*row)
                    for row in await tx.rows("inbox/select_members", env, user, *item, limit)
                ]
                for item in items
            }

        return await self._executor.read(work) if items else {}

    async def counts(self, env: int, user: int, tenant: int) -> Counts:
        """Zeros for an inbox that nothing was ever put in."""
        row = await self._executor.read(look_one("inbox/select_counter", env, user, tenant))
        seq, total, unread, unseen = row or (0, 0, 0, 0)
        return Counts(seq=seq, total=total, unread=unread, unseen=unseen)

    async def mark(
        self, env: int, user: int, tenant: int, seqs: list[int], mark: str, now: int
    ) -> list[ItemRow]:
        """InvalidError for an unknown mark."""
        _check(mark, _MARKS)
        inbox = (env, user, tenant)
        wanted = Values(list(dict.fromkeys(seqs)))
        return await self._executor.write(lambda tx: _mark(tx, inbox, wanted, mark, now), URGENCY)

    async def mark_all(
        self, env: int, user: int, tenant: int, mark: str, up_to: int, now: int
    ) -> int:
        """Of what the default list shows: archived and expired items stay as they are, as do those
        that moved up meanwhile. Long inboxes take several transactions."""
        _check(mark, _MARKS_OF_ALL)
        inbox = (env, user, tenant)
        changed, after = 0, 0
        while True:
            count, last = await self._executor.write(
                partial(_mark_next, inbox=inbox, mark=mark, after=after, up_to=up_to, now=now),
                URGENCY,
            )
            changed += count
            if count < CHUNK:
                return changed
            after = last

    async def expire(self, now: int, limit: int) -> int:
        return await self._executor.write(lambda tx: _expire(tx, now, limit), KEEPER_URGENCY)

    async def notification_marks(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> list[ItemRow]:
        rows = await self._executor.read(
            look("inbox/select_of_notification", env, event, workflow, user)
        )
        return [_item(row) for row in rows]


class Marks(NamedTuple):
    """The marks of an item; `counted` is 0 once its expiry was taken out of the counters."""

    seq: int
    seen_at: int | None
    read_at: int | None
    archived_at: int | None
    counted: int

    def after(self, mark: str, now: int) -> Marks:
        """The marks after another one; the first time of each is kept."""
        match mark:
            case "seen":
                return self._replace(seen_at=_first(self.seen_at, now))
            case "read":
                return self._replace(
                    seen_at=_first(self.seen_at, now), read_at=_first(self.read_at, now)
                )
            case "unread":
                return self._replace(read_at=None)
            case "archive":
                return self._replace(archived_at=_first(self.archived_at, now))
            case _:
                return self._replace(archived_at=None)

    def weight(self) -> tuple[int, int, int]:
        """What the item adds to total, unread and unseen."""
        shown = int(bool(self.counted) and self.archived_at is None)
        return shown, shown * (self.read_at is None), shown * (self.seen_at is None)


def _first(held: int | None, now: int) -> int:
    return now if held is None else held


def _check(mark: str, known: tuple[str, ...]) -> None:
    if mark not in known:
        raise InvalidError(f"{mark!r} is no mark here; use one of {', '.join(known)}")


async def _mark(tx: Tx, inbox: Inbox, seqs: Values, mark: str, now: int) -> list[ItemRow]:
    held = [Marks(*row) for row in await tx.rows("inbox/select_marks", seqs, *inbox)]
    await _change(tx, inbox, held, mark, now)
    return [_item(row) for row in await tx.rows("inbox/select_items", seqs, *inbox)]


async def _mark_next(
    tx: Tx, inbox: Inbox, mark: str, after: int, up_to: int, now: int
) -> tuple[int, int]:
    """Mark the next CHUNK items that need it; how many, and the last one's place."""
    rows = await tx.rows("inbox/select_unmarked", *inbox, after, up_to, now, mark, CHUNK)
    held = [Marks(*row[:5]) for row in rows if row[5] <= up_to]
    await _change(tx, inbox, held, mark, now)
    return len(rows), max((row[5] for row in rows), default=after)


async def _change(tx: Tx, inbox: Inbox, held: list[Marks], mark: str, now: int) -> None:
    changed = []
    deltas = [0, 0, 0]
    for old in held:
        new = old.after(mark, now)
        if new != old:
            changed.append((*inbox, *new[:4]))
            deltas = _moved(deltas, new, old)
    if changed:
        await tx.run("inbox/update_marks", Rows(changed))
    if any(deltas):
        await tx.run("inbox/update_counters", Rows([(*inbox, *deltas)]))


async def _expire(tx: Tx, now: int, limit: int) -> int:
    expired = await tx.rows("inbox/select_expired", now, limit)
    await uncount(tx, expired)
    return len(expired)


async def uncount(tx: Tx, items: list[Row]) -> None:
    """Take items out of the counters: rows of (env, user, tenant, seq, seen_at, read_at,
    archived_at, counted), locked by who read them."""
    deltas: defaultdict[Inbox, list[int]] = defaultdict(lambda: [0, 0, 0])
    for env, user, tenant, *marks in items:
        old = Marks(*marks)
        inbox = (env, user, tenant)
        deltas[inbox] = _moved(deltas[inbox], old._replace(counted=0), old)
    if items:
        await tx.run("inbox/uncount_items", Rows([row[:4] for row in items]))
        changes = [(*inbox, *change) for inbox, change in sorted(deltas.items())]
        await tx.run("inbox/update_counters", Rows(changes))


def _moved(deltas: list[int], new: Marks, old: Marks) -> list[int]:
    return [
        sum_ + now - before
        for sum_, now, before in zip(deltas, new.weight(), old.weight(), strict=True)
    ]


def _item(row: Row) -> ItemRow:
    (
        tenant, seq, event, workflow, step, body, alert, created_at, expires_at, seen_at, read_at,
        archived_at, version, place, key, updated_at, activities, actors, *about,
    ) = row  # fmt: skip
    told_at, retracted_at = about or (None, None)
    return ItemRow(
        tenant=tenant,
        seq=seq,
        event=event,
        workflow=workflow,
        step=step,
        fields=plain(body) if body else {},
        alert=bool(alert),
        created_at=created_at,
        expires_at=expires_at,
        seen_at=seen_at,
        read_at=read_at,
        archived_at=archived_at,
        version=version,
        place=place,
        aggregation_key=key,
        updated_at=updated_at,
        activities=activities,
        actors=actors,
        told_at=told_at,
        retracted_at=retracted_at,
    )

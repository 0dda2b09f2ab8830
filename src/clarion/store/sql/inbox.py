"""Inboxes. Counters move in the transaction that changes what they count.

Items are locked as they are read, then their counters in the order of their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
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
_MARKS = ("seen", "read", "unread", "archive", "unarchive", "snooze", "unsnooze", "act")
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
        snoozed: str = "exclude",
        workflows: list[int] | None = None,
    ) -> list[ItemRow]:
        """An item whose content was pruned has no fields."""
        only = Values(workflows or [])
        below = _NO_LIMIT if before is None else before
        asked = look(
            "inbox/select_page", env, user, tenant, below, now, status, archived, snoozed,
            int(workflows is not None), only, limit,
        )  # fmt: skip
        rows = await self._executor.read(asked)
        return [item_of(row) for row in rows]

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

    async def inboxes(self, env: int, user: int, limit: int) -> dict[int, Counts]:
        rows = await self._executor.read(look("inbox/select_inboxes", env, user, limit))
        return {
            tenant: Counts(seq=seq, total=total, unread=unread, unseen=unseen)
            for tenant, seq, total, unread, unseen in rows
        }

    async def mark(
        self,
        env: int,
        user: int,
        tenant: int,
        seqs: list[int],
        mark: str,
        now: int,
        value: int = 0,
    ) -> list[ItemRow]:
        """InvalidError for an unknown mark."""
        _check(mark, _MARKS)
        inbox = (env, user, tenant)
        wanted = Values(list(dict.fromkeys(seqs)))
        asked = Mark(mark, now, value)
        return await self._executor.write(lambda tx: _mark(tx, inbox, wanted, asked), URGENCY)

    async def mark_all(
        self,
        env: int,
        user: int,
        tenant: int,
        mark: str,
        up_to: int,
        now: int,
        workflows: list[int] | None = None,
    ) -> int:
        """Of what the default list shows: archived and expired items stay as they are, as do those
        that moved up meanwhile. Long inboxes take several transactions."""
        _check(mark, _MARKS_OF_ALL)
        inbox = (env, user, tenant)
        changed, after = 0, 0
        while True:
            count, last = await self._executor.write(
                partial(
                    _mark_next,
                    inbox=inbox,
                    mark=Mark(mark, now),
                    after=after,
                    up_to=up_to,
                    workflows=workflows,
                ),
                URGENCY,
            )
            changed += count
            if count < CHUNK:
                return changed
            after = last

    async def expire(self, now: int, limit: int) -> list[tuple[int, int]]:
        return await self._executor.write(lambda tx: _expire(tx, now, limit), KEEPER_URGENCY)

    async def wake(self, now: int, limit: int) -> list[tuple[int, int]]:
        return await self._executor.write(lambda tx: _wake(tx, now, limit), KEEPER_URGENCY)

    async def notification_marks(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> list[ItemRow]:
        rows = await self._executor.read(
            look("inbox/select_of_notification", env, event, workflow, user)
        )
        return [item_of(row) for row in rows]


class Mark(NamedTuple):
    """What is done to an item, when, and until when it is snoozed or which action was chosen."""

    word: str
    now: int
    value: int = 0


class Marks(NamedTuple):
    """The marks of an item; `counted` is 0 once its expiry was taken out of the counters."""

    seq: int
    seen_at: int | None
    read_at: int | None
    archived_at: int | None
    counted: int
    snoozed_until: int | None = None
    interacted_at: int | None = None
    chosen: int | None = None

    def after(self, mark: Mark) -> Marks:
        """The marks after another one; the first time of each is kept. What is snoozed stays as it
        is until it is back."""
        word, now, value = mark
        if word in ("snooze", "unsnooze"):
            return self._replace(snoozed_until=value if word == "snooze" else None)
        if self.snoozed_until is not None:
            return self
        match word:
            case "seen":
                return self._replace(seen_at=_first(self.seen_at, now))
            case "read":
                return self._replace(
                    seen_at=_first(self.seen_at, now), read_at=_first(self.read_at, now)
                )
            case "act":
                return self._replace(
                    seen_at=_first(self.seen_at, now),
                    read_at=_first(self.read_at, now),
                    interacted_at=_first(self.interacted_at, now),
                    chosen=value,
                )
            case "unread":
                return self._replace(read_at=None)
            case "archive":
                return self._replace(archived_at=_first(self.archived_at, now))
            case _:
                return self._replace(archived_at=None)

    def weight(self) -> tuple[int, int, int]:
        """What the item adds to total, unread and unseen."""
        hidden = self.archived_at is not None or self.snoozed_until is not None
        shown = int(bool(self.counted) and not hidden)
        return shown, shown * (self.read_at is None), shown * (self.seen_at is None)


def _first(held: int | None, now: int) -> int:
    return now if held is None else held


def _check(mark: str, known: tuple[str, ...]) -> None:
    if mark not in known:
        raise InvalidError(f"{mark!r} is no mark here; use one of {', '.join(known)}")


async def _mark(tx: Tx, inbox: Inbox, seqs: Values, mark: Mark) -> list[ItemRow]:
    held = [Marks(*row) for row in await tx.rows("inbox/select_marks", seqs, *inbox)]
    await _change(tx, inbox, held, mark)
    return [item_of(row) for row in await tx.rows("inbox/select_items", seqs, *inbox)]


async def _mark_next(
    tx: Tx, inbox: Inbox, mark: Mark, after: int, up_to: int, workflows: list[int] | None
) -> tuple[int, int]:
    """Mark the next CHUNK items that need it; how many, and the last one's place."""
    rows = await tx.rows(
        "inbox/select_unmarked", *inbox, after, up_to, mark.now, mark.word, CHUNK,
        int(workflows is not None), Values(workflows or []),
    )  # fmt: skip
    held = [Marks(*row[:5], *row[6:]) for row in rows if row[5] <= up_to]
    await _change(tx, inbox, held, mark)
    return len(rows), max((row[5] for row in rows), default=after)


async def _change(tx: Tx, inbox: Inbox, held: list[Marks], mark: Mark) -> None:
    changed = []
    deltas = [0, 0, 0]
    for old in held:
        new = old.after(mark)
        if new != old:
            changed.append((*inbox, *new))
            deltas = _moved(deltas, new, old)
    if changed:
        numbers = await _numbers(tx, {inbox: [len(changed), *deltas]})
        rows = [(*row, next(numbers[inbox])) for row in changed]
        await tx.run("inbox/update_marks", Rows(rows))


async def _numbers(tx: Tx, moved: Mapping[Inbox, list[int]]) -> dict[Inbox, Iterator[int]]:
    """Move the counters of inboxes, by (numbers taken, change of total, of unread, of unseen); the
    numbers. Whoever goes on from a number finds all that changed after it."""
    rows = Rows([[*inbox, *by] for inbox, by in sorted(moved.items())])
    last = await tx.rows("inbox/raise_counters", rows)
    return {
        (env, user, tenant): iter(range(seq - moved[env, user, tenant][0] + 1, seq + 1))
        for env, user, tenant, seq in last
    }


async def _expire(tx: Tx, now: int, limit: int) -> list[tuple[int, int]]:
    expired = await tx.rows("inbox/select_expired", now, limit)
    await uncount(tx, expired)
    return [(env, user) for env, user, *_ in expired]


async def _wake(tx: Tx, now: int, limit: int) -> list[tuple[int, int]]:
    """Where an item comes back to the counters, it does so as unseen and unread."""
    rows = await tx.rows("inbox/select_woken", now, limit)
    moved: defaultdict[Inbox, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for env, user, tenant, *marks in rows:
        old = Marks(*marks)
        new = Marks(old.seq, None, None, None, old.counted)
        inbox = (env, user, tenant)
        taken, *deltas = moved[inbox]
        moved[inbox] = [taken + 1, *_moved(deltas, new, old)]
    if rows:
        numbers = await _numbers(tx, moved)
        woken = [(*row[:4], next(numbers[row[:3]]), now) for row in rows]
        await tx.run("inbox/wake_items", Rows(woken))
    return [(env, user) for env, user, *_ in rows]


async def uncount(tx: Tx, items: list[Row]) -> None:
    """Take items out of the counters: rows of (env, user, tenant, seq, seen_at, read_at,
    archived_at, counted, snoozed_until), locked by who read them."""
    moved: defaultdict[Inbox, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for env, user, tenant, *marks in items:
        old = Marks(*marks)
        inbox = (env, user, tenant)
        taken, *deltas = moved[inbox]
        moved[inbox] = [taken + 1, *_moved(deltas, old._replace(counted=0), old)]
    if items:
        numbers = await _numbers(tx, moved)
        rows = [(*row[:4], next(numbers[row[:3]])) for row in items]
        await tx.run("inbox/uncount_items", Rows(rows))


def _moved(deltas: list[int], new: Marks, old: Marks) -> list[int]:
    return [
        sum_ + now - before
        for sum_, now, before in zip(deltas, new.weight(), old.weight(), strict=True)
    ]


def item_of(row: Row) -> ItemRow:
    """An item from the columns of `inbox/select_items`."""
    (
        tenant, seq, event, workflow, step, body, alert, created_at, expires_at, seen_at, read_at,
        archived_at, version, place, key, updated_at, activities, actors, snoozed_until,
        interacted_at, chosen, *about,
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
        snoozed_until=snoozed_until,
        interacted_at=interacted_at,
        chosen=chosen,
        told_at=told_at,
        retracted_at=retracted_at,
    )

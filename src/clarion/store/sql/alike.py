"""The rows of people who get the same: what is the same travels once, and the store repeats it for
each."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from clarion.store.contract.work import AlikeWrite, ItemWrite, NotificationWrite, PageWrite
from clarion.store.sql.tx import Rows, Tx

Row = TypeVar("Row", NotificationWrite, ItemWrite)

_encode = msgspec.json.Encoder().encode


async def insert_alike(tx: Tx, groups: list[AlikeWrite]) -> bool:
    """Insert their notifications and items; False, and nothing was inserted, when somebody among
    them was there already.

    To look first, once a group, costs less than to expect a conflict for each. Who inserts one
    of them beside us is waited for, and then the transaction is run again. Rows of counters are
    locked in the order of the users.
    """
    if await tx.row("work/alike_there", Rows([_span(group) for group in groups])):
        return False
    await insert_new_alike(tx, groups)
    return True


async def insert_new_alike(tx: Tx, groups: list[AlikeWrite]) -> None:
    """The same, where it is known that none of them was there."""
    users = [_encode(group.users).decode() for group in groups]
    notes = [_note(group.notification, text) for group, text in zip(groups, users, strict=True)]
    await tx.run("work/insert_alike", Rows(notes))
    items = [
        _item(group.item, text)
        for group, text in zip(groups, users, strict=True)
        if group.item is not None
    ]
    await tx.run("work/count_alike", Rows([row[:3] for row in items]))
    await tx.run("work/insert_alike_items", Rows(items))


def one_by_one(page: PageWrite) -> PageWrite:
    """The same page with a row of its own for everybody."""
    notes = [_of(group.notification, user) for group in page.alike for user in group.users]
    items = [
        _of(group.item, user)
        for group in page.alike
        if group.item is not None
        for user in group.users
    ]
    return msgspec.structs.replace(
        page,
        notifications=[*page.notifications, *notes],
        items=[*page.items, *items],
        alike=[],
    )


def _of(row: Row, user: int) -> Row:
    return msgspec.structs.replace(row, user=user)


def _span(group: AlikeWrite) -> list[int | str]:
    note = group.notification
    return [note.env, note.event, note.workflow, group.users[0], group.users[-1]]


def _note(note: NotificationWrite, users: str) -> list[int | str]:
    return [
        users, note.env, note.event, note.workflow, note.tenant, note.bucket, note.open,
        note.waiting, note.sent, note.dead, note.decided,
    ]  # fmt: skip


def _item(item: ItemWrite, users: str) -> list[int | str | None]:
    return [
        users, item.env, item.tenant, item.event, item.workflow, item.step, item.locale,
        item.personal, item.alert, item.created_at, item.expires_at,
    ]  # fmt: skip

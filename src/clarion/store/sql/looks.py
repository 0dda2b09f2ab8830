"""The transaction of a look: broadcasts that were decided become ordinary rows, and their items
stand in the inbox where their instants belong.

Items are locked before the counter of their inbox, as everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

from clarion.store.contract.broadcasts import LookWrite
from clarion.store.contract.work import ItemWrite, PageWrite
from clarion.store.sql.pages import write_page_rows
from clarion.store.sql.tally import undecided_row
from clarion.store.sql.tx import Rows, Tx, Values

NEWER_LIMIT = 500
"""An item that comes late is put below so many newer ones, though it may belong further down."""

Inbox = tuple[int, int, int]
"""(environment, user, tenant)."""


class Newer(NamedTuple):
    """An item above those that come now: its number, place and instant."""

    seq: int
    place: int
    at: int


async def write_look(tx: Tx, look: LookWrite) -> bool:
    """See `BroadcastStore.write`. Who looks twice at once waits here and finds what was
    decided."""
    inbox = (look.env, look.user, look.tenant)
    await tx.hold("look", look.env, look.user)
    page = await _undecided(tx, look.page)
    newer: list[Newer] = []
    last = 0
    if page.items:
        last = await _last(tx, inbox)
        newer = await _newer(tx, inbox, page.items[0].created_at)
        if not await _still(tx, inbox, newer, last):
            return False
    await write_page_rows(tx, page, new_event=False)
    if newer:
        await _move(tx, inbox, placed(newer, page.items, last), last)
    if page.notifications:
        decided = [
            undecided_row(one.env, bytes.fromhex(one.event), one.workflow, -1)
            for one in page.notifications
        ]
        await tx.run("work/insert_deltas", Rows(decided))
    await tx.run("broadcasts/upsert_marker", *inbox, look.marker)
    return True


def placed(newer: list[Newer], items: list[ItemWrite], last: int) -> list[tuple[int, int]]:
    """(number, place) of items that get a place: those that come now, which have the numbers after
    `last` in their order, and those above them that make room. Both lists begin with the oldest.

    Nobody's place gets lower, and what is newer than all keeps its number for a place.
    """
    found: list[tuple[int, int]] = []
    seq, place, before = last, newer[0].place - 1, 0
    waiting = list(items)
    for one in newer:
        while waiting and waiting[0].created_at < one.at:
            waiting.pop(0)
            seq, place, before = seq + 1, place + 1, before + 1
            found.append((seq, place))
        place = max(place + 1, one.place + before)
        if place != one.place:
            found.append((one.seq, place))
    return found


async def _move(tx: Tx, inbox: Inbox, places: list[tuple[int, int]], last: int) -> None:
    """Give items their places. Those that were there before, up to number `last`, have changed by
    it."""
    before = [seq for seq, _ in places if seq <= last]
    numbers: dict[int, int] = {}
    if before:
        raised = Rows([[*inbox, len(before), 0, 0, 0]])
        reached: int = (await tx.rows("inbox/raise_counters", raised))[0][3]
        numbers = dict(zip(before, range(reached - len(before) + 1, reached + 1), strict=True))
    rows = [(*inbox, seq, place, numbers.get(seq)) for seq, place in places]
    await tx.run("inbox/update_places", Rows(rows))


async def _undecided(tx: Tx, page: PageWrite) -> PageWrite:
    """The page without what was decided since it was made."""
    keys = [(n.env, n.event, n.workflow, n.user) for n in page.notifications]
    rows = await tx.rows("work/existing_notifications", Rows(keys)) if keys else []
    there = {(event.hex(), workflow) for _, event, workflow, _ in rows}
    if not there:
        return page
    return PageWrite(
        notifications=[n for n in page.notifications if (n.event, n.workflow) not in there],
        items=[i for i in page.items if (i.event, i.workflow) not in there],
        contents=[c for c in page.contents if (c.event, c.workflow) not in there],
    )


async def _last(tx: Tx, inbox: Inbox) -> int:
    row = await tx.row("inbox/select_counter", *inbox)
    return row[0] if row else 0


async def _newer(tx: Tx, inbox: Inbox, at: int) -> list[Newer]:
    """The items above the first one that is as old, the oldest first."""
    found: list[Newer] = []
    for row in await tx.rows("inbox/select_newest", *inbox, NEWER_LIMIT):
        item = Newer(*row)
        if item.at <= at:
            break
        found.append(item)
    return found[::-1]


async def _still(tx: Tx, inbox: Inbox, newer: list[Newer], last: int) -> bool:
    """Whether the inbox is as it was read; then nobody else changes its order until the end."""
    if newer:
        numbers = Values([item.seq for item in newer])
        if len(await tx.rows("inbox/select_marks", numbers, *inbox)) < len(newer):
            return False
    held: int = (await tx.rows("inbox/hold_counter", *inbox))[0][0]
    return held == last

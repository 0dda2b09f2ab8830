"""The transaction of looks: broadcasts that were decided become ordinary rows, and their items
stand in the inboxes where their instants belong.

Items are locked before the counters of their inboxes, as everywhere, and these before the markers;
each in the order of their keys. So looks of the same users wait for each other, and whoever comes
second finds that the markers have moved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from clarion.store.contract.broadcasts import LookWrite
from clarion.store.contract.work import AlikeWrite, ItemWrite, PageWrite
from clarion.store.sql.alike import insert_new_alike, one_by_one
from clarion.store.sql.pages import tally_of, write_page_rows
from clarion.store.sql.tally import undecided_row
from clarion.store.sql.tx import Rows, Tx

A_FEW = 20
"""So many items of an inbox are looked at first for those that are newer."""
NEWER_LIMIT = 500
"""An item that comes late is put below so many newer ones, though it may belong further down."""

Key = tuple[str, int, int]
"""Of a notification in an environment: (event, workflow, user)."""


class Newer(NamedTuple):
    """An item above those that come now: its number, place and instant."""

    seq: int
    place: int
    at: int


class Standing(NamedTuple):
    """An inbox that gets items: its last number, and the items newer than the first that comes, the
    oldest first."""

    last: int
    newer: list[Newer]


async def write_looks(tx: Tx, look: LookWrite) -> set[int]:
    """See `BroadcastStore.write`."""
    standings = await _standings(tx, look)
    moved = await _moved(tx, look, standings)
    asked = [
        (look.env, user, look.tenant, *marker)
        for user, marker in sorted(look.markers.items())
        if user not in moved
    ]
    raised = await tx.rows("broadcasts/raise_markers", Rows(asked))
    mine = {user for (user,) in raised}
    late = {user: standing for user, standing in standings.items() if standing.newer}
    page = narrowed(look.page, mine, await _decided(tx, look, mine), late)
    if page.alike:
        await insert_new_alike(tx, page.alike)
        told = tally_of(PageWrite(alike=page.alike)).rows()
        await tx.run("work/insert_deltas", Rows(told))
    written = await write_page_rows(tx, msgspec.structs.replace(page, alike=[]), new_event=False)
    await _move(tx, look, written.items, {user: late[user] for user in late.keys() & mine})
    decided = Counter((one.event, one.workflow) for one in written.notifications)
    for group in page.alike:
        decided[group.notification.event, group.notification.workflow] += len(group.users)
    rows = [
        undecided_row(look.env, bytes.fromhex(event), workflow, -count)
        for (event, workflow), count in decided.items()
    ]
    await tx.run("work/insert_deltas", Rows(rows))
    return look.markers.keys() - mine


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


def narrowed(
    page: PageWrite, users: Collection[int], there: Collection[Key], apart: Collection[int]
) -> PageWrite:
    """The page of these users without what is there already; those who are `apart` have rows of
    their own. Words that nobody reads are left out."""
    alike, single = [], []
    for group in page.alike:
        note = group.notification
        kept = [
            user
            for user in group.users
            if user in users and (note.event, note.workflow, user) not in there
        ]
        together = [user for user in kept if user not in apart]
        if together:
            alike.append(msgspec.structs.replace(group, users=together))
        if len(together) < len(kept):
            own = [user for user in kept if user in apart]
            single.append(msgspec.structs.replace(group, users=own))
    rows = one_by_one(PageWrite(notifications=page.notifications, items=page.items, alike=single))
    notifications = [
        one
        for one in rows.notifications
        if one.user in users and (one.event, one.workflow, one.user) not in there
    ]
    keys = {(one.event, one.workflow, one.user) for one in notifications}
    read = {(event, workflow) for event, workflow, _ in keys} | {
        (group.notification.event, group.notification.workflow) for group in alike
    }
    return PageWrite(
        notifications=notifications,
        items=[one for one in rows.items if (one.event, one.workflow, one.user) in keys],
        contents=[
            one
            for one in page.contents
            if ((one.event, one.workflow, one.user) in keys)
            or (not one.user and (one.event, one.workflow) in read)
        ],
        alike=alike,
    )


async def _standings(tx: Tx, look: LookWrite) -> dict[int, Standing]:
    """How the inboxes stand that get items."""
    firsts = _firsts(look.page)
    asked = Rows([(look.env, user, look.tenant) for user in sorted(firsts)])
    found = {}
    for _, user, _, last, top in await tx.rows("inbox/select_tops", asked):
        newer: list[Newer] = []
        if top is not None and top > firsts[user]:
            newer = await _newer(tx, (look.env, user, look.tenant), firsts[user])
        found[user] = Standing(last, newer)
    return found


def _firsts(page: PageWrite) -> dict[int, int]:
    """The instant of the first item of each who gets some."""
    firsts: dict[int, int] = {}
    for one in page.items:
        firsts[one.user] = min(one.created_at, firsts.get(one.user, one.created_at))
    for group in page.alike:
        if group.item is not None:
            firsts |= dict.fromkeys(group.users, group.item.created_at)
    return firsts


async def _newer(tx: Tx, inbox: tuple[int, int, int], at: int) -> list[Newer]:
    """The items above the first one that is as old, the oldest first."""
    found: list[Newer] = []
    for limit in (A_FEW, NEWER_LIMIT):
        found.clear()
        for row in await tx.rows("inbox/select_newest", *inbox, limit):
            item = Newer(*row)
            if item.at <= at:
                break
            found.append(item)
        if len(found) < limit:
            break
    return found[::-1]


async def _moved(tx: Tx, look: LookWrite, standings: dict[int, Standing]) -> set[int]:
    """Users whose inbox is no longer as it was read; nobody changes the order of the others until
    the end."""
    env, tenant = look.env, look.tenant
    newer = [
        (env, user, tenant, seq)
        for user, standing in standings.items()
        for seq in sorted(item.seq for item in standing.newer)
    ]
    there = Counter(user for _, user, *_ in await tx.rows("inbox/hold_items", Rows(newer)))
    inboxes = Rows([(env, user, tenant) for user in standings])
    held: dict[int, int] = dict(await tx.rows("inbox/hold_counters", inboxes))
    return {
        user
        for user, (last, items) in standings.items()
        if held[user] != last or there[user] < len(items)
    }


async def _decided(tx: Tx, look: LookWrite, users: Collection[int]) -> set[Key]:
    """What of the page was decided before."""
    keys = [
        (look.env, one.event, one.workflow, one.user)
        for one in look.page.notifications
        if one.user in users
    ]
    keys += [key for group in look.page.alike for key in _keys(look.env, group, users)]
    rows = await tx.rows("work/existing_notifications", Rows(keys))
    return {(event.hex(), workflow, user) for _, event, workflow, user in rows}


def _keys(
    env: int, group: AlikeWrite, users: Collection[int]
) -> Iterable[tuple[int, str, int, int]]:
    note = group.notification
    return ((env, note.event, note.workflow, user) for user in group.users if user in users)


async def _move(
    tx: Tx, look: LookWrite, items: list[ItemWrite], standings: dict[int, Standing]
) -> None:
    """Give places to items that came below others, and to these. Those that were there before have
    changed by it, and take numbers."""
    mine: defaultdict[int, list[ItemWrite]] = defaultdict(list)
    for one in items:
        mine[one.user].append(one)
    places = {
        user: placed(newer, mine[user], last)
        for user, (last, newer) in sorted(standings.items())
        if mine[user]
    }
    before = {
        user: [seq for seq, _ in found if seq <= standings[user].last]
        for user, found in places.items()
    }
    raised = [
        (look.env, user, look.tenant, len(seqs), 0, 0, 0) for user, seqs in before.items() if seqs
    ]
    numbers: dict[tuple[int, int], int] = {}
    for _, user, _, reached in await tx.rows("inbox/raise_counters", Rows(raised)):
        seqs = before[user]
        for number, seq in enumerate(seqs, reached - len(seqs) + 1):
            numbers[user, seq] = number
    rows = [
        (look.env, user, look.tenant, seq, place, numbers.get((user, seq)))
        for user, found in places.items()
        for seq, place in found
    ]
    await tx.run("inbox/update_places", Rows(rows))

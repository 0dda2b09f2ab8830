"""Inbox items that tell several events, written inside the transaction of a page.

The keys are locked in their order, then the items they lead to, then the counters of the inboxes:
whoever marks an item locks it before its counter, and never a key.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from clarion.store.contract.work import ItemWrite, MemberWrite
from clarion.store.sql.inbox import Inbox, Marks
from clarion.store.sql.tx import Rows, Tx, Values

_Key = tuple[int, int, int, int, int, str]
"""(environment, user, tenant, workflow, step, aggregation key)."""

_Item = tuple[int, int, int, int]
"""(environment, user, tenant, seq)."""


class _Held(NamedTuple):
    """An item as it is locked, in the order of the columns of `inbox/merge_items`."""

    env: int
    user: int
    tenant: int
    seq: int
    seen_at: int | None
    read_at: int | None
    archived_at: int | None
    counted: int
    expires_at: int | None
    place: int | None
    updated_at: int
    activities: int
    actors: int
    last_seen_at: int | None
    last_read_at: int | None
    snoozed_until: int | None

    @property
    def item(self) -> _Item:
        return self[:4]

    @property
    def inbox(self) -> Inbox:
        return self[:3]

    def weight(self) -> tuple[int, int, int]:
        """What the item adds to total, unread and unseen."""
        marks = Marks(
            self.seq, self.seen_at, self.read_at, self.archived_at, self.counted,
            self.snoozed_until,
        )  # fmt: skip
        return marks.weight()

    def joined(self, group: list[MemberWrite], new_actors: int) -> _Held:
        """The item with new members."""
        held = self._replace(
            expires_at=_latest([self.expires_at, *(one.expires_at for one in group)]),
            updated_at=max(self.updated_at, *(one.created_at for one in group)),
            activities=self.activities + len(group),
            actors=self.actors + new_actors,
        )
        return held._opened() if group[-1].reopen else held

    def _opened(self) -> _Held:
        return self._replace(
            seen_at=None,
            read_at=None,
            archived_at=None,
            last_seen_at=self.last_seen_at if self.seen_at is None else self.seen_at,
            last_read_at=self.last_read_at if self.read_at is None else self.read_at,
        )


_Target = _Key | ItemWrite | _Held


class _Changes:
    """How inboxes change: numbers taken, and by how much their counters move."""

    def __init__(self) -> None:
        self._rows: defaultdict[Inbox, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._asked: list[tuple[str, int, Inbox, _Target]] = []

    def ask(self, inbox: Inbox, event: str, step: int, target: _Target) -> None:
        """A number is needed, of a new item or of a change; who tells a later event gets a higher
        one."""
        self._rows[inbox][0] += 1
        self._asked.append((event, step, inbox, target))

    def move(self, inbox: Inbox, before: tuple[int, int, int], now: tuple[int, int, int]) -> None:
        row = self._rows[inbox]
        for column, (old, new) in enumerate(zip(before, now, strict=True), 1):
            row[column] += new - old

    async def write(self, tx: Tx) -> list[tuple[_Target, int]]:
        """Move the counters; the numbers that were asked for."""
        rows = [[*inbox, *row] for inbox, row in sorted(self._rows.items()) if any(row)]
        last = {
            (env, user, tenant): seq
            for env, user, tenant, seq in await tx.rows("inbox/raise_counters", Rows(rows))
        }
        numbers = {inbox: seq - self._rows[inbox][0] for inbox, seq in last.items()}
        given = []
        for _, _, inbox, target in sorted(self._asked, key=lambda asked: asked[:2]):
            numbers[inbox] += 1
            given.append((target, numbers[inbox]))
        return given


_NOTHING = (0, 0, 0)
_NEW = (1, 1, 1)


async def tell_together(tx: Tx, members: list[MemberWrite], items: list[ItemWrite]) -> None:
    """Write the members of a page into the items of their keys, new ones where there is none that
    still shows, and the other `items` of the page with them."""
    groups: defaultdict[_Key, list[MemberWrite]] = defaultdict(list)
    for member in sorted(members, key=lambda one: one.event):
        groups[_key(member)].append(member)
    found = await _found(tx, groups)
    known = await _known(tx, [(found[key], one.actor) for key in found for one in groups[key]])
    changes = _Changes()
    joined: dict[_Key, _Held] = {}
    for key, group in groups.items():
        newest = group[-1]
        if key in found:
            held = found[key]
            actors = {one.actor for one in group} - known[held.item]
            joined[key] = held.joined(group, len(actors))
            changes.move(held.inbox, held.weight(), joined[key].weight())
        else:
            changes.move(key[:3], _NOTHING, _NEW)
        changes.ask(key[:3], newest.event, newest.step, key)
    for item in items:
        inbox = (item.env, item.user, item.tenant)
        changes.move(inbox, _NOTHING, _NEW)
        changes.ask(inbox, item.event, item.step, item)
    given = await changes.write(tx)
    await _write_items(tx, groups, joined, given)


def _key(member: MemberWrite) -> _Key:
    return (
        member.env, member.user, member.tenant, member.workflow, member.step, member.key,
    )  # fmt: skip


async def _found(tx: Tx, groups: dict[_Key, list[MemberWrite]]) -> dict[_Key, _Held]:
    """Lock the keys and the items that tell them; those that expired are left alone."""
    keys = await tx.rows("inbox/hold_keys", Rows(sorted(groups)))
    told = {(*row[:3], row[6]): row[:6] for row in keys if row[6]}
    found = {}
    for row in await tx.rows("inbox/select_merging", Rows(sorted(told))):
        held, key = _Held(*row), told[row[:4]]
        ended = held.expires_at is not None and held.expires_at <= groups[key][0].created_at
        if held.counted and not ended:
            found[key] = held
    return found


async def _known(tx: Tx, pairs: list[tuple[_Held, int]]) -> defaultdict[_Item, set[int]]:
    """By item which of the actors it tells of already."""
    known: defaultdict[_Item, set[int]] = defaultdict(set)
    wanted = Rows(sorted({(*held.item, actor) for held, actor in pairs}))
    for env, user, tenant, seq, actor in await tx.rows("inbox/known_actors", wanted):
        known[env, user, tenant, seq].add(actor)
    return known


async def _write_items(
    tx: Tx,
    groups: dict[_Key, list[MemberWrite]],
    joined: dict[_Key, _Held],
    given: list[tuple[_Target, int]],
) -> None:
    rows: list[list[object]] = []
    seqs = {key: held.seq for key, held in joined.items()}
    changed: dict[_Key, int] = {}
    pointed = []
    for target, number in given:
        if isinstance(target, ItemWrite):
            rows.append(_plain(target, number))
        elif isinstance(target, _Held):
            continue
        elif target in joined:
            changed[target] = number
        else:
            seqs[target] = number
            rows.append(_made(groups[target], number))
            pointed.append([*target, number])
    await tx.run("inbox/insert_numbered", Rows(rows))
    await tx.run("inbox/point_keys", Rows(pointed))
    merged = [
        [
            *held._replace(place=changed[key] if groups[key][-1].reopen else held.place),
            changed[key],
            groups[key][-1].alert,
        ]
        for key, held in joined.items()
    ]
    await tx.run("inbox/merge_items", Rows(merged))
    told = [
        [
            one.env, one.event, one.workflow, one.user, one.step, one.tenant, seqs[key], one.actor,
            one.created_at, one.expires_at,
        ]
        for key, group in groups.items()
        for one in group
    ]  # fmt: skip
    await tx.run("inbox/insert_members", Rows(told))


def _plain(item: ItemWrite, number: int) -> list[object]:
    return [
        item.env, item.user, item.tenant, number, item.event, item.workflow, item.step, item.locale,
        item.personal, item.alert, item.created_at, item.expires_at, None, None, 1, 1,
    ]  # fmt: skip


def _made(group: list[MemberWrite], number: int) -> list[object]:
    """The row of a new item: that of its first member."""
    first = group[0]
    return [
        first.env, first.user, first.tenant, number, first.event, first.workflow, first.step,
        first.locale, 1, group[-1].alert, first.created_at,
        _latest([one.expires_at for one in group]), first.key,
        max(one.created_at for one in group), len(group), len({one.actor for one in group}),
    ]  # fmt: skip


def _latest(instants: list[int | None]) -> int | None:
    """The latest of several ends; None, which is never, is later than all."""
    known = [instant for instant in instants if instant is not None]
    return max(known) if len(known) == len(instants) else None


async def retract_members(tx: Tx, env: int, events: Values, now: int) -> None:
    """Items tell nothing of these events (ids as hex) any more; one that has nothing left to tell
    expires now."""
    while items := sorted(await tx.rows("inbox/members_of", env, events)):
        wanted = Rows(items)
        rows = await tx.rows("inbox/select_merging", wanted)
        held: dict[_Item, _Held] = {row[:4]: _Held(*row) for row in rows}
        lost: defaultdict[_Item, list[int]] = defaultdict(list)
        for row in await tx.rows("inbox/retract_members", env, events, wanted, now):
            lost[row[:4]].append(row[4])
        known = await _known(tx, [(held[item], one) for item in held for one in lost[item]])
        ends = {row[:4]: row[4] for row in await tx.rows("inbox/member_expiry", wanted)}
        changes = _Changes()
        for item, before in held.items():
            after = before._replace(
                activities=before.activities - len(lost[item]),
                actors=before.actors - len(set(lost[item]) - known[item]),
                expires_at=ends.get(item, now),
                counted=before.counted if item in ends else 0,
            )
            changes.move(before.inbox, before.weight(), after.weight())
            changes.ask(before.inbox, "", before.seq, after)
        merged = [
            [*after, number, None]
            for after, number in await changes.write(tx)
            if isinstance(after, _Held)
        ]
        await tx.run("inbox/merge_items", Rows(merged))

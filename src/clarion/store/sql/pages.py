"""The rows that one page of decisions comes to, written inside the transaction of whoever has
the page."""

from __future__ import annotations

from operator import attrgetter

from clarion.core.states import Bucket
from clarion.core.workflow import Channel
from clarion.store.contract.work import ItemWrite, NotificationWrite, PageWrite
from clarion.store.sql.aggregating import tell_together
from clarion.store.sql.alike import insert_alike, one_by_one
from clarion.store.sql.codec import number_of
from clarion.store.sql.joining import join_digests
from clarion.store.sql.ordering import line_up
from clarion.store.sql.tally import Tally
from clarion.store.sql.tx import Rows, Tx

_INBOX = number_of(Channel.INBOX)
_INBOX_OF = attrgetter("env", "user", "tenant")
_USER_OF = attrgetter("user")


async def write_page_rows(tx: Tx, page: PageWrite, *, new_event: bool) -> PageWrite:
    """Insert what is new of the page and count it; the page without what was there before.

    `new_event`: the event is accepted in this very transaction, so nothing can have been there
    before and its
    counts are nobody else's yet.
    """
    if page.alike and (new_event or not await insert_alike(tx, page.alike)):
        page = one_by_one(page)
    if not new_event:
        page = await _only_new(tx, page)
    elif page.notifications:
        await tx.run("work/insert_notifications", Rows(page.notifications))
    if page.contents:
        await tx.run("work/insert_contents", Rows(page.contents))
    if page.members:
        await tell_together(tx, page.members, page.items)
    elif page.items:
        await _insert_items(tx, page.items)
    if page.deliveries:
        deliveries = Rows(page.deliveries)
        await tx.run("work/insert_deliveries", deliveries)
        await tx.run("work/insert_ready", deliveries)
        await line_up(tx, page.deliveries)
    if page.undecidable:
        await tx.run("letters/insert_undecidable", Rows(page.undecidable))
        await tx.run("letters/insert_undecidable_letters", Rows(page.undecidable))
    if page.waits:
        await tx.run("held/insert_waiting", Rows(page.waits))
    if page.joins:
        await join_digests(tx, page.joins)
    counts = tally_of(page).rows()
    if counts:
        await tx.run("work/upsert_counts" if new_event else "work/insert_deltas", Rows(counts))
    return page


async def _insert_items(tx: Tx, items: list[ItemWrite]) -> None:
    """Items with the next numbers of their inboxes; it costs less when no inbox gets two.

    The rows of the counters are locked, in the order of their keys.
    """
    inboxes = [*map(_INBOX_OF, items)]
    if inboxes != sorted(inboxes):
        items = sorted(items, key=_INBOX_OF)
    rows = Rows(items)
    if len(set(inboxes)) == len(items):
        await tx.run("work/count_single_items", rows)
        await tx.run("work/insert_single_items", rows)
    else:
        await tx.run("work/count_items", rows)
        await tx.run("work/insert_items", rows)


async def _only_new(tx: Tx, page: PageWrite) -> PageWrite:
    """Insert the notifications; the page without those that were there before.

    A page is nearly always new as a whole, so that is tried first. Who inserts one of them beside
    us is waited for at its key; keys are taken in order (a task is of one event and workflow).
    """
    there: set[tuple[int, str, int, int]] = set()
    new = sorted(page.notifications, key=_USER_OF)
    while new:
        await tx.run("work/savepoint")
        inserted = await tx.run("work/insert_notifications", Rows(new))
        if inserted == len(new):
            await tx.run("work/release_savepoint")
            break
        await tx.run("work/undo_to_savepoint")
        await tx.run("work/release_savepoint")
        keys = Rows([[n.env, n.event, n.workflow, n.user] for n in new])
        found = await tx.rows("work/existing_notifications", keys)
        there |= {(env, event.hex(), workflow, user) for env, event, workflow, user in found}
        left = [n for n in new if (n.env, n.event, n.workflow, n.user) not in there]
        if len(left) == len(new):
            await tx.run("work/insert_notifications", Rows(new))
            break
        new = left
    return _without(page, new, there) if there else page


def _without(
    page: PageWrite, new: list[NotificationWrite], there: set[tuple[int, str, int, int]]
) -> PageWrite:
    def is_new(env: int, event: str, workflow: int, user: int) -> bool:
        return (env, event, workflow, user) not in there

    return PageWrite(
        notifications=new,
        items=[i for i in page.items if is_new(i.env, i.event, i.workflow, i.user)],
        deliveries=[d for d in page.deliveries if is_new(d.env, d.event, d.workflow, d.user)],
        contents=[c for c in page.contents if is_new(c.env, c.event, c.workflow, c.user)],
        undecidable=[u for u in page.undecidable if is_new(u.env, u.event, u.workflow, u.user)],
        waits=[w for w in page.waits if is_new(w.env, w.event, w.workflow, w.user)],
        joins=[j for j in page.joins if is_new(j.env, j.event, j.workflow, j.user)],
        members=[m for m in page.members if is_new(m.env, m.event, m.workflow, m.user)],
        alike=page.alike,
    )


def tally_of(page: PageWrite) -> Tally:
    """What the rows of a page count."""
    tally = Tally()
    for notification in page.notifications:
        tally.add(notification.env, notification.event, 0, notification.bucket)
    for group in page.alike:
        note, count = group.notification, len(group.users)
        tally.add(note.env, note.event, 0, note.bucket, count)
        if group.item is not None:
            tally.add(note.env, note.event, _INBOX, Bucket.SENT, count)
    for item in page.items:
        tally.add(item.env, item.event, _INBOX, Bucket.SENT)
    for member in page.members:
        tally.add(member.env, member.event, _INBOX, Bucket.SENT)
    for delivery in page.deliveries:
        tally.add(delivery.env, delivery.event, delivery.channel, Bucket.OPEN)
    for letter in page.undecidable:
        tally.add(letter.env, letter.event, letter.channel, Bucket.DEAD)
    return tally

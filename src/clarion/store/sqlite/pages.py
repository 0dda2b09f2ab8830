"""The rows that one page of decisions comes to, written inside the transaction of whoever has
the page."""

from __future__ import annotations

from collections import defaultdict

from clarion.core.states import Bucket
from clarion.core.workflow import Channel
from clarion.store.contract.work import ItemWrite, NotificationWrite, PageWrite
from clarion.store.sqlite.codec import number_of, rows_json
from clarion.store.sqlite.connection import Tx

_INBOX = number_of(Channel.INBOX)

CountKey = tuple[int, str, int]
"""(environment, event as hex, kind): kind 0 counts notifications, else deliveries of a channel."""


class Tally:
    """Sums changes of counts per event and kind."""

    def __init__(self) -> None:
        self._rows: defaultdict[CountKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])

    def add(self, env: int, event: str, kind: int, bucket: int, n: int = 1) -> None:
        self._rows[(env, event, kind)][bucket - 1] += n

    def rows(self) -> list[list[int | str]]:
        """Rows of (env, event, kind, open, held, sent, dead, skipped) without those that sum to
        nothing."""
        return [[*key, *sums] for key, sums in self._rows.items() if any(sums)]


def write_page_rows(tx: Tx, page: PageWrite, *, new_event: bool) -> None:
    """Insert what is new of the page and count it.

    `new_event`: the event is accepted in this very transaction, so nothing can have been there
    before and its
    counts are nobody else's yet.
    """
    if not new_event:
        page = _only_new(tx, page)
    elif page.notifications:
        tx.run("work/insert_notifications", rows_json(page.notifications))
    if page.contents:
        tx.run("work/insert_contents", rows_json(page.contents))
    if page.items:
        _insert_items(tx, page.items)
    if page.deliveries:
        deliveries = rows_json(page.deliveries)
        tx.run("work/insert_deliveries", deliveries)
        tx.run("work/insert_ready", deliveries)
    counts = _tally(page).rows()
    if counts:
        tx.run("work/upsert_counts" if new_event else "work/insert_deltas", rows_json(counts))


def _insert_items(tx: Tx, items: list[ItemWrite]) -> None:
    """Items with the next numbers of their inboxes; it costs less when no inbox gets two."""
    rows = rows_json(items)
    if len({(item.env, item.user, item.tenant) for item in items}) == len(items):
        tx.run("work/count_single_items", rows)
        tx.run("work/insert_single_items", rows)
    else:
        tx.run("work/count_items", rows)
        tx.run("work/insert_items", rows)


def _only_new(tx: Tx, page: PageWrite) -> PageWrite:
    """Insert the notifications; the page without those that were there before.

    A page is nearly always new as a whole, so that is tried first.
    """
    if not page.notifications:
        return page
    tx.script("savepoint page")
    inserted = tx.run("work/insert_notifications", rows_json(page.notifications))
    if inserted == len(page.notifications):
        tx.script("release page")
        return page
    tx.script("rollback to page")
    tx.script("release page")
    keys = [[n.env, n.event, n.workflow, n.user] for n in page.notifications]
    there = {
        (env, event.hex(), workflow, user)
        for env, event, workflow, user in tx.rows("work/existing_notifications", rows_json(keys))
    }
    new = [n for n in page.notifications if (n.env, n.event, n.workflow, n.user) not in there]
    if new:
        tx.run("work/insert_notifications", rows_json(new))
    return _without(page, new, there)


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
    )


def _tally(page: PageWrite) -> Tally:
    tally = Tally()
    for notification in page.notifications:
        tally.add(notification.env, notification.event, 0, notification.bucket)
    for item in page.items:
        tally.add(item.env, item.event, _INBOX, Bucket.SENT)
    for delivery in page.deliveries:
        tally.add(delivery.env, delivery.event, delivery.channel, Bucket.OPEN)
    return tally

"""The ledger of a stopped server as a few sums, for runs of so many events that recounting each of
them, as `clarion audit` does, would take longer than the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import asyncpg
import msgspec

from clarion.core.states import Bucket

_SUMS = {
    "events": "select count(*) from event",
    "expanding": "select count(*) from event where expanding <> 0",
    "notifications": "select count(*) from notification",
    "sent": f"select count(*) from notification where bucket = {int(Bucket.SENT)}",
    "items": "select count(*) from item",
    "in_inboxes": "select coalesce(sum(total), 0) from inbox_counter",
    "counted": (
        "select coalesce(sum(sent), 0) from (select sent from event_count where kind = 0 "
        "union all select sent from event_delta where kind = 0) as counts"
    ),
    "counted_otherwise": (
        "select coalesce(sum(n), 0) from (select open + held + dead + skipped as n "
        "from event_count where kind = 0 union all "
        "select open + held + dead + skipped from event_delta where kind = 0) as counts"
    ),
}


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Rows and what was counted of them, over all events."""

    events: int
    expanding: int
    notifications: int
    sent: int
    items: int
    in_inboxes: int
    counted: int
    counted_otherwise: int


async def sums(store: Path | str) -> Sums:
    """Of a file, or of the database of a DSN."""
    if isinstance(store, Path):
        connection = apsw.Connection(str(store))
        try:
            rows = {name: connection.execute(sql).fetchall() for name, sql in _SUMS.items()}
            found: dict[str, Any] = {name: row[0][0] for name, row in rows.items()}
        finally:
            connection.close()
    else:
        database = await asyncpg.connect(store)
        try:
            found = {name: await database.fetchval(sql) for name, sql in _SUMS.items()}
        finally:
            await database.close()
    return Sums(**{name: int(value) for name, value in found.items()})


def one_item_each(found: Sums, accepted: int) -> None:
    """RuntimeError unless each of `accepted` events told one person in the inbox, once."""
    _as_wanted(found, accepted, told=accepted)


def nobody_told(found: Sums, accepted: int) -> None:
    """RuntimeError unless `accepted` events are kept, and told nobody."""
    _as_wanted(found, accepted, told=0)


def _as_wanted(found: Sums, accepted: int, told: int) -> None:
    wanted = Sums(
        events=accepted, expanding=0, notifications=told, sent=told, items=told, in_inboxes=told,
        counted=told, counted_otherwise=0,
    )  # fmt: skip
    if found != wanted:
        raise RuntimeError(f"{accepted} events were accepted, and the store holds {found}")

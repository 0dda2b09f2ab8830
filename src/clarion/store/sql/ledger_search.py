"""The search over notifications: newest first, over a bounded number of rows a page.

Statements are put together from the fixed fragments below; what is searched for is always a
parameter.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NamedTuple

import msgspec

from clarion.core.decision import DecisionRecord
from clarion.core.states import DEAD_STATUSES, DeliveryStatus
from clarion.core.workflow import Channel
from clarion.store.contract.ledger import NotificationPage, NotificationQuery, NotificationRow
from clarion.store.sql.codec import number_of, text_json
from clarion.store.sql.tx import Row, Tx

LOOKED_AT = 2000
"""Rows looked at for one page; an event without notifications counts as a row."""
CHUNK = 200

_RECORD = msgspec.json.Decoder(DecisionRecord)
_NEWEST = (b"\xff" * 17, 0, 0)
_HIGHEST = (2**62, 2**62)

_OF_NOTIFICATION = (
    "x.env = n.env and x.event = n.event and x.workflow = n.workflow and x.user = n.user"
)
_HAS_ITEM = " ".join(("exists (select 1 from item as x where", _OF_NOTIFICATION, ")"))
_HAS_DELIVERY = " ".join(
    ("exists (select 1 from delivery as x where", _OF_NOTIFICATION, "and {} )")
)
_IS_SENDING = (
    "exists (select 1 from ready as r where r.env = x.env and r.event = x.event "
    "and r.workflow = x.workflow and r.user = x.user and r.step = x.step "
    "and r.channel = x.channel and r.destination = x.destination and r.state = 1)"
)

Key = tuple[bytes, int, int]
"""(event, workflow, user)."""
Fragment = tuple[str, list[Any]]
"""A condition and its parameters."""


async def search(tx: Tx, env: int, query: NotificationQuery) -> NotificationPage:
    """One page. It is full, or everything was looked at, or as much as may be looked at."""
    rows: list[NotificationRow] = []
    last: Key | None = None
    looked = 0
    async with aclosing(_walk(tx, env, query)) as walk:
        async for key, row in walk:
            if looked == LOOKED_AT or (row is not None and len(rows) == query.limit):
                return NotificationPage(rows=rows, cursor=last)
            looked, last = looked + 1, key
            found = notification(env, row) if row is not None and row[5] is not None else None
            if found is not None and _has_reason(found, query.reason):
                rows.append(found)
    return NotificationPage(rows=rows, cursor=None)


def notification(env: int, row: Row) -> NotificationRow:
    """A row of (event, workflow, user, tenant, bucket, decided)."""
    event, workflow, user, tenant, bucket, decided = row
    return NotificationRow(
        env=env,
        event=event,
        workflow=workflow,
        user=user,
        tenant=tenant,
        bucket=bucket,
        decided=_RECORD.decode(decided),
    )


def _has_reason(found: NotificationRow, reason: str | None) -> bool:
    return reason is None or any(step.reason == reason for step in found.decided.steps)


async def _walk(
    tx: Tx, env: int, query: NotificationQuery
) -> AsyncGenerator[tuple[Key, Row | None], None]:
    """Keys newest first with their rows; `decided` is null where a filter does not match."""
    matches = _matches(tx, query)
    before = query.before or _newest(query)
    sources = _sources(tx, env, query)
    if not sources:
        async with aclosing(_rows(tx, matches, _everywhere(tx, env, query), before)) as rows:
            async for found in rows:
                yield found
        return
    async with aclosing(_events(tx, sources, query, before)) as events:
        async for event in events:
            top = before if event == before[0] else (event, *_HIGHEST)
            scope = _of_event(tx, env, query, event)
            async with aclosing(_rows(tx, matches, scope, top)) as rows:
                async for found in rows:
                    yield found
            yield (event, 0, 0), None


def _everywhere(tx: Tx, env: int, query: NotificationQuery) -> Fragment:
    """All notifications of the environment, or of one user."""
    if query.user is None:
        return "notification as n where n.env = ? and n.event >= ?", [env, _oldest(query)]
    return (
        tx.text("ledger/fragment_of_user") + " where n.env = ? and n.user = ? and n.event >= ?",
        [env, query.user, _oldest(query)],
    )


def _of_event(tx: Tx, env: int, query: NotificationQuery, event: bytes) -> Fragment:
    """Those of one event, or of one user for it."""
    if query.user is None:
        return "notification as n where n.env = ? and n.event = ?", [env, event]
    return (
        tx.text("ledger/fragment_of_user") + " where n.env = ? and n.user = ? and n.event = ?",
        [env, query.user, event],
    )


async def _rows(
    tx: Tx, matches: Fragment, scope: Fragment, top: Key
) -> AsyncGenerator[tuple[Key, Row], None]:
    """The rows of a scope below a key, read CHUNK at a time as far as they are asked for."""
    sql = " ".join(
        (
            "select n.event, n.workflow, n.user, n.tenant, n.bucket, case when",
            matches[0],
            "then n.decided end from",
            scope[0],
            "and (n.event, n.workflow, n.user) < (?, ?, ?)",
            "order by n.event desc, n.workflow desc, n.user desc limit ?",
        )
    )
    while True:
        rows = await tx.composed(sql, [*matches[1], *scope[1], *top, CHUNK])
        for row in rows:
            top = (row[0], row[1], row[2])
            yield top, row
        if len(rows) < CHUNK:
            return


def _matches(tx: Tx, query: NotificationQuery) -> Fragment:
    """What a notification must be; a reason is only looked for roughly here."""
    parts = ["1 = 1"]
    values: list[Any] = []
    for column, wanted in (
        ("n.workflow", query.workflow),
        ("n.bucket", query.bucket),
        ("n.tenant", query.tenant),
    ):
        if wanted is not None:
            parts.append(column + " = ?")
            values.append(wanted)
    if query.reason is not None:
        parts.append(tx.text("ledger/fragment_decided_contains"))
        values.append(text_json(query.reason))
    if query.provider_id is not None:
        parts.append(_HAS_DELIVERY.format("x.provider_id = ?"))
        values.append(query.provider_id)
    if query.channel == number_of(Channel.INBOX):
        parts.append(_HAS_ITEM)
    conditions, compared = _of_delivery(query)
    if conditions:
        parts.append(_HAS_DELIVERY.format(" and ".join(conditions)))
    return " and ".join(parts), [*values, *compared]


def _of_delivery(query: NotificationQuery) -> tuple[list[str], list[Any]]:
    """What one and the same delivery must be."""
    parts: list[str] = []
    values: list[Any] = []
    if query.channel is not None and query.channel != number_of(Channel.INBOX):
        parts.append("x.channel = ?")
        values.append(query.channel)
    if query.delivery_status is not None:
        condition, status = _status(query.delivery_status)
        parts.append(condition)
        values.append(status)
    if query.given_up:
        parts.append(f"x.status in ({', '.join('?' for _ in DEAD_STATUSES)})")
        values += sorted(map(int, DEAD_STATUSES))
    return parts, values


def _status(wanted: int) -> tuple[str, int]:
    """`sending` is kept in the ready row alone; the delivery itself still says `ready`."""
    if wanted == DeliveryStatus.SENDING:
        return "x.status = ? and " + _IS_SENDING, DeliveryStatus.READY
    if wanted == DeliveryStatus.READY:
        return "x.status = ? and not " + _IS_SENDING, DeliveryStatus.READY
    return "x.status = ?", wanted


class _Source(NamedTuple):
    """What leads to events: a table and its condition, `{0}` where its alias stands."""

    table: str
    condition: str
    parameters: list[Any]

    def named(self, alias: str) -> str:
        """Table and condition under an alias."""
        return f"{self.table} where {self.condition}".format(alias)


def _sources(tx: Tx, env: int, query: NotificationQuery) -> list[_Source]:
    """What leads to the events asked for, the most selective first."""
    found: list[_Source] = []
    if query.event is not None:
        condition = "{0}.env = ? and {0}.event = ?"
        found.append(_Source("event as {0}", condition, [env, query.event]))
    if query.provider_id is not None:
        table = tx.text("ledger/fragment_by_provider")
        condition = "{0}.env = ? and {0}.provider_id = ?"
        found.append(_Source(table, condition, [env, query.provider_id]))
    if query.correlation is not None:
        table = tx.text("ledger/fragment_by_correlation")
        condition = "{0}.env = ? and {0}.correlation = ?"
        found.append(_Source(table, condition, [env, query.correlation]))
    if query.tag is not None:
        condition = "{0}.env = ? and {0}.key = ? and {0}.value = ?"
        found.append(_Source("event_tag as {0}", condition, [env, *query.tag]))
    if query.tag_value is not None:
        table = tx.text("ledger/fragment_by_tag_value")
        condition = "{0}.env = ? and {0}.value = ?"
        found.append(_Source(table, condition, [env, query.tag_value]))
    return found


async def _events(
    tx: Tx, sources: list[_Source], query: NotificationQuery, before: Key
) -> AsyncGenerator[bytes, None]:
    """Ids of the events that all sources name, newest first, from the one of `before` on."""
    first, *others = sources
    parts = ["select distinct d.event from", first.named("d")]
    values = list(first.parameters)
    for other in others:
        parts += ["and exists (select 1 from", other.named("s"), "and s.event = d.event )"]
        values += other.parameters
    parts.append("and d.event >= ? and d.event <= ? order by d.event desc limit ?")
    sql = " ".join(parts)
    top, skip = before[0], 0
    while True:
        page = await tx.composed(sql, [*values, _oldest(query), top, CHUNK + skip])
        for (event,) in page[skip:]:
            yield event
        if len(page) < CHUNK + skip:
            return
        top, skip = page[-1][0], 1


def _newest(query: NotificationQuery) -> Key:
    """Above the first key that the search looks at."""
    if query.until is None:
        return _NEWEST
    return (max(query.until, 0) // 1000).to_bytes(6, "big") + bytes(10), 0, 0


def _oldest(query: NotificationQuery) -> bytes:
    """The least event id of the instant that the search goes back to."""
    return (max(query.since, 0) // 1000).to_bytes(6, "big") if query.since else b""

"""Events."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import msgspec

from clarion.core.states import Bucket, DeliveryStatus
from clarion.store.contract.events import (
    Acceptance,
    EventCounts,
    EventQuery,
    EventRow,
    EventWrite,
)
from clarion.store.contract.work import PageWrite
from clarion.store.sql.aggregating import retract_members
from clarion.store.sql.broadcasts import insert_broadcasts
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.moving import Moves
from clarion.store.sql.ordering import orders_of
from clarion.store.sql.pages import write_page_rows
from clarion.store.sql.settling import End, end_deliveries
from clarion.store.sql.tx import Executor, Rows, Tx, Values, look

_BULK = 3
_KEY_OF = itemgetter(0, 1)
_INSERTS = {
    "events": "events/insert_events",
    "payloads": "events/insert_payloads",
    "tags": "events/insert_tags",
    "workflows": "events/insert_workflows",
    "recipients": "events/insert_recipients",
    "tasks": "events/insert_tasks",
}


class SqlEvents:
    """Member of the EventStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def accept_many(self, events: list[EventWrite], now: int) -> list[Acceptance]:
        urgency = min((event.lane for event in events), default=_BULK)
        return await self._executor.write(lambda tx: _accept(tx, events, now), urgency)

    async def by_keys(self, env: int, keys: list[str]) -> dict[str, tuple[bytes, bytes]]:
        wanted = Rows([[env, key] for key in keys])
        rows = await self._executor.read(look("events/keys", wanted))
        return {key: (event, fingerprint) for _, key, event, fingerprint in rows}

    async def rows(self, env: int, events: list[bytes]) -> dict[bytes, EventRow]:
        wanted = Values([event.hex() for event in events])
        rows = await self._executor.read(look("events/rows", env, wanted))
        return {row[0]: _event_row(env, row) for row in rows}

    async def counts(self, env: int, event: bytes) -> dict[int, EventCounts]:
        rows = await self._executor.read(look("events/counts", env, event))
        undecided = sum(row[1] for row in rows if row[0] < 0)
        found = {
            kind: EventCounts(open=opened, held=held, sent=sent, dead=dead, skipped=skipped)
            for kind, opened, held, sent, dead, skipped in rows
            if kind >= 0
        }
        if undecided:
            found[0] = msgspec.structs.replace(
                found.get(0, EventCounts()), undecided=max(0, undecided)
            )
        return found

    async def search(self, env: int, query: EventQuery) -> list[EventRow]:
        return await self._executor.read(lambda tx: _search(tx, env, query))

    async def cancel(
        self, env: int, events: list[bytes], cancellation_key: str | None, now: int
    ) -> list[bytes]:
        return await self._executor.write(
            lambda tx: _cancel(tx, env, events, cancellation_key, now), 0
        )

    async def fold_counts(self, limit: int) -> int:
        return await self._executor.write(lambda tx: _fold(tx, limit), _BULK)

    async def prune_orders(self, before: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("events/prune_orders", before, limit), _BULK
        )


async def accept_within(tx: Tx, events: list[EventWrite], now: int) -> list[Acceptance]:
    """`accept_many` as a part of a larger transaction."""
    return await _accept(tx, events, now)


async def cancel_within(tx: Tx, env: int, events: list[bytes], now: int) -> list[bytes]:
    """`cancel` by id as a part of a larger transaction."""
    return await _cancel(tx, env, events, None, now)


async def _accept(tx: Tx, events: list[EventWrite], now: int) -> list[Acceptance]:
    answers = await _claim_keys(tx, events)
    fresh = [
        event
        for event, answer in zip(events, answers, strict=True)
        if not answer.replayed and not answer.mismatch
    ]
    if fresh:
        await tx.days([event.id for event in fresh])
        await _insert(tx, fresh, now)
    return answers


async def _claim_keys(tx: Tx, events: list[EventWrite]) -> list[Acceptance]:
    """Take the idempotency keys; events whose key another event holds get that one's answer.

    An event that is refused for one key may have taken another just now: whoever met it there asks
    again once its keys are free, and gets its answer if all their keys are the same.
    """
    answers: dict[bytes, Acceptance] = {}
    pending = events
    while pending:
        found = await _claim_once(tx, pending)
        answers |= found
        pending = [event for event in pending if event.id not in found]
    return [answers[event.id] for event in events]


async def _claim_once(tx: Tx, events: list[EventWrite]) -> dict[bytes, Acceptance]:
    """Answers by event; who met a key of an event that was refused in this round has none."""
    keys = [
        [event.env, key, event.id.hex(), fingerprint.hex()]
        for event in events
        for key, fingerprint in event.keys
    ]
    keys.sort(key=_KEY_OF)  # who takes one of them beside us is waited for at its row
    if not keys or await tx.run("events/insert_keys", Rows(keys)) == len(keys):
        return {event.id: Acceptance(event.id) for event in events}
    holders = {
        (env, key): (event, fingerprint)
        for env, key, event, fingerprint in await tx.rows(
            "events/keys", Rows([row[:2] for row in keys])
        )
    }
    answers: dict[bytes, Acceptance] = {}
    refused: dict[bytes, EventWrite] = {}
    lost: list[list[Any]] = []
    for event in events:
        answer = _answer(event, holders)
        holder = refused.get(answer.event)
        if holder is not None and holder.id in answers and holder.keys == event.keys:
            answer, holder = answers[holder.id], None
        if answer.replayed or answer.mismatch:
            refused[event.id] = event
            lost += [[event.env, key, event.id.hex()] for key, _ in event.keys]
        if holder is None:
            answers[event.id] = answer
    await tx.run("events/delete_keys", Rows(lost))
    return answers


def _answer(event: EventWrite, holders: dict[tuple[int, str], tuple[bytes, bytes]]) -> Acceptance:
    for key, fingerprint in event.keys:
        holder, held = holders[(event.env, key)]
        if holder != event.id:
            same = held == fingerprint
            return Acceptance(holder, replayed=same, mismatch=not same)
    return Acceptance(event.id)


async def _insert(tx: Tx, events: list[EventWrite], now: int) -> None:
    orders = await orders_of(tx, events, now)
    batches: dict[str, list[list[Any]]] = {name: [] for name in _INSERTS}
    page = PageWrite()
    gathered = _rows_of(page)
    for e in events:
        number, behind = orders.place(e)
        tasks, recipients, own = e.tasks, e.recipients, e.page
        if behind and e.behind is not None:
            tasks, recipients, own = e.behind.tasks, e.behind.recipients, None
        if tasks:
            orders.expands(e)
        _add_rows(batches, e, number, len(tasks), recipients)
        batches["tasks"].extend(
            [
                e.env, e.id.hex(), t.workflow, t.lane, t.tenant, t.source, t.scope, t.lo, t.hi,
                text_json(t.excepted), now, int(behind), e.ordering_key, number,
            ]
            for t in tasks
        )  # fmt: skip
        if own is not None:
            for rows, more in zip(gathered, _rows_of(own), strict=True):
                if more:
                    rows.extend(more)
    for name, batch in batches.items():
        if batch:
            await tx.run(_INSERTS[name], Rows(batch))
    await write_page_rows(tx, page, new_event=True)
    published = [(e.env, e.id, e.accepted_at, one) for e in events for one in e.broadcasts]
    if published:
        await insert_broadcasts(tx, published)


def _rows_of(page: PageWrite) -> tuple[list[Any], ...]:
    """All that a small audience may come to."""
    return (
        page.notifications, page.items, page.deliveries, page.contents, page.waits, page.joins,
        page.members,
    )  # fmt: skip


def _add_rows(
    batches: dict[str, list[list[Any]]],
    e: EventWrite,
    number: int | None,
    expanding: int,
    recipients: tuple[int, ...],
) -> None:
    event = e.id.hex()
    pinned = e.workflows
    lanes = f"[{pinned[0][-1]}]" if len(pinned) == 1 else _lanes(pinned)
    batches["events"].append(
        [
            e.env, event, e.type, e.tenant, e.actor, e.about, int(e.silent), e.accepted_at,
            e.expires_at, e.correlation, e.cancellation, e.ordering_key, expanding, e.mentions,
            e.audience, lanes, number, e.trace,
        ]
    )  # fmt: skip
    batches["payloads"].append([e.env, event, e.data])
    batches["workflows"].extend([[e.env, event, *pin] for pin in pinned])
    if e.tags:
        batches["tags"].extend([e.env, key, value, event] for key, value in e.tags.items())
    if recipients:
        batches["recipients"].extend([e.env, event, user] for user in recipients)


def _lanes(pinned: tuple[tuple[int, ...], ...]) -> str:
    return text_json(sorted({pin[-1] for pin in pinned}))


async def _rows(tx: Tx, env: int, events: list[bytes]) -> list[EventRow]:
    wanted = Values([event.hex() for event in events])
    return [_event_row(env, row) for row in await tx.rows("events/rows", env, wanted)]


def _event_row(env: int, row: tuple[Any, ...]) -> EventRow:
    return EventRow(
        env=env, id=row[0], type=row[1], tenant=row[2], actor=row[3], about=row[4],
        silent=bool(row[5]), accepted_at=row[6], expires_at=row[7], correlation=row[8],
        cancellation=row[9], ordering_key=row[10], cancelled_at=row[11], expanding=row[12],
        mentions=plain(row[13]), audience=plain(row[14]), data=plain(row[15]), tags=plain(row[16]),
        workflows=tuple(tuple(pinned) for pinned in plain(row[17])), data_kept=bool(row[18]),
        paused_at=row[19], trace=row[20],
    )  # fmt: skip


async def _search(tx: Tx, env: int, query: EventQuery) -> list[EventRow]:
    """Composed of fixed fragments; the most selective table leads."""
    sql, parameters = "select e.event from ", []
    if query.tag is not None:
        sql += tx.text("events/fragment_tagged")
        sql += " where t.env = ? and t.key = ? and t.value = ?"
        parameters += [env, *query.tag]
    else:
        sql += "event as e where e.env = ?"
        parameters.append(env)
    if query.correlation is not None:
        sql += " and e.correlation = ?"
        parameters.append(query.correlation)
    if query.type is not None:
        sql += " and e.type = ?"
        parameters.append(query.type)
    if query.since is not None:
        sql += " and e.event >= ?"
        parameters.append((max(query.since, 0) // 1000).to_bytes(6, "big"))
    if query.before is not None:
        sql += " and e.event < ?"
        parameters.append(query.before)
    sql += " order by e.event desc limit ?"
    found = [event for (event,) in await tx.composed(sql, [*parameters, query.limit + 1])]
    rows = {row.id: row for row in await _rows(tx, env, found)}
    return [rows[event] for event in found]


async def _cancel(
    tx: Tx, env: int, events: list[bytes], cancellation_key: str | None, now: int
) -> list[bytes]:
    await tx.hold("cancel", env)
    if cancellation_key is not None:
        events = [e for (e,) in await tx.rows("events/by_cancellation", env, cancellation_key)]
    wanted = Values([event.hex() for event in sorted(events)])
    cancelled = [event for (event,) in await tx.rows("events/cancel", env, wanted, now)]
    await retract_members(tx, env, wanted, now)
    ends = [
        End(seq=seq, env=env, event=event, workflow=workflow, user=user, step=step, channel=channel,
            destination=destination, status=DeliveryStatus.CANCELED)
        for seq, workflow, user, step, channel, destination, event in await tx.rows(
            "events/cancellable", env, wanted
        )
    ]  # fmt: skip
    await tx.run("held/hasten", env, wanted, now)
    await end_deliveries(tx, ends, now, await _retracted(tx, env, wanted, now))
    return cancelled


async def _retracted(tx: Tx, env: int, events: Values, now: int) -> Moves:
    """Digests that are still open tell nothing of what was taken back."""
    moves = Moves()
    for event, workflow, user in await tx.rows("held/retract", env, events, now):
        moves.add((env, event.hex(), workflow, user), Bucket.HELD, -1)
    return moves


async def _fold(tx: Tx, limit: int) -> int:
    """Deltas are named one by one: a lower id may be committed later than a higher one."""
    await tx.hold("fold")
    ids = Values([id_ for (id_,) in await tx.rows("events/oldest_deltas", limit)])
    if ids.rows:
        await tx.run("events/fold_deltas", ids)
        await tx.run("events/delete_deltas", ids)
    return len(ids.rows)

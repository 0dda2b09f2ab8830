"""A batch of a redrive: what was given up is ready again, in one transaction with its counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from clarion.clock import SECOND
from clarion.core.delivery import DeliveryKey, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import Channel
from clarion.store.contract.dead_letters import (
    UNDECIDABLE,
    Batch,
    DeadLetterFilter,
    Position,
    Redriven,
    RedriveRow,
    Rerouting,
)
from clarion.store.sql.codec import channel_of, number_of
from clarion.store.sql.dead_letter_window import ORDER, edge, matches, place, window
from clarion.store.sql.ordering import hold_orders
from clarion.store.sql.recording import key_row
from clarion.store.sql.settling import End, settle
from clarion.store.sql.tally import Tally
from clarion.store.sql.tx import Row, Rows, Tx

BATCH = 1_000

_WEBHOOK = number_of(Channel.WEBHOOK)
_CANDIDATES = (
    'select w.at, w.event, w.workflow, w."user", w.step, w.channel, w.destination, w.cause, '
    "d.account, d.lane, d.attempts, e.tenant, d.ordering_key, coalesce(x.platform, ''), "
    "w.task, e.cancelled_at, d.expires_at, "
    'case when u."user" is null or u.erased_at is not null then 1 else 0 end, '
    "case when x.destination is null or x.disabled_at is not null "
    "or x.suppression is not null then 1 else 0 end, "
    "case when p.event is null and e.event is not null then 1 else 0 end "
    "from ({window}) as w "
    "join delivery as d on d.env = w.env and d.event = w.event "
    'and d.workflow = w.workflow and d."user" = w."user" and d.step = w.step '
    "and d.channel = w.channel and d.destination = w.destination "
    "join event as e on e.env = w.env and e.event = w.event "
    "left join event_payload as p on p.env = w.env and p.event = w.event "
    'left join "user" as u on u.env = w.env and u."user" = w."user" '
    "left join destination as x on x.env = w.env and x.destination = w.destination "
    "where {condition} and w.redriven_at is null and w.closed_at is null "
    "order by {order} limit ?"
)

_FILTER = msgspec.json.Decoder(DeadLetterFilter)


class Kept(Redriven, frozen=True, kw_only=True, omit_defaults=True):
    """The column `done`: counts, and why the redrive ended before its time."""

    error: str | None = None


_DONE = msgspec.json.Decoder(Kept)

Place = tuple[int, str, int, int, int, int, int]
"""The cursor as it is kept: a Position with the event as hex."""
_PLACE = msgspec.json.Decoder(Place | None)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter with what decides whether it goes on; `word` is a field of Redriven."""

    position: Position
    env: int
    cause: str
    account: str
    lane: int
    attempts: int
    tenant: int
    ordering_key: str | None
    platform: str
    task: int | None
    expires_at: int | None
    word: str

    @property
    def key(self) -> DeliveryKey:
        _, event, workflow, user, step, channel, destination = self.position
        return DeliveryKey(self.env, event, workflow, user, step, channel_of(channel), destination)

    @property
    def columns(self) -> list[Any]:
        """The key as a row."""
        return key_row(self.key)


async def survey_some(
    tx: Tx, env: int, wanted: DeadLetterFilter, after: Position | None, now: int
) -> tuple[Redriven, Position | None]:
    """See `DeadLetterStore.survey`."""
    found, cursor = await _candidates(tx, env, wanted, after, now, now)
    return _counted(found), cursor


async def redrive_some(tx: Tx, redrive: int, rerouting: Rerouting, now: int) -> Batch:
    """See `DeadLetterStore.redrive`."""
    await tx.hold("redrive", redrive)
    kept = await tx.row("letters/select_redrive", redrive)
    if kept is None:
        raise LookupError("there is no such redrive")
    row = redrive_row(kept)
    if row.finished_at is not None:
        return Batch(row=row)
    met, cursor = await _candidates(tx, row.env, row.filter, row.cursor, row.created_at, now)
    found = await _taken(tx, met, now)
    rings, next_due = await _make_ready(tx, found, row, rerouting, now)
    rings |= await _decide_again(tx, found, now)
    await _expire(tx, found, now)
    done = row.done.plus(_counted([one for one in met if one.word not in _MOVING]))
    row = msgspec.structs.replace(
        row,
        cursor=cursor,
        next_due=next_due,
        done=done.plus(_counted(found)),
        updated_at=now,
        finished_at=now if cursor is None else None,
    )
    await _save(tx, row)
    return Batch(row=row, rings=frozenset(rings))


async def begin_some(
    tx: Tx, env: int, wanted: DeadLetterFilter, rate_per_second: int, now: int
) -> Row | None:
    """See `DeadLetterStore.begin_redrive`: the first look is part of the transaction, so that a
    filter that the store cannot search by is refused with nothing written."""
    await _candidates(tx, env, wanted, None, now, now)
    body = msgspec.json.encode(wanted).decode()
    return await tx.row("letters/insert_redrive", env, body, rate_per_second, now)


async def fail_some(tx: Tx, redrive: int, error: str, now: int) -> RedriveRow | None:
    """See `DeadLetterStore.fail_redrive`."""
    await tx.hold("redrive", redrive)
    kept = await tx.row("letters/select_redrive", redrive)
    if kept is None:
        return None
    row = redrive_row(kept)
    if row.finished_at is not None:
        return None
    row = msgspec.structs.replace(row, error=error, updated_at=now, finished_at=now)
    await _save(tx, row)
    return row


async def _save(tx: Tx, row: RedriveRow) -> None:
    done = Kept(**msgspec.structs.asdict(row.done), error=row.error)
    await tx.run(
        "letters/save_redrive", row.redrive, _kept_place(row.cursor),
        msgspec.json.encode(done).decode(), row.next_due, row.updated_at, row.finished_at,
    )  # fmt: skip


_MOVING = frozenset({"ready", "again", "expired"})


async def _taken(tx: Tx, met: list[Found], now: int) -> list[Found]:
    """Those that this transaction moves: what another one took since is left out."""
    moving = {one.key: one for one in met if one.word in _MOVING}
    if not moving:
        return []
    rows = Rows(sorted([*one.columns, int(one.word != "ready")] for one in moving.values()))
    marked = await tx.rows("letters/mark_redriven", rows, now)
    keys = {
        DeliveryKey(row[0], row[1], row[2], row[3], row[4], channel_of(row[5]), row[6])
        for row in marked
    }
    return [one for key, one in moving.items() if key in keys]


async def _make_ready(
    tx: Tx, found: list[Found], row: RedriveRow, rerouting: Rerouting, now: int
) -> tuple[set[str], int]:
    """Deliveries are ready with fresh attempts, each due a little after the one before."""
    going = [one for one in found if one.word == "ready"]
    due, apart = max(row.next_due, now), SECOND // row.rate_per_second
    revived: list[list[Any]] = []
    ready: list[list[Any]] = []
    rings: set[str] = set()
    for one in going:
        account = rerouting.of(one.account, one.position[5], one.platform)
        revived.append([*one.columns, account])
        ready.append(
            [
                *one.columns,
                account,
                one.lane,
                one.tenant,
                due,
                one.ordering_key,
                one.attempts,
                due,
                one.expires_at,
            ]
        )
        rings.add(f"ready:{account}:{one.lane}")
        due += apart
    if going:
        await tx.run("letters/revive", Rows(revived), now)
        await hold_orders(tx, {(one.env, one.ordering_key) for one in going if one.ordering_key})
        await tx.run("letters/insert_ready", Rows(ready))
        await _line_up(tx, [one for one in going if one.ordering_key])
        await settle(tx, [_end(one, DeliveryStatus.READY) for one in going])
    return rings, due


async def _line_up(tx: Tx, ordered: list[Found]) -> None:
    """What has an ordering key stands behind what waits of it by now."""
    keys = sorted({(*one.columns[:4],) for one in ordered})
    if keys:
        await tx.run("work/line_up", Rows(keys))


async def _decide_again(tx: Tx, found: list[Found], now: int) -> set[str]:
    """Recipients whose decision failed: their rows go, and their tasks walk to them once more."""
    going = [one for one in found if one.word == "again"]
    if not going:
        return set()
    tally = Tally()
    events: Counter[tuple[int, str]] = Counter()
    for one in going:
        env, event, channel = one.env, one.position[1].hex(), one.position[5]
        tally.add(env, event, 0, Bucket.DEAD, -1)
        tally.add(env, event, channel, Bucket.DEAD, -1)
        events[env, event] += 1
    rows = Rows(sorted(one.columns for one in going))
    await tx.run("letters/delete_deliveries", rows)
    await tx.run("letters/delete_notifications", rows)
    await tx.run("work/insert_deltas", Rows(tally.rows()))
    tasks = sorted([one.task, one.position[3]] for one in going)
    await tx.run("letters/insert_tasks", Rows(tasks), now)
    counts = sorted([env, event, count] for (env, event), count in events.items())
    await tx.run("letters/expand_events", Rows(counts))
    return {f"fanout:{one.lane}" for one in going}


async def _expire(tx: Tx, found: list[Found], now: int) -> None:
    """What is too late by now ends as that."""
    late = [one for one in found if one.word == "expired"]
    if late:
        status = DeliveryStatus.EXPIRED
        rows = sorted([*one.columns, int(status), now] for one in late)
        await tx.run("deliveries/end", Rows(rows))
        await settle(tx, [_end(one, status) for one in late])


def _end(one: Found, status: DeliveryStatus) -> End:
    _, event, workflow, user, step, channel, destination = one.position
    return End(
        seq=0, env=one.env, event=event, workflow=workflow, user=user, step=step, channel=channel,
        destination=destination, status=status, was=DeliveryStatus.DEAD,
    )  # fmt: skip


def _counted(found: list[Found]) -> Redriven:
    return Redriven(**Counter(one.word for one in found))


async def _candidates(
    tx: Tx, env: int, wanted: DeadLetterFilter, after: Position | None, until: int, now: int
) -> tuple[list[Found], Position | None]:
    """What is still dead of what died up to `until`, oldest first, and where to go on."""
    bound = until + 1 if wanted.until is None else min(wanted.until, until + 1)
    wanted = msgspec.structs.replace(wanted, until=bound)
    inner, parameters = window(env, wanted, after, newest=False)
    condition, more = matches(wanted)
    sql = _CANDIDATES.format(window=inner, condition=condition, order=ORDER.format("w", "asc"))
    rows = await tx.composed(sql, [*parameters, *more, BATCH])
    found = [_found(env, row, now) for row in rows]
    if len(rows) == BATCH:
        return found, found[-1].position
    return found, await edge(tx, inner, parameters, newest=False)


def _found(env: int, row: Row, now: int) -> Found:
    return Found(
        position=place(row), env=env, cause=row[7], account=row[8], lane=row[9], attempts=row[10],
        tenant=row[11], ordering_key=row[12], platform=row[13], task=row[14],
        expires_at=row[16], word=_word(row, now),
    )  # fmt: skip


def _word(row: Row, now: int) -> str:
    """What becomes of a dead letter. Where the event's data is gone there is nothing to say."""
    user, channel, destination, cause, task = row[3], row[5], row[6], row[7], row[14]
    cancelled_at, expires_at, erased, without, forgotten = row[15:20]
    if cancelled_at is not None:
        return "canceled"
    if user and erased:
        return "erased"
    if forgotten:
        return "expired"
    if cause == UNDECIDABLE and task is not None:
        return "again"
    if cause.partition(":")[0] == OutcomeClass.OPTED_OUT.value:
        return "opted_out"
    if without and not (channel == _WEBHOOK and not destination):
        return "disabled"
    if expires_at is not None and expires_at <= now:
        return "expired"
    return "ready"


def redrive_row(row: Row) -> RedriveRow:
    """A row of the table `redrive`."""
    kept = msgspec.structs.asdict(_DONE.decode(row[7]))
    error = kept.pop("error")
    return RedriveRow(
        redrive=row[0], env=row[1], filter=_FILTER.decode(row[2]), rate_per_second=row[3],
        created_at=row[4], next_due=row[5], cursor=_place_of(row[6]), done=Redriven(**kept),
        updated_at=row[8], finished_at=row[9], error=error,
    )  # fmt: skip


def _place_of(text: str) -> Position | None:
    kept = _PLACE.decode(text)
    return None if kept is None else (kept[0], bytes.fromhex(kept[1]), *kept[2:])


def _kept_place(position: Position | None) -> str:
    kept = None if position is None else [position[0], position[1].hex(), *position[2:]]
    return msgspec.json.encode(kept).decode()

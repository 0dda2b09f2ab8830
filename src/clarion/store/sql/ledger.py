"""The ledger read back."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.decision import DecisionRecord
from clarion.core.delivery import DeliveryKey
from clarion.store.contract.ledger import (
    AttemptRow,
    AuditPage,
    CaptureRow,
    Counted,
    DeliveryRow,
    FlowCounts,
    NotificationKey,
    NotificationPage,
    NotificationQuery,
    NotificationRow,
    Standing,
)
from clarion.store.sql import ledger_audit, ledger_counts, ledger_search
from clarion.store.sql.codec import channel_of, plain
from clarion.store.sql.tx import Executor, Row, Rows, Tx, look, look_one

_NO_LIMIT = 2**62
_DELIVERIES, _ITEMS, _WAITS = 1, 2, 3
"""What a row of `select_standings` is about; else a digest."""

_RECORD = msgspec.json.Decoder(DecisionRecord)


class SqlLedger:
    """Member of the LedgerStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def search(self, env: int, query: NotificationQuery) -> NotificationPage:
        """All filters given must match."""
        return await self._executor.read(lambda tx: ledger_search.search(tx, env, query))

    async def notification(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> NotificationRow | None:
        row = await self._executor.read(
            look_one("ledger/select_notification", env, event, workflow, user)
        )
        return ledger_search.notification(env, row) if row else None

    async def of_event(self, env: int, event: bytes, user: int) -> list[NotificationRow]:
        rows = await self._executor.read(look("ledger/select_of_user", env, user, event))
        return [ledger_search.notification(env, row) for row in rows]

    async def notifications(
        self, env: int, keys: list[NotificationKey]
    ) -> dict[NotificationKey, NotificationRow]:
        rows = await self._executor.read(look("ledger/select_notifications", _asked(env, keys)))
        found = [ledger_search.notification(env, row) for row in rows]
        return {(row.event, row.workflow, row.user): row for row in found}

    async def standings(
        self, env: int, keys: list[NotificationKey]
    ) -> dict[NotificationKey, Standing]:
        return await self._executor.read(lambda tx: _standings(tx, _asked(env, keys)))

    async def titles(
        self, env: int, keys: list[NotificationKey]
    ) -> dict[NotificationKey, dict[tuple[int, str], str]]:
        rows = await self._executor.read(look("ledger/select_titles", _asked(env, keys)))
        found: dict[NotificationKey, dict[tuple[int, str], str]] = {}
        for event, workflow, user, step, locale, title in rows:
            if title:
                found.setdefault((event, workflow, user), {})[step, locale] = title
        return found

    async def dedupe_holder(self, env: int, workflow: int, user: int, key: str) -> bytes | None:
        rows = await self._executor.read(
            look("ledger/select_dedupe_holder", env, workflow, user, key)
        )
        return rows[0][0] if rows else None

    async def deliveries(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> tuple[list[DeliveryRow], list[AttemptRow]]:
        """What is being sent says SENDING; `next_due` is set while it waits in the queue."""
        return await self._executor.read(lambda tx: _deliveries(tx, env, event, workflow, user))

    async def contents(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> dict[tuple[int, str], dict[str, Any]]:
        rows = await self._executor.read(look("ledger/select_contents", env, event, workflow, user))
        return {(step, locale): plain(body) for step, locale, body in rows}

    async def flow_counts(self, env: int, workflow: int, since: int) -> FlowCounts:
        return await ledger_counts.flow_counts(self._executor, env, workflow, since)

    async def captures(
        self, env: int, *, user: int | None, before: int | None, limit: int
    ) -> list[CaptureRow]:
        below = _NO_LIMIT if before is None else before
        return await self._executor.read(lambda tx: _captures(tx, env, user, below, limit))

    async def audit(self, env: int | None, after: tuple[int, bytes], limit: int) -> AuditPage:
        """Start with (0, b""); after the events come pages of inboxes."""
        return await self._executor.read(lambda tx: ledger_audit.audit(tx, env, after, limit))


def _asked(env: int, keys: list[NotificationKey]) -> Rows:
    return Rows([[env, event.hex(), workflow, user] for event, workflow, user in sorted(keys)])


async def _standings(tx: Tx, asked: Rows) -> dict[NotificationKey, Standing]:
    found: dict[NotificationKey, Standing] = {}
    rows = await tx.rows("ledger/select_standings", asked)
    for event, workflow, user, what, step, status, count, digest, *tried in rows:
        mine = found.setdefault((event, workflow, user), Standing())
        if what == _DELIVERIES:
            mine.deliveries.append(Counted(step, status, count, *tried))
        elif what == _ITEMS:
            mine.items[step] = bool(status)
            mine.locales[step] = tried[0]
        elif what == _WAITS:
            mine.waits.append((step, status))
        else:
            mine.digests[step] = digest
    rows = await tx.rows("ledger/select_later_decisions", asked)
    for event, workflow, user, n, decided in rows:
        mine = found.setdefault((event, workflow, user), Standing())
        mine.later.append((n, _RECORD.decode(decided)))
    return found


async def _deliveries(
    tx: Tx, env: int, event: bytes, workflow: int, user: int
) -> tuple[list[DeliveryRow], list[AttemptRow]]:
    notification = (env, event, workflow, user)
    rows = await tx.rows("ledger/select_deliveries", *notification)
    attempts = await tx.rows("ledger/select_attempts", *notification)
    return (
        [_delivery(_key(notification, row), row) for row in rows],
        [_attempt(_key(notification, row), row) for row in attempts],
    )


def _key(notification: tuple[int, bytes, int, int], row: Row) -> DeliveryKey:
    return DeliveryKey(*notification, row[0], channel_of(row[1]), row[2])


def _delivery(key: DeliveryKey, row: Row) -> DeliveryRow:
    return DeliveryRow(
        key=key,
        status=row[3],
        account=row[4],
        lane=row[5],
        attempts=row[6],
        created_at=row[7],
        updated_at=row[8],
        expires_at=row[9],
        provider_id=row[10],
        outcome=row[11],
        code=row[12],
        detail=row[13],
        ms=row[14],
        next_due=row[15],
    )


def _attempt(key: DeliveryKey, row: Row) -> AttemptRow:
    n, account, at, ms, outcome, code, detail = row[3:]
    return AttemptRow(
        key=key, n=n, account=account, at=at, ms=ms, outcome=outcome, code=code, detail=detail
    )


async def _captures(tx: Tx, env: int, user: int | None, below: int, limit: int) -> list[CaptureRow]:
    if user is None:
        rows = await tx.rows("ledger/select_captures", env, below, limit)
    else:
        rows = await tx.rows("ledger/select_captures_of_user", env, user, below, limit)
    return [_capture(env, row) for row in rows]


def _capture(env: int, row: Row) -> CaptureRow:
    number, event, workflow, user, step, channel, destination, account, at, body = row
    return CaptureRow(
        id=number,
        key=DeliveryKey(env, event, workflow, user, step, channel_of(channel), destination),
        account=account,
        at=at,
        body=plain(body),
    )

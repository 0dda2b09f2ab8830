"""Deliveries that are done, written by the PostgreSQL server itself."""

from __future__ import annotations

import asyncio
import random

import asyncpg

from clarion.clock import SECOND, SystemClock
from clarion.core.ids import new_event_id
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel

PART = 100_000
"""Deliveries of one event and in one transaction."""
LOADERS = 2

_PUSH = CHANNEL_NUMBER[Channel.PUSH]
_NOTIFICATIONS = f"""
insert into notification (
    env, event, workflow, "user", tenant, bucket, open, waiting, sent, dead, decided
)
select 1, $1, 1, n, 0, {int(Bucket.SENT)}, 0, 0, 1, 0, $2
from generate_series(1, $3::int8) as n
"""
_DELIVERIES = f"""
insert into delivery (
    env, event, workflow, "user", step, channel, destination, status, account, lane, attempts,
    created_at, updated_at, provider_id, last_outcome, last_code, last_detail, last_ms
)
select 1, $1, 1, n, 0, {_PUSH}, n, {int(DeliveryStatus.SENT)}, 'fcm', 1, 1,
    $2, $2, 'projects/x/messages/0:' || $2::int8 + n || '%', 'accepted', '200', '', 40
from generate_series(1, $3::int8) as n
"""
_REFERENCES = f"""
insert into provider_reference (
    env, provider_id, event, workflow, "user", step, channel, destination
)
select 1, 'projects/x/messages/0:' || $2::int8 + n || '%', $1, 1, n, 0, {_PUSH}, n
from generate_series(1, $3::int8) as n
"""


async def settle(dsn: str, count: int, decided: str) -> None:
    """Write `count` settled deliveries, each with its notification (`decided` is its record) and
    its provider id; they are in the table's statistics and on the disk when it returns."""
    parts = [min(PART, count - start) for start in range(0, count, PART)]
    await asyncio.gather(*(_write(dsn, parts[n::LOADERS], decided) for n in range(LOADERS)))
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _write(dsn: str, parts: list[int], decided: str) -> None:
    connection = await asyncpg.connect(dsn, server_settings={"synchronous_commit": "off"})
    try:
        for part in parts:
            now = SystemClock().now()
            event = new_event_id(now - SECOND, random.randbytes(10))
            async with connection.transaction():
                await connection.execute(_NOTIFICATIONS, event, decided, part)
                await connection.execute(_DELIVERIES, event, now, part)
                await connection.execute(_REFERENCES, event, now, part)
    finally:
        await connection.close()

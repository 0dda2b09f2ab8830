"""The broker and its one task: read the preference, post, record the outcome."""

from __future__ import annotations

import os

import aiohttp
import asyncpg
from taskiq import SimpleRetryMiddleware, TaskiqEvents, TaskiqState
from taskiq_redis import RedisStreamBroker

from bench.peers.job import HEADERS, PATH, PREFERENCE, RECORD, message, numbered, provider_id

_PREFERENCE, _RECORD = numbered(PREFERENCE), numbered(RECORD)
CONCURRENCY = int(os.environ["CONCURRENCY"])

broker = RedisStreamBroker(
    url=os.environ["VALKEY_URL"], consumer_id="0", maxlen=1_000_000
).with_middlewares(SimpleRetryMiddleware(default_retry_count=3))


class _Means:
    """What a process keeps open."""

    database: asyncpg.Pool
    provider: aiohttp.ClientSession


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def open_means(_: TaskiqState) -> None:
    """Connections of this process."""
    size = int(os.environ["DATABASE_CONNECTIONS"])
    _Means.database = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=size, max_size=size
    )
    _Means.provider = aiohttp.ClientSession(
        os.environ["PROVIDER_URL"], connector=aiohttp.TCPConnector(limit=CONCURRENCY)
    )


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def close_means(_: TaskiqState) -> None:
    """Close them."""
    await _Means.provider.close()
    await _Means.database.close()


@broker.task(task_name="push", retry_on_error=True)
async def push(event: str, user: int) -> None:
    """One push to one user."""
    found = await _Means.database.fetchrow(_PREFERENCE, user)
    sent = None
    if found["push"]:
        body = message(found["token"], event)
        async with _Means.provider.post(PATH, data=body, headers=HEADERS) as answer:
            sent = provider_id(answer.status, await answer.read())
    status = "skipped" if sent is None else "sent"
    await _Means.database.execute(_RECORD, event, user, status, sent)

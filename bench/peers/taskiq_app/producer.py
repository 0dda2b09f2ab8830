"""Takes events as lines on its standard input and adds a task for each recipient."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator

import asyncpg
import uvloop
from redis.asyncio import Redis

from bench.peers.job import AUDIENCE, CHUNK, KEPT_SECONDS, dedupe_key, numbered
from bench.peers.taskiq_app.tasks import broker, push

_AUDIENCE = numbered(AUDIENCE)
AT_ONCE = 50


async def main() -> None:
    """Until the input ends."""
    await broker.startup()
    database = await asyncpg.connect(os.environ["DATABASE_URL"])
    valkey = Redis.from_url(os.environ["VALKEY_URL"])
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        after = 0
        while rows := await database.fetch(_AUDIENCE, after, asked["count"], CHUNK):
            users = [row["user_id"] for row in rows]
            fresh = iter(await _new(valkey, asked["event"], users))
            await asyncio.gather(*(_enqueue(asked["event"], fresh) for _ in range(AT_ONCE)))
            after = users[-1]
        print("enqueued", flush=True)
    await database.close()
    await broker.shutdown()


async def _enqueue(event: str, users: Iterator[int]) -> None:
    for user in users:
        await push.kiq(event, user)


async def _new(valkey: Redis, event: str, users: list[int]) -> list[int]:
    """Who has no task for the event yet; from now on they have."""
    async with valkey.pipeline(transaction=False) as pipe:
        for user in users:
            pipe.set(dedupe_key(event, user), 1, nx=True, ex=KEPT_SECONDS)
        return [user for user, fresh in zip(users, await pipe.execute(), strict=True) if fresh]


if __name__ == "__main__":
    uvloop.run(main())

"""Takes events as lines on its standard input and adds a task for each recipient."""

from __future__ import annotations

import json
import os
import sys

import psycopg
import redis

from bench.peers.celery_app.tasks import app, push
from bench.peers.job import AUDIENCE, CHUNK, KEPT_SECONDS, dedupe_key


def main() -> None:
    """Until the input ends."""
    database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    valkey = redis.Redis.from_url(os.environ["VALKEY_URL"])
    print("ready", flush=True)
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        for line in sys.stdin:
            asked = json.loads(line)
            after = 0
            while users := _page(database, after, asked["count"]):
                for user in _new(valkey, asked["event"], users):
                    push.apply_async((asked["event"], user), producer=producer)
                after = users[-1]
            print("enqueued", flush=True)


def _page(database: psycopg.Connection, after: int, last: int) -> list[int]:
    return [row[0] for row in database.execute(AUDIENCE, (after, last, CHUNK))]


def _new(valkey: redis.Redis, event: str, users: list[int]) -> list[int]:
    """Who has no task for the event yet; from now on they have."""
    with valkey.pipeline(transaction=False) as pipe:
        for user in users:
            pipe.set(dedupe_key(event, user), 1, nx=True, ex=KEPT_SECONDS)
        return [user for user, fresh in zip(users, pipe.execute(), strict=True) if fresh]


if __name__ == "__main__":
    main()

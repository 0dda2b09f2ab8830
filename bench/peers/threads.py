"""What the peers with threads share: how a producer goes through an audience, and one push."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import psycopg
import redis
import urllib3
from psycopg_pool import ConnectionPool

from bench.peers.job import (
    AUDIENCE,
    CHUNK,
    HEADERS,
    KEPT_SECONDS,
    PATH,
    PREFERENCE,
    RECORD,
    dedupe_key,
    message,
    provider_id,
)


class Means:
    """What a worker process keeps open. Opened in the process itself, never before it forks."""

    def __init__(self) -> None:
        size = int(os.environ["DATABASE_CONNECTIONS"])
        self._database = ConnectionPool(
            os.environ["DATABASE_URL"], min_size=size, max_size=size, kwargs={"autocommit": True}
        )
        self._provider = urllib3.connection_from_url(
            os.environ["PROVIDER_URL"], maxsize=int(os.environ["CONCURRENCY"]), block=True,
            retries=False,
        )  # fmt: skip

    def push(self, event: str, user: int) -> None:
        """Read the preference, post, record the outcome."""
        with self._database.connection() as connection:
            found = connection.execute(PREFERENCE, (user,)).fetchone()
        assert found is not None
        wanted, token = found
        sent = None
        if wanted:
            body = message(token, event)
            answer = self._provider.urlopen("POST", PATH, body=body, headers=HEADERS)
            sent = provider_id(answer.status, answer.data)
        with self._database.connection() as connection:
            status = "skipped" if sent is None else "sent"
            connection.execute(RECORD, (event, user, status, sent))


def produce(enqueue: Callable[[str, int], None]) -> None:
    """Take events as lines on the standard input, until it ends; a job for each recipient."""
    database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    valkey = redis.Redis.from_url(os.environ["VALKEY_URL"])
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        after = 0
        while users := _page(database, after, asked["count"]):
            for user in _new(valkey, asked["event"], users):
                enqueue(asked["event"], user)
            after = users[-1]
        print("enqueued", flush=True)


def _page(database: psycopg.Connection, after: int, last: int) -> list[int]:
    return [row[0] for row in database.execute(AUDIENCE, (after, last, CHUNK))]


def _new(valkey: redis.Redis, event: str, users: list[int]) -> list[int]:
    """Who has no job for the event yet; from now on they have."""
    with valkey.pipeline(transaction=False) as pipe:
        for user in users:
            pipe.set(dedupe_key(event, user), 1, nx=True, ex=KEPT_SECONDS)
        return [user for user, fresh in zip(users, pipe.execute(), strict=True) if fresh]

"""The application and its one task: read the preference, post, record the outcome."""

from __future__ import annotations

import os

import urllib3
from celery import Celery
from celery.signals import worker_process_init
from psycopg_pool import ConnectionPool

from bench.peers.job import HEADERS, PATH, PREFERENCE, RECORD, message, provider_id

CONCURRENCY = int(os.environ["CONCURRENCY"])

app = Celery("push", broker=os.environ["VALKEY_URL"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_store_errors_even_if_ignored=False,
    worker_prefetch_multiplier=int(os.environ["CELERY_PREFETCH"]),
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_transport_options={"visibility_timeout": 3_600},
    broker_connection_retry_on_startup=True,
)


class _Means:
    """What a process keeps open."""

    database: ConnectionPool
    provider: urllib3.HTTPConnectionPool


def open_means(**_: object) -> None:
    """Connections of this process; those of a parent must not be shared."""
    size = int(os.environ["DATABASE_CONNECTIONS"])
    _Means.database = ConnectionPool(
        os.environ["DATABASE_URL"], min_size=size, max_size=size, kwargs={"autocommit": True}
    )
    _Means.provider = urllib3.connection_from_url(
        os.environ["PROVIDER_URL"], maxsize=CONCURRENCY, block=True, retries=False
    )


if os.environ["CELERY_POOL"] == "prefork":
    worker_process_init.connect(open_means)
else:
    open_means()


@app.task(
    name="push", autoretry_for=(Exception,), max_retries=3, retry_backoff=5, retry_jitter=True
)
def push(event: str, user: int) -> None:
    """One push to one user."""
    with _Means.database.connection() as connection:
        found = connection.execute(PREFERENCE, (user,)).fetchone()
    assert found is not None
    wanted, token = found
    sent = None
    if wanted:
        body = message(token, event)
        answer = _Means.provider.urlopen("POST", PATH, body=body, headers=HEADERS)
        sent = provider_id(answer.status, answer.data)
    with _Means.database.connection() as connection:
        status = "skipped" if sent is None else "sent"
        connection.execute(RECORD, (event, user, status, sent))

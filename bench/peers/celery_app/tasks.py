"""The application and its one task."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import celeryd_init, worker_process_init

from bench.peers.threads import Means

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


class _Opened:
    means: Means


def open_means(**_: object) -> None:
    """Connections of this process."""
    _Opened.means = Means()


forks = os.environ["CELERY_POOL"] == "prefork"
(worker_process_init if forks else celeryd_init).connect(open_means)


@app.task(
    name="push", autoretry_for=(Exception,), max_retries=3, retry_backoff=5, retry_jitter=True
)
def push(event: str, user: int) -> None:
    """One push to one user."""
    _Opened.means.push(event, user)

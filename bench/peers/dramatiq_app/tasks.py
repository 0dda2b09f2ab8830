"""The broker and its one actor."""

from __future__ import annotations

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications

from bench.peers.threads import Means


class _Opened(Middleware):
    """Opens what a worker process needs when it has started."""

    means: Means

    def after_process_boot(self, _: RedisBroker) -> None:
        """Connections of this process."""
        _Opened.means = Means()


broker = RedisBroker(
    url=os.environ["VALKEY_URL"],
    middleware=[Retries(max_retries=3, min_backoff=5_000), ShutdownNotifications(), _Opened()],
)
dramatiq.set_broker(broker)


@dramatiq.actor(actor_name="push")
def push(event: str, user: int) -> None:
    """One push to one user."""
    _Opened.means.push(event, user)

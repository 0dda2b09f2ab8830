"""Adds a task for each recipient of the events that it is told of."""

from __future__ import annotations

from bench.peers.celery_app.tasks import app, push
from bench.peers.threads import produce


def main() -> None:
    """Until the input ends; one connection is kept."""
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        produce(lambda event, user: push.apply_async((event, user), producer=producer))


if __name__ == "__main__":
    main()

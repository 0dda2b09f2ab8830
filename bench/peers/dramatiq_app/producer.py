"""Adds a message for each recipient of the events that it is told of."""

from __future__ import annotations

from bench.peers.dramatiq_app.tasks import push
from bench.peers.threads import produce

if __name__ == "__main__":
    produce(push.send)

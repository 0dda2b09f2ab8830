"""Pushes from the request to the recorded outcome, beside others who do the same work on the same
machine in the same run, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec

from bench.peers.catalog import PEERS
from bench.peers.contract import Cell, Place, Running, System
from bench.peers.ours import WARM_UP, Clarion
from bench.provider import Provider, provider
from bench.report import Report, cpu_seconds, machine
from clarion.testing.servers.postgres import Postgres

POLL_SECONDS = 0.02
LIMIT_SECONDS = 180.0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One event: how long it took, and processor seconds of each part while it did."""

    deliveries: int
    seconds: float
    app: float
    queue: float
    database: float
    provider: float

    def figures(self) -> dict[str, float]:
        """Rates and microseconds of a delivery; the provider is no part of the sum."""
        each = 1e6 / self.deliveries
        return {
            "deliveries_per_second": self.deliveries / self.seconds,
            "cpu_microseconds": (self.app + self.queue + self.database) * each,
            "app_cpu_microseconds": self.app * each,
            "queue_cpu_microseconds": self.queue * each,
            "database_cpu_microseconds": self.database * each,
            "provider_cpu_microseconds": self.provider * each,
        }


async def measure(running: Running, cell: Cell, provider: Provider, database: int) -> Measured:
    """Tell everybody of one event. RuntimeError when the provider was asked too often, or not all
    is recorded in time."""
    before = _spent(running, provider, database)
    posts = await provider.posts()
    began = time.perf_counter()
    event = f"event-{time.time_ns()}"
    await running.send(event, cell.recipients)
    await _done(running, event, cell.recipients, provider, posts + cell.deliveries)
    seconds = time.perf_counter() - began
    after = _spent(running, provider, database)
    spent = {name: after[name] - before[name] for name in before}
    return Measured(deliveries=cell.deliveries, seconds=seconds, **spent)


async def _done(
    running: Running, event: str, recipients: int, provider: Provider, expected: int
) -> None:
    stop_at = time.monotonic() + LIMIT_SECONDS
    while await provider.posts() < expected:
        if time.monotonic() > stop_at:
            raise RuntimeError(f"{await provider.posts()} posts of {expected} in time")
        await asyncio.sleep(POLL_SECONDS)
    while (recorded := await running.recorded(event)) < recipients:
        if time.monotonic() > stop_at:
            raise RuntimeError(f"{recorded} outcomes of {recipients} in time")
        await asyncio.sleep(POLL_SECONDS)
    if (posts := await provider.posts()) != expected:
        raise RuntimeError(f"{posts} posts where {expected} were due")


def _spent(running: Running, provider: Provider, database: int) -> dict[str, float]:
    trees = running.trees()
    return {
        "app": sum(map(cpu_seconds, trees["app"])),
        "queue": sum(map(cpu_seconds, trees["queue"])),
        "database": cpu_seconds(database),
        "provider": provider.cpu_seconds(),
    }

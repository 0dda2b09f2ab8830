"""A crowd that comes to one gateway all at once: how soon each is served or told when to come
again, what that takes, and what those who were there before notice of it."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bench.client import Client, Connection
from bench.crowd import Met, parts_of
from bench.gateway import SETTINGS, SPARE_FILES, Gateway, allow_files, cluster, people_of
from bench.report import Report, machine, percentile, progress
from bench.server import KEY
from bench.sse import Audience

THERE = 100
"""Streams that are open already, ..."""
ITEM_SECONDS = 0.02
"""... and how often one of them gets an item."""
OF_ONE = 5
"""Streams of each user of the crowd."""
LOOK_SECONDS = 0.05
SETTLE_SECONDS = 3.0
LINE_BYTES = 64 * 1024 * 1024


async def run(short: bool) -> Report:
    """Figures: `crowd` came at once; `served`, or `sent_away` with the time when to come again,
    after `cut_off` connections that ended before; `answered_p50_seconds` and `answered_seconds`
    until half and all of them knew; `megabytes`, the gateway's own memory at its most;
    `livez_p99_ms` and `livez_max_ms`; `live_p50_ms` and `live_p99_ms`, how long items took
    meanwhile to those who were there before."""
    size = 2_000 if short else 50_000
    allow_files(THERE + SPARE_FILES)
    async with cluster() as (client, gateway):
        tokens = await people_of(client, max(THERE, size // OF_ONE))
        await gateway.start()
        audience = Audience(gateway.port, random.Random(12))
        await audience.open(tokens[:THERE])
        await asyncio.sleep(SETTLE_SECONDS)
        crowd = [
            await _part(gateway.port, number, [tokens[n % len(tokens)] for n in range(count)])
            for number, count in enumerate(parts_of(size))
        ]
        progress(f"{size:,} wait for the word")
        async with _meanwhile(client, gateway) as seen:
            met = _together([*await asyncio.gather(*(_let_go(part) for part in crowd))])
        progress("each has an answer")
        await asyncio.sleep(SETTLE_SECONDS)
        audience.keeps = False
        for part in crowd:
            part.terminate()
        await asyncio.gather(*(part.wait() for part in crowd))
    lost = sum(len(set(seen.sent[n]) - set(one.told)) for n, one in enumerate(audience.watchers))
    if lost:
        raise RuntimeError(f"{lost} items did not arrive")
    late = [one for watcher in audience.watchers for one in watcher.late]
    return Report(
        bench="storm",
        settings={**machine(), **SETTINGS},
        figures={
            "crowd": size,
            "served": met.served,
            "sent_away": met.sent_away,
            "cut_off": met.cut_off,
            "answered_p50_seconds": percentile(met.seconds, 0.5),
            "answered_seconds": max(met.seconds),
            "megabytes_before": seen.megabytes[0],
            "megabytes": max(seen.megabytes),
            "livez_p99_ms": percentile(seen.livez, 0.99) * 1000,
            "livez_max_ms": max(seen.livez) * 1000,
            "live_p50_ms": percentile(late, 0.5) * 1000,
            "live_p99_ms": percentile(late, 0.99) * 1000,
        },
        checks=[
            "each was served or told when to come again",
            "every item at its user who was there before",
        ],
    )


class _Seen:
    """What was seen of the gateway meanwhile."""

    def __init__(self) -> None:
        self.sent: defaultdict[int, list[str]] = defaultdict(list)
        self.livez: list[float] = []
        self.megabytes: list[float] = []


@asynccontextmanager
async def _meanwhile(client: Client, gateway: Gateway) -> AsyncIterator[_Seen]:
    """Send items, ask how it lives and look at its memory, all through the block."""
    seen = _Seen()
    over = asyncio.Event()
    seen.megabytes.append(gateway.private_megabytes())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_tell(client, seen, over))
        tasks.create_task(_look(Client(gateway.port, KEY), gateway, seen, over))
        try:
            yield seen
        finally:
            over.set()


async def _tell(client: Client, seen: _Seen, over: asyncio.Event) -> None:
    chance = random.Random(13)
    while not over.is_set():
        user, at = chance.randrange(THERE), f"{time.perf_counter():.6f}"
        seen.sent[user].append(at)
        event = {"type": "live", "recipients": [f"u{user}"], "data": {"at": at}}
        await client.ask("POST", "/v1/events", event)
        await asyncio.sleep(ITEM_SECONDS)


async def _look(client: Client, gateway: Gateway, seen: _Seen, over: asyncio.Event) -> None:
    connection: Connection | None = None
    while not over.is_set():
        began = time.perf_counter()
        if connection is None or connection.closed:
            connection = await client.connect()
        await connection.ask(client.request("GET", "/livez"))
        seen.livez.append(time.perf_counter() - began)
        seen.megabytes.append(gateway.private_megabytes())
        await asyncio.sleep(LOOK_SECONDS)
    if connection is not None:
        connection.close()


async def _part(port: int, number: int, tokens: list[str]) -> Process:
    """A process with its share of the crowd, which waits to be let go."""
    part = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.crowd", stdin=PIPE, stdout=PIPE, limit=LINE_BYTES,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    await _say(part, msgspec.json.encode([port, f"127.0.50.{number + 1}", tokens]))
    await _hear(part)
    return part


async def _let_go(part: Process) -> Met:
    await _say(part, b"go")
    return msgspec.json.decode(await _hear(part), type=Met)


async def _say(part: Process, line: bytes) -> None:
    if part.stdin is not None:
        part.stdin.write(line + b"\n")
        await part.stdin.drain()


async def _hear(part: Process) -> bytes:
    line = await part.stdout.readline() if part.stdout is not None else b""
    if not line:
        raise RuntimeError("a part of the crowd has ended")
    return line


def _together(parts: list[Met]) -> Met:
    whole = Met()
    for part in parts:
        whole.served += part.served
        whole.sent_away += part.sent_away
        whole.cut_off += part.cut_off
        whole.seconds += part.seconds
    return whole

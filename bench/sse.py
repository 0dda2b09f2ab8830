"""How many live inboxes one gateway holds, what each costs, and how soon an item is there: over
PostgreSQL and NATS, where the gateway is a process of its own."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from typing import Any

import msgspec

from bench.client import Client
from bench.gateway import (
    READY_SECONDS,
    SETTINGS,
    SPARE_FILES,
    WORKFLOW,
    Gateway,
    allow_files,
    cluster,
    people_of,
)
from bench.report import Report, machine, percentile, progress

PER_SECOND = 1_000
BATCH = 20
OPENING = 200
"""Connections that are being opened at once."""
LOOKING = 100
"""Members of a topic who are connected, ..."""
AWAY = 20_000
"""... and who are not."""
BROADCASTS = 3
BACK_SECONDS = 90.0
SETTLE_SECONDS = 3.0


class Watcher(asyncio.Protocol):
    """A client of one stream: what it was told, and when. It comes again when it is cut off."""

    def __init__(self, bench: Audience, user: int, token: str) -> None:
        self.told: list[str] = []
        self.last = ""
        self.there = asyncio.Event()
        self.late: list[float] = []
        self._bench = bench
        self._user = user
        self._token = token
        self._buffer = b""

    async def open(self) -> None:
        """Connect and wait for the first message."""
        self.there.clear()
        self._buffer = b""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._bench.port)
        resumes = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
        head = (
            f"GET /v1/inbox/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n{resumes}"
            f"Authorization: Bearer {self._token}\r\n\r\n"
        )
        transport.write(head.encode())
        async with asyncio.timeout(READY_SECONDS):
            await self.there.wait()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer += data
        *whole, self._buffer = self._buffer.split(b"\n\n")
        for block in whole:
            self._take(block, now)

    def connection_lost(self, exc: Exception | None) -> None:
        self._bench.lost(self)

    def _take(self, block: bytes, now: float) -> None:
        lines = dict(line.partition(b": ")[::2] for line in block.split(b"\n"))
        if b"id" in lines:
            self.last = lines[b"id"].decode().strip()
        kind = lines.get(b"event", b"").strip()
        if kind == b"hello":
            self.there.set()
        elif kind == b"item.created":
            at = msgspec.json.decode(lines[b"data"])["entry"]["title"]
            self.told.append(at)
            self.late.append(now - float(at))
        elif kind == b"feed.reset":
            raise RuntimeError("a stream was reset")


class Audience:
    """All watchers. While `keeps`, who is cut off comes again after a pause."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.port = port
        self.watchers: list[Watcher] = []
        self.keeps = True
        self.again_seconds = 2.0
        self._chance = chance
        self._tasks: set[asyncio.Task[None]] = set()

    def lost(self, watcher: Watcher) -> None:
        """A connection has ended."""
        if self.keeps:
            watcher.there.clear()
            task = asyncio.create_task(self._again(watcher))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _again(self, watcher: Watcher) -> None:
        await asyncio.sleep(self._chance.uniform(0, self.again_seconds))
        try:
            await watcher.open()
        except (OSError, TimeoutError):
            self.lost(watcher)

    async def open(self, tokens: list[str]) -> float:
        """Open a stream for each; how many seconds it took."""
        began = time.perf_counter()
        gate = asyncio.Semaphore(OPENING)

        async def one(watcher: Watcher) -> None:
            async with gate:
                await watcher.open()

        self.watchers = [Watcher(self, user, token) for user, token in enumerate(tokens)]
        await asyncio.gather(*(one(watcher) for watcher in self.watchers))
        return time.perf_counter() - began

    async def back(self) -> None:
        """Wait until everybody is there."""
        async with asyncio.timeout(BACK_SECONDS):
            for watcher in self.watchers:
                while not watcher.there.is_set():
                    await asyncio.sleep(0.05)


async def run(short: bool) -> Report:
    """Figures: `connections`, their private memory (`kilobytes_each`), how long an item takes from
    the request to the browser (`live_p50_ms`, `live_p99_ms`), and the seconds until all are back
    after a kill (`back_seconds`), when every item was told once or more to everybody."""
    size, seconds = (1_000, 5) if short else (10_000, 20)
    allow_files(size + SPARE_FILES)
    figures: dict[str, float] = {"connections": size}
    chance = random.Random(11)
    async with cluster() as (client, gateway):
        tokens = await people_of(client, size)
        audience = Audience(gateway.port, chance)
        await gateway.start()
        await asyncio.sleep(SETTLE_SECONDS)
        empty = gateway.private_megabytes()
        figures["open_seconds"] = await audience.open(tokens)
        await asyncio.sleep(SETTLE_SECONDS)
        figures["kilobytes_each"] = (gateway.private_megabytes() - empty) * 1024 / size
        progress(f"{size:,} streams are open")
        sent: defaultdict[int, list[str]] = defaultdict(list)
        spent = gateway.cpu_seconds()
        await _send(client, sent, size, seconds, chance)
        figures["gateway_cpu_ratio"] = (gateway.cpu_seconds() - spent) / seconds
        await asyncio.sleep(SETTLE_SECONDS)
        late = [one for watcher in audience.watchers for one in watcher.late]
        figures["items_per_second"] = len(late) / seconds
        figures["live_p50_ms"] = percentile(late, 0.5) * 1000
        figures["live_p99_ms"] = percentile(late, 0.99) * 1000
        figures |= await _broadcasts(client, gateway, audience, sent)
        progress("the gateway is killed")
        gateway.kill()
        await _send(client, sent, size, 1, chance)
        began = time.perf_counter()
        await gateway.start()
        await audience.back()
        figures["back_seconds"] = time.perf_counter() - began
        await asyncio.sleep(SETTLE_SECONDS)
        lost = sum(len(set(sent[n]) - set(one.told)) for n, one in enumerate(audience.watchers))
        audience.keeps = False
    if lost:
        raise RuntimeError(f"{lost} items did not arrive")
    settings = {**machine(), **SETTINGS}
    checks = ["every item at its user, also across a kill -9 of the gateway"]
    return Report(bench="sse", settings=settings, figures=figures, checks=checks)


async def _broadcasts(
    client: Client, gateway: Gateway, audience: Audience, sent: dict[int, list[str]]
) -> dict[str, float]:
    """How soon a broadcast is with the members who are looking, and with all who look; and how much
    of the gateway's processor each of these costs."""
    await client.ask("PUT", "/v1/workflows/air", {**WORKFLOW, "key": "air", "on": "air"})
    figures = {}
    for name, members in (("few", LOOKING), ("all", len(audience.watchers))):
        topic = f"stars:{name}"
        await client.ask("PUT", f"/v1/topics/{topic}", {"broadcast": "always"})
        names = [*(f"u{n}" for n in range(members)), *(f"x{n}" for n in range(AWAY))]
        for start in range(0, len(names), 1000):
            add = {"add": names[start : start + 1000]}
            await client.ask("POST", f"/v1/topics/{topic}/subscribers", add)
        late: list[float] = []
        spent = gateway.cpu_seconds()
        for _ in range(BROADCASTS):
            at = f"{time.perf_counter():.6f}"
            event = {"type": "air", "recipients": [{"topic": topic}], "data": {"at": at}}
            await client.ask("POST", "/v1/events", event)
            for n, watcher in enumerate(audience.watchers[:members]):
                sent[n].append(at)
                async with asyncio.timeout(BACK_SECONDS):
                    while at not in watcher.told[-5:]:
                        await asyncio.sleep(0.01)
                late.append(watcher.late[watcher.told.index(at)])
        figures[f"broadcast_to_{members}_p50_ms"] = percentile(late, 0.5) * 1000
        figures[f"broadcast_to_{members}_p99_ms"] = percentile(late, 0.99) * 1000
        spent = gateway.cpu_seconds() - spent
        figures[f"broadcast_to_{members}_gateway_us"] = spent / len(late) * 1e6
        progress(f"broadcasts came to {members:,} who look")
    return figures


async def _send(
    client: Client,
    sent: dict[int, list[str]],
    size: int,
    seconds: float,
    chance: random.Random,
) -> None:
    """PER_SECOND events, each for one user, at an even pace."""
    began = time.perf_counter()
    under_way: set[asyncio.Task[Any]] = set()
    for turn in range(int(seconds * PER_SECOND / BATCH)):
        await asyncio.sleep(max(0.0, began + turn * BATCH / PER_SECOND - time.perf_counter()))
        events = []
        for user in chance.sample(range(size), BATCH):
            at = f"{time.perf_counter():.6f}"
            sent[user].append(at)
            events.append({"type": "live", "recipients": [f"u{user}"], "data": {"at": at}})
        asked = client.ask("POST", "/v1/events/batch", {"events": events})
        task = asyncio.create_task(asked)
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)

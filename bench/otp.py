"""How fast a one-time password reaches the provider: on an idle system, and while a million people
are told of something; and what that costs the blast. All in one run."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bench.client import Client, Connection
from bench.disk import flushes
from bench.provider import Provider, provider
from bench.report import Report, machine, percentile, progress
from bench.server import KEY, STORES, server
from clarion.testing.population import populate

TOPIC = "streamer:ann"
RECEIVERS = 50
"""People who ask for codes; they follow nobody."""
CONNECTIONS = 4
PER_SECOND = 20
PROCESSES = {"sqlite": 1, "postgres": 2}
SEEN_SECONDS = 20.0
DISK_PART = 4
"""How many times as long as the blast warms up the disk is watched."""
PARTS = {"p50": 0.5, "p99": 0.99, "p999": 0.999}

CODE = {
    "key": "otp",
    "on": "otp.requested",
    "category": "security",
    "expires_in": "PT2M",
    "steps": [
        {
            "send": {
                "channel": "push",
                "template": {"title": "Your code", "body": "{{ data.code }} watch={{ data.n }};"},
            }
        }
    ],
}
NEWS = {
    "key": "stream-live",
    "on": "stream.live",
    "category": "news",
    "audience": 'topic("streamer:" + data.streamer)',
    "steps": [
        {
            "send": {
                "channel": "push",
                "template": {"title": "{{ data.name }} is live", "body": "Watch now"},
            }
        }
    ],
}


class Plan(msgspec.Struct, frozen=True):
    """Subscribers; codes on the idle system; how often the blast is watched without codes and then
    with them, and for how long each time; how long it runs before."""

    subscribers: int
    idle_codes: int
    pairs: int
    window_seconds: float
    warm_up_seconds: float


FULL = Plan(1_000_000, 2_000, 6, 15.0, 5.0)
SHORT = Plan(200_000, 200, 2, 4.0, 2.0)


async def run(short: bool, store: str = "sqlite") -> Report:
    """Figures `idle_otp_ms_*` and `blast_otp_ms_*` (p50, p99, p999, max), from the request's first
    byte to the provider's door; `blast_over_idle_ms_p99`; pushes a second of the blast without and
    with codes, and `blast_rate_kept`, the second over the first. `disk_flush_ms_*` is what the disk
    alone took before: a code waits for two flushes."""
    plan = SHORT if short else FULL

    async def load(place: Path | str) -> None:
        progress(f"writing {plan.subscribers:,} subscribers with devices")
        await populate(place, plan.subscribers, key=KEY, topic=TOPIC)

    processes = PROCESSES[store]
    progress("flushes of the disk")
    disk = await flushes(plan.warm_up_seconds * DISK_PART)
    with provider() as vendor:
        started = server(vendor.account(), store, before=load, processes=processes)
        async with started as running:
            codes = await _codes(running.client, vendor)
            progress("codes on the idle system")
            await codes.send(plan.idle_codes / PER_SECOND)
            idle = await codes.seen()
            rates, during = await _blast(running.client, vendor, codes, plan)
    figures = {
        **{f"idle_otp_ms_{name}": percentile(idle, part) for name, part in PARTS.items()},
        "idle_otp_ms_max": max(idle),
        **{f"blast_otp_ms_{name}": percentile(during, part) for name, part in PARTS.items()},
        "blast_otp_ms_max": max(during),
        "disk_flush_ms_p50": percentile(disk, 0.5) * 1000,
        "disk_flush_ms_p99": percentile(disk, 0.99) * 1000,
        "blast_per_second_without": rates[0],
        "blast_per_second_with": rates[1],
        "blast_rate_kept": rates[1] / rates[0],
    }
    figures["blast_over_idle_ms_p99"] = figures["blast_otp_ms_p99"] - figures["idle_otp_ms_p99"]
    settings = {
        **machine(),
        "store": STORES[store],
        "processes": processes,
        "subscribers": plan.subscribers,
        "codes_per_second": PER_SECOND,
        "codes_idle": len(idle),
        "codes_during_blast": len(during),
        "windows": f"{plan.pairs} of {plan.window_seconds:g} s each, without and with codes",
    }
    checks = ["every code reached the provider", "the ledger balances"]
    return Report(bench="otp", settings=settings, figures=figures, checks=checks)


async def _blast(
    client: Client, vendor: Provider, codes: Codes, plan: Plan
) -> tuple[tuple[float, float], list[float]]:
    """Rates without and with codes, and how long the codes took."""
    event = await client.ask(
        "POST", "/v1/events", {"type": "stream.live", "data": {"streamer": "ann", "name": "Ann"}}
    )
    progress("the blast begins")
    await asyncio.sleep(plan.warm_up_seconds)
    alone, beside = _Rate(), _Rate()
    for pair in range(plan.pairs):
        async with alone.counted(vendor, codes):
            await asyncio.sleep(plan.window_seconds)
        async with beside.counted(vendor, codes):
            await codes.send(plan.window_seconds)
        progress(f"window {pair + 1} of {plan.pairs}: {alone} without, {beside} with codes")
    row = await client.ask("GET", f"/v1/events/{event['event_id']}")
    if row["status"] == "complete":
        raise RuntimeError("the blast was over before the codes were")
    during = await codes.seen()
    await client.ask("POST", f"/v1/events/{event['event_id']}/cancel")
    return (alone.per_second, beside.per_second), during


class _Rate:
    """Posts of the blast over the time of some windows."""

    def __init__(self) -> None:
        self.posts = 0
        self.seconds = 0.0

    @asynccontextmanager
    async def counted(self, vendor: Provider, codes: Codes) -> AsyncIterator[None]:
        """The block is a window. Codes are no part of the blast."""
        posts, sent, began = await vendor.posts(), codes.sent, time.perf_counter()
        yield
        self.seconds += time.perf_counter() - began
        self.posts += await vendor.posts() - posts - (codes.sent - sent)

    @property
    def per_second(self) -> float:
        return self.posts / self.seconds

    def __str__(self) -> str:
        return f"{self.per_second:,.0f}/s"


class Codes:
    """Asks for codes at a steady rate, whatever becomes of them."""

    def __init__(self, client: Client, vendor: Provider) -> None:
        self.sent = 0
        self._client = client
        self._vendor = vendor
        self._connections = asyncio.Queue[Connection]()
        self._began: dict[int, float] = {}
        self._chance = random.Random(1)

    async def send(self, seconds: float) -> None:
        """For so long; returns when all are answered."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            self._connections.put_nowait(await self._client.connect())
        due, end = loop.time(), loop.time() + seconds
        asking: list[asyncio.Task[None]] = []
        while (due := due + self._chance.uniform(0.5, 1.5) / PER_SECOND) < end:
            await asyncio.sleep(max(due - loop.time(), 0.0))
            self.sent += 1
            asking.append(asyncio.create_task(self._ask(self.sent)))
        await asyncio.gather(*asking)
        while not self._connections.empty():
            self._connections.get_nowait().close()

    async def seen(self) -> list[float]:
        """Milliseconds of each since the last call, once all are at the provider."""
        end = time.perf_counter() + SEEN_SECONDS
        arrived: dict[int, float] = {}
        while len(arrived) < len(self._began):
            if time.perf_counter() > end:
                missing = len(self._began) - len(arrived)
                raise RuntimeError(f"{missing} codes did not reach the provider")
            await asyncio.sleep(0.05)
            arrived |= await self._vendor.watched()
        took = [(arrived[n] - began) * 1000 for n, began in self._began.items()]
        self._began.clear()
        return took

    async def _ask(self, n: int) -> None:
        event = {
            "type": "otp.requested",
            "recipients": [f"asker{n % RECEIVERS}"],
            "data": {"code": "123456", "n": f"{n:06}"},
        }
        request = self._client.request("POST", "/v1/events", event)
        self._began[n] = time.perf_counter()
        connection = await self._connections.get()
        status, answer = await connection.ask(request)
        self._connections.put_nowait(connection)
        if status != 202:
            raise RuntimeError(f"a code was refused: {status} {answer[:200].decode()}")


async def _codes(client: Client, vendor: Provider) -> Codes:
    """Workflows and people, and a first handful of codes that is not counted."""
    await client.ask("PUT", "/v1/categories/news", {"lane": "bulk"})
    await client.ask("PUT", "/v1/workflows/otp", CODE)
    await client.ask("PUT", "/v1/workflows/stream-live", NEWS)
    for n in range(RECEIVERS):
        await client.ask("PUT", f"/v1/users/asker{n}", {})
        await client.ask("PUT", f"/v1/users/asker{n}/devices/code-{n}", {"platform": "fcm"})
    codes = Codes(client, vendor)
    await codes.send(2.0)
    await codes.seen()
    return codes

"""How many durable events a second: 64 clients one by one, then in batches; each event tells one
person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from bench.client import Client
from bench.report import Report, machine
from bench.server import STORES, Running, drained, server

CLIENTS = 64
BATCH_CLIENTS = 8
BATCH = 500
USERS = 2_000
Load = Callable[[Client, float], Awaitable[tuple[float, int]]]
"""Sends events for so many seconds; (events a second, events)."""

WORKFLOW = {
    "key": "order-shipped",
    "on": "order.shipped",
    "category": "transactional",
    "steps": [
        {
            "send": {
                "channel": "inbox",
                "template": {
                    "title": "Order {{ data.order }} is on its way",
                    "body": "It arrives on {{ data.day }}.",
                    "url": "/orders/{{ data.order }}",
                },
            }
        }
    ],
}


async def run(short: bool, store: str = "sqlite") -> Report:
    """Figures `single_events_per_second` and `batch_events_per_second`, with processor time an
    event of the server (`_cpu_microseconds`) and of its PostgreSQL
    (`_store_cpu_microseconds`)."""
    seconds = 8.0 if short else 30.0
    figures: dict[str, float] = {}
    async with server(store=store) as running:
        client = running.client
        await prepare(client)
        await _singles(client, 1.0)
        for name, load in (("single", _singles), ("batch", _batches)):
            figures |= await _timed(running, name, load, seconds)
        figures |= {
            "ready_seconds": running.ready_seconds,
            "idle_megabytes": running.idle_megabytes,
        }
    settings: dict[str, object] = {
        "clients": CLIENTS,
        "batch": BATCH,
        "batch_clients": BATCH_CLIENTS,
    }
    settings |= {"seconds": seconds, "users": USERS, **machine(), "store": STORES[store]}
    return Report(bench="ingest", settings=settings, figures=figures)


async def _timed(running: Running, name: str, load: Load, seconds: float) -> dict[str, float]:
    ours, theirs = running.cpu_seconds(), running.store_cpu_seconds()
    rate, count = await load(running.client, seconds)
    figures = {
        f"{name}_events_per_second": rate,
        f"{name}_cpu_microseconds": (running.cpu_seconds() - ours) / count * 1e6,
    }
    if running.store_pid:
        spent = running.store_cpu_seconds() - theirs
        figures[f"{name}_store_cpu_microseconds"] = spent / count * 1e6
    return figures


async def prepare(client: Client) -> None:
    """The users and the workflow."""
    users = [{"id": f"u{n}", "name": f"Person {n}"} for n in range(USERS)]
    for start in range(0, USERS, 1000):
        await client.ask("POST", "/v1/users/bulk", {"users": users[start : start + 1000]})
    await client.ask("PUT", "/v1/workflows/order-shipped", WORKFLOW)


def _event(n: int) -> dict[str, object]:
    return {
        "type": "order.shipped",
        "data": {"order": f"1000{n}", "day": "Friday"},
        "recipients": [f"u{n % USERS}"],
    }


async def _singles(client: Client, seconds: float) -> tuple[float, int]:
    """(events a second, events), from the first request until everything is told."""
    began = time.perf_counter()
    stop = began + seconds

    async def one(number: int) -> int:
        connection, sent = await client.connect(), 0
        requests = [
            client.request("POST", "/v1/events", _event(number * 1000 + n)) for n in range(200)
        ]
        while time.perf_counter() < stop:
            status, body = await connection.ask(requests[sent % len(requests)])
            if status != 202:
                raise RuntimeError(f"{status} {body[:200]!r}")
            sent += 1
        connection.close()
        return sent

    sent = sum(await asyncio.gather(*[one(number) for number in range(CLIENTS)]))
    await drained(client)
    return sent / (time.perf_counter() - began), sent


async def _batches(client: Client, seconds: float) -> tuple[float, int]:
    began = time.perf_counter()
    stop = began + seconds

    async def one(number: int) -> int:
        connection, sent = await client.connect(), 0
        events = [_event(number * 1000 + n) for n in range(BATCH)]
        request = client.request("POST", "/v1/events/batch", {"events": events})
        while time.perf_counter() < stop:
            status, body = await connection.ask(request)
            if status != 202 or b'"problem"' in body:
                raise RuntimeError(f"{status} {body[:200]!r}")
            sent += BATCH
        connection.close()
        return sent

    sent = sum(await asyncio.gather(*[one(number) for number in range(BATCH_CLIENTS)]))
    await drained(client)
    return sent / (time.perf_counter() - began), sent

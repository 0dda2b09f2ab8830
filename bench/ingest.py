"""How many durable events a second: 64 clients one by one, then in batches; each event tells one
person."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.client import Client
from bench.report import Report, Rounds, machine, progress
from bench.server import STORES, Running, drained, server
from bench.sums import nobody_told, one_item_each, sums

CLIENTS = 64
BATCH_CLIENTS = 8
BATCH = 500
USERS = 2_000
CHECKED = 40
"""People whose inboxes are counted at the end."""
Load = Callable[[Client, float, Counter[int]], Awaitable[tuple[float, int]]]
"""Sends events for so many seconds, and adds to whom; (events a second, events)."""

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
    event of the server (`_cpu_microseconds`) and of its PostgreSQL (`_store_cpu_microseconds`);
    those that begin with `unheard_` are of events that are kept and tell nobody."""
    count, seconds = (2, 4.0) if short else (5, 8.0)
    rounds, told = Rounds(), Counter[int]()

    async def counted(place: Path | str) -> None:
        one_item_each(await sums(place), told.total())

    async with server(store=store, after=counted) as running:
        await prepare(running.client)
        for load in (_singles, _batches):
            await load(running.client, 1.0, told)
        for number in range(count):
            progress(f"round {number + 1} of {count}: {seconds:.0f} s one by one, then in batches")
            for name, load in (("single", _singles), ("batch", _batches)):
                rounds.add(await _timed(running, name, load, seconds, told))
        await _check(running.client, told)
        own = {"ready_seconds": running.ready_seconds, "idle_megabytes": running.idle_megabytes}
    unheard = Counter[int]()

    async def kept(place: Path | str) -> None:
        nobody_told(await sums(place), unheard.total())

    async with server(store=store, after=kept) as running:
        await _batches(running.client, 1.0, unheard)
        for number in range(count):
            progress(f"round {number + 1} of {count}: the same with no workflow that listens")
            for name, load in (("unheard_single", _singles), ("unheard_batch", _batches)):
                rounds.add(await _timed(running, name, load, seconds, unheard))
    settings = {
        "clients": CLIENTS, "batch": BATCH, "batch_clients": BATCH_CLIENTS, "rounds": count,
        "seconds": seconds, "users": USERS, **machine(), "store": STORES[store],
    }  # fmt: skip
    checks = [
        f"{CHECKED} people have an item for each event that was accepted for them",
        "events, notifications, items, counts and inboxes add up to what was accepted",
        "events nobody listens to are kept, each once, and told nobody",
    ]
    return Report(
        bench="ingest", settings=settings, figures=rounds.figures() | own, spread=rounds.spread(),
        checks=checks,
    )  # fmt: skip


async def _timed(
    running: Running, name: str, load: Load, seconds: float, told: Counter[int]
) -> dict[str, float]:
    ours, theirs = running.cpu_seconds(), running.store_cpu_seconds()
    rate, count = await load(running.client, seconds, told)
    figures = {
        f"{name}_events_per_second": rate,
        f"{name}_cpu_microseconds": (running.cpu_seconds() - ours) / count * 1e6,
    }
    if running.store_pid:
        spent = running.store_cpu_seconds() - theirs
        figures[f"{name}_store_cpu_microseconds"] = spent / count * 1e6
    return figures


async def _check(client: Client, told: Counter[int]) -> None:
    """RuntimeError unless the inboxes of some hold what was accepted for them, once."""
    for user in range(0, USERS, USERS // CHECKED):
        token = (await client.ask("POST", f"/v1/users/u{user}/token", {}))["token"]
        inbox = await Client(client.port, token).ask("GET", "/v1/inbox?limit=1")
        if inbox["meta"]["total"] != told[user]:
            raise RuntimeError(f"u{user}: {told[user]} events accepted, {inbox['meta']} told")


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


async def _singles(client: Client, seconds: float, told: Counter[int]) -> tuple[float, int]:
    """(events a second, events), from the first request until everything is told."""
    began = time.perf_counter()
    stop = began + seconds

    async def one(number: int) -> int:
        connection, sent = await client.connect(), 0
        numbers = [number * 1000 + n for n in range(200)]
        requests = [client.request("POST", "/v1/events", _event(n)) for n in numbers]
        while time.perf_counter() < stop:
            status, body = await connection.ask(requests[sent % len(requests)])
            if status != 202:
                raise RuntimeError(f"{status} {body[:200]!r}")
            told[numbers[sent % len(requests)] % USERS] += 1
            sent += 1
        connection.close()
        return sent

    sent = sum(await asyncio.gather(*[one(number) for number in range(CLIENTS)]))
    await drained(client)
    return sent / (time.perf_counter() - began), sent


async def _batches(client: Client, seconds: float, told: Counter[int]) -> tuple[float, int]:
    began = time.perf_counter()
    stop = began + seconds

    async def one(number: int) -> int:
        connection, sent = await client.connect(), 0
        numbers = [number * 1000 + n for n in range(BATCH)]
        request = client.request("POST", "/v1/events/batch", {"events": [*map(_event, numbers)]})
        while time.perf_counter() < stop:
            status, body = await connection.ask(request)
            if status != 202 or b'"problem"' in body:
                raise RuntimeError(f"{status} {body[:200]!r}")
            sent += 1
        connection.close()
        told.update({n % USERS: sent for n in numbers})
        return sent * BATCH

    sent = sum(await asyncio.gather(*[one(number) for number in range(BATCH_CLIENTS)]))
    await drained(client)
    return sent / (time.perf_counter() - began), sent

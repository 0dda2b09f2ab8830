"""How many recipients a second: one event to the inboxes of a large topic, a decision recorded
for each."""

from __future__ import annotations

import asyncio
import time

from bench.client import Client
from bench.report import Report, Rounds, machine
from bench.server import STORES, Running, server

SUBSCRIBERS = 100_000
WORKFLOW = {
    "key": "stream-live",
    "on": "stream.live",
    "category": "marketing",
    "audience": 'topic("streamer:" + data.streamer)',
    "steps": [
        {
            "send": {
                "channel": "inbox",
                "template": {
                    "title": "{{ data.name }} is live",
                    "url": "/live/{{ data.streamer }}",
                },
            }
        }
    ],
}


async def run(short: bool, store: str = "sqlite") -> Report:
    """Figures `recipients_per_second`, the median of several events after one to warm up, and the
    processor time of each: of the server's process, and of PostgreSQL where there is one."""
    count = 2 if short else 5
    rounds = Rounds()
    async with server(store=store) as running:
        await _prepare(running.client)
        await _one(running.client)
        for _ in range(count):
            rounds.add(await _measured(running))
    settings = {"subscribers": SUBSCRIBERS, "rounds": count, **machine(), "store": STORES[store]}
    return Report(
        bench="fanout", settings=settings, figures=rounds.figures(), spread=rounds.spread(),
        checks=["counts of each event", "audit"],
    )  # fmt: skip


async def _measured(running: Running) -> dict[str, float]:
    ours, theirs = running.cpu_seconds(), running.store_cpu_seconds()
    figures = {"recipients_per_second": await _one(running.client)}
    spent = running.cpu_seconds() - ours
    figures["cpu_microseconds"] = spent / SUBSCRIBERS * 1e6
    if running.store_pid:
        spent = running.store_cpu_seconds() - theirs
        figures["store_cpu_microseconds"] = spent / SUBSCRIBERS * 1e6
    return figures


async def _prepare(client: Client) -> None:
    for start in range(0, SUBSCRIBERS, 1000):
        users = [{"id": f"u{n}"} for n in range(start, start + 1000)]
        await client.ask("POST", "/v1/users/bulk", {"users": users})
        add = [user["id"] for user in users]
        await client.ask("POST", "/v1/topics/streamer:ann/subscribers", {"add": add})
    await client.ask("PUT", "/v1/topics/streamer:ann", {"broadcast": "never"})
    await client.ask("PUT", "/v1/workflows/stream-live", WORKFLOW)


async def _one(client: Client) -> float:
    began = time.perf_counter()
    event = await client.ask(
        "POST", "/v1/events", {"type": "stream.live", "data": {"streamer": "ann", "name": "Ann"}}
    )
    while True:
        row = await client.ask("GET", f"/v1/events/{event['event_id']}")
        if row["status"] == "complete":
            break
        await asyncio.sleep(0.05)
    took = time.perf_counter() - began
    if row["counts"]["sent"] != SUBSCRIBERS or not row["balanced"]:
        raise RuntimeError(f"not everybody was told: {row['counts']}")
    return SUBSCRIBERS / took

"""One event to the inboxes of a topic: how many recipients a second, when the first and the last
see it, and in how much memory; written for each at once, or broadcast and decided at their look."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.client import Client, Connection
from bench.memory import Peaks, watched
from bench.report import Report, Rounds, machine, percentile, progress
from bench.server import KEY, STORES, Running, server
from clarion.testing.population import Population, populate

TOPIC = "streamer:ann"
WRITTEN, BROADCAST = "written", "broadcast"
FORMS = {WRITTEN: "never", BROADCAST: "always"}
LOOKERS = 10
"""People who look at once after each broadcast; others each time."""
LATE = 100
"""People who look for the first time after all broadcasts."""
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
EVENT = {"type": "stream.live", "data": {"streamer": "ann", "name": "Ann"}}


class Plan(msgspec.Struct, frozen=True):
    """Audiences by size with how many rounds of the written form; broadcasts of each size."""

    rounds: dict[int, int]
    broadcasts: int


FULL = Plan({10_000: 5, 100_000: 3, 1_000_000: 3}, 20)
SHORT = Plan({2_000: 2, 10_000: 2}, 5)


async def run(short: bool, store: str = "sqlite") -> Report:
    """Figures by form and size; those without a size are of the largest, `written_memory_ratio` is
    over the smallest, `broadcast_visible_ms_max` of all sizes."""
    plan = SHORT if short else FULL
    rounds = Rounds()
    figures: dict[str, float] = {}
    checks: list[str] = []
    missing: dict[str, str] = {}
    for form in FORMS:
        for size, count in plan.rounds.items():
            progress(f"{form}, {size:,} subscribers: loading")
            async with _loaded(store, size) as (running, people):
                if not await _formed(running.client, form):
                    missing[form] = "this server knows no broadcast form"
                    break
                measured = _Measured(running, people, f"{form}_{size}")
                async with watched(running.pid) as peaks:
                    if form == WRITTEN:
                        await measured.written(count, rounds)
                    else:
                        figures |= await measured.broadcast(plan.broadcasts)
                figures |= _memory(measured.name, peaks)
            checks.append(f"{form} to {size:,}: counts of each event, items of who looked, audit")
    figures = {**rounds.figures(), **figures}
    spread = rounds.spread()
    headline(figures, spread, list(plan.rounds))
    settings = {
        "subscribers": list(plan.rounds), "rounds": list(plan.rounds.values()),
        "broadcasts": plan.broadcasts, "lookers": LOOKERS, **machine(), "store": STORES[store],
    }  # fmt: skip
    return Report(
        bench="inbox", settings=settings, figures=figures, spread=spread, checks=checks,
        missing=missing,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _loaded(store: str, size: int) -> AsyncIterator[tuple[Running, Population]]:
    """A server on a fresh store with one topic of so many people."""
    people: list[Population] = []

    async def fill(place: Path | str) -> None:
        people.append(await populate(place, size, key=KEY, topic=TOPIC, devices=0))

    async with server(store=store, before=fill) as running:
        await running.client.ask("PUT", "/v1/workflows/stream-live", WORKFLOW)
        yield running, people[0]


async def _formed(client: Client, form: str) -> bool:
    """Say in which form the topic is told; False when the server does not know of forms."""
    try:
        await client.ask("PUT", f"/v1/topics/{TOPIC}", {"broadcast": FORMS[form]})
    except RuntimeError:
        if form == BROADCAST:
            return False
    return True


def _memory(name: str, peaks: Peaks) -> dict[str, float]:
    return {
        f"{name}_peak_megabytes": peaks.resident,
        f"{name}_private_megabytes": peaks.private,
    }


def headline(
    figures: dict[str, float], spread: dict[str, tuple[float, float]], sizes: Sequence[int]
) -> None:
    """Add what the targets are about."""
    small, large = min(sizes), max(sizes)
    rate = f"{WRITTEN}_{large}_recipients_per_second"
    figures["written_recipients_per_second"] = figures[rate]
    if rate in spread:
        spread["written_recipients_per_second"] = spread[rate]
    for form in FORMS:
        for kind in ("peak", "private"):
            at_most, at_least = (f"{form}_{n}_{kind}_megabytes" for n in (large, small))
            if at_most in figures:
                name = "memory" if kind == "peak" else "private_memory"
                figures[f"{form}_{name}_ratio"] = figures[at_most] / figures[at_least]
    slowest = [figures.get(f"{BROADCAST}_{size}_visible_ms_max", 0.0) for size in sizes]
    if any(slowest):
        figures["broadcast_visible_ms_max"] = max(slowest)


class _Measured:
    """One server, one size, one form."""

    def __init__(self, running: Running, people: Population, name: str) -> None:
        self.name = name
        self._running = running
        self._client = running.client
        self._people = people

    async def written(self, count: int, rounds: Rounds) -> None:
        """A small event to warm up, then so many to everybody."""
        few = [self._people.name(n) for n in range(1, min(100, self._people.count) + 1)]
        event = await self._send({**EVENT, "recipients": few})
        await self._told(event, len(few), time.perf_counter())
        size = self._people.count
        places = {"low": 1, "middle": size // 2, "high": size}
        looks = {place: await self._look(n) for place, n in places.items()}
        for number in range(count):
            progress(f"{self.name}: round {number + 1} of {count}")
            rounds.add(await self._written_once(looks))
        for look in looks.values():
            look.close()

    async def _written_once(self, looks: dict[str, _Look]) -> dict[str, float]:
        running = self._running
        ours, theirs = running.cpu_seconds(), running.store_cpu_seconds()
        began = time.perf_counter()
        event = await self._send(EVENT)
        *seen, took = await asyncio.gather(
            *(look.until_there(event, began) for look in looks.values()),
            self._told(event, self._people.count, began),
        )
        size = self._people.count
        figures = {f"{place}_item_seconds": at for place, at in zip(looks, seen, strict=True)}
        figures |= {
            "recipients_per_second": size / took,
            "first_item_seconds": min(seen),
            "last_item_seconds": max(seen),
            "complete_seconds": took,
            "cpu_microseconds": (running.cpu_seconds() - ours) / size * 1e6,
        }
        if running.store_pid:
            spent = running.store_cpu_seconds() - theirs
            figures["store_cpu_microseconds"] = spent / size * 1e6
        return {f"{self.name}_{name}": value for name, value in figures.items()}

    async def broadcast(self, count: int) -> dict[str, float]:
        """So many broadcasts, after each of which others look; and then those who never did."""
        chance = random.Random(11)
        size = self._people.count
        chosen = chance.sample(range(1, size + 1), min((count + 1) * LOOKERS + LATE, size))
        warm, late, rest = chosen[:LOOKERS], chosen[LOOKERS:][:LATE], chosen[LOOKERS + LATE :]
        await self._broadcast_once(warm)
        accepts, visible, events = [], [], []
        progress(f"{self.name}: {count} broadcasts")
        for number in range(count):
            users = rest[number * LOOKERS : (number + 1) * LOOKERS]
            event, accept, seen = await self._broadcast_once(users)
            accepts.append(accept)
            visible += seen
            events.append((event, len(users)))
        first = [await self._first_look(user, events[-1][0], count + 1) for user in late]
        for event, looked in events:
            await self._counted(event, at_least=looked)
        return {
            f"{self.name}_accept_ms_p50": percentile(accepts, 0.5),
            f"{self.name}_accept_ms_max": max(accepts),
            f"{self.name}_visible_ms_p50": percentile(visible, 0.5),
            f"{self.name}_visible_ms_p99": percentile(visible, 0.99),
            f"{self.name}_visible_ms_max": max(visible),
            f"{self.name}_late_look_ms_p50": percentile(first, 0.5),
            f"{self.name}_late_look_ms_p99": percentile(first, 0.99),
        }

    async def _broadcast_once(self, users: list[int]) -> tuple[str, float, list[float]]:
        """(event, ms until it was accepted, ms from then until each user had it)."""
        looks = [await self._look(user) for user in users]
        began = time.perf_counter()
        event = await self._send(EVENT)
        accepted = time.perf_counter()
        seen = await asyncio.gather(*(look.until_there(event, accepted) for look in looks))
        for look in looks:
            look.close()
        return event, (accepted - began) * 1000, [seconds * 1000 for seconds in seen]

    async def _first_look(self, user: int, event: str, broadcasts: int) -> float:
        """Milliseconds of the look of somebody for whom all broadcasts are new."""
        look = await self._look(user)
        began = time.perf_counter()
        entries = await look.entries(limit=50)
        took = (time.perf_counter() - began) * 1000
        look.close()
        if len(entries) != broadcasts or entries[0]["event_id"] != event:
            raise RuntimeError(f"{broadcasts} broadcasts and {len(entries)} items at a first look")
        return took

    async def _send(self, event: dict[str, Any]) -> str:
        answer = await self._client.ask("POST", "/v1/events", event)
        return str(answer["event_id"])

    async def _told(self, event: str, count: int, began: float) -> float:
        """Seconds from `began` until the event is complete; all were sent to, or it is an error."""
        while (row := await self._event(event))["status"] != "complete":
            await asyncio.sleep(_pause(began))
        took = time.perf_counter() - began
        counts = row["counts"]
        if counts["sent"] != count or counts["recipients"] != count or not row["balanced"]:
            raise RuntimeError(f"not everybody was told once: {count} and {counts}")
        return took

    async def _counted(self, event: str, at_least: int) -> None:
        """Until the members are counted: everybody is either told or yet to look."""
        began = time.perf_counter()
        while (row := await self._event(event))["status"] != "complete":
            await asyncio.sleep(_pause(began))
        counts = row["counts"]
        told = counts["sent"] + counts["undecided"]
        if told != self._people.count or counts["sent"] < at_least or not row["balanced"]:
            raise RuntimeError(f"the members do not add up: {self._people.count} and {counts}")

    async def _event(self, event: str) -> dict[str, Any]:
        row: dict[str, Any] = await self._client.ask("GET", f"/v1/events/{event}")
        return row

    async def _look(self, number: int) -> _Look:
        user = self._people.name(number)
        token = (await self._client.ask("POST", f"/v1/users/{user}/token", {}))["token"]
        client = Client(self._client.port, token)
        return _Look(client, await client.connect())


class _Look:
    """Somebody's inbox over a connection of their own."""

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._connection = connection

    async def entries(self, limit: int = 1) -> list[dict[str, Any]]:
        """The newest."""
        if self._connection.closed:
            self._connection = await self._client.connect()
        request = self._client.request("GET", f"/v1/inbox?limit={limit}")
        status, body = await self._connection.ask(request)
        if status != 200:
            raise RuntimeError(f"GET /v1/inbox: {status} {body[:200]!r}")
        entries: list[dict[str, Any]] = msgspec.json.decode(body)["entries"]
        return entries

    async def until_there(self, event: str, began: float) -> float:
        """Seconds from `began` until the event's item is the newest."""
        while True:
            entries = await self.entries()
            if entries and entries[0]["event_id"] == event:
                return time.perf_counter() - began
            await asyncio.sleep(_pause(began))

    def close(self) -> None:
        self._connection.close()


def _pause(began: float) -> float:
    """Between looks: so that they are exact to two parts in a hundred, and cost little."""
    return min(max(0.002, (time.perf_counter() - began) / 50), 0.5)

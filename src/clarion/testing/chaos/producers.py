"""Producers: they send an event again, under its own id, until it is accepted."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from clarion.testing.chaos.cluster import KEY

USERS = 200
CLIENTS = 12
PAUSE_SECONDS = 0.1
ANSWER_SECONDS = 5.0
CHANNELS = {
    "code": ("email",),
    "order": ("inbox", "webhook", "email"),
    "mention": ("inbox", "push"),
    "news": ("inbox", "push"),
    "live": ("inbox",),
}
"""Channels of each workflow, which is named as its type of event."""
BROADCAST = "live"
"""Told in broadcast form: an item is there once its follower has looked."""

AT_MOST_ONCE = frozenset({("code", "email")})
"""Where a repeat is worse than a loss: the provider drops no repeats and the category says so."""


class Sent(msgspec.Struct, kw_only=True):
    """An event that was accepted. `users` None: everybody who follows the topic."""

    type: str
    event_id: str
    users: tuple[str, ...] | None
    at: float


class Producers:
    """Sends small events at a pace, and blasts when asked."""

    def __init__(
        self, urls: Callable[[], list[str]], per_second: float, chance: random.Random
    ) -> None:
        self.accepted: dict[str, Sent] = {}
        self.tries = 0
        self._urls = urls
        self._gap_seconds = CLIENTS / per_second
        self._chance = chance
        self._numbers = iter(range(1, 1 << 40))
        self._on = True
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Send small events from now on."""
        if self._session is None:
            await self.open()
        self._tasks = [asyncio.create_task(self._client()) for _ in range(CLIENTS)]

    async def open(self) -> None:
        """Be able to send; `blast` needs no more."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        headers = {"Authorization": f"Bearer {KEY}"}
        self._session = aiohttp.ClientSession(timeout=timeout, headers=headers)

    async def finish(self) -> None:
        """Insist on what was begun, then stop."""
        self._on = False
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Drop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def blast(self) -> None:
        """One event to everybody who follows the topic, and one that is broadcast to them; returns
        when both are accepted."""
        await self._insist("news", None)
        await self._insist(BROADCAST, None)

    async def _client(self) -> None:
        while self._on:
            began = time.monotonic()
            type_ = self._chance.choice(("code", "order", "order", "mention", "mention"))
            count = 1 if type_ == "code" else self._chance.randint(1, 3)
            users = tuple(f"s{n}" for n in self._chance.sample(range(USERS), count))
            await self._insist(type_, users)
            spread = self._chance.uniform(0.5, 1.5) * self._gap_seconds
            await asyncio.sleep(max(0.0, spread - (time.monotonic() - began)))

    async def _insist(self, type_: str, users: tuple[str, ...] | None) -> None:
        key = f"{type_}-{next(self._numbers)}"
        event: dict[str, Any] = {"type": type_, "id": key, "data": {"n": key}}
        if users is not None:
            event["recipients"] = list(users)
        while True:
            self.tries += 1
            event_id = await self._post(event)
            if event_id is not None:
                self.accepted[key] = Sent(
                    type=type_, event_id=event_id, users=users, at=time.time()
                )
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _post(self, event: dict[str, Any]) -> str | None:
        """Id of the event when it was accepted; None: send it again. RuntimeError when it can never
        be."""
        if self._session is None:
            raise RuntimeError("start the producers first")
        url = self._chance.choice(self._urls())
        try:
            async with self._session.post(f"{url}/v1/events", json=event) as answer:
                body = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return None
        if answer.status == 202:
            return str(body["event_id"])
        if answer.status in (429, 500, 502, 503, 504):
            return None
        raise RuntimeError(f"an event was refused: {answer.status} {body}")

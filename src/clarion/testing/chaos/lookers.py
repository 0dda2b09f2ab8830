"""Followers who look at their inbox: what was broadcast is decided for them then."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

import aiohttp

from clarion.testing.chaos.cluster import KEY

ANSWER_SECONDS = 5.0
PAUSE_SECONDS = 0.1
AT_ONCE = 2
"""Looks of one person at the same time, as of two devices."""

AT_THE_END = 100
"""Followers who look when all has come to rest; what they see is judged."""


class Lookers:
    """Looks at random while faults go on, and surely at the end."""

    def __init__(
        self, urls: Callable[[], list[str]], names: Sequence[str], chance: random.Random
    ) -> None:
        self._urls = urls
        self._names = names
        self._chance = chance
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))

    async def close(self) -> None:
        """Drop what is under way."""
        await self._session.close()

    async def go_on(self) -> None:
        """Look again and again, until cancelled; a look that fails is not repeated."""
        while self._names:
            name = self._chance.choice(self._names)
            await self._looks(name)
            await asyncio.sleep(PAUSE_SECONDS)

    async def at_the_end(self) -> list[str]:
        """Some followers, each of whom has looked; the first and the last are among them."""
        count = min(AT_THE_END, len(self._names))
        chosen = {*self._chance.sample(self._names, count), *self._names[:1], *self._names[-1:]}
        for name in sorted(chosen):
            await self._insist(name)
        return sorted(chosen)

    async def _insist(self, name: str) -> None:
        while True:
            if await self._looks(name):
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _looks(self, name: str) -> bool:
        return all(await asyncio.gather(*(self._look(name) for _ in range(AT_ONCE))))

    async def _look(self, name: str) -> bool:
        """Whether the inbox was shown."""
        url = self._chance.choice(self._urls())
        mine = {"Authorization": f"Bearer {KEY}"}
        try:
            async with self._session.post(
                f"{url}/v1/users/{name}/token", json={}, headers=mine
            ) as answer:
                answer.raise_for_status()
                token = (await answer.json())["token"]
            async with self._session.get(
                f"{url}/v1/inbox", headers={"Authorization": f"Bearer {token}"}
            ) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return False

"""Brings new broadcasts to those who are looking: of all members of a topic only the connected ones
of this process are decided, whatever the size of the topic."""

from __future__ import annotations

import asyncio

from clarion.api.services import Services
from clarion.errors import UnavailableError
from clarion.pipeline.hearsay import BROADCASTS
from clarion.realtime.feeds import Feeds
from clarion.store.contract.streams import Published
from clarion.telemetry import logger

PAGE = 500
"""Users who are looked up in a topic and decided together."""
ASKED_AT_ONCE = 2
"""Pages of which it is asked at the same time who is a member."""
READ_AT_ONCE = 100
LOOKED_BACK = 10
"""Broadcasts before the newest that are looked at when the first hint of an environment comes."""
FAILED_SECONDS = 1.0

_log = logger("realtime")


class Publications:
    """Watches for broadcasts in the environments that have connections."""

    def __init__(self, services: Services, feeds: Feeds) -> None:
        self._services = services
        self._streams = services.store.streams
        self._feeds = feeds
        self._reached: dict[int, int] = {}
        self._room = asyncio.Semaphore(ASKED_AT_ONCE)

    async def run(self) -> None:
        """Until it is cancelled."""
        ear = self._services.bus.ear(BROADCASTS, self._feeds.watched)
        while True:
            heard = await ear.take()
            for env in self._feeds.environments() if heard.missed else heard.numbers:
                await self.look(env)

    async def look(self, env: int) -> None:
        """Decide what is new in an environment for those who are connected."""
        try:
            reached = self._reached.get(env)
            if reached is None:
                newest = await self._services.store.broadcasts.newest(env)
                reached = max(newest - LOOKED_BACK, 0)
            while found := await self._streams.published(env, reached, READ_AT_ONCE):
                for one in found:
                    await self._tell(env, one)
                reached = found[-1].seq
            self._reached[env] = reached
        except UnavailableError as error:
            _log.debug("broadcasts are brought to those who look later: %s", error)
            await asyncio.sleep(FAILED_SECONDS)
        except Exception:  # noqa: BLE001 - looked at again with the next hint, or by the clock
            _log.exception("a broadcast could not be brought to those who look")
            await asyncio.sleep(FAILED_SECONDS)

    async def _tell(self, env: int, one: Published) -> None:
        users = [user for _, user, tenant in self._feeds.inboxes(env) if tenant == one.tenant]
        users.sort()
        pages = (users[start : start + PAGE] for start in range(0, len(users), PAGE))
        await asyncio.gather(*(self._decide(env, one, page) for page in pages))

    async def _decide(self, env: int, one: Published, users: list[int]) -> None:
        async with self._room:
            members = await self._streams.members(env, one.topic, one.at, users)
        if members:
            await self._feeds.decide(env, sorted(members), one.tenant)

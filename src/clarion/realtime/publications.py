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

ASKED_AT_ONCE = 2_000
"""Users who are looked up in a topic by one statement."""
PAGE = 500
"""Members who are decided together."""
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
        """Members are decided while it is asked who else is one."""
        users = sorted(user for _, user, tenant in self._feeds.inboxes(env) if tenant == one.tenant)
        async with asyncio.TaskGroup() as deciding:
            for start in range(0, len(users), ASKED_AT_ONCE):
                some = users[start : start + ASKED_AT_ONCE]
                members = sorted(await self._streams.members(env, one.topic, one.at, some))
                for first in range(0, len(members), PAGE):
                    page = members[first : first + PAGE]
                    deciding.create_task(self._feeds.decide(env, page, one.tenant))

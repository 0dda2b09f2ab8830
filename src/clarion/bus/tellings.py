"""Numbers told between processes over NATS: one message for many of them, on a subject of its name.

Nothing of it is kept: an ear that was not followed for a moment hears that it missed something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Set
from functools import partial
from typing import NoReturn

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from clarion.bus.ears import Ear, Ears, Untold
from clarion.bus.subjects import telling_subject_of
from clarion.telemetry import bus_tellings

COALESCE_SECONDS = 0.002
"""Between two handfuls of messages; all numbers of a name in between are told together."""
MAX_UNHEARD = 4096
"""Messages of one name that may wait for us."""
ANSWER_SECONDS = 2


class Tellings:
    """What is told here and heard here, on one connection after the other."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._ears = Ears()
        self._untold = Untold()
        self._connected = False
        self._told = asyncio.Event()
        self._interest = asyncio.Event()

    def tell(self, name: str, numbers: Collection[int]) -> None:
        """As the contract says. While nobody is connected others are told nothing: they hear that
        they missed something when they are back."""
        self._ears.tell(name, numbers)
        if self._connected:
            self._untold.add(name, numbers)
            self._told.set()

    def ear(self, name: str, wanted: Set[int]) -> Ear:
        """As the contract says."""
        ear = self._ears.add(name, wanted)
        self._interest.set()
        return ear

    def miss_all(self) -> None:
        """Something was lost on its way to us."""
        self._ears.miss_all()

    async def follow(self, client: Client) -> NoReturn:
        """Tell the server of names as interest in them comes and goes."""
        followed: dict[str, Subscription] = {}
        self._interest.set()
        while True:
            await self._interest.wait()
            self._interest.clear()
            names = set(self._ears.names())
            for name in followed.keys() - names:
                await followed.pop(name).unsubscribe()
            fresh = names - followed.keys()
            for name in fresh:
                subject = telling_subject_of(self._prefix, name)
                followed[name] = await client.subscribe(
                    subject, cb=partial(self._hear, name), pending_msgs_limit=MAX_UNHEARD
                )
            if fresh:
                await client.flush(ANSWER_SECONDS)
            for name in fresh:
                self._ears.miss(name)

    async def send(self, client: Client) -> NoReturn:
        """Tell others, as long as the connection lasts."""
        self._connected = True
        try:
            while True:
                await self._told.wait()
                self._told.clear()
                await self.send_all(client)
                await asyncio.sleep(COALESCE_SECONDS)
        finally:
            self._connected = False
            self._untold.clear()

    async def send_all(self, client: Client) -> None:
        """Tell all that is untold by now."""
        for name, message in self._untold.take():
            await client.publish(telling_subject_of(self._prefix, name), message)
            bus_tellings.labels("sent").inc()

    async def _hear(self, name: str, message: Msg) -> None:
        bus_tellings.labels("received").inc()
        self._ears.told(name, message.data)

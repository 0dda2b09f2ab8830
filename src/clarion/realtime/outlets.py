"""What waits for one connection: a few messages, never more. Who is slower than that is told to
read the list again, and let go."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import StrEnum

from clarion.realtime.frames import Frame
from clarion.store.contract.streams import Inbox

MOST_FRAMES = 256
MOST_BYTES = 256 * 1024


class Ending(StrEnum):
    """Why a connection ends."""

    GONE = "gone"
    SLOW = "slow"
    EXPIRED = "expired"
    ERASED = "erased"
    STOPPING = "stopping"


class Outlet:
    """Messages on their way to a connection of `inbox`, which goes on after number `last` (None: it
    begins now). `ends_at` is the instant its token ends."""

    __slots__ = ("_frames", "_size", "_waiter", "beat", "ending", "ends_at", "inbox", "last")

    def __init__(self, inbox: Inbox, last: int | None, ends_at: int) -> None:
        self.inbox = inbox
        self.last = last
        self.ends_at = ends_at
        self.ending: Ending | None = None
        self.beat = False
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    def offer(self, frames: list[Frame]) -> bool:
        """Put messages in line; False when they are too many. One that ends takes no more."""
        if self.ending is not None:
            return True
        size = sum(len(frame.data) for frame in frames)
        if len(self._frames) + len(frames) > MOST_FRAMES or self._size + size > MOST_BYTES:
            return False
        self._frames.extend(frames)
        self._size += size
        self._wake()
        return True

    def end(self, ending: Ending, last_words: list[Frame] | None = None) -> None:
        """End it after what it has to be told; the rest of the line is dropped where there are last
        words."""
        if self.ending is None:
            if last_words is not None:
                self._frames = deque(last_words)
            self.ending = ending
            self._wake()

    def keep_alive(self) -> None:
        """Send something when there is nothing to send."""
        if not self._frames:
            self.beat = True
            self._wake()

    async def take(self) -> list[Frame]:
        """Wait for messages, a beat or the end; the messages."""
        if not (self._frames or self.beat or self.ending):
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frames = [*self._frames]
        self._frames.clear()
        self._size = 0
        return frames

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

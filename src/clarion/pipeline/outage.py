"""What the log says of a store that is away: a line when it begins, one a minute, one when it is
over, however many loops of the process wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from clarion.errors import UnavailableError
from clarion.telemetry import logger

REPEATED_SECONDS = 60.0

_log = logger("store")
_of_process: WeakKeyDictionary[asyncio.AbstractEventLoop, Outage] = WeakKeyDictionary()


class Outage:
    """Who waits for the store, and since when. `seconds` tells a time that only goes on."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._waiting: set[object] = set()
        self._since = 0.0
        self._told = 0.0

    def met(self, who: object, what: str, error: UnavailableError) -> None:
        """`who`, named `what`, could not do its work for it."""
        now = self._seconds()
        if not self._waiting:
            self._since = self._told = now
            _log.error("%s waits for the store: %s", what, error)
        elif now - self._told >= REPEATED_SECONDS:
            self._told = now
            away = round(now - self._since)
            _log.error("the store has been away for %d s, %s waits: %s", away, what, error)
        else:
            _log.debug("%s waits for the store: %s", what, error)
        self._waiting.add(who)

    def over(self, who: object) -> None:
        """It could, or asks no more."""
        if who not in self._waiting:
            return
        self._waiting.discard(who)
        if not self._waiting:
            _log.warning("the store is back after %d s", round(self._seconds() - self._since))


def outage() -> Outage:
    """That of this process."""
    loop = asyncio.get_running_loop()
    found = _of_process.get(loop)
    if found is None:
        found = _of_process[loop] = Outage(loop.time)
    return found

"""One loop class carries start, waiting, failure and stop for every stage and keeper."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from clarion.bus.contract import Doorbell
from clarion.errors import UnavailableError
from clarion.pipeline.outage import outage
from clarion.telemetry import logger

PAUSE_AFTER_FAILURE_SECONDS = 1.0

_log = logger("loop")


class Loop:
    """Runs `step` again and again.

    A step is told whether the bell rang (else only time has passed) and answers how many seconds it
    may wait for the next ring; 0 is "more now".
    """

    def __init__(
        self, name: str, step: Callable[[bool], Awaitable[float]], doorbell: Doorbell
    ) -> None:
        self.name = name
        self._step = step
        self._doorbell = doorbell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run from now on."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Stop at the next waiting point of a step or between steps."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        outage().over(self)

    async def _run(self) -> None:
        rang, waited_for = True, outage()
        while True:
            try:
                wait_seconds = await self._step(rang)
            except UnavailableError as error:
                waited_for.met(self, self.name, error)
                wait_seconds = PAUSE_AFTER_FAILURE_SECONDS
            except Exception:  # noqa: BLE001 - a loop goes on
                _log.exception("%s failed and goes on", self.name)
                wait_seconds = PAUSE_AFTER_FAILURE_SECONDS
            else:
                waited_for.over(self)
            if wait_seconds > 0:
                rang = await self._doorbell.wait(wait_seconds)
            else:
                rang = True
                await asyncio.sleep(0)

"""A user looks at the inbox: broadcasts that are new to it are decided, and written as the rows
that any other notification comes to."""

from __future__ import annotations

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.errors import UnavailableError
from clarion.pipeline.hearsay import inboxes_of
from clarion.pipeline.hindsight import Hindsight
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import LookWrite
from clarion.telemetry import logger

AT_ONCE = 100
"""Broadcasts that one transaction writes."""

PASSED_BY = 50
"""So many new broadcasts that are not the user's are looked at again with the next look, which
costs less than to write down that they were passed by."""

TRIES = 5

_log = logger("looking")


class Looker:
    """Brings inboxes up to date."""

    def __init__(self, store: Store, hindsight: Hindsight, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._hindsight = hindsight
        self._bus = bus
        self._clock = clock

    async def look(self, env: int, user: int, tenant: int) -> None:
        """Bring an inbox up to date. While the store cannot be written the inbox stays as it is;
        the next look decides the same."""
        try:
            newest, marker = await self._store.broadcasts.standing(env, user, tenant)
            while marker < newest:
                marker = await self._step(env, user, tenant, marker, newest)
        except UnavailableError:
            _log.warning("broadcasts are decided later, as the store cannot be written")
        except Exception:  # noqa: BLE001 - what is there can be read
            _log.exception("the broadcasts of an inbox were not decided")

    async def _step(self, env: int, user: int, tenant: int, marker: int, newest: int) -> int:
        """Decide the next broadcasts; how far the inbox is decided then."""
        broadcasts = self._store.broadcasts
        for _ in range(TRIES):
            found = await broadcasts.after(env, user, tenant, marker, newest, AT_ONCE)
            if not found.broadcasts and found.reached - marker < PASSED_BY:
                return found.reached
            page = await self._hindsight.decided(env, user, found.broadcasts)
            look = LookWrite(env=env, user=user, tenant=tenant, marker=found.reached, page=page)
            if await broadcasts.write(look, self._clock.now()):
                if page.items:
                    self._bus.tell(inboxes_of(env), [user])
                return found.reached
        _log.warning("an inbox changed too often meanwhile; its broadcasts are decided later")
        return newest

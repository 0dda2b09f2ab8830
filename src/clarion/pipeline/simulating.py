"""Simulations: asked, walked page by page beside the live load, and gone on with after a crash."""

from __future__ import annotations

import msgspec

from clarion.clock import Clock
from clarion.core.decide import explain
from clarion.core.decision import TraceLine
from clarion.core.difference import Tally
from clarion.core.replay import changed_facts
from clarion.errors import ClarionError, InvalidError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.changes import Asked, Change
from clarion.pipeline.directory import Directory
from clarion.pipeline.past import PastReader, Seen
from clarion.pipeline.walking import Walk
from clarion.store.contract import Store
from clarion.store.contract.simulations import (
    Recorded,
    SimulatedExample,
    SimulationRow,
    SimulationState,
)
from clarion.telemetry import logger

IDLE_SECONDS = 1.0

_ASKED = msgspec.json.Decoder(Asked)
_TALLY = msgspec.json.Decoder(Tally)
_encode = msgspec.json.Encoder().encode
_log = logger("simulator")


class Simulator:
    """Begins simulations and goes on with them, the oldest first, one at a time."""

    def __init__(
        self, store: Store, catalogs: CatalogService, directory: Directory, clock: Clock
    ) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._clock = clock
        self._walk: Walk | None = None
        self._walked = (0, 0)

    async def begin(self, env: int, name: str, asked: Asked) -> SimulationRow:
        """A simulation that is durable and queued. InvalidError with a pointer below `/change` when
        a document is not acceptable."""
        try:
            await self._catalogs.supposed(env, asked.workflows, asked.categories)
        except InvalidError as error:
            raise InvalidError(error.detail, "/change" + error.pointer, error.code) from error
        body = _encode(asked).decode()
        return await self._store.simulations.begin(env, name, body, self._clock.now())

    async def step(self, rang: bool) -> float:
        """Walk a page of the oldest that has not ended; seconds to wait before the next look."""
        open_ones = await self._store.simulations.unfinished(1)
        if not open_ones:
            self._walk = None
            return IDLE_SECONDS
        await self.go_on(open_ones[0])
        return 0

    async def go_on(self, row: SimulationRow) -> SimulationRow:
        """The simulation after its next page; one that cannot go on ends with its error."""
        try:
            after = await self._go_on(row)
        except ClarionError as error:
            if not isinstance(error, InvalidError):
                raise
            after = self._ended(row, SimulationState.FAILED, str(error.detail))
            await self._store.simulations.save(after, [])
        except Exception as error:  # noqa: BLE001 - one simulation must not hold up all others
            _log.error("simulation %d cannot go on", row.number, exc_info=error)
            self._walk = None
            reason = f"it could not go on ({type(error).__name__}); the server's log has more"
            after = self._ended(row, SimulationState.FAILED, reason)
            await self._store.simulations.save(after, [])
        return after

    async def traces(
        self, row: SimulationRow, example: SimulatedExample
    ) -> tuple[list[TraceLine], list[TraceLine]] | None:
        """Every gate of the first decision about an example: then, and under the change. None when
        it is not kept any more."""
        reader = (await self._new_walk(row)).reader
        key = (example.event, example.workflow, example.user)
        found = await self._store.ledger.notification(row.env, *key)
        if found is None:
            return None
        encoded = _encode(found.decided).decode()
        kept = Recorded(example.user, example.event, example.workflow, found.tenant, encoded)
        head = (await reader.heads([kept])).get(key[:2])
        if head is None:
            return None
        (case,) = await reader.cases([Seen(row=kept, head=head, kept=found.decided, counted=True)])
        return explain(case.first.facts), explain(changed_facts(case))

    async def _go_on(self, row: SimulationRow) -> SimulationRow:
        walk = await self._walk_of(row)
        if not row.total:
            row = msgspec.structs.replace(row, total=await self._total(row))
        more, examples = await walk.page()
        after = msgspec.structs.replace(
            row,
            state=SimulationState.RUNNING,
            cursor=walk.cursor,
            done=row.done + walk.looked_at,
            tally=_encode(walk.tally).decode(),
            updated_at=self._clock.now(),
        )
        walk.looked_at = 0
        if not more:
            after = self._ended(after, SimulationState.DONE, None)
        if not await self._store.simulations.save(after, examples):
            self._walk = None
        return after

    async def _walk_of(self, row: SimulationRow) -> Walk:
        """The walk in hand, or one that goes on where the saved one stands."""
        place = (row.env, row.number)
        if self._walk is None or self._walked != place or self._walk.cursor != row.cursor:
            self._walk, self._walked = await self._new_walk(row), place
        return self._walk

    async def _new_walk(self, row: SimulationRow) -> Walk:
        asked = _ASKED.decode(row.asked)
        env = row.env
        supposed = await self._catalogs.supposed(env, asked.workflows, asked.categories)
        change = Change(asked, supposed, self._catalogs)
        catalog = await self._catalogs.compiled(env)
        held = await self._store.caps.defaults(env, sorted({0, asked.slice.tenant or 0}))
        usual = [rule for _, one in held.values() for rule in (*one.channels.values(), one.total)]
        longest = max((rule.window_seconds for rule in usual if rule is not None), default=0)
        return Walk(
            env,
            change,
            PastReader(env, self._store, self._catalogs, self._directory, change),
            self._store,
            self._clock,
            cursor=row.cursor,
            tally=tally_of(row),
            warm_up_seconds=max(longest, change.warm_up_seconds([*catalog.by_key.values()])),
        )

    async def _total(self, row: SimulationRow) -> int:
        users = _ASKED.decode(row.asked).slice.users
        return max(users) if users else await self._store.simulations.last_user(row.env)

    def _ended(
        self, row: SimulationRow, state: SimulationState, error: str | None
    ) -> SimulationRow:
        now = self._clock.now()
        return msgspec.structs.replace(
            row, state=state, error=error, updated_at=now, finished_at=now
        )


def tally_of(row: SimulationRow) -> Tally:
    """The counts of a simulation as they stand."""
    return _TALLY.decode(row.tally) if row.tally else Tally()


def asked_of(row: SimulationRow) -> Asked:
    """What a simulation was asked."""
    return _ASKED.decode(row.asked)

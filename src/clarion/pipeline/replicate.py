"""Replicate: what the application says its entities are, written where their nouns write.

A loop of its own in every worker, whatever its lanes. An entity is in one hand at a time, and older
versions never come after newer ones; between entities there is no order that several workers keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from clarion.clock import Clock
from clarion.errors import LostLeaseError, UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.bisecting import Part, bisected
from clarion.pipeline.lease import Lease
from clarion.store.contract import Store
from clarion.store.contract.replica import Applied, EntityKind, StateClaim
from clarion.telemetry import logger, states

DOORBELL = "state"
CLAIM_LIMIT = 500
BATCH = 100
"""Entities of a transaction: a few milliseconds of the one writer that SQLite has."""

ERASURES = 5
"""Users erased in a transaction, as each takes whole tables."""

CRASH_LIMIT = 5
IDLE_SECONDS = 2.0
QUARANTINED = (
    "the process ended again and again while this was applied; the log of the server may say why. "
    "Send the entity again with a newer version"
)

_log = logger("replicate")

Results = list[tuple[Applied, str]]


class Replicator:
    """Applies what waits, the oldest first."""

    def __init__(self, lease: Lease, store: Store, clock: Clock) -> None:
        self._lease = lease
        self._store = store
        self._clock = clock
        self._unsure = False

    async def step(self, rang: bool) -> float:
        """Claim and apply; seconds to wait before the next look. UnavailableError while the store
        cannot be written: what is in hand is given back first the next time."""
        await self._lease.held()
        worker, replica = self._lease.worker, self._store.replica
        if self._unsure:
            await replica.give_back(worker)
        self._unsure = True
        claims = await replica.claim(worker, CLAIM_LIMIT, self._clock.now())
        reach("replicate.after_claim")
        for batch in batches(claims):
            await self._apply(batch)
            reach("replicate.after_apply")
        self._unsure = False
        return 0 if claims else IDLE_SECONDS

    async def _apply(self, batch: list[StateClaim]) -> None:
        if batch[0].crashes > CRASH_LIMIT:
            await self._fail(batch, QUARANTINED)
            return
        try:
            parts = await bisected(batch, self._try)
        except (UnavailableError, LostLeaseError):
            raise
        except Exception as error:  # noqa: BLE001 - the fault of all; others must not wait for it
            parts = [Part(batch, None, error)]
        for part in parts:
            if part.error is not None:
                _log.error("a state could not be applied", exc_info=part.error)
                await self._fail(list(part.members), _reason(part.error))
            for claim, (result, _) in zip(part.members, part.found or (), strict=False):
                await self._count(claim, result)

    async def _try(self, claims: Sequence[StateClaim]) -> Results:
        return await self._store.replica.apply(list(claims), self._clock.now())

    async def _count(self, claim: StateClaim, result: Applied) -> None:
        if result is Applied.UNFINISHED:
            await self._store.topics.delete(claim.env, claim.id, self._clock.now())
            await self._store.replica.finish([claim])
            result = Applied.APPLIED
        if result is not Applied.LOST:
            states.labels(claim.kind.label, result.value).inc()

    async def _fail(self, claims: list[StateClaim], detail: str) -> None:
        await self._store.replica.fail(claims, detail, self._clock.now())
        states.labels(claims[0].kind.label, Applied.FAILED.value).inc(len(claims))


def batches(claims: list[StateClaim]) -> Iterator[list[StateClaim]]:
    """Claims in pieces of one environment and kind. What comes before a deletion is written before
    it, what comes behind it afterwards: a deletion takes along what hangs on it."""
    for gone, run in groupby(claims, key=lambda claim: claim.gone):
        for (_, kind), members in groupby(sorted(run, key=_place), key=_place):
            whole = list(members)
            size = ERASURES if gone and kind is EntityKind.USER else BATCH
            for start in range(0, len(whole), size):
                yield whole[start : start + size]


def _place(claim: StateClaim) -> tuple[int, EntityKind]:
    return claim.env, claim.kind


def _reason(error: Exception) -> str:
    return (
        f"it could not be applied ({type(error).__name__}); the log of the server has more. Send "
        "the entity again with a newer version"
    )

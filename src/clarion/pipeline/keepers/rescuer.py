"""Takes over what a worker that is no more had in hand."""

from __future__ import annotations

from collections.abc import Callable

from clarion.channels.contract import Capabilities
from clarion.clock import Clock
from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import OnUnknown
from clarion.errors import UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.lease import Lease
from clarion.pipeline.material import Material, Materials
from clarion.pipeline.subjects import OfClaim
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim, Finish
from clarion.telemetry import ambiguous_outcomes, dead_letters, logger, told_about

BATCH = 500
CRASH_LIMIT = 2
LONGEST_PAUSE_SECONDS = 1.0
LOOK_SECONDS = 10.0
DIED = Outcome(
    kind=OutcomeClass.AMBIGUOUS,
    code="worker_died",
    detail="the process ended, or could not reach the store for its whole lease, after the send "
    "was begun and before its outcome was kept",
)
RESTORED = Outcome(
    kind=OutcomeClass.AMBIGUOUS,
    code="restored",
    detail="the store was restored from a backup, which does not know what was sent since",
)

Again = Callable[[OnUnknown, Capabilities], bool]
"""Whether a send without an outcome is made again, by the category's policy and what the provider
can."""

_log = logger("rescuer")


def safe_or_wanted(policy: OnUnknown, can: Capabilities) -> bool:
    """What follows a crash: again where the category wants it, or the provider drops repeats."""
    return policy is OnUnknown.AT_LEAST_ONCE or can.idempotent or can.replaces


class Rescuer:
    """Workers whose lease has lapsed are buried; their tasks become free where their cursor
    stands, and their sends without an outcome go by the category's policy. What was taken over
    stays in hand until it is written down."""

    def __init__(
        self,
        lease: Lease,
        store: Store,
        materials: Materials,
        capabilities: Callable[[Claim], Capabilities],
        clock: Clock,
        *,
        died: Outcome = DIED,
        again: Again = safe_or_wanted,
    ) -> None:
        """`died` is kept as the outcome of what was taken over, `again` chooses what becomes of
        it."""
        self._lease = lease
        self._store = store
        self._materials = materials
        self._capabilities = capabilities
        self._clock = clock
        self._died = died
        self._again = again
        self._in_hand: list[Claim] = []
        self._looked_seconds: float | None = None

    async def step(self, rang: bool) -> float:
        """Rescue what there is; seconds to wait before the next look."""
        await self.rescue()
        return min(self._lease.heartbeat_seconds, LONGEST_PAUSE_SECONDS)

    async def rescue(self, *, alone: bool = False) -> int:
        """Take over from all who are dead: `alone`, from everybody else, as this process holds the
        store for itself. How many tasks, states and deliveries."""
        me, now = self._lease.worker, self._clock.now()
        await self._look_behind()
        found = await self._store.work.bury(me if alone else 0, now)
        # One that was stopped for long may find itself dead: its rows are taken over when it goes
        # on under its new number, as until then nobody is there to bury what is sent under the old.
        dead = [worker for worker in found if worker != me]
        if not dead and not self._in_hand:
            return 0
        reach("rescuer.after_bury")
        rescued = await self._store.work.rescue_tasks(dead)
        rescued += await self._store.held.rescue(dead)
        reach("rescuer.after_tasks")
        rescued += await self._store.replica.rescue(dead)
        reach("rescuer.after_states")
        while claims := self._in_hand or await self._store.deliveries.stranded(dead, BATCH):
            self._in_hand = claims
            reach("rescuer.after_stranded")
            finishes = await self._finishes(claims)
            await self._store.deliveries.finish(finishes, me, self._clock.now())
            self._in_hand = []
            rescued += len(claims)
        reach("rescuer.before_rescued")
        await self._store.work.rescued(dead, self._clock.now())
        if rescued:
            _log.warning("%d tasks, states and deliveries of dead workers were taken over", rescued)
        return rescued

    async def _look_behind(self) -> None:
        """Find what dead workers got hold of after they were rescued, now and then."""
        now_seconds = self._clock.monotonic_seconds()
        if self._looked_seconds is None or now_seconds - self._looked_seconds >= LOOK_SECONDS:
            await self._store.work.left_behind()
            self._looked_seconds = now_seconds

    async def _finishes(self, claims: list[Claim]) -> list[Finish]:
        """What becomes of each; one that cannot be read does not keep the server from starting."""
        try:
            materials = await self._materials.gather(claims)
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - what cannot be read cannot be sent again either
            if len(claims) > 1:
                return [found for claim in claims for found in await self._finishes([claim])]
            with told_about(OfClaim(claims[0])):
                _log.exception("a send without an outcome cannot be read")
            return [self._unknown(claims[0], self._clock.now())]
        return [self._finish(material) for material in materials]

    def _finish(self, material: Material) -> Finish:
        claim, now = material.claim, self._clock.now()
        category = material.compiled.category.category
        policy = category.policy(claim.key.channel)
        can = self._capabilities(claim)
        channel = claim.key.channel.value
        ambiguous_outcomes.labels(channel, claim.account, policy.value).inc()
        if claim.crashes >= CRASH_LIMIT:
            status, cause = DeliveryStatus.DEAD, "quarantined"
        elif self._again(policy, can):
            status, cause = DeliveryStatus.READY, None
        else:
            status, cause = DeliveryStatus.UNKNOWN, f"ambiguous:{self._died.code}"
        if cause is not None:
            reason = "quarantined" if status is DeliveryStatus.DEAD else self._died.kind.value
            dead_letters.labels(channel, claim.account, reason).inc()
        return Finish(
            claim=claim, status=status, outcome=self._died, started_at=now, due=now, cause=cause,
            crashes=claim.crashes, bound=policy is not OnUnknown.AT_LEAST_ONCE,
        )  # fmt: skip

    def _unknown(self, claim: Claim, now: int) -> Finish:
        return Finish(
            claim=claim, status=DeliveryStatus.UNKNOWN, outcome=self._died, started_at=now,
            cause=f"ambiguous:{self._died.code}",
        )  # fmt: skip

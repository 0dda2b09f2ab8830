"""What one process knows of an account, and how much of it may be used now: breaker, in-flight
limit, pause."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Hashable

import msgspec

from clarion.clock import SECOND
from clarion.core import breaker as breaking
from clarion.core import flight as flying
from clarion.core.breaker import Breaker, BreakerPolicy, BreakerState, Phase
from clarion.core.delivery import About, Outcome, OutcomeClass
from clarion.core.quota import Quota
from clarion.core.retry_after import clamp_wait
from clarion.core.workflow import Lane
from clarion.store.contract.accounts import AccountRow, Pause, Report, Turn
from clarion.telemetry import breaker_turns, logger, provider_pauses

IDLE_SECONDS = 5.0
UNHINTED_SECONDS = 5.0
"""How long a throttled account rests when the vendor names no time."""

EXHAUSTED_SECONDS = 10.0
"""Paused for longer than this, an account is out, as if its breaker were open."""

PATIENCE_SECONDS = 5.0
"""To probe an account whose work others do, each lane waits this much longer than the lane below:
a code for a login is the last to be risked."""

MOST_RESTING = 10_000
ERRORS_KEPT = 5

_log = logger("account")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What was set for an account: sends under way at once in a lane, quota (None: no bound of
    ours), breaker. `channels` are told with its metrics."""

    in_flight: int
    quota: Quota | None = None
    policy: BreakerPolicy = BreakerPolicy()
    channels: tuple[str, ...] = ()


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows may be claimed now, and when to ask again if none. `probe`: only one, and only
    by whoever holds the probe. `out`: the account takes nothing for a while, so that others may
    stand in. `full`: all that may be is under way."""

    claims: int = 0
    wait_seconds: float = IDLE_SECONDS
    probe: bool = False
    out: bool = False
    full: bool = False


class Valve:
    """One account in one process. Never waits and never asks the store; `changed` is called when
    others should know."""

    def __init__(
        self,
        account: str,
        limits: Limits,
        chance: random.Random,
        changed: Callable[[Valve], None],
    ) -> None:
        self.account = account
        self.limits = limits
        self.row = AccountRow(account=account)
        self.breaker = Breaker()
        self.flight = flying.unhindered(limits.in_flight)
        self.paused_until = 0
        self.under_way: dict[int, int] = {}
        self._chance = chance
        self._changed = changed
        self._lent_at = -1
        self._resting: dict[Hashable, int] = {}
        self._outcomes: dict[str, int] = {}
        self._apart: dict[str, int] = {}
        self._errors: deque[dict[str, str | int]] = deque(maxlen=ERRORS_KEPT)

    @property
    def state(self) -> BreakerState:
        """The breaker's state as known here."""
        return self.breaker.state

    def share(self, now: int) -> float:
        """Share of the in-flight limit in use: 1 closed, a step of the ramp, 0 while it is out."""
        return 0.0 if self._exhausted(now) else self.state.share

    def room(self, lane: int, now: int) -> Room:
        """How many rows of a lane may be claimed now."""
        self.tick(now)
        if now < self.paused_until:
            return Room(wait_seconds=_wait(self.paused_until, now), out=self._exhausted(now))
        share = self.state.share
        if share:
            free = max(1, int(self.flight.allowed * share)) - self.under_way.get(lane, 0)
            return Room(claims=max(free, 0), full=free <= 0)
        if self.state.probe_due(now):
            return Room(claims=1, probe=True)
        return Room(wait_seconds=_wait(self.state.until, now), out=True)

    def probe_wanted_in(self, lane: int, now: int) -> float:
        """Seconds until a message of the lane may be taken from others to probe the account."""
        patience = PATIENCE_SECONDS * (Lane.BULK - lane)
        return max((self.state.until - now) / SECOND + patience, 0.0)

    def lend(self, lane: int, now: int) -> bool:
        """Whether a new message of the lane is to probe the account; True once for each time that a
        probe is due."""
        if not self.state.probe_due(now) or self.probe_wanted_in(lane, now) > 0:
            return False
        fresh = self._lent_at != self.state.until
        self._lent_at = self.state.until
        return fresh

    def tick(self, now: int) -> None:
        """Go on to the next step of the ramp when it is time."""
        self._turn(breaking.after_time(self.breaker, now=now, policy=self.limits.policy))

    def began(self, lane: int) -> None:
        """A send of the lane is under way."""
        self.under_way[lane] = self.under_way.get(lane, 0) + 1

    def ended(self, lane: int) -> None:
        """A send of the lane came to its end, whichever."""
        self.under_way[lane] -= 1

    def told(self, outcome: Outcome, destination: Hashable, started_at: int, now: int) -> None:
        """An outcome of a try that began at `started_at`."""
        kind, accepted = outcome.kind.value, outcome.kind is OutcomeClass.ACCEPTED
        self._outcomes[kind] = self._outcomes.get(kind, 0) + 1
        if not accepted:
            about = outcome.subject
            if about is not About.ACCOUNT:
                self._apart[kind] = self._apart.get(kind, 0) + 1
            self._errors.append(
                {"outcome": kind, "code": outcome.code, "about": about.value, "at": now}
            )
        self.flight = flying.after(self.flight, outcome, started_at=started_at, now=now)
        if outcome.kind is OutcomeClass.RETRY_AFTER:
            self._pause(outcome, destination, now)
        self._turn(
            breaking.after(
                self.breaker,
                outcome,
                started_at=started_at,
                now=now,
                chance=0.0 if accepted else self._chance.random(),
                policy=self.limits.policy,
            )
        )

    def mended(self, now: int) -> None:
        """This process has just read its settings: where they were the trouble, a probe is due."""
        settings = (OutcomeClass.CREDENTIAL.value, OutcomeClass.CONFIG.value)
        if self.state.phase is Phase.OPEN and self.state.cause.startswith(settings):
            self._turn(Breaker(state=breaking.unprobed(self.state, now=now)))

    @property
    def any_rest(self) -> bool:
        """Whether there may be a destination that is left alone."""
        return bool(self._resting)

    def rests_until(self, destination: Hashable) -> int:
        """Until when a destination that was throttled by itself is left alone; 0: it is not."""
        return self._resting.get(destination, 0)

    def turn(self, worker: int) -> Turn | None:
        """What the store does not know yet of the breaker."""
        if self.state == self.row.state:
            return None
        return Turn(account=self.account, known=self.row.term, state=self.state, holder=worker)

    def pause(self) -> Pause | None:
        """What the store does not know yet of a pause."""
        if self.paused_until <= self.row.paused_until:
            return None
        return Pause(account=self.account, until=self.paused_until, quota=self.limits.quota)

    def adopt(self, row: AccountRow, sent: BreakerState | None = None) -> None:
        """Take over what the store holds. `sent` is what was just written from here: what happened
        here since then stands."""
        if row.term < self.row.term:
            return  # read before our own turn was written
        turned = row.term != self.row.term and row.state not in (sent, self.state)
        self.row = row
        if row.paused_until > self.paused_until:
            self.paused_until = row.paused_until
        if turned:
            self._note(row.state)
            self.breaker = Breaker(state=row.state)
            self._changed(self)

    def report(self) -> Report:
        """What this process says of the account."""
        return Report(
            account=self.account,
            in_flight=sum(self.under_way.values()),
            limit=self.flight.allowed,
            outcomes=dict(self._outcomes),
            apart=dict(self._apart),
            errors=list(self._errors),
        )

    def _turn(self, breaker: Breaker) -> None:
        turned = breaker.state is not self.state and breaker.state != self.state
        if turned:
            self._note(breaker.state)
        self.breaker = breaker
        if turned:
            self._changed(self)

    def _note(self, state: BreakerState) -> None:
        if state.phase is self.state.phase:
            return
        breaker_turns.labels(self.account, state.phase.label).inc()
        if state.phase is Phase.OPEN:
            _log.warning("account %s is not asked for a while: %s", self.account, state.cause)
        elif state.phase is Phase.CLOSED:
            _log.warning("account %s is whole again", self.account)

    def _pause(self, outcome: Outcome, destination: Hashable, now: int) -> None:
        until = now + int(clamp_wait(outcome.retry_after_seconds or UNHINTED_SECONDS) * SECOND)
        if outcome.about is About.DESTINATION:
            self._rest(destination, until, now)
        elif outcome.about is About.ACCOUNT and until > self.paused_until:
            self.paused_until = until
            provider_pauses.labels(self.account).inc()
            self._changed(self)

    def _rest(self, destination: Hashable, until: int, now: int) -> None:
        if len(self._resting) >= MOST_RESTING:
            self._resting = {key: end for key, end in self._resting.items() if end > now}
        if len(self._resting) < MOST_RESTING:
            self._resting[destination] = until

    def _exhausted(self, now: int) -> bool:
        return self.paused_until - now > EXHAUSTED_SECONDS * SECOND


def _wait(until: int, now: int) -> float:
    return min(max((until - now) / SECOND, 0.001), IDLE_SECONDS)

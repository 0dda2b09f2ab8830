"""The circuit breaker of one account: when it is asked, how carefully it is tried again. Pure: time
and chance are arguments. Drawn in docs/subsystems/providers-under-stress.md."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from clarion.core.delivery import About, Outcome, OutcomeClass

SECOND = 1_000_000
RAMP = (0.01, 0.1, 0.5, 1.0)
"""Share of the in-flight limit that each step of the ramp allows."""

SLOTS = 10
"""The sliding window moves on by a tenth of its length."""

JITTER = 0.2
SETTINGS_SECONDS = 30.0
"""Who was refused for the sake of our settings is not asked sooner: people are slower."""

RAMP_STRICTNESS = 5
"""While an account is tried again, a share of failures this much smaller is enough."""

CALM = 10
"""Closed for this many shortest openings, the next opening is a first one again."""


class Phase(IntEnum):
    """Where a breaker stands; names outside are the lower-case words."""

    CLOSED = 0
    RAMPING = 1
    PROBING = 2
    OPEN = 3

    @property
    def label(self) -> str:
        """`closed`, `ramping`, `probing`, `open`."""
        return self.name.lower()


class Sign(IntEnum):
    """What an outcome says of the account. `TRIP`: our settings there are wrong. `ASIDE`: nothing
    about its health (it only asked us to slow down)."""

    ANSWERED = 0
    FAILED = 1
    TRIP = 2
    ASIDE = 3


class BreakerPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When it opens and for how long.

    Opens when of the tries in the last `window_seconds` at least `failures`, and at least the share
    `rate` of all, failed. Stays open `open_seconds`, doubled each time, at most
    `longest_open_seconds`. A probe has `probe_seconds` until another may be made. Each step of the
    ramp is held for `step_seconds`.
    """

    failures: int = 10
    rate: float = 0.5
    window_seconds: float = 30.0
    open_seconds: float = 10.0
    longest_open_seconds: float = 300.0
    probe_seconds: float = 60.0
    step_seconds: float = 5.0


class BreakerState(msgspec.Struct, frozen=True, kw_only=True):
    """What all processes share. `since` when it came to its phase; `until` (open, probing) when the
    next probe may be made; `trips`: openings in a row; `step` of the ramp; `cause` of the last
    opening, e.g. `retry:UNAVAILABLE`. Instants in microseconds."""

    phase: Phase = Phase.CLOSED
    since: int = 0
    until: int = 0
    trips: int = 0
    step: int = 0
    cause: str = ""

    @property
    def share(self) -> float:
        """Share of the in-flight limit that may be used; 0 while nothing but a probe may leave."""
        if self.phase is Phase.CLOSED:
            return 1.0
        return RAMP[self.step] if self.phase is Phase.RAMPING else 0.0

    def probe_due(self, now: int) -> bool:
        """Whether a single try may find out how the account is."""
        return self.phase in (Phase.OPEN, Phase.PROBING) and now >= self.until


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """Tries of one tenth of a window."""

    number: int
    answered: int
    failed: int


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The shared state, and what this process has seen since it began."""

    state: BreakerState = BreakerState()
    seen: tuple[Slot, ...] = ()


def sign_of(outcome: Outcome) -> Sign:
    """What one outcome says of the account. A refusal of one message or address is an answer, and
    so is all that concerns the destination alone."""
    kind = outcome.kind
    if outcome.final or outcome.about is not About.ACCOUNT:
        return Sign.ANSWERED
    if kind in (OutcomeClass.CREDENTIAL, OutcomeClass.CONFIG):
        return Sign.TRIP
    if kind in (OutcomeClass.RETRY, OutcomeClass.AMBIGUOUS):
        return Sign.FAILED
    return Sign.ASIDE if kind is OutcomeClass.RETRY_AFTER else Sign.ANSWERED


def after(
    breaker: Breaker,
    outcome: Outcome,
    *,
    started_at: int,
    now: int,
    chance: float,
    policy: BreakerPolicy,
) -> Breaker:
    """The breaker after one try. A try that began before the phase did says nothing about it;
    `chance` in [0, 1) spreads the time it stays open."""
    state, sign = breaker.state, sign_of(outcome)
    if started_at < state.since or state.phase is Phase.OPEN:
        return breaker
    if sign is Sign.TRIP:
        return _opened(state, outcome, now, chance, policy)
    if state.phase is Phase.PROBING:
        return _probed(state, sign, outcome, now, chance, policy)
    if sign is Sign.ASIDE:
        return breaker
    seen = _counted(breaker.seen, sign, now, policy)
    if sign is Sign.FAILED and _is_failing(state, seen, policy):
        return _opened(state, outcome, now, chance, policy)
    return after_time(Breaker(state=state, seen=seen), now=now, policy=policy)


def after_time(breaker: Breaker, *, now: int, policy: BreakerPolicy) -> Breaker:
    """The next step of the ramp, when this one was held long enough and something was answered."""
    state = breaker.state
    held = now - state.since >= policy.step_seconds * SECOND
    if state.phase is not Phase.RAMPING or not held or not any(s.answered for s in breaker.seen):
        return breaker
    if state.step + 1 == len(RAMP):
        done = msgspec.structs.replace(state, phase=Phase.CLOSED, since=now, step=0)
        return Breaker(state=done)
    return Breaker(state=msgspec.structs.replace(state, since=now, step=state.step + 1))


def probing(state: BreakerState, *, now: int, policy: BreakerPolicy) -> BreakerState:
    """The state while one try finds out; only where `probe_due`. Lost, it may be made again."""
    until = now + int(policy.probe_seconds * SECOND)
    return msgspec.structs.replace(state, phase=Phase.PROBING, since=now, until=until)


def unprobed(state: BreakerState, *, now: int) -> BreakerState:
    """The state when there was nothing to probe with: open, and due for a probe."""
    return msgspec.structs.replace(state, phase=Phase.OPEN, since=now, until=now)


def _probed(
    state: BreakerState,
    sign: Sign,
    outcome: Outcome,
    now: int,
    chance: float,
    policy: BreakerPolicy,
) -> Breaker:
    if sign is Sign.ANSWERED:
        ramping = msgspec.structs.replace(state, phase=Phase.RAMPING, since=now, until=0, step=0)
        return Breaker(state=ramping)
    if sign is Sign.ASIDE:
        return Breaker(state=unprobed(state, now=now))
    return _opened(state, outcome, now, chance, policy)


def _opened(
    state: BreakerState, outcome: Outcome, now: int, chance: float, policy: BreakerPolicy
) -> Breaker:
    calm = CALM * policy.open_seconds * SECOND
    first = state.phase is Phase.CLOSED and now - state.since >= calm
    trips = 1 if first else state.trips + 1
    seconds = policy.open_seconds
    if sign_of(outcome) is Sign.TRIP:
        seconds = max(seconds, SETTINGS_SECONDS)
    longest = max(policy.longest_open_seconds, seconds)
    seconds = min(seconds * 2.0 ** min(trips - 1, 30), longest)
    until = now + int(seconds * (1 - JITTER + 2 * JITTER * chance) * SECOND)
    cause = f"{outcome.kind.value}:{outcome.code}" if outcome.code else outcome.kind.value
    return Breaker(
        state=BreakerState(phase=Phase.OPEN, since=now, until=until, trips=trips, cause=cause)
    )


def _is_failing(state: BreakerState, seen: tuple[Slot, ...], policy: BreakerPolicy) -> bool:
    failed = sum(slot.failed for slot in seen)
    share = failed / (failed + sum(slot.answered for slot in seen))
    if state.phase is Phase.RAMPING:
        return share >= policy.rate / RAMP_STRICTNESS
    return failed >= policy.failures and share >= policy.rate


def _counted(
    seen: tuple[Slot, ...], sign: Sign, now: int, policy: BreakerPolicy
) -> tuple[Slot, ...]:
    """The window with one more try. A clock that goes back counts for the newest slot."""
    number = now // max(int(policy.window_seconds * SECOND / SLOTS), 1)
    if seen and seen[-1].number >= number:
        last, kept = seen[-1], seen[:-1]
    else:
        kept = tuple(slot for slot in seen if slot.number > number - SLOTS)
        last = Slot(number, 0, 0)
    failed = int(sign is Sign.FAILED)
    return (*kept, Slot(last.number, last.answered + 1 - failed, last.failed + failed))

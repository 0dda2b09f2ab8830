"""How many sends of one account may be under way: found out from its answers, up to the limit that
was set. Pure: time is an argument."""

from __future__ import annotations

import msgspec

from clarion.core.delivery import About, Outcome, OutcomeClass

RECENT = 0.2
USUAL = 0.01
"""Weights of a new answer in the mean of the last few, and in the mean of the last hundreds."""

SLOWER = 2.0
SLOW_SECONDS = 0.1
"""Slower than usual by this factor, and slower than this, is a sign of a queue over there."""

EASED = 0.9
LOWEST_FOR_SLOWNESS = 0.25
"""Slowness alone never takes the limit below this share of what was set: a vendor whose every
answer is slow needs more sends under way, not fewer."""


class Flight(msgspec.Struct, frozen=True, kw_only=True):
    """`limit` as it stands, 1 to `ceiling` (what was set); times of answers in seconds;
    `lowered_at` in microseconds."""

    ceiling: int
    limit: float
    recent_seconds: float = 0.0
    usual_seconds: float = 0.0
    lowered_at: int = -1

    @property
    def allowed(self) -> int:
        """Whole sends that may be under way, at least one."""
        return max(1, int(self.limit))


def unhindered(ceiling: int) -> Flight:
    """The limit before anything was answered: what was set."""
    return Flight(ceiling=ceiling, limit=float(ceiling))


def after(flight: Flight, outcome: Outcome, *, started_at: int, now: int) -> Flight:
    """The limit after one try.

    Throttling and a missing answer halve it, once for all that was under way together. Slowness
    eases it a little. Each answer raises it by one part in itself: by one, when all that may be
    under way were answered.
    """
    if outcome.about is not About.ACCOUNT or outcome.final:
        return flight
    if outcome.kind in (OutcomeClass.RETRY_AFTER, OutcomeClass.AMBIGUOUS):
        return _lowered(flight, flight.limit / 2, started_at, now)
    if outcome.kind is not OutcomeClass.ACCEPTED:
        return flight
    flight = _timed(flight, max(now - started_at, 0) / 1e6)
    if flight.recent_seconds > max(SLOW_SECONDS, SLOWER * flight.usual_seconds):
        lowest = min(flight.limit, max(flight.ceiling * LOWEST_FOR_SLOWNESS, 1.0))
        return _lowered(flight, max(flight.limit * EASED, lowest), started_at, now)
    if flight.limit >= flight.ceiling:
        return flight
    raised = min(flight.limit + 1 / flight.limit, float(flight.ceiling))
    return msgspec.structs.replace(flight, limit=raised)


def _lowered(flight: Flight, limit: float, started_at: int, now: int) -> Flight:
    if started_at <= flight.lowered_at:
        return flight
    return msgspec.structs.replace(flight, limit=max(limit, 1.0), lowered_at=now)


def _timed(flight: Flight, seconds: float) -> Flight:
    if not flight.usual_seconds:
        return msgspec.structs.replace(flight, recent_seconds=seconds, usual_seconds=seconds)
    return msgspec.structs.replace(
        flight,
        recent_seconds=flight.recent_seconds + RECENT * (seconds - flight.recent_seconds),
        usual_seconds=flight.usual_seconds + USUAL * (seconds - flight.usual_seconds),
    )

"""What waits, and how the providers are."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency

from clarion.api.describing import route
from clarion.api.services import Services
from clarion.core.workflow import Lane
from clarion.pipeline.pace import Pace
from clarion.pipeline.rates import quantile
from clarion.store.contract.deliveries import LaneRow


class LaneAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Work of a lane over all environments. `depth` is all that is not at its end: deliveries
    that are ready or being sent, and tasks of the fan-out. `oldest_age_seconds`: how long the
    oldest due work has waited. `rate_per_second`: deliveries and inbox items that came to their
    end in all processes, over the last ten seconds or so; half of the messages that providers took
    then had waited `waited_half_seconds` at most since their event was accepted, all but one of a
    hundred `waited_most_seconds` (null: none were). `held`: what waits for a time, a window or a
    digest (counted up to 100,000); `held_overdue_seconds`: how long ago the first of it was due.
    `yielding`: urgent work suffers, so the lane goes slower; `headway` is the share of its time
    that it works.
    """

    lane: str
    depth: int
    ready: int
    sending: int
    tasks: int
    held: int
    held_overdue_seconds: float
    oldest_age_seconds: float
    rate_per_second: float
    waited_half_seconds: float | None
    waited_most_seconds: float | None
    yielding: bool
    headway: float


class Lanes(msgspec.Struct, frozen=True):
    """All lanes, the most urgent first."""

    data: list[LaneAnswer]


class Providers(msgspec.Struct, frozen=True):
    """Every account: how far it is in use, and what its provider answered since the start."""

    data: list[dict[str, Any]]


LANE_EXAMPLE = {
    "lane": "critical",
    "depth": 3,
    "ready": 2,
    "sending": 1,
    "tasks": 0,
    "held": 40,
    "held_overdue_seconds": 0.0,
    "oldest_age_seconds": 0.25,
    "rate_per_second": 12.5,
    "waited_half_seconds": 0.031,
    "waited_most_seconds": 0.12,
    "yielding": False,
    "headway": 1.0,
}


PROVIDER_ERROR_EXAMPLE = {
    "outcome": "retry",
    "code": "UNAVAILABLE",
    "about": "account",
    "at": "2026-01-02T03:04:05.000000Z",
}
PROVIDER_EXAMPLE = {
    "account": "fcm-main",
    "kind": "fcm",
    "channels": ["push"],
    "order": 100,
    "breaker": "ramping",
    "since": "2026-01-02T03:04:35.000000Z",
    "cause": "retry:UNAVAILABLE",
    "ramp_percent": 10,
    "next_probe_at": None,
    "paused_until": None,
    "in_flight": 6,
    "in_flight_limit": 64,
    "in_flight_ceiling": 64,
    "rate_per_second": 500.0,
    "burst": 500,
    "processes": 1,
    "outcomes": {"accepted": 1200, "retry": 3, "destination_invalid": 2},
    "outcomes_apart": {"destination_invalid": 2},
    "last_error": PROVIDER_ERROR_EXAMPLE,
    "last_errors": [PROVIDER_ERROR_EXAMPLE],
}


@get(
    "/v1/lanes",
    **route("What waits in each lane", tag="what happened", example={"data": [LANE_EXAMPLE]}),
)
async def list_lanes(services: NamedDependency[Services]) -> Lanes:
    """Urgent lanes share nothing with the others that can be exhausted."""
    now = services.clock.now()
    rows = {row.lane: row for row in await services.store.deliveries.lanes(now)}
    pace = await services.pace()
    headway = {Lane.BULK: services.headway()}
    return Lanes([_lane(lane, rows.get(lane), pace, headway.get(lane, 1.0), now) for lane in Lane])


@get(
    "/v1/providers",
    **route(
        "How the providers are",
        tag="what happened",
        example={"data": [PROVIDER_EXAMPLE]},
    ),
)
async def list_providers(services: NamedDependency[Services]) -> Providers:
    """One entry an account. `breaker` is `closed`, `open` (not asked until `next_probe_at`),
    `probing` or `ramping`, since `since`; `ramp_percent` of the in-flight limit is in use. While
    `paused_until` is set the vendor asked for a pause. `in_flight`, `outcomes` and `last_errors`
    are of all `processes` that have sent through it; `outcomes_apart` are those of them
    that were the trouble of one destination or message (`about` of an error), which says nothing
    about the account; `in_flight_limit` (at most
    `in_flight_ceiling`) holds for each lane of each, and is the lowest of them.
    """
    return Providers(await services.provider_states())


ROUTES = (list_lanes, list_providers)


def _lane(lane: Lane, row: LaneRow | None, pace: Pace, headway: float, now: int) -> LaneAnswer:
    found = row or LaneRow(lane=lane)
    waits = pace.waits.get(lane, {})
    return LaneAnswer(
        lane=lane.label,
        depth=found.depth,
        ready=found.ready,
        sending=found.sending,
        tasks=found.tasks,
        held=found.held,
        held_overdue_seconds=found.held_overdue_seconds(now),
        oldest_age_seconds=found.oldest_age_seconds(now),
        rate_per_second=round(pace.lanes.get(lane, 0.0), 3),
        waited_half_seconds=_rounded(quantile(waits, 0.5)),
        waited_most_seconds=_rounded(quantile(waits, 0.99)),
        yielding=headway < 1.0,
        headway=round(headway, 3),
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)

"""What the API is handed: everything it needs, as one frozen record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from clarion.api.limits import Quota
from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.core.retention import RetentionDays
from clarion.pipeline.contract import (
    Accepting,
    Blasting,
    Catalogs,
    Editing,
    Explaining,
    Looking,
    Redriving,
    Simulating,
    Supposing,
    Telling,
)
from clarion.pipeline.linking import Linker
from clarion.pipeline.pace import Pace
from clarion.pipeline.states import BACKLOG
from clarion.store.contract import Store


async def _no_providers() -> list[dict[str, Any]]:
    return []


def _no_metrics(_form: str) -> bytes:
    return b""


async def _alone(exposition: Callable[[str], bytes], form: str) -> bytes:
    return exposition(form)


def _no_siblings() -> list[dict[str, Any]]:
    return []


def _full() -> float:
    return 1.0


async def _no_pace() -> Pace:
    return Pace(lanes={}, accounts={}, waits={}, processes=0)


async def _no_gauges() -> None:
    return None


KEPT_USUALLY = RetentionDays()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """`secret` (32 bytes or more) is what the keys of user tokens and of list cursors are derived
    from; `linker` makes and reads the links that users are sent.

    `chance(n)` gives n random bytes. `provider_states()` is the data of `GET /v1/providers`,
    `gauge()` sets the gauges of what waits, `metrics(form)` then is the text of `/metrics` in one
    of Prometheus' forms (telemetry), to which `gather` adds those of sibling processes.
    `siblings()` are these as `/readyz` tells of them, none where there are none. `headway()` is the
    share of its time that bulk work uses. `pace()` is how fast all processes are, by lane and by
    account. `key_quota` is the limit of keys that have none of their own, `state_backlog` how many
    states may wait. `retention` says how long the server keeps what. `inbox_origins` are the sites
    whose pages may read inboxes (`https://app.example.org`, `*` for all), `inbox_connections` live
    ones may be open at once in this process and so many `_per_user`. `version` is this program's.
    """

    store: Store
    accepting: Accepting
    catalogs: Catalogs
    editing: Editing
    explaining: Explaining
    redriving: Redriving
    simulating: Simulating
    blasting: Blasting
    supposing: Supposing
    telling: Telling
    looking: Looking
    clock: Clock
    bus: Bus
    secret: bytes
    linker: Linker
    chance: Callable[[int], bytes]
    provider_states: Callable[[], Awaitable[list[dict[str, Any]]]] = _no_providers
    headway: Callable[[], float] = _full
    pace: Callable[[], Awaitable[Pace]] = _no_pace
    key_quota: Quota | None = None
    retention: RetentionDays = KEPT_USUALLY
    state_backlog: int = BACKLOG
    inbox_origins: tuple[str, ...] = ()
    inbox_connections: int = 20_000
    inbox_connections_per_user: int = 20
    gauge: Callable[[], Awaitable[None]] = _no_gauges
    metrics: Callable[[str], bytes] = _no_metrics
    gather: Callable[[Callable[[str], bytes], str], Awaitable[bytes]] = _alone
    siblings: Callable[[], list[dict[str, Any]]] = _no_siblings
    version: str = "0"

"""What the API is handed: everything it needs, as one frozen record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.pipeline.contract import Accepting, Catalogs, Explaining
from clarion.store.contract import Store


def _no_providers() -> list[dict[str, Any]]:
    return []


def _no_metrics() -> bytes:
    return b""


def _nothing_kept(_env: int, _user: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """`secret` (32 bytes or more) is what the keys of user tokens and of list cursors are derived
    from.

    `chance(n)` gives n random bytes. `provider_states()` is the data of `GET /v1/providers`,
    `metrics()` the text of `/metrics` in Prometheus' format. `forget_user(env, id)` drops what
    memory keeps of somebody who was erased. `version` is this program's.
    """

    store: Store
    accepting: Accepting
    catalogs: Catalogs
    explaining: Explaining
    clock: Clock
    bus: Bus
    secret: bytes
    chance: Callable[[int], bytes]
    provider_states: Callable[[], list[dict[str, Any]]] = _no_providers
    metrics: Callable[[], bytes] = _no_metrics
    forget_user: Callable[[int, str], None] = _nothing_kept
    version: str = "0"

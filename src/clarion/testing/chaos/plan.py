"""How large a round is, and which faults it will see: all of it from one seed."""

from __future__ import annotations

import random
from enum import StrEnum

import msgspec

LEASE_SECONDS = 1.0
HEARTBEAT_SECONDS = 0.2
DRAIN_SECONDS = 5.0
IN_FLIGHT = {"push": 32, "hooks": 16, "mail": 8}
"""Sends under way at once, by account (in each lane of each worker)."""


class Fault(StrEnum):
    """What is done to the cluster."""

    KILL = "kill -9"
    FAIL_POINT = "kill -9 at a fail point"
    FREEZE = "stopped beyond the lease"
    TERMINATE = "SIGTERM"
    STORE_RESTART = "PostgreSQL restarted"
    STORE_ABORT = "PostgreSQL shut down at once"
    STORE_KILL = "PostgreSQL kill -9"
    BUS_KILL = "NATS kill -9"
    BUS_WIPE = "NATS wiped"
    BUS_ROLL_BACK = "NATS rolled back"
    DISK_FULL = "disk full"
    STORM = "providers browned out"


_ON_PROCESSES = [
    *[Fault.KILL] * 4, *[Fault.FAIL_POINT] * 3, *[Fault.FREEZE] * 2, *[Fault.TERMINATE] * 2,
    Fault.STORM,
]  # fmt: skip
_ON_SERVERS = [
    Fault.STORE_RESTART, Fault.STORE_ABORT, Fault.STORE_KILL, Fault.BUS_KILL, Fault.BUS_WIPE,
    Fault.BUS_ROLL_BACK,
]  # fmt: skip


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One round. `seconds` is how long faults go on, `kills` about how many faults end a process,
    `blast` how many people follow the topic, of whom every `devices`-th has a device,
    `patience_seconds` how long nothing may move at the end before what is open counts as lost.
    """

    store: str = "postgres"
    seed: int = 1
    seconds: float = 120.0
    kills: int = 40
    blast: int = 20_000
    devices: int = 1
    events_per_second: float = 40.0
    blast_every_seconds: float = 60.0
    attempts: int = 4
    patience_seconds: float = 60.0

    def faults(self) -> list[Fault]:
        """The faults in their order, up to the last kill; in each turn every kind comes up."""
        chance = random.Random(self.seed)  # noqa: S311 - repeated by its seed
        kinds = [*_ON_PROCESSES, *(_ON_SERVERS if self.clustered else [Fault.DISK_FULL])]
        ending = (Fault.KILL, Fault.FAIL_POINT)
        found: list[Fault] = []
        kills = 0
        while kills < self.kills:
            turn = list(kinds)
            chance.shuffle(turn)
            for fault in turn:
                found.append(fault)
                kills += fault in ending
                if kills == self.kills:
                    break
        return found

    @property
    def clustered(self) -> bool:
        """Several processes on PostgreSQL and NATS, or one on a SQLite file."""
        return self.store == "postgres"

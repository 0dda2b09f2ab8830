"""Faults, one after the other as the plan says, and what each did."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from clarion.testing.chaos.cluster import Cluster
from clarion.testing.chaos.members import Member
from clarion.testing.chaos.plan import LEASE_SECONDS, Fault
from clarion.testing.chaos.records import AWAY
from clarion.testing.servers.nats import NatsServer
from clarion.testing.servers.postgres import Postgres

FREEZE_SECONDS = (1.3 * LEASE_SECONDS, 3.0 * LEASE_SECONDS)
STORM_SECONDS = 3.0
FULL_SECONDS = 2.0
FULL_BYTES = 65_536
POINTS_OF_ROLE = {
    "api": ("accept.before_commit", "accept.after_commit"),
    "worker": (
        "deliver.after_claim", "deliver.after_answer", "fanout.after_claim", "fanout.before_page",
        "fanout.after_page", "settle.before_finish", "settle.after_finish",
    ),
    "keeper": (
        "keeper.after_fold", "keeper.before_prune", "rescuer.after_bury", "rescuer.after_tasks",
        "rescuer.after_stranded", "rescuer.before_rescued",
    ),
}  # fmt: skip
"""Rare ones come with their first visit, others after some."""
RARE = ("fanout.", "rescuer.", "keeper.")
OFTEN_VISITS = 15
LOOK_SECONDS = 0.1
LONGEST = 3
"""Of the time that the plan gives, where the machine is too slow for it: faults wait for work."""


class Injector:
    """Does the faults of a plan to a cluster, evenly spread over its time."""

    def __init__(self, cluster: Cluster, chance: random.Random) -> None:
        self.done: Counter[Fault] = Counter()
        self.storms: list[tuple[float, float]] = []
        self._cluster = cluster
        self._chance = chance
        self._beside: set[asyncio.Task[None]] = set()
        self._acts: dict[Fault, Callable[[], Awaitable[bool]]] = {
            Fault.KILL: self._kill,
            Fault.FAIL_POINT: self._arm,
            Fault.FREEZE: self._freeze,
            Fault.TERMINATE: self._terminate,
            Fault.STORE_RESTART: self._store_restart,
            Fault.STORE_ABORT: self._store_abort,
            Fault.STORE_KILL: self._store_kill,
            Fault.BUS_KILL: self._bus_kill,
            Fault.BUS_WIPE: self._bus_wipe,
            Fault.BUS_ROLL_BACK: self._bus_roll_back,
            Fault.DISK_FULL: self._disk_full,
            Fault.STORM: self._storm,
        }

    async def run(self) -> None:
        """All faults; at the end the weather is calm and nothing is held back any more."""
        plan = self._cluster.plan
        faults = plan.faults()
        began, gap = time.monotonic(), plan.seconds / len(faults)
        await self._cluster.providers.weather("breeze")
        for number, fault in enumerate(faults):
            due = began + (number + self._chance.uniform(0.2, 0.8)) * gap
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._works(began + LONGEST * plan.seconds)
            if await self._acts[fault]():
                self.done[fault] += 1
        await asyncio.gather(*self._beside)
        await self._cluster.providers.weather("calm")

    async def _works(self, until: float) -> None:
        """Wait until enough is up for a fault to hit anything, or until an instant."""
        members = self._cluster.members.values()
        while time.monotonic() < until:
            if sum(member.up.is_set() for member in members) * 2 > len(members):
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _any(self, *roles: str) -> Member | None:
        members = [m for m in self._cluster.of_role(*roles) if m.up.is_set()]
        return self._chance.choice(members) if members else None

    async def _kill(self) -> bool:
        member = self._any("api", "worker", "worker", "keeper")
        if member is None:
            return False
        await self._end(member, self._chance.choice((0.0, 0.0, 2.0)), None)
        return True

    async def _arm(self) -> bool:
        """A process ends, and its successor will at a fail point; counted where it did."""
        role = self._chance.choice(("api", "worker", "worker", "worker", "keeper"))
        point = self._chance.choice(POINTS_OF_ROLE[role])
        rare = point.startswith(RARE)
        visit = self._chance.randint(1, 3 if rare else OFTEN_VISITS)
        member = self._any(role)
        if member is not None:
            await self._end(member, 0.0, f"{point}:{visit}")
        return member is not None

    async def _end(self, member: Member, pause_seconds: float, fail_point: str | None) -> None:
        death = member.kill(pause_seconds, fail_point)
        if death is not None and death.worker and self._cluster.records is not None:
            with suppress(*AWAY):
                death.in_hand = await self._cluster.records.in_hand(death.worker)

    async def _freeze(self) -> bool:
        member = self._any("api", "worker", "worker", "keeper")
        if member is not None:
            seconds = self._chance.uniform(*FREEZE_SECONDS)
            self._go_on_with(member.freeze(seconds))
        return member is not None

    async def _terminate(self) -> bool:
        member = self._any("api", "worker", "worker", "keeper")
        if member is not None:
            self._go_on_with(member.terminate())
        return member is not None

    async def _store_restart(self) -> bool:
        return await self._with_store(lambda: self._postgres().restart())

    async def _store_abort(self) -> bool:
        def abort() -> None:
            postgres = self._postgres()
            os.kill(postgres.pid, signal.SIGQUIT)
            time.sleep(0.1)
            postgres.restart()

        return await self._with_store(abort)

    async def _store_kill(self) -> bool:
        def kill() -> None:
            self._postgres().kill()
            self._postgres().start()

        return await self._with_store(kill)

    async def _with_store(self, work: Callable[[], None]) -> bool:
        await self._cluster.without_store(work)
        return True

    async def _bus_kill(self) -> bool:
        await asyncio.to_thread(self._nats().kill)
        await asyncio.sleep(self._chance.uniform(0, 1))
        await asyncio.to_thread(self._nats().start)
        return True

    async def _bus_wipe(self) -> bool:
        await asyncio.to_thread(self._nats().wipe)
        return True

    async def _bus_roll_back(self) -> bool:
        await asyncio.to_thread(self._nats().roll_back)
        return True

    async def _disk_full(self) -> bool:
        member = self._any("api")
        if member is None or member.process is None:
            return False
        self._go_on_with(self._fill(member.process.pid))
        return True

    async def _fill(self, pid: int) -> None:
        began = time.time()
        with suppress(ProcessLookupError):
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (FULL_BYTES, most))
            await asyncio.sleep(FULL_SECONDS)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        self._cluster.outages.append((began, time.time()))

    async def _storm(self) -> bool:
        async def blow() -> None:
            began = time.time()
            await self._cluster.providers.weather("storm")
            await asyncio.sleep(STORM_SECONDS)
            await self._cluster.providers.weather("breeze")
            self.storms.append((began, time.time()))

        self._go_on_with(blow())
        return True

    def _go_on_with(self, work: Awaitable[object]) -> None:
        async def run() -> None:
            await work

        task = asyncio.create_task(run())
        self._beside.add(task)

    def _postgres(self) -> Postgres:
        if self._cluster.postgres is None:
            raise RuntimeError("this round has no PostgreSQL")
        return self._cluster.postgres

    def _nats(self) -> NatsServer:
        if self._cluster.nats is None:
            raise RuntimeError("this round has no NATS")
        return self._cluster.nats

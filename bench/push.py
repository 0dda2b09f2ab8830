"""Pushes from the request to the recorded outcome, beside others who do the same work on the same
machine in the same run, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from bench.peers.catalog import PEERS
from bench.peers.contract import Cell, Place, Running, System
from bench.peers.cue import CueNotify
from bench.peers.ours import Clarion
from bench.peers.ratios import ratios
from bench.provider import Provider, provider
from bench.report import DONE, FAILED, Report, Rounds, cpu_seconds, progress
from clarion.testing.servers.postgres import OPTIONS, Postgres

POLL_SECONDS = 0.02
LIMIT_SECONDS = 120.0
RECIPIENTS = {
    "clarion": 20_000,
    "bullmq": 8_000,
    "dramatiq": 4_000,
    "taskiq": 4_000,
    "celery": 2_000,
    "cue_notify": 400,
}
"""So many each that an event takes seconds of everybody; rates hardly depend on it."""


class Plan(msgspec.Struct, frozen=True):
    """Cells as (worker processes, latency in ms), rounds of each, and the part of RECIPIENTS."""

    cells: tuple[tuple[int, int], ...]
    rounds: int
    part: float
    systems: tuple[str, ...]

    def cell(self, system: str, workers: int, latency_ms: int) -> Cell:
        """With as many recipients as the system is given."""
        people = int(RECIPIENTS[system] * self.part)
        return Cell(workers=workers, latency_ms=latency_ms, recipients=people)


FULL = Plan(
    cells=tuple((workers, latency) for latency in (0, 50) for workers in (1, 2, 4)),
    rounds=2, part=1, systems=tuple(RECIPIENTS),
)  # fmt: skip
SHORT = Plan(
    cells=((1, 0),), rounds=1, part=0.3, systems=("clarion", "bullmq", "dramatiq", "celery")
)
CHECKS = [
    "the provider was asked once for each who wants to be told, and not for the others",
    "an outcome is recorded for each recipient",
    "clarion audit: the ledger balances",
]


async def run(short: bool) -> Report:
    """Figures by system, worker processes and latency, e.g.
    `bullmq_workers_2_latency_0_deliveries_per_second`, and microseconds of processor time for a
    delivery, in all and told apart. Ratios: our rate over that of others, their processor time
    over ours. What failed of others is left out; what failed of us fails the run."""
    plan = SHORT if short else FULL
    every = everybody()
    missing = {one.name: lacking for one in every if (lacking := one.lacking())}
    systems = [one for one in every if one.name in plan.systems and one.name not in missing]
    for one in every:
        if one.name not in plan.systems:
            missing.setdefault(one.name, "left out of the short form")
    rounds = Rounds()
    with Postgres(fsync=True) as postgres, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        stage = Stage(postgres, Path(folder))
        for number in range(1, plan.rounds + 1):
            measured: dict[str, float] = {}
            for workers, latency in plan.cells:
                for system in systems:
                    cell = plan.cell(system.name, workers, latency)
                    progress(f"round {number}: {system.name}, {cell.name}")
                    measured |= await stage.measured(system, cell, missing)
            rounds.add(measured)
            rounds.add(ratios(measured))
    return report_of(plan, systems, rounds, missing)


def everybody() -> list[System]:
    """Ourselves, then the peers."""
    queues: list[System] = list(PEERS)
    return [Clarion(), *queues, CueNotify()]


def report_of(plan: Plan, systems: list[System], rounds: Rounds, missing: dict[str, str]) -> Report:
    """What `run` answers."""
    found = rounds.figures()
    settings: dict[str, object] = {
        "recipients": {name: int(RECIPIENTS[name] * plan.part) for name in plan.systems},
        "rounds": plan.rounds,
        "postgres": f"PostgreSQL 18, fsync on, {', '.join(OPTIONS)}",
    }
    for system in systems:
        cells = [plan.cell(system.name, *each) for each in plan.cells]
        told = {cell.name: system.settings(cell) for cell in cells}
        settings |= {f"{system.name}_{name}": words for name, words in folded(told).items()}
    failed = [f"{name}: {why}" for name, why in missing.items() if name.startswith(Clarion.name)]
    return Report(
        bench="push",
        status=FAILED if failed else DONE,
        why="; ".join(failed),
        settings=settings,
        figures={name: value for name, value in found.items() if not name.startswith("vs_")},
        ratios={name: value for name, value in found.items() if name.startswith("vs_")},
        spread=rounds.spread(),
        checks=CHECKS,
        missing=missing,
        store="postgres",
    )


class Stage:
    """The database and folders in which one system after the other is measured."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self._postgres = postgres
        self._folder = folder
        self._prepared: set[str] = set()

    async def measured(
        self, system: System, cell: Cell, missing: dict[str, str]
    ) -> dict[str, float]:
        """Figures of one cell; none when it failed, which then is in `missing`."""
        try:
            found = await self.tell(system, cell)
        except (RuntimeError, TimeoutError, OSError) as error:
            missing[f"{system.name}_{cell.name}"] = f"{type(error).__name__}: {error}"[:500]
            return {}
        prefix = f"{system.name}_{cell.name}_"
        return {prefix + name: value for name, value in found.figures().items()}

    async def tell(self, system: System, cell: Cell) -> Measured:
        """Start it, warm it up, tell everybody once."""
        with provider(cell.latency_ms) as vendor, self._place(system, cell, vendor) as place:
            if system.name not in self._prepared:
                await self._postgres.execute(f"create database {system.name}")
                await system.prepare(place)
                self._prepared.add(system.name)
            await self._postgres.execute("vacuum analyze", system.name)
            await self._postgres.execute("checkpoint")
            async with system.running(place, cell) as running:
                warm = msgspec.structs.replace(cell, recipients=cell.warm_up)
                await measure(running, warm, vendor, self._postgres.pid)
                return await measure(running, cell, vendor, self._postgres.pid)

    @contextlib.contextmanager
    def _place(self, system: System, cell: Cell, vendor: Provider) -> Iterator[Place]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield Place(
                folder=Path(folder), dsn=self._postgres.dsn(system.name), provider=vendor,
                people=cell.recipients,
            )  # fmt: skip


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One event: how long it took, and processor seconds of each part while it did."""

    deliveries: int
    seconds: float
    app: float
    queue: float
    database: float
    provider: float

    def figures(self) -> dict[str, float]:
        """Rates and microseconds of a delivery; the provider is no part of the sum."""
        each = 1e6 / self.deliveries
        return {
            "deliveries_per_second": self.deliveries / self.seconds,
            "cpu_microseconds": (self.app + self.queue + self.database) * each,
            "app_cpu_microseconds": self.app * each,
            "queue_cpu_microseconds": self.queue * each,
            "database_cpu_microseconds": self.database * each,
            "provider_cpu_microseconds": self.provider * each,
        }


async def measure(running: Running, cell: Cell, provider: Provider, database: int) -> Measured:
    """Tell everybody of one event. RuntimeError when the provider was asked too often, or not all
    is recorded in time."""
    before = _spent(running, provider, database)
    posts = await provider.posts()
    began = time.perf_counter()
    event = f"event-{time.time_ns()}"
    await running.send(event, cell.recipients)
    await _done(running, event, cell.recipients, provider, posts + cell.deliveries)
    seconds = time.perf_counter() - began
    after = _spent(running, provider, database)
    spent = {name: after[name] - before[name] for name in before}
    return Measured(deliveries=cell.deliveries, seconds=seconds, **spent)


async def _done(
    running: Running, event: str, recipients: int, provider: Provider, expected: int
) -> None:
    stop_at = time.monotonic() + LIMIT_SECONDS
    while await provider.posts() < expected:
        if time.monotonic() > stop_at:
            raise RuntimeError(f"{await provider.posts()} posts of {expected} in time")
        await asyncio.sleep(POLL_SECONDS)
    while (recorded := await running.recorded(event)) < recipients:
        if time.monotonic() > stop_at:
            raise RuntimeError(f"{recorded} outcomes of {recipients} in time")
        await asyncio.sleep(POLL_SECONDS)
    if (posts := await provider.posts()) != expected:
        raise RuntimeError(f"{posts} posts where {expected} were due")


def _spent(running: Running, provider: Provider, database: int) -> dict[str, float]:
    trees = running.trees()
    return {
        "app": sum(map(cpu_seconds, trees["app"])),
        "queue": sum(map(cpu_seconds, trees["queue"])),
        "database": cpu_seconds(database),
        "provider": provider.cpu_seconds(),
    }


def folded(told: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Settings by cell as one: what is the same in all of them is told once."""
    made = {}
    for name in dict.fromkeys(name for settings in told.values() for name in settings):
        words = {cell: settings.get(name, "") for cell, settings in told.items()}
        one = len(set(words.values())) == 1
        made[name] = next(iter(words.values())) if one else _listed(words)
    return made


def _listed(words: Mapping[str, str]) -> str:
    return "; ".join(f"{cell}: {each}" for cell, each in words.items())

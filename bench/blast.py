"""Preparing a blast and firing it: processor time a recipient, memory, bytes of the cut, and how
long the flip takes. Nothing is delivered."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from bench.report import Report, Rounds, machine
from clarion.clock import SystemClock
from clarion.core.event import IncomingEvent
from clarion.pipeline.blasts.planned import tally_of
from clarion.store.contract.blasts import BlastState
from clarion.testing.embedded import API_KEY, Embedded
from clarion.testing.population import Population, populate

SHORT_RECIPIENTS = 20_000
RECIPIENTS = 1_000_000
SMALL_RECIPIENTS = 10_000
STEPS = (
    {"channel": "inbox", "template": {"title": "News for you"}},
    {"channel": "push", "template": {"title": "News for you"}},
)


async def run(short: bool) -> Report:
    """Figures of the large blast; `memory_ratio` is the peak while it is prepared and fired, as
    many times as of a small one."""
    count = SHORT_RECIPIENTS if short else RECIPIENTS
    rounds = Rounds()
    small = await _measured(SMALL_RECIPIENTS, Rounds())
    peak = await _measured(count, rounds)
    figures = rounds.figures() | {"memory_ratio": peak / small, "memory_mib": peak}
    settings = {"recipients": count, "small": SMALL_RECIPIENTS, "channels": len(STEPS)}
    return Report(
        bench="blast", settings={**settings, **machine()}, figures=figures, spread=rounds.spread(),
        checks=["everybody is in the cut", "the flip is one event"],
    )  # fmt: skip


async def _measured(count: int, rounds: Rounds) -> float:
    """Prepare and fire in a store of its own; the peak of this process in MiB. A small one comes
    first, as the peak never falls."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clarion.db"
        loop = asyncio.get_running_loop()
        # In a process of its own, whose memory does not count here.
        with ProcessPoolExecutor(1, get_context("spawn")) as beside:
            people = await loop.run_in_executor(beside, _populated, path, count)
        server = Embedded(path, clock=SystemClock())  # type: ignore[arg-type]  # real time in the test kit
        await server.start()
        try:
            await _blast(server, people, rounds)
        finally:
            await server.crash()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _populated(path: Path, count: int) -> Population:
    return asyncio.run(populate(path, count, key=API_KEY))


async def _blast(server: Embedded, people: Population, rounds: Rounds) -> None:
    await server.category("news", lane="bulk")
    await server.workflow("news", *STEPS, category="news")
    await server.hold("keeper:preparer")
    await server.hold("fanout")
    body = {"type": "news", "recipients": [{"topic": people.topic}]}
    blasts, store = server.server.blasts, server.server.store.blasts
    incoming = msgspec.convert(body, IncomingEvent)
    row, _ = await blasts.begin(server.env, incoming, name="", key=None)
    preparer, worker = server.server.core.preparer, server.server.core.lease.worker
    began, used = time.perf_counter(), time.process_time()
    while not await preparer.step(worker):
        pass
    used, took = time.process_time() - used, time.perf_counter() - began
    found = await store.row(server.env, row.number)
    if found is None or found.state is not BlastState.ARMED:
        raise RuntimeError("the blast was not armed")
    if tally_of(found).recipients != people.count:
        raise RuntimeError(f"{tally_of(found).recipients} of {people.count} are in the cut")
    began = time.perf_counter()
    answers = await asyncio.gather(*[blasts.fire(server.env, row.number) for _ in range(4)])
    flip = time.perf_counter() - began
    if len({answer.event for answer in answers}) != 1:
        raise RuntimeError("it was fired more than once")
    ((size,),) = server.select("select sum(length(users)) from blast_cut")
    rounds.add({"prepare_us_per_recipient": used / people.count * 1e6})
    rounds.add({"prepare_recipients_per_second": people.count / took})
    rounds.add({"cut_bytes_per_recipient": size / people.count, "flip_ms": flip * 1000})
    rounds.add({"ranges": float(len(server.select("select 1 from task")))})

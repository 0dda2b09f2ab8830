"""One round from start to verdict."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from clarion.testing.chaos.cluster import Cluster, cluster
from clarion.testing.chaos.faults import Injector
from clarion.testing.chaos.judge import Verdict, judge
from clarion.testing.chaos.lookers import Lookers
from clarion.testing.chaos.plan import Fault, Plan
from clarion.testing.chaos.producers import Producers
from clarion.testing.chaos.records import AWAY
from clarion.testing.chaos.report import Report
from clarion.testing.chaos.scene import set_up, take_up

Say = Callable[[str], None]
LOOK_SECONDS = 0.25
SAY_SECONDS = 5.0


async def play(plan: Plan, say: Say, keep_logs: Callable[[Cluster], None] | None = None) -> Report:
    """Start a cluster, harm it while it works, let it come to rest, and judge. `keep_logs` sees
    the cluster before it goes."""
    async with cluster(plan) as running:
        try:
            return await _play(plan, running, say)
        finally:
            if keep_logs is not None:
                keep_logs(running)


async def _play(plan: Plan, running: Cluster, say: Say) -> Report:
    chance = random.Random(plan.seed)  # noqa: S311 - repeated by its seed
    followers = await set_up(running, plan.blast)
    say(f"{len(running.members)} processes are up, {plan.blast:,} people follow the topic")
    injector = Injector(running, chance)
    producers = Producers(
        lambda: [member.url for member in running.of_role("api")],
        plan.events_per_second,
        random.Random(plan.seed + 1),  # noqa: S311 - as well
    )
    lookers = Lookers(
        lambda: [member.url for member in running.of_role("api")],
        followers.names,
        random.Random(plan.seed + 2),  # noqa: S311 - as well
    )
    began = time.monotonic()
    await producers.start()
    try:
        beside = [
            asyncio.create_task(_blasts(plan, producers)),
            asyncio.create_task(_progress(running, injector, producers, say)),
            asyncio.create_task(lookers.go_on()),
        ]
        try:
            await injector.run()
            say("the last fault is done")
            calm = time.monotonic()
            await running.all_up()
            await beside[0]
            await producers.finish()
            if aside := await take_up(running):
                say(f"{aside} tasks that were put aside are taken up again, as an operator does")
            await _rest(running, plan.patience_seconds)
            seen = frozenset(await lookers.at_the_end())
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
    finally:
        await producers.close()
        await lookers.close()
    ended = time.monotonic()
    say("judging")
    followers = msgspec.structs.replace(followers, lookers=seen)
    verdict = await judge(running, producers.accepted, followers)
    return await _report(running, injector, verdict, ended - began, ended - calm, producers.tries)


async def _report(
    running: Cluster,
    injector: Injector,
    verdict: Verdict,
    seconds: float,
    rest_seconds: float,
    tries: int,
) -> Report:
    book = await running.providers.book()
    members = running.members.values()
    deaths = [death for member in members for death in member.deaths]
    faults = {fault.value: count for fault, count in injector.done.items()}
    faults[Fault.KILL.value] = sum(not death.by_fail_point for death in deaths)
    faults[Fault.FAIL_POINT.value] = sum(death.by_fail_point for death in deaths)
    return Report(
        plan=running.plan,
        faults=dict(sorted(faults.items())),
        verdict=verdict,
        requests=book["treated"],
        stops=[stop for member in members for stop in member.stops],
        in_hand=max((death.in_hand for death in deaths), default=0),
        seconds=seconds,
        rest_seconds=rest_seconds,
        producer_tries=tries,
    )


async def _blasts(plan: Plan, producers: Producers) -> None:
    """One at once, and one more whenever it is time, while faults go on."""
    if not plan.blast:
        return
    await producers.blast()
    for _ in range(int(plan.seconds / plan.blast_every_seconds)):
        await asyncio.sleep(plan.blast_every_seconds)
        await producers.blast()


async def _rest(running: Cluster, patience_seconds: float) -> None:
    """Wait until nothing is open, as long as anything moves."""
    if running.records is None:
        return
    least, since = (-1, -1), time.monotonic()
    while open_work := await running.records.open_work():
        moved = await running.records.count("select max(updated_at) from delivery")
        if (open_work, moved) != least:
            least, since = (open_work, moved), time.monotonic()
        if time.monotonic() - since > patience_seconds:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _progress(running: Cluster, injector: Injector, producers: Producers, say: Say) -> None:
    while True:
        await asyncio.sleep(SAY_SECONDS)
        open_work = -1
        if running.records is not None:
            with suppress(*AWAY):
                open_work = await running.records.open_work()
        deaths = sum(len(member.deaths) for member in running.members.values())
        up = sum(member.up.is_set() for member in running.members.values())
        say(
            f"{injector.done.total()} faults, {deaths} deaths, {up} processes up, "
            f"{len(producers.accepted):,} events accepted, {open_work:,} open"
        )

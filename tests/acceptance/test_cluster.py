"""Several processes on one PostgreSQL: started in any order, stopped, frozen, and upgraded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.testing.chaos.cluster import Cluster
from clarion.testing.chaos.judge import judge
from clarion.testing.chaos.members import STOP_SECONDS
from clarion.testing.chaos.plan import LEASE_SECONDS, Plan
from clarion.testing.chaos.producers import Producers
from clarion.testing.chaos.records import Records
from clarion.testing.chaos.scene import Followers, set_up
from tests.acceptance.house import until

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(240)]

DRAIN_SECONDS = 1.0
FOLLOWERS = 40
PATIENCE_SECONDS = 60.0


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    """Servers that run, and processes that do not yet."""
    made = Cluster(Plan(blast=FOLLOWERS), tmp_path)
    try:
        await made.start_servers()
        made.env["CLARION_DRAIN_SECONDS"] = str(DRAIN_SECONDS)
        made.add_members()
        yield made
    finally:
        await made.end()


@pytest.fixture
async def producers(cluster: Cluster) -> AsyncIterator[Producers]:
    """Producers that send nothing by themselves."""
    made = Producers(lambda: [cluster.members["api1"].url], 20, random.Random(1))
    await made.open()
    yield made
    await made.close()


def records(cluster: Cluster) -> Records:
    assert cluster.records is not None
    return cluster.records


async def start(cluster: Cluster, *names: str) -> None:
    for name in names:
        cluster.members[name].start()
        await asyncio.wait_for(cluster.members[name].up.wait(), PATIENCE_SECONDS)


async def at_rest(cluster: Cluster) -> None:
    async def rested() -> bool:
        return not await records(cluster).open_work()

    await until(rested, PATIENCE_SECONDS)


async def judged_faultless(cluster: Cluster, producers: Producers, followers: Followers) -> None:
    verdict = await judge(cluster, producers.accepted, followers)
    assert verdict.holds, verdict.examples
    assert verdict.events == len(producers.accepted) > 0


async def judged_at_fault(cluster: Cluster, producers: Producers, followers: Followers) -> None:
    """The judge finds what was not taken, and what was taken twice for no reason."""
    book = await cluster.providers.book()
    lost, doubled, *_ = book["accepted"]
    del book["accepted"][lost]
    book["accepted"][doubled].append(0.0)
    verdict = await judge(cluster, producers.accepted, followers, book)
    assert (verdict.lost, verdict.doubled) == (1, 1)
    assert not verdict.holds


async def test_the_order_of_starting_does_not_matter(
    cluster: Cluster, producers: Producers
) -> None:
    """Workers come before there is a table, the API after them, NATS last."""
    assert cluster.nats is not None
    await asyncio.to_thread(cluster.nats.kill)
    await start(cluster, "worker2", "keeper1", "api1")
    followers = await set_up(cluster, FOLLOWERS)
    await producers.blast()
    await at_rest(cluster)
    await asyncio.to_thread(cluster.nats.start)
    await producers.blast()
    await at_rest(cluster)
    await judged_faultless(cluster, producers, followers)
    await judged_at_fault(cluster, producers, followers)


async def test_a_stopped_worker_drains_in_its_time_and_says_what_it_broke_off(
    cluster: Cluster, producers: Producers
) -> None:
    await start(cluster, "worker2", "keeper1", "api1")
    followers = await set_up(cluster, FOLLOWERS)
    await cluster.providers.weather("silence")
    await producers.blast()
    worker = cluster.members["worker2"]

    async def busy() -> bool:
        return await records(cluster).in_hand(worker.worker) > 0

    await until(busy, PATIENCE_SECONDS)
    number = worker.worker
    stop = await worker.terminate()
    assert stop is not None
    assert stop.code == 0
    assert stop.seconds < min(DRAIN_SECONDS + 10, STOP_SECONDS)
    assert await records(cluster).in_hand(number) == 0
    await cluster.providers.weather("calm")
    codes = {code for (code,) in await records(cluster).rows("select distinct code from attempt")}
    assert codes == {"broken_off"}
    await at_rest(cluster)
    await judged_faultless(cluster, producers, followers)


async def test_a_worker_that_was_frozen_beyond_its_lease_does_no_harm(
    cluster: Cluster, producers: Producers
) -> None:
    await start(cluster, "worker1", "worker2", "keeper1", "api1")
    followers = await set_up(cluster, FOLLOWERS)
    await producers.start()
    await producers.blast()
    assert await cluster.members["worker1"].freeze(2.5 * LEASE_SECONDS)
    assert await cluster.members["worker2"].freeze(2.5 * LEASE_SECONDS)
    await producers.finish()
    await at_rest(cluster)
    assert cluster.members["worker1"].starts == cluster.members["worker2"].starts == 1
    await judged_faultless(cluster, producers, followers)


async def test_processes_of_an_older_version_go_on_and_start_beside_a_newer_schema(
    cluster: Cluster, producers: Producers
) -> None:
    """Migrations only add, and the schema says so; what it says otherwise is refused."""
    await start(cluster, "worker2", "keeper1", "api1")
    followers = await set_up(cluster, FOLLOWERS)
    rows = records(cluster)
    await rows.rows("alter table delivery add column of_tomorrow bigint not null default 0")
    await rows.rows("alter table ready add column of_tomorrow text")
    await rows.rows("insert into migration values (9999, '9999_tomorrow.sql', 'x', 0)")
    await producers.blast()
    await at_rest(cluster)
    await start(cluster, "keeper2")
    await judged_faultless(cluster, producers, followers)
    await rows.rows("update requirement set needs = 9999")
    late = cluster.members["worker1"]
    late.start()

    async def refused() -> bool:
        return late.log.exists() and "made by a newer version" in late.log.read_text()

    await until(refused, PATIENCE_SECONDS)
    assert not late.up.is_set()

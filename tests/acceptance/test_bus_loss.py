"""NATS goes away in the middle of a blast, comes back, and comes back empty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.servers.nats import NatsServer
from clarion.testing.servers.postgres import Postgres
from tests.acceptance.cluster import Cluster
from tests.acceptance.house import until
from tests.acceptance.test_crashes import Crowd, mail_workflows

SUBSCRIBERS = 1000
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[NatsServer]:
    with NatsServer(tmp_path / "nats") as server:
        yield server


@pytest.fixture
async def cluster(
    nats: NatsServer, mail_server: FakeSmtp, tmp_path: Path
) -> AsyncIterator[Cluster]:
    with Postgres() as postgres:
        made = Cluster(tmp_path, mail_server, CLARION_STORE=postgres.dsn(), CLARION_BUS=nats.url)
        await made.start()
        await mail_workflows(made.api)
        yield made
        await made.kill()


async def connected(cluster: Cluster, wanted: int) -> None:
    """Wait until all parts say that they are connected (1), or that they are not (0)."""

    async def there() -> bool:
        states = [await part.metric("clarion_bus_connected") for part in cluster.parts]
        return set(states) == {wanted}

    await until(there)


async def test_nothing_is_lost_when_nats_goes_and_comes_back(
    cluster: Cluster, nats: NatsServer
) -> None:
    await cluster.audience(SUBSCRIBERS)
    await connected(cluster, 1)
    crowd = Crowd(cluster.api)
    await crowd.reaches(40)
    blast = await cluster.api.send("live", data={"n": "blast"})
    await cluster.mailed(100)
    nats.kill()
    await connected(cluster, 0)
    await crowd.reaches(len(crowd.accepted) + 60)
    nats.wipe()
    nats.start()
    await connected(cluster, 1)
    await crowd.reaches(len(crowd.accepted) + 60)
    await crowd.go_home()
    row = await cluster.api.complete(blast, 120)
    await cluster.api.idle()

    assert row["counts"]["sent"] == SUBSCRIBERS
    assert cluster.mails_of_blast() == {f"s{n}@example.org": 1 for n in range(SUBSCRIBERS)}
    assert cluster.mails_of_crowd() == dict.fromkeys(crowd.accepted, 1)
    assert await cluster.ambiguous() == 0
    await cluster.api.audit()

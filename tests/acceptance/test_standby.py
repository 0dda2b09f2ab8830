"""The database's machine is lost in the middle of a blast; its standby takes over."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.servers.postgres import Postgres, Standby
from tests.acceptance.cluster import Cluster
from tests.acceptance.house import until
from tests.acceptance.test_crashes import Crowd, mail_workflows

SUBSCRIBERS = 2000
RECOVERED_SECONDS = 20.0
pytestmark = pytest.mark.timeout(240)
LATE = 12


@pytest.fixture
def primary() -> Iterator[Postgres]:
    with Postgres(fsync=True) as server:
        yield server


@pytest.fixture
async def standby(primary: Postgres) -> Standby:
    made = primary.standby()
    await replicating(primary, "async")
    return made


@pytest.fixture
async def cluster(
    primary: Postgres, standby: Standby, mail_server: FakeSmtp, tmp_path: Path
) -> AsyncIterator[Cluster]:
    hosts = f"{primary.address},{standby.address}"
    dsn = f"postgresql://postgres@{hosts}/postgres?target_session_attrs=primary"
    made = Cluster(tmp_path, mail_server, CLARION_STORE=dsn)
    await made.start()
    await mail_workflows(made.api)
    yield made
    await made.kill()


async def replicating(primary: Postgres, how: str) -> None:
    async def streaming() -> bool:
        rows = await primary.execute("select sync_state from pg_stat_replication")
        return [row[0] for row in rows] == [how]

    await until(streaming)


async def synchronous(primary: Postgres) -> None:
    """From now on a commit waits for the standby."""
    await primary.execute("alter system set synchronous_standby_names = '*'")
    await primary.execute("select pg_reload_conf()")
    await replicating(primary, "sync")


async def test_with_synchronous_replication_nothing_that_was_accepted_is_lost(
    cluster: Cluster, primary: Postgres, standby: Standby
) -> None:
    await cluster.audience(SUBSCRIBERS)
    await synchronous(primary)
    crowd = Crowd(cluster.api)
    await crowd.reaches(40)
    blast = await cluster.api.send("live", data={"n": "blast"})
    await cluster.mailed(300)
    primary.kill()
    mails = len(cluster.mail_server.mails)
    assert mails < SUBSCRIBERS
    accepted = len(crowd.accepted)
    standby.promote()
    promoted = time.monotonic()
    await crowd.reaches(accepted + 100)
    assert time.monotonic() - promoted < RECOVERED_SECONDS
    await crowd.go_home()
    row = await cluster.api.complete(blast, 120)
    await cluster.api.idle()

    assert row["counts"]["sent"] == SUBSCRIBERS
    assert row["deliveries"]["inbox"]["sent"] == SUBSCRIBERS
    assert await cluster.statuses(crowd.accepted) == {"complete": len(crowd.accepted)}
    everybody = {f"s{n}@example.org" for n in range(SUBSCRIBERS)}
    assert set(cluster.mails_of_blast()) == everybody
    found = cluster.mails_of_blast() + cluster.mails_of_crowd()
    twice = sum(count - 1 for count in found.values())
    missing = set(crowd.accepted) - set(cluster.mails_of_crowd())
    assert all(key.startswith("once") for key in missing)
    assert twice + len(missing) <= await cluster.ambiguous()
    assert (await cluster.api.audit())["events"] >= len(crowd.accepted) + 1
    for part in cluster.parts:
        assert part.process is not None
        assert part.process.returncode is None


async def test_with_asynchronous_replication_only_what_was_not_copied_yet_is_lost_and_it_shows(
    cluster: Cluster, primary: Postgres, standby: Standby
) -> None:
    early = {f"sure-{n}": await send(cluster, n) for n in range(LATE)}
    await cluster.api.idle()
    await copied(primary)
    await standby.execute("alter system set primary_conninfo = ''")
    await standby.execute("select pg_reload_conf()")
    await alone(primary)
    late = {f"sure-{n}": await send(cluster, n) for n in range(LATE, 2 * LATE)}
    await cluster.mailed(2 * LATE)
    primary.kill()
    standby.promote()

    async def back() -> bool:
        return (await cluster.api.ask("GET", "/readyz"))[0] == 200

    await until(back)
    assert await cluster.statuses(early) == {"complete": LATE}
    assert await cluster.statuses(late) == {404: LATE}
    await cluster.api.audit()
    again = {f"sure-{n}": await send(cluster, n) for n in range(2 * LATE)}
    await cluster.api.idle()
    assert [again[key] for key in early] == list(early.values())
    assert await cluster.statuses(again) == {"complete": 2 * LATE}
    mails = cluster.mails_of_crowd()
    assert mails == dict.fromkeys(early, 1) | dict.fromkeys(late, 2)


async def send(cluster: Cluster, number: int) -> str:
    key = f"sure-{number}"
    return await cluster.api.send("sure", "u0", id=key, data={"n": key})


async def copied(primary: Postgres) -> None:
    """Wait until the standby has everything."""

    async def there() -> bool:
        rows = await primary.execute(
            "select flush_lsn >= pg_current_wal_lsn() from pg_stat_replication"
        )
        return bool(rows and rows[0][0])

    await until(there)


async def alone(primary: Postgres) -> None:
    """Wait until nobody copies the primary."""

    async def parted() -> bool:
        return not await primary.execute("select 1 from pg_stat_replication")

    await until(parted)

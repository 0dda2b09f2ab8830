"""`clarion serve --processes` on a real PostgreSQL: children that are killed, stopped, orphaned."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.servers.postgres import Postgres
from tests.acceptance.house import House, until
from tests.acceptance.test_crashes import INBOX, MAIL, mail_account

FOLLOWERS = 400
CUT_AT = 60
QUICK = "heartbeat_seconds = 0.3\nlease_seconds = 1.5\ncritical_lease_seconds = 1.5\n"
NICE_FIELD = 18
SECONDS = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture
async def house(server: Postgres, mail_server: FakeSmtp, tmp_path: Path) -> AsyncIterator[House]:
    """Two processes and their parent, started."""
    settings = f'store = "{await server.create_database()}"\n{QUICK}{mail_account(mail_server)}'
    made = House(tmp_path / "house", settings)
    made.command = ("serve", "--processes", "2")
    try:
        await made.start()
        yield made
    finally:
        await made.kill()


def children(house: House) -> list[int]:
    """The processes, in the order of their numbers."""
    assert house.process is not None
    parent = house.process.pid
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return sorted(map(int, listed), key=lambda pid: Path(f"/proc/{pid}/comm").read_text())


async def gone(pids: list[int]) -> None:
    """Wait until they have ended; zombies count as such."""

    async def all_gone() -> bool:
        return not any(_runs(pid) for pid in pids)

    await until(all_gone, SECONDS)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def nice_of(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[NICE_FIELD - 2])


async def blast(house: House) -> str:
    """An event for many in the lane bulk."""
    await house.want("PUT", "/v1/topics/stars", {})
    await house.want("PUT", "/v1/categories/news", {"lane": "bulk", "on_unknown": "at_least_once"})
    await house.workflow("live", INBOX, MAIL, category="news", audience='topic("stars")')
    people = ({"id": f"s{n}", "email": f"s{n}@example.org"} for n in range(FOLLOWERS))
    await house.people(people, "stars")
    return await house.send("live", data={"n": "live"})


async def mailed(mail_server: FakeSmtp, count: int) -> None:
    async def there() -> bool:
        return len(mail_server.mails) >= count

    await until(there, SECONDS)


async def states(house: House) -> list[tuple[str, int]]:
    rows = (await house.want("GET", "/readyz"))["processes"]
    return [(row["state"], row["restarts"]) for row in rows]


async def test_a_killed_process_comes_back_and_its_work_is_done(
    house: House, mail_server: FakeSmtp
) -> None:
    event = await blast(house)
    await mailed(mail_server, CUT_AT)
    _, bulk = children(house)
    os.kill(bulk, signal.SIGKILL)

    async def is_back() -> bool:
        return await states(house) == [("up", 0), ("up", 1)]

    await until(is_back, SECONDS)
    assert "process 2 (keeper, worker: social, bulk) ended with SIGKILL" in house.said
    row = await house.complete(event, SECONDS)
    assert row["counts"]["sent"] == FOLLOWERS
    assert row["balanced"]
    mails = Counter(mail.recipient for mail in mail_server.mails)
    assert len(mails) == FOLLOWERS
    assert await house.metric("clarion_process_restarts", process="2") == 1
    assert await house.metric("clarion_deliveries_total", process="2", channel="email") > 0


async def test_sigterm_lets_all_processes_finish(house: House, mail_server: FakeSmtp) -> None:
    await blast(house)
    await mailed(mail_server, CUT_AT)
    pids = children(house)
    assert await house.stop() == 0
    await gone(pids)
    assert (await house.audit())["balanced"]
    house.command = ("serve",)
    await house.start()
    await house.idle(SECONDS)
    assert await house.metric("clarion_ambiguous_outcomes_total") == 0
    mails = Counter(mail.recipient for mail in mail_server.mails)
    assert set(mails.values()) == {1}
    assert len(mails) == FOLLOWERS


async def test_nobody_is_left_when_the_parent_is_killed(house: House) -> None:
    pids = children(house)
    await house.kill()
    await gone(pids)
    assert house.said.count("the parent is gone") == 2


async def test_only_processes_for_bulk_step_back(house: House) -> None:
    assert [nice_of(pid) for pid in children(house)] == [os.nice(0), os.nice(0) + 10]


async def test_urgent_processes_wake_each_other_without_another_bus(
    house: House, mail_server: FakeSmtp
) -> None:
    """What the first process accepts for the lane bulk reaches the second at once."""
    await house.want("PUT", "/v1/categories/news", {"lane": "bulk"})
    await house.workflow("news", MAIL, category="news")
    await house.people([{"id": "ann", "email": "ann@example.org"}])
    rang = await house.metric("clarion_bus_rings_total", process="2", direction="received")
    row = await house.complete(await house.send("news", "ann", data={"n": "1"}))
    assert row["counts"]["sent"] == 1
    assert await house.metric("clarion_bus_rings_total", process="2", direction="received") > rang
    assert len(mail_server.mails) == 1


async def test_a_file_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.command = ("serve", "--processes", "2")
    with pytest.raises(AssertionError, match="served by one process, as one alone may write it"):
        await asyncio.wait_for(house.start(), SECONDS)

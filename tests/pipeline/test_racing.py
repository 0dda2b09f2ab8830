"""Two servers on one PostgreSQL that race for what waits: all of it is told, and told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clarion.store.contract.people import UserWrite
from clarion.testing.clock import ManualClock
from clarion.testing.embedded import Embedded
from clarion.testing.servers.postgres import Postgres
from tests.pipeline.conftest import balanced_to_the_end
from tests.store.servers import fresh_database

HELD, GATHERED, LIKES = 2_000, 200, 3
MAIL = {"channel": "email", "template": {"subject": "News", "body": "There is news."}}
TOLD = {"channel": "email", "template": {"subject": "Likes", "body": "{{ digest.count }} likes"}}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def racers(postgres: Postgres, tmp_path: Path) -> AsyncIterator[tuple[Embedded, Embedded]]:
    """Two servers that share a database and a clock, and nothing else."""
    dsn, clock = await fresh_database(postgres), ManualClock()
    one, other = (Embedded(tmp_path / name, clock=clock, dsn=dsn) for name in ("one", "other"))
    await one.start()
    await other.start()
    yield one, other
    await other.stop()
    await balanced_to_the_end(one)
    one.close()
    other.close()


def counted(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows the server resumes, a batch an entry."""
    held, batches = server.server.store.held, list[int]()
    resume = held.resume

    async def counting(*arguments: Any) -> int:
        batches.append(await resume(*arguments))
        return batches[-1]

    monkeypatch.setattr(held, "resume", counting)
    return batches


async def test_what_two_servers_race_for_is_told_once(
    racers: tuple[Embedded, Embedded], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = racers
    resumed = [counted(server, monkeypatch) for server in racers]
    await one.workflow("news", {"delay": "PT1H"}, MAIL)
    await one.workflow("liked", {"digest": {"window": "PT1H"}}, TOLD)
    people = [f"u{n}" for n in range(HELD)]
    writes = [UserWrite(id=id_, changed={"email": f"{id_}@example.org"}) for id_ in people]
    await one.server.store.people.write_users(one.env, writes, one.clock.now())
    await one.topic("all", *people)
    await one.topic("some", *people[:GATHERED])
    news = await one.send("news", {"topic": "all"})
    likes = [await one.send("liked", {"topic": "some"}) for _ in range(LIKES)]
    await one.quiet()
    assert (await one.counts(news)).held == HELD
    assert one.select("select count(*) from digest") == [(GATHERED,)]
    one.clock.advance(3601)
    for server in racers:
        await server.advance(0)
    for event in (news, *likes):
        await one.settled(event)
    assert (await one.counts(news)).sent == HELD
    assert {(await one.counts(event)).sent for event in likes} == {GATHERED}
    bodies = [body for (body,) in one.select("select body from capture")]
    assert len(bodies) == len(set(bodies)) == HELD + GATHERED
    assert sum(f"{LIKES} likes" in body for body in bodies) == GATHERED
    assert sum(map(sum, resumed)) == HELD + GATHERED
    assert all(resumed), "only one of them did anything"

"""States flow in beside the events, never in front of them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from clarion.core.states import Bucket
from clarion.errors import UnavailableError
from clarion.pipeline.replicate import CRASH_LIMIT, QUARANTINED, Replicator, batches
from clarion.store.contract.replica import GONE, Applied, EntityKind, StateClaim, StateWrite
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX

TURNS = 2000


def user_state(user: str, version: int = 1, **fields: Any) -> StateWrite:
    body = msgspec.json.encode(fields).decode()
    return StateWrite(kind=EntityKind.USER, version=version, body=body, user_id=user)


def topic_gone(key: str, version: int) -> StateWrite:
    return StateWrite(kind=EntityKind.TOPIC, version=version, body=GONE, id=key)


async def accept(server: Embedded, *writes: StateWrite) -> list[bool]:
    return await server.server.store.replica.accept(server.env, list(writes), server.clock.now())


async def waiting(server: Embedded) -> int:
    return sum(depth.depth for depth in await server.server.store.replica.depths())


async def replicated(server: Embedded) -> None:
    """Ring, and wait until nothing waits."""
    server.server.bus.ring("state")
    for _ in range(TURNS):
        if not await waiting(server):
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"{await waiting(server)} states still wait")


async def email(server: Embedded, user: str) -> str | None:
    rows = await server.server.store.people.users(server.env, [user])
    return rows[user].email if user in rows else None


@pytest.fixture
async def by_hand(embedded: Embedded) -> Replicator:
    """A second replicator of the same worker, whose steps the test takes; the server's own sleeps
    until it is rung."""
    core = embedded.server.core
    loop = next(loop for loop in core.loops if loop.name == "state")
    await loop.stop()
    return Replicator(core.lease, core.store, core.clock)


async def test_a_state_is_applied_by_the_loop_of_its_own(embedded: Embedded) -> None:
    await accept(embedded, user_state("ana", email="ana@example.org"))
    await replicated(embedded)
    assert await email(embedded, "ana") == "ana@example.org"


async def test_an_urgent_event_passes_twenty_thousand_waiting_states(embedded: Embedded) -> None:
    await embedded.workflow("code", INBOX, category="security")
    await embedded.user("ana")
    for start in range(0, 20_000, 1000):
        await accept(embedded, *(user_state(f"u{start + n}", name="x") for n in range(1000)))
    assert await waiting(embedded) > 15_000
    embedded.server.bus.ring("state")
    started = asyncio.get_running_loop().time()
    for _ in range(5):
        event = await embedded.told("code", "ana")
        (row,) = embedded.rows(event)["notification"]
        assert row["bucket"] == Bucket.SENT.name.lower()
    took = asyncio.get_running_loop().time() - started
    left = await waiting(embedded)
    assert left > 1000, "the states were through before the events: nothing was shown"
    assert took < 3.0


async def test_a_topic_that_is_gone_has_no_subscribers_left(embedded: Embedded) -> None:
    await embedded.topic("doc:9", "ana", "ben")
    await accept(embedded, topic_gone("doc:9", 1))
    await replicated(embedded)
    assert await embedded.server.store.topics.topic(embedded.env, "doc:9") is None


async def test_what_cannot_be_applied_is_put_aside_and_holds_up_nobody(
    embedded: Embedded, by_hand: Replicator
) -> None:
    wrong = StateWrite(kind=EntityKind.USER, version=1, body="[1]", user_id="odd")
    await accept(embedded, user_state("ana", email="a@example.org"), wrong, user_state("ben"))
    assert await by_hand.step(True) == 0
    assert await email(embedded, "ana") == "a@example.org"
    (row,) = await embedded.server.store.replica.failed(embedded.env, 10)
    assert (row.user_id, "newer version" in row.detail) == ("odd", True)
    assert await waiting(embedded) == 0
    assert await accept(embedded, user_state("odd", 2, email="o@example.org")) == [True]
    await by_hand.step(True)
    assert await email(embedded, "odd") == "o@example.org"
    assert await embedded.server.store.replica.failed(embedded.env, 10) == []


async def test_when_all_fail_for_one_reason_all_are_put_aside(
    embedded: Embedded, by_hand: Replicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(claims: list[StateClaim], now: int) -> list[tuple[Applied, str]]:
        raise ValueError("no")

    monkeypatch.setattr(embedded.server.store.replica, "apply", broken)
    await accept(embedded, user_state("ana"), user_state("ben"))
    await by_hand.step(True)
    assert len(await embedded.server.store.replica.failed(embedded.env, 10)) == 2


async def test_while_the_store_is_away_nothing_is_put_aside(
    embedded: Embedded, by_hand: Replicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(claims: list[StateClaim], now: int) -> list[tuple[Applied, str]]:
        raise UnavailableError("the disk is full")

    await accept(embedded, user_state("ana", email="a@example.org"))
    with monkeypatch.context() as patched:
        patched.setattr(embedded.server.store.replica, "apply", away)
        for _ in range(CRASH_LIMIT + 2):
            with pytest.raises(UnavailableError):
                await by_hand.step(True)
    await by_hand.step(True)
    assert await email(embedded, "ana") == "a@example.org"


async def test_what_ended_the_process_too_often_is_put_aside(
    embedded: Embedded, by_hand: Replicator
) -> None:
    replica, worker = embedded.server.store.replica, embedded.server.core.lease.worker
    await accept(embedded, user_state("odd"), user_state("ana", email="a@example.org"))
    for _ in range(CRASH_LIMIT):
        await replica.claim(worker, 1, embedded.clock.now())
        await replica.rescue([worker])
    await by_hand.step(True)
    assert [row.detail for row in await replica.failed(embedded.env, 10)] == [QUARANTINED]
    await by_hand.step(True)
    assert await email(embedded, "ana") == "a@example.org"


async def test_a_server_that_was_killed_leaves_its_states_to_the_next(
    embedded: Embedded, by_hand: Replicator
) -> None:
    replica, worker = embedded.server.store.replica, embedded.server.core.lease.worker
    await accept(embedded, user_state("ana", email="1@example.org"))
    assert len(await replica.claim(worker, 10, embedded.clock.now())) == 1
    await accept(embedded, user_state("ana", 2, email="2@example.org"))
    await embedded.crash()
    await embedded.restart()
    await replicated(embedded)
    row = (await embedded.server.store.people.users(embedded.env, ["ana"]))["ana"]
    assert (row.email, row.version) == ("2@example.org", 1)


def a_claim(kind: EntityKind, env: int = 1, *, gone: bool = False) -> StateClaim:
    return StateClaim(
        env=env, entity="", kind=kind, id="", user_id="", version=1, body=GONE if gone else "{}",
        accepted_at=0, fence=1, crashes=1,
    )  # fmt: skip


def test_a_deletion_keeps_its_place_among_what_hangs_on_it() -> None:
    user, topic = EntityKind.USER, EntityKind.TOPIC
    claims = [
        a_claim(topic), a_claim(user), a_claim(topic), a_claim(user, gone=True),
        *(a_claim(user, gone=True) for _ in range(5)), a_claim(user), a_claim(user, env=2),
    ]  # fmt: skip
    told = [(batch[0].env, batch[0].kind, batch[0].gone, len(batch)) for batch in batches(claims)]
    assert told == [
        (1, user, False, 1), (1, topic, False, 2), (1, user, True, 5), (1, user, True, 1),
        (1, user, False, 1), (2, user, False, 1),
    ]  # fmt: skip

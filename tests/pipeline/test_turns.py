"""Tenants take turns in fan-out and delivery."""

from __future__ import annotations

import pytest

from clarion.clock import SystemClock
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.pipeline import turns
from clarion.pipeline.turns import LEAST_COST, Turns
from clarion.store.contract.people import UserWrite
from clarion.store.contract.work import Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import PUSH

PUSHES = CHANNEL_NUMBER[Channel.PUSH]


def a_task(env: int, tenant: int) -> Task:
    return Task(
        task=1, env=env, event=b"", workflow=1, lane=3, tenant=tenant, source="all", scope=0,
        hi=1, cursor=0, excepted=(), fence=1, crashes=1,
    )  # fmt: skip


def test_a_tenant_goes_on_while_it_has_some_of_its_turn_left() -> None:
    found = Turns()
    found.begin(a_task(1, 5))
    found.spend(100)
    assert found.after == (1, 4)
    found.begin(a_task(1, 5))
    assert found.left == turns.TURN_RECIPIENTS - 100 - 2 * LEAST_COST


def test_a_turn_that_is_over_goes_to_the_next_tenant() -> None:
    found = Turns()
    found.begin(a_task(1, 5))
    found.spend(turns.TURN_RECIPIENTS)
    assert found.after == (1, 5)
    found.begin(a_task(1, 5))
    assert found.left == turns.TURN_RECIPIENTS - LEAST_COST


def test_another_tenant_begins_with_a_turn_of_its_own() -> None:
    found = Turns()
    found.begin(a_task(1, 5))
    found.spend(3000)
    found.begin(a_task(2, 5))
    assert found.left == turns.TURN_RECIPIENTS - LEAST_COST


async def crowd(server: Embedded, prefix: str, count: int) -> None:
    writes = [UserWrite(id=f"{prefix}{n}", changed={}) for n in range(count)]
    await server.server.store.people.write_users(server.env, writes, SystemClock().now())


async def test_a_small_tenant_is_done_while_a_large_one_has_barely_begun(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURN_RECIPIENTS", 500)
    await embedded.category("bulletin", lane="bulk")
    await embedded.workflow("blast", PUSH, category="bulletin")
    people = [f"u{n}" for n in range(6000)]
    await crowd(embedded, "u", 6000)
    await embedded.topic("large", *people)
    await embedded.topic("small", *people[:10])
    await embedded.hold("fanout")
    large = await embedded.send("blast", {"topic": "large"}, tenant="acme")
    await embedded.send("blast", {"topic": "large"}, tenant="acme")
    small = await embedded.send("blast", {"topic": "small"}, tenant="zeta")
    embedded.release("fanout")
    await embedded.settled(small)
    decided = await embedded.counts(large)
    assert sum((decided.skipped, decided.sent, decided.open)) < 6000
    await embedded.settled(large)
    await embedded.quiet()

"""Deliveries that are handed over to another account."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.store.contract.deliveries import Diversion, Finish
from clarion.store.contract.people import DeviceWrite, UserWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, an_event_id
from tests.store.test_deliveries import busy, claimed, queued

EVENT = an_event_id(1)


def to_other(**changes: Any) -> Diversion:
    fields: dict[str, Any] = {"lane": 1, "source": "fcm", "target": "other", "envs": (ENV,)}
    return Diversion(**(fields | changes))


async def accounts(store: SqlStore) -> list[str]:
    rows, _ = await store.ledger.deliveries(ENV, EVENT, 1, 1)
    return sorted(row.account for row in rows)


async def test_due_rows_go_to_the_other_account_with_their_delivery(store: SqlStore) -> None:
    worker = await queued(store)
    assert await store.deliveries.divert(to_other(limit=2), NOW) == 2
    assert await accounts(store) == ["fcm", "other", "other"]
    assert len(await store.deliveries.claim(1, "other", worker, 9, NOW)) == 2
    assert len(await claimed(store, worker)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"lane": 0}, {"source": "third"}, {"envs": (ENV + 1,)}, {"platforms": ("apns",)}],
    ids=lambda changes: next(iter(changes)),
)
async def test_a_diversion_names_what_it_takes(store: SqlStore, changes: dict[str, Any]) -> None:
    await queued(store)
    assert await store.deliveries.divert(to_other(**changes), NOW) == 0
    assert await accounts(store) == ["fcm"] * 3


async def test_platforms_are_those_of_the_destination(store: SqlStore) -> None:
    await store.people.write_users(ENV, [UserWrite(id="ada", changed={})], NOW)
    devices = [
        DeviceWrite(user="ada", token=f"t{n}", platform=platform)
        for n, platform in enumerate(("fcm", "apns", "fcm"))
    ]
    assert await store.people.write_devices(ENV, devices, NOW) == [1, 2, 3]
    await queued(store)
    assert await store.deliveries.divert(to_other(platforms=("apns",)), NOW) == 1
    assert await accounts(store) == ["fcm", "fcm", "other"]


async def test_what_is_not_due_or_being_sent_stays(store: SqlStore) -> None:
    worker = await queued(store)
    (claim,) = await claimed(store, worker, 1)
    assert await store.deliveries.divert(to_other(), NOW - 1) == 0
    assert await store.deliveries.divert(to_other(), NOW) == 2
    await store.deliveries.finish([busy(claim, NOW + 5)], worker, NOW)
    assert await store.deliveries.divert(to_other(), NOW) == 0
    assert await store.deliveries.divert(to_other(), NOW + 5) == 1


async def test_attempts_go_along(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    await store.deliveries.finish([busy((await claimed(store, worker))[0], NOW)], worker, NOW)
    await store.deliveries.divert(to_other(), NOW)
    (claim,) = await store.deliveries.claim(1, "other", worker, 1, NOW)
    assert (claim.attempts, claim.account) == (1, "other")


async def test_bound_rows_stay_for_good(store: SqlStore) -> None:
    worker = await queued(store, destinations=1)
    for bound in (True, False):
        (claim,) = await claimed(store, worker)
        outcome = Outcome(kind=OutcomeClass.AMBIGUOUS, code="timeout")
        again = Finish(
            claim=claim, status=DeliveryStatus.READY, outcome=outcome, due=NOW, bound=bound
        )
        await store.deliveries.finish([again], worker, NOW)
        assert await store.deliveries.divert(to_other(), NOW) == 0


async def test_no_row_is_diverted_twice(store: SqlStore) -> None:
    await queued(store, destinations=40)
    moved = await asyncio.gather(
        *(store.deliveries.divert(to_other(target=f"t{n}", limit=15), NOW) for n in range(4))
    )
    left = (await accounts(store)).count("fcm")
    assert sum(moved) + left == 40
    assert await store.deliveries.due(1, "fcm", 100, NOW) == left


async def test_due_rows_are_counted_up_to_a_limit(store: SqlStore) -> None:
    worker = await queued(store)
    assert await store.deliveries.due(1, "fcm", 9, NOW) == 3
    assert await store.deliveries.due(1, "fcm", 2, NOW) == 2
    assert await store.deliveries.due(1, "fcm", 9, NOW - 1) == 0
    await claimed(store, worker, 1)
    assert await store.deliveries.due(1, "fcm", 9, NOW) == 2

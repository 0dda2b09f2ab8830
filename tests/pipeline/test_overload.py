"""What is least urgent is refused first, with what is full and when to come again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.event import IncomingEvent
from clarion.core.workflow import Lane
from clarion.errors import OverloadError, UnavailableError
from clarion.pipeline.contract import Accepted
from clarion.pipeline.overload import SHARES, Bounds, Overload
from clarion.pipeline.rates import Rates
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL

CATEGORIES = {
    Lane.CRITICAL: "security",
    Lane.TRANSACTIONAL: "transactional",
    Lane.SOCIAL: "social",
    Lane.BULK: "bulletin",
}


def overload_of(server: Embedded, **bounds: int) -> Overload:
    """Put these bounds on a running server."""
    found = Overload(server.server.store, server.clock, Rates(), Bounds(**bounds))
    server.server.acceptor._overload = found
    return found


async def one_workflow_a_lane(server: Embedded, step: dict[str, Any] = INBOX) -> None:
    await server.user("ana", email="ana@example.org")
    await server.category("bulletin", lane="bulk")
    for lane, category in CATEGORIES.items():
        await server.workflow(lane.label, step, category=category)


async def until_refused(server: Embedded, data: dict[str, Any]) -> None:
    for _ in range(20):
        await server.send("critical", "ana", data=data)


async def refused_at_once(server: Embedded) -> bool:
    """Whether a small event is refused by what came of a large one. A loop that changes a row where
    it stands may find meanwhile that the store can be written."""
    with pytest.raises(UnavailableError):
        await until_refused(server, {"text": "x" * 500_000})
    try:
        await server.send("critical", "ana")
    except UnavailableError as error:
        return "cannot be written" in str(error)
    return False


async def batch(server: Embedded, *types: str) -> list[Accepted]:
    events = [IncomingEvent(type=type_, recipients=["ana"]) for type_ in types]
    raw = msgspec.json.encode(types)
    return await server.server.acceptor.accept_batch(server.env, events, raw=raw)


def refused(answers: list[Accepted]) -> list[bool]:
    return [isinstance(answer.problem, OverloadError) for answer in answers]


@pytest.mark.parametrize("lane", Lane)
async def test_each_lane_may_fill_its_share_of_a_queue(embedded: Embedded, lane: Lane) -> None:
    found = overload_of(embedded, waiting_events=100)
    share = int(SHARES[lane] * 100)
    assert found.refusal(lane, share) is None
    refusal = found.refusal(lane, share + 1)
    assert refusal is not None
    assert (refusal.policy, refusal.quota) == ("events", share)
    assert found.strained(share + 1)
    assert not found.strained(50)


async def test_of_a_batch_the_most_urgent_are_taken(embedded: Embedded) -> None:
    await one_workflow_a_lane(embedded)
    overload_of(embedded, waiting_events=4)
    answers = await batch(embedded, "bulk", "social", "transactional", "critical")
    assert refused(answers) == [True, True, False, False]
    assert embedded.select("select count(*) from event") == [(2,)]


async def test_an_event_that_nobody_listens_to_is_as_urgent_as_an_order(
    embedded: Embedded,
) -> None:
    await one_workflow_a_lane(embedded)
    overload_of(embedded, waiting_events=4)
    answers = await batch(embedded, "bulk", "nobody-listens", "bulk")
    assert refused(answers) == [False, False, True]


async def test_when_all_are_refused_the_whole_is(embedded: Embedded) -> None:
    await one_workflow_a_lane(embedded)
    overload_of(embedded, waiting_events=1)
    with pytest.raises(OverloadError) as refusal:
        await batch(embedded, "bulk", "bulk")
    assert refusal.value.retry_after_seconds == 10
    assert embedded.select("select count(*) from event") == [(0,)]


@pytest.mark.parametrize(
    ("full", "taken"), [("bulk", {0, 1, 2}), ("social", {0, 1}), ("critical", set())]
)
async def test_a_full_backlog_refuses_its_lane_and_the_less_urgent(
    embedded: Embedded, full: str, taken: set[int]
) -> None:
    await one_workflow_a_lane(embedded, MAIL)
    await embedded.hold("ready")
    found = overload_of(embedded, lane_backlog=2)
    for _ in range(3):
        await embedded.send(full, "ana")
    await found.step(False)
    assert {int(lane) for lane in Lane if found.refusal(lane, 1) is None} == taken
    refusal = found.refusal(Lane.BULK, 1)
    assert refusal is not None
    assert refusal.policy == f"backlog-{full}"
    embedded.release("ready")
    await embedded.quiet()
    await found.step(False)
    assert not found.strained(1)


async def test_the_time_to_come_again_goes_by_how_fast_it_drains(embedded: Embedded) -> None:
    await one_workflow_a_lane(embedded, MAIL)
    await embedded.hold("ready")
    rates = Rates()
    found = Overload(embedded.server.store, embedded.clock, rates, Bounds(lane_backlog=0))
    for _ in range(36):
        await embedded.send("social", "ana")
    await found.step(False)
    rates.count(int(Lane.SOCIAL), 9, embedded.clock.now())
    refusal = found.refusal(Lane.SOCIAL, 1)
    assert refusal is not None
    assert refusal.retry_after_seconds == pytest.approx(36, abs=4)
    embedded.release("ready")


async def test_a_store_that_fails_refuses_at_once_until_it_can_be_written(
    embedded: Embedded,
) -> None:
    await one_workflow_a_lane(embedded)
    await embedded.fill_the_disk()
    assert [True for _ in range(20) if await refused_at_once(embedded)]
    assert await embedded.server.store.people.users(embedded.env, ["ana"])
    await embedded.free_the_disk()
    await embedded.server.overload.step(False)
    await embedded.told("critical", "ana")

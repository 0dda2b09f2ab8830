"""A large audience is cut into ranges, evenly by its members, and everybody is told once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.states import Bucket
from clarion.errors import UnavailableError
from clarion.pipeline import cutting
from clarion.pipeline.cutting import even
from clarion.store.contract.work import Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "STEP", 5)
    monkeypatch.setattr(cutting, "MOST_RANGES", 6)
    monkeypatch.setattr(cutting, "MOST_MARKS", 24)
    monkeypatch.setattr(cutting, "MARKS_A_LOOK", 7)


def ranges(server: Embedded, event: bytes) -> list[tuple[int, int]]:
    """Lowest and highest number of each task's members who were told."""
    return server.select(
        "select min(n.user), max(n.user) from task as t join notification as n"
        " on n.env = t.env and n.event = t.event and n.user >= t.lo and n.user <= t.hi"
        " where t.event = ? group by t.task order by 1",
        event,
    )


async def told(server: Embedded, count: int) -> bytes:
    await server.users(*(f"u{n:04}" for n in range(count)))
    await a_note(server)
    return await server.told("note", {"all": True})


async def test_a_large_audience_is_walked_in_even_ranges(embedded: Embedded) -> None:
    event = await told(embedded, 610)
    first, *rest = ranges(embedded, event)
    assert first[1] - first[0] + 1 == 10
    sizes = [hi - lo + 1 for lo, hi in rest]
    assert len(sizes) == 5
    assert max(sizes) <= 1.5 * min(sizes)
    assert (await embedded.counts(event)).sent == 610


async def test_ranges_follow_where_the_members_numbers_lie(embedded: Embedded) -> None:
    await embedded.users(*(f"u{n:04}" for n in range(400)))
    await embedded.topic("store:42", *(f"u{n:04}" for n in (0, *range(300, 400))))
    await a_note(embedded)
    event = await embedded.told("note", {"topic": "store:42"})
    found = embedded.select(
        "select count(*) from task as t join notification as n on n.event = t.event"
        " and n.user >= t.lo and n.user <= t.hi group by t.task order by t.lo"
    )
    sizes = [count for (count,) in found]
    assert (sizes[0], sum(sizes), len(sizes)) == (10, 101, 6)
    assert max(sizes[1:]) <= 1.5 * min(sizes[1:])
    assert (await embedded.counts(event)).sent == 101


async def test_a_small_audience_stays_one_task(embedded: Embedded) -> None:
    assert len(ranges(embedded, await told(embedded, 10))) == 1


async def test_an_audience_of_a_tenant_is_cut_as_well(embedded: Embedded) -> None:
    await embedded.users(*(f"u{n:04}" for n in range(40)))
    await embedded.member("acme", *(f"u{n:04}" for n in range(0, 40, 2)))
    await a_note(embedded)
    event = await embedded.told("note", {"all": True}, tenant="acme")
    assert len(ranges(embedded, event)) > 2
    assert (await embedded.counts(event)).sent == 20


async def test_a_cut_whose_answer_is_lost_leaves_nobody_out(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = embedded.server.store.work
    cut = work.cut
    lost: list[Task] = []

    async def losing(task: Task, bounds: list[int], rest: bool) -> None:
        await cut(task, bounds, rest)
        if not lost:
            lost.append(task)
            raise UnavailableError("the answer was lost")

    monkeypatch.setattr(work, "cut", losing)
    await embedded.users(*(f"u{n:04}" for n in range(100)))
    await a_note(embedded)
    event = await embedded.send("note", {"all": True})
    await embedded.advance(5)
    await embedded.settled(event)
    assert len(lost) == 1
    assert (await embedded.counts(event)).sent == 100
    assert embedded.select("select distinct state from task") == [(2,)]


async def test_a_cancellation_holds_in_every_range(embedded: Embedded) -> None:
    await embedded.users(*(f"u{n:04}" for n in range(60)))
    await a_note(embedded)
    await embedded.hold("fanout")
    event = await embedded.send("note", {"all": True})
    now = embedded.clock.now()
    await embedded.server.store.events.cancel(embedded.env, [event], None, now)
    embedded.release("fanout")
    await embedded.settled(event)
    assert (await embedded.counts(event)).skipped == 60
    assert embedded.select("select distinct bucket from notification") == [(Bucket.SKIPPED,)]


@given(st.integers(0, 3000), st.integers(1, 64))
def test_bounds_lie_equally_far_apart(marks: int, ranges: int) -> None:
    bounds = even(list(range(1, marks + 1)), ranges)
    ends = [0, *bounds, marks + 1]
    sizes = [hi - lo for lo, hi in pairwise(ends)]
    assert len(sizes) == min(ranges, marks + 1)
    assert max(sizes) - min(sizes) <= 1

from __future__ import annotations

import pytest

from clarion.store.contract.events import EventCounts
from clarion.store.sql import ledger_counts
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    NOW,
    SECOND,
    WORKFLOW,
    a_push_page,
    an_event,
    an_event_id,
)

OTHER = WORKFLOW + 1


def flow(workflow: int) -> tuple[int, int, int, int, int]:
    return (workflow, 1, 1, 1, 1)


async def accept(store: SqlStore, number: int, *workflows: int, at: int = NOW) -> bytes:
    """An event with a push under WORKFLOW, to which these workflows listened."""
    event = an_event_id(number, at)
    page = a_push_page(event, number, number) if WORKFLOW in workflows else None
    written = an_event(event, page, workflows=tuple(map(flow, workflows)), accepted_at=at)
    await store.events.accept_many([written], at)
    return event


async def test_the_notifications_of_a_workflow_are_counted_since_an_instant(
    store: SqlStore,
) -> None:
    await accept(store, 1, WORKFLOW, at=NOW - 10 * SECOND)
    for number in (2, 3):
        await accept(store, number, WORKFLOW, at=NOW)
    await accept(store, 4, OTHER, at=NOW)
    found = await store.ledger.flow_counts(ENV, WORKFLOW, NOW - SECOND)
    assert (found.events, found.counts) == (2, EventCounts(open=2))
    assert (found.since, found.whole) == (NOW - SECOND, True)
    assert (await store.ledger.flow_counts(ENV, WORKFLOW, 0)).counts == EventCounts(open=3)
    assert (await store.ledger.flow_counts(ENV + 1, WORKFLOW, 0)).events == 0
    await store.events.fold_counts(100)
    assert (await store.ledger.flow_counts(ENV, WORKFLOW, 0)).counts == EventCounts(open=3)


async def test_of_an_event_with_several_workflows_the_own_notifications_count(
    store: SqlStore,
) -> None:
    await accept(store, 1, WORKFLOW, OTHER)
    ours = await store.ledger.flow_counts(ENV, WORKFLOW, 0)
    assert (ours.events, ours.counts) == (1, EventCounts(open=1))
    other = await store.ledger.flow_counts(ENV, OTHER, 0)
    assert (other.events, other.counts) == (1, EventCounts())


async def test_where_too_much_happened_it_is_told_how_far_back_was_counted(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_counts, "FLOWS_A_PAGE", 3)
    for number in range(1, 8):
        await accept(store, number, WORKFLOW, at=NOW + number * SECOND)
    whole = await store.ledger.flow_counts(ENV, WORKFLOW, 0)
    assert (whole.events, whole.counts, whole.whole) == (7, EventCounts(open=7), True)
    monkeypatch.setattr(ledger_counts, "PAGES", 2)
    part = await store.ledger.flow_counts(ENV, WORKFLOW, 0)
    assert (part.events, part.counts, part.whole) == (4, EventCounts(open=4), False)
    assert part.since == NOW // 1000 * 1000 + 4 * SECOND


async def test_an_event_with_more_rows_than_are_counted_ends_the_look(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_counts, "ROWS_COUNTED", 1)
    for number in (1, 2):
        await accept(store, number, WORKFLOW, OTHER, at=NOW + number * SECOND)
    part = await store.ledger.flow_counts(ENV, WORKFLOW, 0)
    assert (part.events, part.counts, part.whole) == (1, EventCounts(open=1), False)
    assert part.since == NOW // 1000 * 1000 + 2 * SECOND
    monkeypatch.setattr(ledger_counts, "ROWS_COUNTED", 0)
    nothing = await store.ledger.flow_counts(ENV, WORKFLOW, 0)
    assert (nothing.events, nothing.counts, nothing.whole) == (0, EventCounts(), False)
    assert nothing.since > NOW + 2 * SECOND

"""When the next of what notifications wait for is due."""

from __future__ import annotations

from clarion.core.ids import new_digest_id
from clarion.store.contract.held import STEP
from clarion.store.contract.work import JoinWrite, PageWrite, WaitWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, SECOND, WORKFLOW, a_notification, an_event, an_event_id

SOON, LATER, LAST = NOW + 10 * SECOND, NOW + 20 * SECOND, NOW + 30 * SECOND
FIRST, SECOND_EVENT, DONE = an_event_id(1), an_event_id(2), an_event_id(3)


def a_wait(event: bytes, user: int, step: int, due: int) -> WaitWrite:
    return WaitWrite(ENV, event.hex(), WORKFLOW, user, step, 1, step, step + 1, STEP, "", 1, 0, due)


def a_join(event: bytes, user: int, due: int) -> JoinWrite:
    """Gathered by step 0 into the one open digest of the user."""
    return JoinWrite(
        env=ENV, digest=new_digest_id(NOW, event[:10]).hex(), user=user, tenant=0,
        workflow=WORKFLOW, step=0, key="", version=1, category=1, category_version=1, lane=1,
        about=0, at=NOW, due=due, latest=due, event=event.hex(), actor=0, mention="", first=1,
        last=2**31,
    )  # fmt: skip


async def test_the_nearest_of_steps_and_digests_counts(store: SqlStore) -> None:
    page = PageWrite(
        notifications=[
            a_notification(FIRST, 1, waiting=2),
            a_notification(FIRST, 2, waiting=1),
        ],
        waits=[a_wait(FIRST, 1, 1, LATER), a_wait(FIRST, 1, 2, SOON)],
        joins=[a_join(FIRST, 2, LATER)],
    )
    both = PageWrite(
        notifications=[a_notification(SECOND_EVENT, 1, waiting=2)],
        waits=[a_wait(SECOND_EVENT, 1, 1, LAST)],
        joins=[a_join(SECOND_EVENT, 1, SOON)],
    )
    done = PageWrite(notifications=[a_notification(DONE, 1)])
    events = [an_event(FIRST, page), an_event(SECOND_EVENT, both), an_event(DONE, done)]
    await store.events.accept_many(events, NOW)
    keys = [
        *((FIRST, WORKFLOW, 1), (FIRST, WORKFLOW, 2)),
        *((SECOND_EVENT, WORKFLOW, 1), (DONE, WORKFLOW, 1)),
    ]
    assert await store.held.dues(ENV, keys) == {keys[0]: SOON, keys[1]: LATER, keys[2]: SOON}
    assert await store.held.dues(ENV, keys[2:]) == {keys[2]: SOON}
    assert await store.held.dues(ENV + 1, keys) == {}
    assert await store.held.dues(ENV, []) == {}


async def test_what_was_taken_back_waits_in_no_digest(store: SqlStore) -> None:
    page = PageWrite(
        notifications=[a_notification(FIRST, 1, waiting=1)], joins=[a_join(FIRST, 1, SOON)]
    )
    await store.events.accept_many([an_event(FIRST, page)], NOW)
    await store.events.cancel(ENV, [FIRST], None, NOW)
    assert await store.held.dues(ENV, [(FIRST, WORKFLOW, 1)]) == {}

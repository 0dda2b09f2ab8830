"""Alerts: a row a kind and window, claimed by one, resolved when it does not happen again."""

from __future__ import annotations

from clarion.core.ids import notification_name
from clarion.store.contract.alerts import AlertNote, AlertRow
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, SECOND, an_event_id
from tests.store.test_dead_letters import given_up

WINDOW = 60
LATER = NOW + (WINDOW + 6) * SECOND


async def opened(store: SqlStore) -> None:
    """An environment, and a window that begins now."""
    await store.keys.create("default", b"h" * 32, "hint", "admin", NOW, None)
    assert not await store.alerts.gather(WINDOW, 1, NOW)


async def due(store: SqlStore, now: int) -> list[AlertRow]:
    return await store.alerts.claim(30, 10, now)


async def test_a_window_comes_to_one_row_a_kind(store: SqlStore) -> None:
    await opened(store)
    await given_up(store, 1, "a", "a", "b")
    await given_up(store, 2, "a")
    assert not await store.alerts.gather(WINDOW, 1, NOW + WINDOW * SECOND)
    assert await due(store, NOW + WINDOW * SECOND) == []
    for _ in range(2):
        await store.alerts.gather(WINDOW, 1, LATER)
    a, b = await due(store, LATER)
    assert (a.env, a.account, a.cause, a.count, b.cause, b.count) == (ENV, "fcm", "a", 3, "b", 1)
    assert (a.first_at, a.last_at) == (NOW + SECOND, NOW + 2 * SECOND)
    assert (a.since, a.until, a.detail) == (NOW, NOW + WINDOW * SECOND, "503 busy")
    assert a.sample[0] == notification_name(an_event_id(2), 1, 1)
    assert (a.resolved, a.told, a.tries) == (False, (), 1)


async def test_few_of_a_kind_are_not_told(store: SqlStore) -> None:
    await opened(store)
    await given_up(store, 1, "a", "a", "b")
    await store.alerts.gather(WINDOW, 2, LATER)
    assert [alert.cause for alert in await due(store, LATER)] == ["a"]


async def test_a_claimed_row_is_nobody_elses_until_its_lease_is_over(store: SqlStore) -> None:
    await opened(store)
    await given_up(store, 1, "a")
    await store.alerts.gather(WINDOW, 1, LATER)
    (mine,) = await due(store, LATER)
    assert await due(store, LATER) == []
    (theirs,) = await due(store, LATER + 30 * SECOND)
    assert (theirs.alert, theirs.tries) == (mine.alert, 2)
    await store.alerts.told(mine.alert, ("slack",), LATER + 60 * SECOND, LATER)
    (again,) = await due(store, LATER + 60 * SECOND)
    assert again.told == ("slack",)
    await store.alerts.told(mine.alert, ("slack", "webhook"), None, LATER)
    assert await due(store, LATER + 10**12) == []


async def test_what_does_not_happen_again_is_resolved_once(store: SqlStore) -> None:
    await opened(store)
    await given_up(store, 1, "a")
    await store.alerts.gather(WINDOW, 1, LATER)
    (alert,) = await due(store, LATER)
    await store.alerts.told(alert.alert, ("slack",), None, LATER)
    for windows in (1, 2, 3):
        await store.alerts.gather(WINDOW, 1, LATER + windows * WINDOW * SECOND)
    (over,) = await due(store, LATER + 3 * WINDOW * SECOND)
    assert (over.resolved, over.cause, over.count) == (True, "a", 0)
    assert (over.since, over.last_at) == (NOW + WINDOW * SECOND, NOW + SECOND)


async def test_notes_of_a_window_are_counted_together(store: SqlStore) -> None:
    await opened(store)
    for n in range(7):
        note = AlertNote(
            env=0, account="fcm", cause="account:credential", detail=f"401 {n}", sample=(f"s{n}",)
        )
        await store.alerts.note([note], NOW + n)
    assert await due(store, LATER) == []
    await store.alerts.gather(WINDOW, 100, LATER)
    (alert,) = await due(store, LATER)
    assert (alert.env, alert.cause, alert.count, alert.detail) == (
        0, "account:credential", 7, "401 6",
    )  # fmt: skip
    assert alert.sample == ("s0", "s1", "s2", "s3", "s4")
    assert (alert.first_at, alert.last_at) == (NOW, NOW + 6)


async def test_a_long_silence_is_one_window(store: SqlStore) -> None:
    await opened(store)
    await given_up(store, 1, "a")
    await given_up(store, 100, "a")
    assert not await store.alerts.gather(WINDOW, 1, NOW + 10_000 * SECOND)
    (alert,) = await due(store, NOW + 10_000 * SECOND)
    assert alert.count == 2

"""Fan out: page by page, each page once, and nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.states import Bucket
from clarion.errors import LostLeaseError, UnavailableError
from clarion.store.contract.work import PageWrite, Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, a_note

EVERYBODY = {"all": True}


async def crowd(server: Embedded, count: int) -> None:
    await server.users(*(f"u{n:04}" for n in range(count)))


def buckets(server: Embedded, event: bytes) -> dict[int, int]:
    return dict(
        server.select(
            "select bucket, count(*) from notification where event = ? group by bucket", event
        )
    )


async def test_a_crowd_is_walked_in_pages_and_everybody_is_told_once(embedded: Embedded) -> None:
    await crowd(embedded, 1101)
    await a_note(embedded)
    event = await embedded.told("note", EVERYBODY)
    assert buckets(embedded, event) == {Bucket.SENT: 1101}
    assert (await embedded.counts(event)).sent == 1101
    assert len(embedded.select("select 1 from content where event = ?", event)) == 1
    assert embedded.select("select user from item group by user having count(*) > 1") == []


@pytest.mark.parametrize("count", [500, 0])
async def test_an_audience_that_fills_its_pages_ends_too(embedded: Embedded, count: int) -> None:
    await crowd(embedded, count)
    await a_note(embedded)
    event = await embedded.told("note", EVERYBODY)
    assert (await embedded.counts(event)).sent == count


async def test_a_page_repeated_after_a_lost_cursor_changes_nothing(embedded: Embedded) -> None:
    await crowd(embedded, 300)
    step = {"channel": "inbox", "template": {"title": "Hi {{ user.id }}"}}
    mail = {"channel": "email", "template": {"subject": "Hi", "body": "{{ user.id }}"}}
    await embedded.workflow("note", step, mail)
    await embedded.user("u0001", email="one@example.org")
    event = await embedded.told("note", EVERYBODY)
    before = embedded.rows(event)
    captures = embedded.select("select count(*) from capture")
    embedded.change("update task set state = 0, cursor = 0")
    embedded.change("update event set expanding = 1")
    await embedded.advance(1)
    await embedded.settled(event)
    after = embedded.rows(event)
    for rows in (before, after):
        (task,) = rows["task"]
        task.pop("fence")
    assert after == before
    assert embedded.select("select count(*) from capture") == captures


async def test_a_cancellation_holds_from_the_next_page_on(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.paging.PAGE_ALIKE", 500)
    await crowd(embedded, 700)
    await a_note(embedded)
    work = embedded.server.store.work
    write_page = work.write_page
    cancelled: list[bytes] = []

    async def cancelling(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        await write_page(task, page, cursor, done, now)
        if not cancelled:
            cancelled.extend(
                await embedded.server.store.events.cancel(embedded.env, [task.event], None, now)
            )

    monkeypatch.setattr(work, "write_page", cancelling)
    event = await embedded.told("note", EVERYBODY)
    assert buckets(embedded, event) == {Bucket.SENT: 500, Bucket.SKIPPED: 200}
    assert await embedded.reasons(event, "u0699") == {"inbox": "cancelled"}


async def test_a_pause_holds_from_the_next_decision_on(embedded: Embedded) -> None:
    await crowd(embedded, 2)
    await a_note(embedded)
    await embedded.hold("fanout")
    event = await embedded.send("note", EVERYBODY)
    await embedded.server.catalogs.pause(embedded.env, "note", True)
    embedded.release("fanout")
    await embedded.settled(event)
    assert await embedded.reasons(event, "u0001") == {"inbox": "workflow_paused"}
    assert await embedded.reasons(await embedded.told("note", "u0001"), "u0001") == {
        "inbox": "workflow_paused"
    }
    await embedded.server.catalogs.pause(embedded.env, "note", False)
    assert (await embedded.counts(await embedded.told("note", "u0001"))).sent == 1


async def test_who_joins_behind_the_cursor_is_not_told(embedded: Embedded) -> None:
    await crowd(embedded, 3)
    await embedded.topic("store:42", "u0000", "u0001")
    await a_note(embedded)
    event = await embedded.told("note", {"topic": "store:42"})
    await embedded.topic("store:42", "u0002")
    why = await embedded.why(event, "u0002")
    assert why["verdict"] == "not_in_audience"
    assert "which u0002 joined only afterwards" in why["because"]


async def test_a_task_goes_on_when_the_store_can_be_written_again(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    await crowd(embedded, 700)
    await a_note(embedded)
    work = embedded.server.store.work
    write_page = work.write_page
    failures: list[int] = []

    async def full(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        if len(failures) < 6:
            failures.append(cursor)
            raise UnavailableError("the disk is full; free space, then repeat")
        await write_page(task, page, cursor, done, now)

    monkeypatch.setattr(work, "write_page", full)
    event = await embedded.told("note", EVERYBODY)
    assert len(failures) == 6
    assert (await embedded.counts(event)).sent == 700


async def test_a_task_that_another_worker_took_is_dropped(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    await crowd(embedded, 2)
    await a_note(embedded)
    work = embedded.server.store.work
    write_page = work.write_page
    lost: list[int] = []

    async def taken(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        if not lost:
            embedded.change("update task set fence = fence + 1, state = 0")
        try:
            await write_page(task, page, cursor, done, now)
        except LostLeaseError:
            lost.append(task.fence)
            raise

    monkeypatch.setattr(work, "write_page", taken)
    event = await embedded.told("note", EVERYBODY)
    assert lost == [1]
    assert (await embedded.counts(event)).sent == 2


async def test_a_page_that_fails_is_tried_again_later_and_then_put_aside(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    await crowd(embedded, 2)
    await a_note(embedded)

    async def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(embedded.server.store.work, "write_page", broken)
    event = await embedded.send("note", EVERYBODY)
    states = []
    for _ in range(4):
        await embedded.quiet()
        (task,) = embedded.rows(event)["task"]
        states.append((task["state"], task["crashes"]))
        await embedded.advance(5)
    assert states == [
        ("waiting", 1),
        ("waiting", 2),
        ("put aside", 3),
        ("put aside", 3),
    ]
    assert (await embedded.why(event, "u0000"))["verdict"] == "waiting"


DEDUPED: dict[str, Any] = {"dedupe": {"key": "data.comment", "window": "PT10M"}}


async def test_a_second_event_within_the_window_is_a_duplicate(embedded: Embedded) -> None:
    await embedded.users("u1", "u2")
    await a_note(embedded, **DEDUPED)
    first = await embedded.told("note", "u1", data={"comment": "c1"})
    await embedded.advance(599)
    second = await embedded.told("note", "u1", "u2", data={"comment": "c1"})
    other = await embedded.told("note", "u1", data={"comment": "c2"})
    assert await embedded.reasons(first, "u1") == {"inbox": "level_all"}
    assert await embedded.reasons(second, "u1") == {"inbox": "duplicate"}
    assert await embedded.reasons(second, "u2") == {"inbox": "level_all"}
    assert await embedded.reasons(other, "u1") == {"inbox": "level_all"}
    await embedded.advance(1)
    third = await embedded.told("note", "u1", data={"comment": "c1"})
    assert await embedded.reasons(third, "u1") == {"inbox": "level_all"}


async def test_the_same_event_run_again_is_no_duplicate_of_itself(embedded: Embedded) -> None:
    await embedded.users("u1")
    await a_note(embedded, **DEDUPED)
    event = await embedded.told("note", "u1", data={"comment": "c1"})
    embedded.change("delete from notification")
    embedded.change("delete from item")
    embedded.change("delete from inbox_counter")
    embedded.change("delete from event_delta")
    embedded.change("delete from event_count")
    embedded.change("update task set state = 0, cursor = 0")
    embedded.change("update event set expanding = 1")
    await embedded.advance(1)
    await embedded.settled(event)
    assert await embedded.reasons(event, "u1") == {"inbox": "level_all"}


async def test_a_dedupe_key_may_be_personal(embedded: Embedded) -> None:
    await embedded.user("u1", data={"team": "red"})
    await embedded.user("u2", data={"team": "red"})
    await a_note(embedded, dedupe={"key": "user.data.team", "window": "PT10M"})
    await embedded.told("note", "u1")
    await embedded.user("u1", data={"team": "blue"})
    second = await embedded.told("note", "u1", "u2")
    assert await embedded.reasons(second, "u1") == {"inbox": "level_all"}
    assert await embedded.reasons(second, "u2") == {"inbox": "level_all"}
    third = await embedded.told("note", "u1")
    assert await embedded.reasons(third, "u1") == {"inbox": "duplicate"}


async def test_a_key_that_is_missing_counts_as_one_key(embedded: Embedded) -> None:
    await embedded.users("u1")
    await a_note(embedded, **DEDUPED)
    await embedded.told("note", "u1")
    again = await embedded.told("note", "u1")
    assert await embedded.reasons(again, "u1") == {"inbox": "duplicate"}


async def test_who_was_not_told_the_first_time_is_told_the_second(embedded: Embedded) -> None:
    """Only who is told something takes the key: a duplicate is one of something told."""
    await embedded.users("u1", "u2")
    await embedded.prefer("u1", level="none")
    await a_note(embedded, **DEDUPED)
    first = await embedded.told("note", "u1", "u2", data={"comment": "c1"}, actor="u2")
    assert (await embedded.counts(first)).skipped == 2
    await embedded.prefer("u1", level="all")
    second = await embedded.told("note", "u1", "u2", data={"comment": "c1"})
    assert (await embedded.counts(second)).sent == 2


async def test_an_event_that_comes_to_nothing_takes_no_dedupe_key(embedded: Embedded) -> None:
    await embedded.users("u1")
    await a_note(embedded, **DEDUPED)
    await embedded.server.catalogs.pause(embedded.env, "note", True)
    await embedded.told("note", "u1", data={"comment": "c1"})
    await embedded.server.catalogs.pause(embedded.env, "note", False)
    past = "2020-01-01T00:00:00Z"
    await embedded.told("note", "u1", data={"comment": "c1"}, expires_at=past)
    event = await embedded.told("note", "u1", data={"comment": "c1"})
    assert await embedded.reasons(event, "u1") == {"inbox": "level_all"}


async def test_dedupe_keys_of_two_workflows_do_not_meet(embedded: Embedded) -> None:
    await embedded.users("u1")
    await a_note(embedded, "one", on="comment", **DEDUPED)
    await a_note(embedded, "two", on="comment", **DEDUPED)
    event = await embedded.told("comment", "u1", data={"comment": "c1"})
    assert (await embedded.counts(event)).sent == 2


async def test_a_lane_of_its_own_walks_the_bulk(embedded: Embedded) -> None:
    await crowd(embedded, 3)
    await embedded.workflow("blast", INBOX, category="marketing")
    await a_note(embedded, category="security")
    await embedded.hold("fanout:3")
    blast = await embedded.send("blast", EVERYBODY)
    note = await embedded.send("note", EVERYBODY)
    await embedded.settled(note)
    assert not await embedded.complete(blast)
    embedded.release("fanout:3")
    await embedded.settled(blast)


async def test_a_task_whose_claim_was_never_answered_is_walked_all_the_same(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    await crowd(embedded, 2)
    await a_note(embedded)
    work = embedded.server.store.work
    claim_tasks, silent = work.claim_tasks, list[int]()

    async def unheard(
        lanes: list[int], worker: int, limit: int, now: int, after: tuple[int, int]
    ) -> list[Task]:
        found = await claim_tasks(lanes, worker, limit, now, after)
        if found and not silent:
            silent.append(found[0].task)
            raise UnavailableError("the store went away after the commit")
        return found

    monkeypatch.setattr(work, "claim_tasks", unheard)
    event = await embedded.told("note", EVERYBODY)
    assert silent
    assert (await embedded.counts(event)).sent == 2

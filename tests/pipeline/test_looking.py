"""Broadcasts on a whole server: stored once, decided for each member at the first look."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.core.states import Bucket
from clarion.store.contract.events import EventCounts
from clarion.testing.embedded import Embedded

DAY = 24 * 3600
WORDS: dict[str, Any] = {"channel": "inbox", "template": {"title": "Part {{ data.n }} is out"}}
HELLO: dict[str, Any] = {"channel": "inbox", "template": {"title": "Hello {{ data.n }}"}}


@pytest.fixture
async def house(anywhere: Embedded) -> Embedded:
    """A topic of three that is told by broadcasts, on a store of each kind."""
    await anywhere.workflow("part", WORDS, category="social")
    await anywhere.workflow("hello", HELLO, category="social")
    await anywhere.users("ana", "bo", "cy", "dee")
    await anywhere.topic("show", "ana", "bo", "cy", broadcast="always")
    anywhere.clock.advance(1)
    return anywhere


async def publish(server: Embedded, n: int = 1, **fields: Any) -> bytes:
    """Part number `n` of the show, a second after what was there before."""
    server.clock.advance(1)
    show = {"topic": "show", **({"except": fields.pop("spare")} if "spare" in fields else {})}
    return await server.send("part", show, data={"n": n}, **fields)


async def counted(server: Embedded, event: bytes) -> EventCounts:
    """The counts once the members are counted."""
    await server.advance(3)
    await server.settled(event)
    return await server.counts(event)


async def titles(server: Embedded, user: str, tenant: str | None = None) -> list[str]:
    return [row.fields["title"] for row in await server.look(user, tenant)]


def notifications(server: Embedded, event: bytes) -> dict[str, Any]:
    return {row["user"]: row for row in server.rows(event)["notification"]}


async def test_a_member_who_looks_finds_it_and_nothing_was_written_before(house: Embedded) -> None:
    event = await publish(house)
    assert house.rows(event).get("item", []) == []
    assert await titles(house, "ana") == ["Part 1 is out"]
    assert list(notifications(house, event)) == ["ana"]


async def test_looking_again_or_twice_at_once_writes_one_item(house: Embedded) -> None:
    await publish(house)
    await asyncio.gather(*(house.look("ana") for _ in range(8)))
    assert await titles(house, "ana") == ["Part 1 is out"]


async def test_who_never_looked_is_undecided_and_the_sum_is_all_members(house: Embedded) -> None:
    event = await publish(house)
    assert await counted(house, event) == EventCounts(undecided=3)
    await house.look("bo")
    assert await counted(house, event) == EventCounts(sent=1, undecided=2)


async def test_a_look_before_the_members_are_counted_is_counted_right(house: Embedded) -> None:
    event = await publish(house)
    await house.look("bo")
    assert (await house.counts(event)).undecided == 0
    assert await counted(house, event) == EventCounts(sent=1, undecided=2)


async def test_who_joins_later_never_sees_it_and_who_leaves_later_still_does(
    house: Embedded,
) -> None:
    await publish(house)
    house.clock.advance(1)
    topics, now = house.server.store.topics, house.clock.now()
    await topics.subscribe(house.env, "show", ["dee"], ["ana"], now)
    assert await titles(house, "dee") == []
    assert await titles(house, "ana") == ["Part 1 is out"]


async def test_who_left_before_does_not_see_it_and_who_came_back_does(house: Embedded) -> None:
    topics = house.server.store.topics
    await topics.subscribe(house.env, "show", [], ["ana", "bo"], house.clock.now())
    house.clock.advance(1)
    await topics.subscribe(house.env, "show", ["bo"], [], house.clock.now())
    event = await publish(house)
    assert await titles(house, "ana") == []
    assert await titles(house, "bo") == ["Part 1 is out"]
    assert await counted(house, event) == EventCounts(sent=1, undecided=1)


async def test_the_choices_of_the_instant_of_publishing_hold(house: Embedded) -> None:
    await house.prefer("ana", topics={"show": {"level": "none"}})
    event = await publish(house)
    house.clock.advance(1)
    await house.prefer("ana", topics={"show": {"level": "all"}})
    await house.prefer("bo", topics={"show": {"level": "none"}})
    assert await titles(house, "ana") == []
    assert await titles(house, "bo") == ["Part 1 is out"]
    assert await house.reasons(event, "ana") == {"inbox": "level_none"}


async def test_defaults_and_the_switch_of_then_hold_as_well(house: Embedded) -> None:
    await house.default(channels={"inbox": "off"})
    event = await publish(house)
    house.clock.advance(1)
    await house.default(channels={"inbox": None})
    assert await titles(house, "ana") == []
    assert await house.reasons(event, "ana") == {"inbox": "channel_off"}
    later = await publish(house, 2)
    assert await titles(house, "ana") == ["Part 2 is out"]
    assert (await house.why(later, "ana"))["versions"]["same_answer_today"]


async def test_who_is_excepted_or_did_it_is_not_told(house: Embedded) -> None:
    event = await publish(house, actor="ana", spare=["bo"])
    assert await titles(house, "ana") == await titles(house, "bo") == []
    assert await house.reasons(event, "ana") == {"inbox": "own_event"}
    assert await counted(house, event) == EventCounts(skipped=1, undecided=1)


async def test_who_was_unknown_when_it_was_published_is_not_told(house: Embedded) -> None:
    now = house.clock.now()
    await house.server.store.topics.subscribe(house.env, "show", ["fay"], [], now)
    event = await publish(house)
    house.clock.advance(1)
    await house.user("fay")
    assert await titles(house, "fay") == []
    assert await house.reasons(event, "fay") == {"inbox": "unknown_user"}


async def test_a_cancelled_one_is_not_shown_to_who_has_not_looked(house: Embedded) -> None:
    event = await publish(house)
    await house.look("ana")
    await house.server.store.events.cancel(house.env, [event], None, house.clock.now())
    assert await titles(house, "bo") == []
    assert await titles(house, "ana") == ["Part 1 is out"]
    assert await house.reasons(event, "bo") == {"inbox": "cancelled"}


async def test_an_expired_one_is_not_shown_to_who_has_not_looked(house: Embedded) -> None:
    event = await publish(house, expires_in="PT1H")
    await house.look("ana")
    await house.advance(3600)
    assert await titles(house, "bo") == []
    assert await house.reasons(event, "bo") == {"inbox": "expired"}


async def test_a_paused_workflow_tells_nobody_who_looks_meanwhile(house: Embedded) -> None:
    event = await publish(house)
    await house.server.catalogs.pause(house.env, "part", True)
    assert await titles(house, "ana") == []
    await house.server.catalogs.pause(house.env, "part", False)
    assert await titles(house, "bo") == ["Part 1 is out"]
    assert await house.reasons(event, "ana") == {"inbox": "workflow_paused"}


async def test_members_still_see_what_a_deleted_topic_published(house: Embedded) -> None:
    event = await publish(house)
    house.clock.advance(1)
    await house.server.store.topics.delete(house.env, "show", house.clock.now())
    assert await titles(house, "ana") == ["Part 1 is out"]
    assert await counted(house, event) == EventCounts(sent=1, undecided=2)


async def test_the_erased_stay_counted(house: Embedded) -> None:
    event = await publish(house)
    await house.server.store.people.erase(house.env, "ana", house.clock.now())
    assert await counted(house, event) == EventCounts(undecided=3)
    await house.look("cy")
    for gone in ("bo", "cy"):
        await house.server.store.people.erase(house.env, gone, house.clock.now())
    assert await house.counts(event) == EventCounts(sent=1, undecided=2)


async def test_who_looked_and_was_erased_before_the_count_is_one_recipient(house: Embedded) -> None:
    event = await publish(house)
    await house.look("cy")
    await house.server.store.people.erase(house.env, "cy", house.clock.now())
    assert await counted(house, event) == EventCounts(sent=1, undecided=2)


async def test_a_tenants_broadcast_is_in_the_tenants_inbox(house: Embedded) -> None:
    await house.member("acme", "ana")
    await publish(house, tenant="acme")
    assert await titles(house, "ana") == []
    assert await titles(house, "ana", "acme") == ["Part 1 is out"]


async def test_what_comes_late_stands_where_its_instant_belongs(house: Embedded) -> None:
    for n in (1, 2):
        await house.told("hello", "ana", data={"n": n})
        await publish(house, n)
        house.clock.advance(1)
    await house.told("hello", "ana", data={"n": 3})
    assert await titles(house, "ana") == [
        "Hello 3", "Part 2 is out", "Hello 2", "Part 1 is out", "Hello 1",
    ]  # fmt: skip
    house.clock.advance(1)
    await house.told("hello", "ana", data={"n": 4})
    assert (await titles(house, "ana"))[:2] == ["Hello 4", "Hello 3"]


async def test_many_broadcasts_are_decided_a_step_at_a_time(house: Embedded) -> None:
    for n in range(230):
        await publish(house, n)
    assert await titles(house, "ana") == [f"Part {n} is out" for n in reversed(range(230))]


async def test_words_are_kept_once_for_all_who_read_them(house: Embedded) -> None:
    event = await publish(house)
    for user in ("ana", "bo", "cy"):
        await house.look(user)
    assert len(house.rows(event)["content"]) == 1


async def test_words_that_name_the_user_are_each_ones_own(house: Embedded) -> None:
    step = {"channel": "inbox", "template": {"title": "{{ user.id }}: {{ data.n }}"}}
    await house.workflow("own", step, on="part")
    event = await publish(house)
    assert sorted(await titles(house, "ana")) == ["Part 1 is out", "ana: 1"]
    assert sorted(await titles(house, "bo")) == ["Part 1 is out", "bo: 1"]
    assert await counted(house, event) == EventCounts(sent=4, undecided=2)


async def test_counting_goes_on_after_a_crash(
    house: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.broadcasting.COUNTED_AT_ONCE", 1)
    await house.hold("fanout")
    event = await publish(house)
    house.clock.advance(3)
    work, worker = house.server.store.work, house.server.core.lease.worker
    (task,) = await work.claim_tasks([2], worker, 1, house.clock.now())
    assert await house.server.store.broadcasts.count(task, 1) == (1, False)
    await house.crash()
    house.clock.advance(60)
    await house.restart()
    assert await counted(house, event) == EventCounts(undecided=3)


async def test_an_inbox_that_cannot_be_written_is_read_as_it_is(embedded: Embedded) -> None:
    body = "{{ data.text }}{{ user.id }}"
    await embedded.workflow("part", {"channel": "inbox", "template": {"title": "T", "body": body}})
    await embedded.users("ana")
    await embedded.topic("show", "ana", broadcast="always")
    await embedded.send("part", {"topic": "show"}, data={"text": "long " * 40_000})
    await embedded.fill_the_disk()
    assert await titles(embedded, "ana") == []
    await embedded.free_the_disk()
    assert await titles(embedded, "ana") == ["T"]


async def test_the_buckets_of_notifications_are_the_usual_ones(house: Embedded) -> None:
    event = await publish(house)
    await house.look("ana")
    bucket = notifications(house, event)["ana"]["bucket"]
    assert bucket in ("sent", int(Bucket.SENT))

"""A blast that is paused, resumed, cancelled, or expires while it stands still."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.clock import SECOND, to_rfc3339
from clarion.errors import StandingError
from clarion.pipeline.blasts.pausing import STILL_SECONDS
from clarion.store.contract.blasts import PARKED
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from tests.pipeline.blasts.crowds import (
    CLUB,
    a_crowd,
    event_of,
    fired,
    prepared,
    reaching,
    row_of,
)
from tests.pipeline.builders import PUSH

MAILED: dict[str, Any] = {"channel": "email", "template": {"subject": "News", "body": "News"}}


async def test_a_pause_stops_the_fan_out_until_it_is_resumed(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    await anywhere.hold("fanout")
    row = await fired(anywhere, **CLUB)
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    anywhere.release("fanout")
    await anywhere.quiet()
    assert anywhere.select("select count(*) from notification") == [(0,)]
    assert await anywhere.imbalances() == []
    await anywhere.server.blasts.resume(anywhere.env, row.number)
    await anywhere.settled(event_of(row))
    assert (await anywhere.counts(event_of(row))).sent == 7


async def test_what_is_ready_is_not_handed_over_while_it_is_paused(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 7, PUSH)
    await anywhere.hold("ready")
    row = await fired(anywhere, **CLUB)
    await anywhere.quiet()
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    assert anywhere.select("select count(*) from ready where due >= ?", PARKED) == [(7,)]
    anywhere.release("ready")
    await anywhere.advance(60)
    await anywhere.quiet()
    counts = await anywhere.counts(event_of(row))
    assert (counts.open, counts.sent) == (7, 0)
    assert await anywhere.imbalances() == []
    await anywhere.server.blasts.resume(anywhere.env, row.number)
    await anywhere.settled(event_of(row))
    assert (await anywhere.counts(event_of(row))).sent == 7
    attempts = anywhere.select("select sum(attempts) from delivery")
    assert attempts == [(7,)]


async def test_a_retry_of_what_was_under_way_waits_for_the_end_of_the_pause(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await a_crowd(wired, 1, PUSH)
    fcm.react("phone-u0", Reaction(status=503, code="UNAVAILABLE", hang=True))
    row = await fired(wired, **CLUB)
    await fcm.waiting.wait()
    await wired.server.blasts.pause(wired.env, row.number, "ada")
    fcm.release()
    await wired.quiet()
    fcm.react("phone-u0", None)
    await wired.advance(STILL_SECONDS * 3)
    await wired.quiet()
    assert len(fcm.requests) == 1
    await wired.server.blasts.resume(wired.env, row.number)
    await wired.advance(STILL_SECONDS)
    await wired.settled(event_of(row))
    assert (await wired.counts(event_of(row))).sent == 1
    assert len(fcm.requests) == 2


async def test_pausing_and_resuming_again_changes_nothing(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    await anywhere.hold("fanout")
    row = await fired(anywhere, **CLUB)
    first = await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    again = await anywhere.server.blasts.pause(anywhere.env, row.number, "bob")
    assert (again.paused_at, again.paused_by) == (first.paused_at, "ada")
    for _ in range(2):
        resumed = await anywhere.server.blasts.resume(anywhere.env, row.number)
        assert (resumed.paused_at, resumed.paused_by) == (None, None)
    anywhere.release("fanout")
    await anywhere.settled(event_of(row))


async def test_a_pause_outlasts_a_crash(embedded: Embedded) -> None:
    await a_crowd(embedded, 7, PUSH)
    await embedded.hold("ready")
    row = await fired(embedded, **CLUB)
    await embedded.quiet()
    await embedded.server.blasts.pause(embedded.env, row.number, "ada")
    await embedded.crash()
    await embedded.restart()
    await embedded.advance(60)
    await embedded.quiet()
    assert (await embedded.counts(event_of(row))).open == 7
    await embedded.server.blasts.resume(embedded.env, row.number)
    await embedded.settled(event_of(row))
    assert (await embedded.counts(event_of(row))).sent == 7


async def test_cancelling_leaves_what_has_left_and_records_the_rest(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 7, PUSH)
    await anywhere.hold("ready")
    row = await fired(anywhere, **CLUB)
    await anywhere.quiet()
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    cancelled = await anywhere.server.blasts.cancel(anywhere.env, row.number)
    assert (cancelled.canceled_at is not None, cancelled.paused_at) == (True, None)
    anywhere.release("ready")
    await anywhere.settled(event_of(row))
    counts = await anywhere.counts(event_of(row))
    assert (counts.sent, counts.skipped, counts.open) == (0, 7, 0)
    with pytest.raises(StandingError, match="was canceled"):
        await anywhere.server.blasts.resume(anywhere.env, row.number)
    await anywhere.advance(3)
    await reaching(anywhere, row.number, lambda row: row.ended_at is not None)


async def test_cancelled_while_it_is_walked_everybody_gets_the_record(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    await anywhere.hold("fanout")
    row = await fired(anywhere, **CLUB)
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    await anywhere.server.blasts.cancel(anywhere.env, row.number)
    anywhere.release("fanout")
    await anywhere.settled(event_of(row))
    assert (await anywhere.counts(event_of(row))).skipped == 7
    assert set((await anywhere.reasons(event_of(row), "u1")).values()) == {"cancelled"}


async def test_paused_for_longer_than_its_expiry_it_expires(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 7, PUSH)
    await anywhere.hold("ready")
    ends = to_rfc3339(anywhere.clock.now() + 60 * SECOND)
    row = await fired(anywhere, expires_at=ends, **CLUB)
    await anywhere.quiet()
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    anywhere.release("ready")
    await anywhere.advance(61)
    await anywhere.settled(event_of(row))
    counts = await anywhere.counts(event_of(row))
    assert (counts.sent, counts.skipped) == (0, 7)
    assert (await row_of(anywhere, row.number)).expired_at is not None
    with pytest.raises(StandingError):
        await anywhere.server.blasts.resume(anywhere.env, row.number)


async def test_an_inbox_item_behind_a_delay_waits_as_well(embedded: Embedded) -> None:
    inbox = {"channel": "inbox", "template": {"title": "News"}}
    await a_crowd(embedded, 2, {"delay": "PT1M"}, inbox)
    row = await fired(embedded, **CLUB)
    await embedded.quiet()
    await embedded.server.blasts.pause(embedded.env, row.number, "ada")
    await embedded.advance(61)
    await embedded.quiet()
    assert (await embedded.counts(event_of(row))).held == 2
    await embedded.server.blasts.resume(embedded.env, row.number)
    await embedded.advance(60)
    await embedded.settled(event_of(row))
    assert (await embedded.counts(event_of(row))).sent == 2


async def test_rows_out_of_sight_take_no_room_from_others(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 5, PUSH)
    await anywhere.hold("ready")
    row = await fired(anywhere, **CLUB)
    await anywhere.quiet()
    depth = anywhere.server.store.deliveries.depth
    assert await depth(1, "capture", 100) == 5
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    assert await depth(1, "capture", 100) == 0
    anywhere.release("ready")
    await anywhere.server.blasts.cancel(anywhere.env, row.number)
    await anywhere.settled(event_of(row))


async def test_the_pause_of_an_armed_one_takes_its_instant_away(embedded: Embedded) -> None:
    await a_crowd(embedded)
    row = await prepared(embedded, **CLUB)
    with pytest.raises(StandingError, match="not fired"):
        await embedded.server.blasts.pause(embedded.env, row.number, "ada")
    at = embedded.clock.now() + 60 * SECOND
    await embedded.server.blasts.fire(embedded.env, row.number, at=at)
    paused = await embedded.server.blasts.pause(embedded.env, row.number, "ada")
    assert paused.fire_at is None


async def test_whoever_cancels_the_event_of_a_paused_blast_ends_the_blast(
    anywhere: Embedded,
) -> None:
    await a_crowd(anywhere, 3, PUSH)
    await anywhere.hold("fanout")
    row = await fired(anywhere, **CLUB)
    await anywhere.server.blasts.pause(anywhere.env, row.number, "ada")
    now = anywhere.clock.now()
    await anywhere.server.store.events.cancel(anywhere.env, [event_of(row)], None, now)
    anywhere.release("fanout")
    await anywhere.settled(event_of(row))
    for _ in range(2):
        await anywhere.advance(3)
        await anywhere.quiet()
    done = await reaching(anywhere, row.number, lambda row: row.ended_at is not None)
    assert (done.canceled_at is not None, done.paused_at) == (True, None)
    assert (await anywhere.counts(event_of(row))).skipped == 3


async def test_the_cut_and_the_plan_go_a_day_after_the_end(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 3)
    row = await fired(anywhere, **CLUB)
    await anywhere.settled(event_of(row))
    await anywhere.advance(3)
    await reaching(anywhere, row.number, lambda row: row.ended_at is not None)
    assert (await row_of(anywhere, row.number)).has_cut
    await anywhere.advance(24 * 3600 + 60)
    await reaching(anywhere, row.number, lambda row: not row.has_cut)
    assert anywhere.select("select count(*) from blast_cut") == [(0,)]
    assert anywhere.select("select count(*) from blast_plan") == [(0,)]
    assert (await anywhere.why(event_of(row), "u1"))["verdict"] == "told"
    await anywhere.advance(30 * 24 * 3600)
    for _ in range(3_000):
        if anywhere.select("select count(*) from blast") == [(0,)]:
            break
        await asyncio.sleep(0.002)
    assert anywhere.select("select count(*) from blast") == [(0,)]

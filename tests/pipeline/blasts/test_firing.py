"""Blasts: fired by one flip, tested, scheduled, refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from clarion.clock import SECOND, to_rfc3339
from clarion.core.event import IncomingEvent
from clarion.core.quota import Quota
from clarion.errors import InvalidError, NotFoundError, StandingError
from clarion.store.contract.blasts import BlastState
from clarion.testing.embedded import Embedded, push_account
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.blasts.crowds import (
    CLUB,
    a_crowd,
    begun,
    event_of,
    fired,
    prepared,
    reaching,
    row_of,
)
from tests.pipeline.builders import INBOX
from tests.pipeline.conftest import balanced_to_the_end


async def test_firing_tells_everybody_of_the_cut(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    event = event_of(await fired(anywhere, **CLUB))
    await anywhere.settled(event)
    counts = await anywhere.counts(event)
    assert (counts.sent, counts.skipped) == (7, 0)


async def test_many_who_fire_at_once_fire_one_event(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    row = await prepared(anywhere, **CLUB)
    blasts = anywhere.server.blasts
    answers = await asyncio.gather(*[blasts.fire(anywhere.env, row.number) for _ in range(16)])
    assert len({answer.event for answer in answers}) == 1
    await anywhere.settled(event_of(answers[0]))
    assert anywhere.select("select count(*) from event") == [(1,)]
    assert anywhere.select("select count(*) from notification") == [(7,)]


async def test_who_left_since_the_cut_and_who_joined_is_not_told(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    row = await prepared(anywhere, **CLUB)
    now = anywhere.clock.now()
    await anywhere.user("late")
    await anywhere.server.store.topics.subscribe(anywhere.env, "club", ["late"], ["u3"], now)
    event = event_of(await anywhere.server.blasts.fire(anywhere.env, row.number))
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 6
    left, late = await anywhere.why(event, "u3"), await anywhere.why(event, "late")
    assert left["verdict"] == late["verdict"] == "not_in_audience"
    assert "left it since" in left["because"]
    assert "joined only afterwards" in late["because"]


async def test_who_muted_or_was_erased_since_the_cut_is_skipped_with_a_record(
    anywhere: Embedded,
) -> None:
    await a_crowd(anywhere)
    row = await prepared(anywhere, **CLUB)
    await anywhere.prefer("u1", channels={"push": "off", "inbox": "off"})
    await anywhere.server.store.people.erase(anywhere.env, "u2", anywhere.clock.now())
    event = event_of(await anywhere.server.blasts.fire(anywhere.env, row.number))
    await anywhere.settled(event)
    assert (await anywhere.reasons(event, "u1"))["push"] == "channel_off"
    assert (await anywhere.counts(event)).sent == 5


async def test_members_who_left_the_tenant_since_are_not_told(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    await anywhere.member("acme", "u1", "u2", "u3")
    row = await prepared(anywhere, recipients=[{"all": True}], tenant="acme")
    now = anywhere.clock.now()
    await anywhere.server.store.people.join(anywhere.env, "acme", "u2", False, now)
    event = event_of(await anywhere.server.blasts.fire(anywhere.env, row.number))
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 2


async def test_what_was_prepared_is_what_is_fired(embedded: Embedded) -> None:
    await a_crowd(embedded, 1)
    row = await prepared(embedded, **CLUB)
    version = (await embedded.server.catalogs.current(embedded.env)).workflows[0].version
    await embedded.workflow("news", {"channel": "inbox", "template": {"title": "Else"}})
    event = event_of(await embedded.server.blasts.fire(embedded.env, row.number))
    await embedded.settled(event)
    assert (await embedded.event(event)).workflows[0][1] == version


async def test_nothing_is_fired_before_it_is_armed_nor_once_it_was_canceled(
    embedded: Embedded,
) -> None:
    await a_crowd(embedded)
    await embedded.hold("keeper:preparer")
    row = await begun(embedded, **CLUB)
    blasts = embedded.server.blasts
    with pytest.raises(StandingError, match="still being prepared"):
        await blasts.fire(embedded.env, row.number)
    await blasts.cancel(embedded.env, row.number)
    with pytest.raises(StandingError, match="was canceled"):
        await blasts.fire(embedded.env, row.number)
    with pytest.raises(NotFoundError):
        await blasts.fire(embedded.env, 99)


async def test_nothing_is_fired_after_its_expiry(embedded: Embedded) -> None:
    await a_crowd(embedded)
    ends = to_rfc3339(embedded.clock.now() + 60 * SECOND)
    row = await prepared(embedded, expires_at=ends, **CLUB)
    await embedded.advance(61)
    with pytest.raises(StandingError, match="expires at"):
        await embedded.server.blasts.fire(embedded.env, row.number)


async def test_expires_in_counts_from_firing(embedded: Embedded) -> None:
    await a_crowd(embedded)
    row = await prepared(embedded, expires_in="PT1M", **CLUB)
    await embedded.advance(3600)
    event = event_of(await embedded.server.blasts.fire(embedded.env, row.number))
    await embedded.settled(event)
    assert (await embedded.event(event)).expires_at == embedded.clock.now() + 60 * SECOND
    assert (await embedded.counts(event)).sent == 7


async def test_a_blast_fires_by_itself_when_its_instant_has_come(embedded: Embedded) -> None:
    await a_crowd(embedded)
    row = await prepared(embedded, **CLUB)
    at = embedded.clock.now() + 3600 * SECOND
    planned = await embedded.server.blasts.fire(embedded.env, row.number, at=at)
    assert (planned.state, planned.fire_at) == (BlastState.ARMED, at)
    await embedded.advance(3599)
    await embedded.quiet()
    assert (await row_of(embedded, row.number)).state is BlastState.ARMED
    await embedded.advance(1)
    done = await reaching(embedded, row.number, lambda row: row.event is not None)
    await embedded.settled(event_of(done))
    assert (await embedded.counts(event_of(done))).sent == 7


async def test_one_that_expired_before_its_instant_says_so_and_waits(embedded: Embedded) -> None:
    await a_crowd(embedded)
    now = embedded.clock.now()
    row = await prepared(embedded, expires_at=to_rfc3339(now + 60 * SECOND), **CLUB)
    await embedded.hold("keeper:blasts")
    await embedded.server.blasts.fire(embedded.env, row.number, at=now + 30 * SECOND)
    await embedded.advance(61)
    embedded.release("keeper:blasts")
    after = await reaching(embedded, row.number, lambda row: row.fire_at is None)
    assert (after.state, after.event) == (BlastState.ARMED, None)
    assert "expired" in (after.note or "")


async def test_one_that_would_be_late_is_fired_only_by_force(tmp_path: Path, fcm: FakeFcm) -> None:
    slow = push_account(fcm, quota=Quota(rate_per_second=1.0, burst=1))
    server = Embedded(tmp_path / "clarion.db", slow)
    await server.start()
    await a_crowd(server, 5, {"channel": "push", "template": {"title": "News"}})
    row = await prepared(server, expires_in="PT2S", **CLUB)
    with pytest.raises(InvalidError, match="after its expiry") as refused:
        await server.server.blasts.fire(server.env, row.number)
    assert refused.value.code == "late"
    forced = await server.server.blasts.fire(server.env, row.number, force=True)
    assert forced.state is BlastState.FIRED
    await server.server.blasts.cancel(server.env, row.number)
    while not await server.complete(event_of(forced)):
        await server.advance(1)
        await asyncio.sleep(0.002)
    await balanced_to_the_end(server)


async def test_a_body_that_comes_again_under_its_id_is_the_same_blast(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    incoming = msgspec.convert({"type": "news", "id": "sale", **CLUB}, IncomingEvent)
    blasts = anywhere.server.blasts
    answers = await asyncio.gather(
        *[blasts.begin(anywhere.env, incoming, name="", key=None) for _ in range(8)]
    )
    assert len({row.number for row, _ in answers}) == 1
    assert sum(not replayed for _, replayed in answers) == 1
    await reaching(anywhere, answers[0][0].number, lambda row: row.state is BlastState.ARMED)


async def test_a_blast_is_written_where_an_event_would_be_broadcast(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 3, INBOX)
    await anywhere.server.store.topics.put(
        anywhere.env, "club", parent=None, kind="topic", default_level=None, data={},
        now=anywhere.clock.now(), broadcast="always",
    )  # fmt: skip
    await anywhere.send("news", {"topic": "club"})
    assert anywhere.select("select count(*) from broadcast") == [(1,)]
    row = await fired(anywhere, **CLUB)
    await anywhere.settled(event_of(row))
    assert anywhere.select("select count(*) from broadcast") == [(1,)]
    assert (await anywhere.counts(event_of(row))).sent == 3

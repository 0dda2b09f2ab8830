"""Blasts: prepared, armed, fired by one flip."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from clarion.core.event import IncomingEvent
from clarion.pipeline.blasts.planned import tally_of
from clarion.store.contract.blasts import BlastRow, BlastState
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH

TURNS = 2_000


async def begun(server: Embedded, name: str = "", **event: Any) -> BlastRow:
    document = {"type": "news", **event}
    incoming = msgspec.convert(document, IncomingEvent)
    row, _ = await server.server.blasts.begin(server.env, incoming, name=name, key=None)
    return row


async def prepared(server: Embedded, **event: Any) -> BlastRow:
    row = await begun(server, **event)
    for _ in range(TURNS):
        found = await server.server.store.blasts.row(server.env, row.number)
        assert found is not None
        if found.state is not BlastState.PREPARING:
            return found
        await asyncio.sleep(0.002)
    raise AssertionError("it was never prepared")


async def a_crowd(
    server: Embedded, count: int = 7, *steps: dict[str, Any], **fields: Any
) -> list[str]:
    await server.workflow("news", *(steps or (INBOX, PUSH)), **fields)
    users = [f"u{n}" for n in range(count)]
    await server.users(*users)
    for user in users:
        await server.device(user, f"phone-{user}")
    await server.topic("club", *users)
    return users


async def test_a_blast_is_armed_with_its_audience_counted(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    row = await prepared(anywhere, recipients=[{"topic": "club"}])
    assert row.state is BlastState.ARMED
    tally = tally_of(row)
    assert (tally.recipients, tally.told) == (7, 7)
    assert tally.channels["push"].destinations == 7
    assert anywhere.select("select count(*) from notification") == [(0,)]


async def test_firing_tells_everybody_of_the_cut(anywhere: Embedded) -> None:
    await a_crowd(anywhere)
    row = await prepared(anywhere, recipients=[{"topic": "club"}])
    after = await anywhere.server.blasts.fire(anywhere.env, row.number)
    assert after.event is not None
    await anywhere.settled(after.event)
    counts = await anywhere.counts(after.event)
    assert (counts.sent, counts.skipped) == (7, 0)


@pytest.mark.parametrize("place", ["topic"])
async def test_who_left_since_the_cut_is_not_told(anywhere: Embedded, place: str) -> None:
    await a_crowd(anywhere)
    row = await prepared(anywhere, recipients=[{"topic": "club"}])
    now = anywhere.clock.now()
    await anywhere.user("late")
    await anywhere.server.store.topics.subscribe(anywhere.env, "club", ["late"], ["u3"], now)
    after = await anywhere.server.blasts.fire(anywhere.env, row.number)
    assert after.event is not None
    await anywhere.settled(after.event)
    assert (await anywhere.counts(after.event)).sent == 6
    assert (await anywhere.why(after.event, "u3"))["verdict"] == "not_in_audience"
    assert (await anywhere.why(after.event, "late"))["verdict"] == "not_in_audience"

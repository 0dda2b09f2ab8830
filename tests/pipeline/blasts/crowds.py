"""Blasts and their audiences for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from clarion.core.event import IncomingEvent
from clarion.store.contract.blasts import BlastRow, BlastState
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH

TURNS = 3_000


async def begun(server: Embedded, name: str = "", **event: Any) -> BlastRow:
    """A blast of the type `news` that is being prepared."""
    incoming = msgspec.convert({"type": "news", **event}, IncomingEvent)
    row, _ = await server.server.blasts.begin(server.env, incoming, name=name, key=None)
    return row


async def row_of(server: Embedded, number: int) -> BlastRow:
    """The blast as it stands."""
    found = await server.server.store.blasts.row(server.env, number)
    if found is None:
        raise AssertionError(f"there is no blast {number}")
    return found


async def reaching(server: Embedded, number: int, there: Callable[[BlastRow], bool]) -> BlastRow:
    """The blast once it is there."""
    found = await row_of(server, number)
    for _ in range(TURNS):
        if there(found):
            return found
        await asyncio.sleep(0.002)
        found = await row_of(server, number)
    raise AssertionError(f"it stands at {found}")


async def prepared(server: Embedded, **event: Any) -> BlastRow:
    """A blast that is armed or refused."""
    row = await begun(server, **event)
    return await reaching(server, row.number, lambda row: row.state is not BlastState.PREPARING)


async def fired(server: Embedded, **event: Any) -> BlastRow:
    """A blast that was fired just now."""
    row = await prepared(server, **event)
    return await server.server.blasts.fire(server.env, row.number)


def event_of(row: BlastRow) -> bytes:
    """The event that a blast was fired as."""
    if row.event is None:
        raise AssertionError("it was not fired")
    return row.event


async def a_crowd(
    server: Embedded, count: int = 7, *steps: dict[str, Any], **fields: Any
) -> list[str]:
    """Users with a phone each, all in the topic `club`, and a workflow `news`."""
    await server.workflow("news", *(steps or (INBOX, PUSH)), **fields)
    users = [f"u{n}" for n in range(count)]
    await server.users(*users)
    for user in users:
        await server.device(user, f"phone-{user}")
    await server.topic("club", *users)
    return users


CLUB: dict[str, Any] = {"recipients": [{"topic": "club"}]}

"""One word for what became of an event for a user."""

from __future__ import annotations

import pytest

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL

MAIL_TO_THE_DEAD = "dead-end@example.org"


@pytest.fixture
async def told(embedded: Embedded) -> Embedded:
    """A server whose workflow writes to the inbox and by mail."""
    await embedded.workflow("note", INBOX, MAIL)
    await embedded.user("ana", email="ana@example.org")
    return embedded


async def verdict(server: Embedded, event: bytes, user: str = "ana") -> str:
    """The word of the answer to why."""
    answer = await server.why(event, user)
    word: str = answer["verdict"]
    return word


async def test_whoever_everything_reached_is_told(told: Embedded) -> None:
    assert await verdict(told, await told.told("note", "ana")) == "told"


async def test_whoever_is_without_a_place_for_one_step_is_partly_told(told: Embedded) -> None:
    await told.users("ben")
    assert await verdict(told, await told.told("note", "ben"), "ben") == "partly_told"


async def test_a_mail_that_was_refused_tells_only_partly(told: Embedded) -> None:
    await told.user("cleo", email=MAIL_TO_THE_DEAD)
    assert await verdict(told, await told.told("note", "cleo"), "cleo") == "partly_told"


async def test_whoever_has_muted_it_is_not_told(told: Embedded) -> None:
    await told.prefer("ana", level="none")
    assert await verdict(told, await told.told("note", "ana")) == "not_told"


async def test_an_item_without_an_alert_tells_nobody(told: Embedded) -> None:
    await told.prefer("ana", level="none")
    event = await told.told("note", "ana", mentions=["ana"], silent=True)
    assert await verdict(told, event) == "silent"


async def test_whoever_still_has_a_mail_to_come_is_waiting(told: Embedded) -> None:
    await told.hold("ready")
    event = await told.send("note", "ana")
    assert await verdict(told, event) == "waiting"
    told.release("ready")
    assert await verdict(told, await told.settled(event)) == "told"


async def test_whoever_was_not_named_was_not_in_the_audience(told: Embedded) -> None:
    assert await verdict(told, await told.told("note", "ana"), "ben") == "not_in_audience"

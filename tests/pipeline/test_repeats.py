"""A duplicate leads to what it repeats."""

from __future__ import annotations

from typing import Any

from clarion.core.ids import event_name, notification_name
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note

DEDUPED: dict[str, Any] = {"dedupe": {"key": "data.comment", "window": "PT10M"}}


async def test_a_duplicate_names_the_event_that_told_the_same_before(anywhere: Embedded) -> None:
    user = await anywhere.user("u1")
    workflow = await a_note(anywhere, **DEDUPED)
    first = await anywhere.told("note", "u1", data={"comment": "c1"})
    again = await anywhere.told("note", "u1", data={"comment": "c1"})
    assert (await anywhere.why(first, "u1"))["repeats"] == []
    assert (await anywhere.why(again, "u1"))["repeats"] == [
        {
            "event_id": event_name(first),
            "notification_id": notification_name(first, workflow, user),
        }
    ]


async def test_a_personal_key_is_the_users_own(embedded: Embedded) -> None:
    await embedded.user("u1", data={"team": "red"})
    await a_note(embedded, dedupe={"key": "user.data.team", "window": "PT10M"})
    first = await embedded.told("note", "u1")
    again = await embedded.told("note", "u1")
    (told,) = (await embedded.why(again, "u1"))["repeats"]
    assert told["event_id"] == event_name(first)


async def test_a_key_that_a_later_event_holds_tells_nothing(embedded: Embedded) -> None:
    await embedded.users("u1")
    await a_note(embedded, **DEDUPED)
    await embedded.told("note", "u1", data={"comment": "c1"})
    again = await embedded.told("note", "u1", data={"comment": "c1"})
    await embedded.advance(600)
    await embedded.told("note", "u1", data={"comment": "c1"})
    assert (await embedded.why(again, "u1"))["repeats"] == []

"""What is said to those who were never considered."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from tests.pipeline.test_explain import ITEM, the_because


@pytest.mark.parametrize(
    ("recipients", "fields", "way"),
    [
        (["ana"], {}, "it named somebody else"),
        (["ana", "cleo"], {}, "it named 2 others"),
        (
            [{"topic": "doc:9"}],
            {},
            "it went to the subscribers of the topic doc:9, and ben is not one",
        ),
        (
            [{"topic": "doc:9", "except": ["ben"]}],
            {},
            "the event excepted ben from the topic doc:9",
        ),
        ([{"all": True, "except": ["ben"]}], {}, "the event excepted ben from all users"),
        (
            [{"all": True, "except": ["ben"]}],
            {"tenant": "acme"},
            "the event excepted ben from the members of the organisation acme",
        ),
        (
            [{"all": True}],
            {"tenant": "acme"},
            "it went to the members of the organisation acme, and ben was not one",
        ),
        (
            [{"fcm_topic": "offers"}],
            {},
            "it went to a topic at FCM, and who hears that only FCM knows",
        ),
        ([], {}, "it named no recipients and the workflow has no audience"),
    ],
)
async def test_the_way_its_audience_was_found_is_told(
    embedded: Embedded, recipients: list[Any], fields: dict[str, Any], way: str
) -> None:
    push = {"channel": "push", "template": {"title": "Now"}}
    await embedded.workflow("news", ITEM, push)
    await embedded.users("ana", "ben", "cleo")
    await embedded.topic("doc:9", "ana")
    event = await embedded.told("news", *recipients, **fields)
    because = await the_because(embedded, event, "ben")
    assert because == f"ben was not in the audience of the event news: {way}."


async def test_whoever_came_later_is_told_so(embedded: Embedded) -> None:
    await embedded.workflow("news", ITEM)
    await embedded.users("ana")
    event = await embedded.told("news", {"all": True})
    await embedded.users("ben")
    assert (await the_because(embedded, event, "ben")).endswith(
        "it went to all users, and ben was not one yet."
    )


async def test_nothing_is_claimed_about_somebody_unknown(embedded: Embedded) -> None:
    await embedded.workflow("news", ITEM)
    await embedded.users("ana", "ben")
    event = await embedded.told("news", "ana", "ben")
    await embedded.server.store.people.erase(embedded.env, "ben", embedded.clock.now())
    assert await the_because(embedded, event, "ben") == (
        "No user ben is known here: there never was one, or they were erased since."
        " The event news named 2 recipients."
    )


async def test_an_event_that_no_workflow_listened_to_is_told_as_such(embedded: Embedded) -> None:
    await embedded.users("ana")
    event = await embedded.told("news", "ana")
    assert await the_because(embedded, event) == (
        "No workflow listened to events of type news when this one came, so nobody was told."
    )
    await embedded.workflow("news", ITEM)
    assert (await the_because(embedded, event)).endswith(" what came before it stays untold.")


async def test_a_misspelt_type_is_answered_with_the_one_that_was_meant(embedded: Embedded) -> None:
    await embedded.workflow("order-shipped", ITEM)
    await embedded.users("ana")
    event = await embedded.told("order-shiped", "ana")
    assert (await the_because(embedded, event)).endswith(
        "so nobody was told. Was order-shipped meant? A workflow listens to that."
    )

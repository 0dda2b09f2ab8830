"""Why somebody was never considered."""

from __future__ import annotations

from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note


async def because(server: Embedded, event: bytes, user: str = "zoe") -> str:
    why = await server.why(event, user)
    assert why["channels"] == []
    return str(why["because"])


async def test_an_event_that_nobody_listened_to_told_nobody(embedded: Embedded) -> None:
    event = await embedded.told("news", "ada")
    assert "No workflow listened to events of type news" in await because(embedded, event)


async def test_somebody_else_was_named(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.users("ada", "zoe")
    event = await embedded.told("news", "ada")
    said = await because(embedded, event)
    assert said == (
        "zoe was not in the audience of the event news: it named 1 recipient(s), zoe was not one "
        "of them."
    )


async def test_somebody_nobody_knows_is_said_to_be_unknown(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    event = await embedded.told("news", {"all": True})
    said = await because(embedded, event)
    assert "it went to all users" in said
    assert said.endswith("No user zoe has ever been seen here.")


async def test_the_ways_to_an_audience_are_told_together(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.topic("store:42", "ada")
    event = await embedded.told("news", "ada", {"topic": "store:42"})
    said = await because(embedded, event)
    assert "it named 1 recipient(s), zoe was not one of them and it went to the subscribers" in said


async def test_an_event_without_an_audience_says_so(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    event = await embedded.told("news")
    assert "it named no recipients and the workflow has no audience" in await because(
        embedded, event
    )


async def test_while_the_fan_out_goes_on_the_answer_is_to_wait(embedded: Embedded) -> None:
    await a_note(embedded, "news")
    await embedded.users("zoe")
    await embedded.hold("fanout")
    event = await embedded.send("news", {"all": True})
    why = await embedded.why(event, "zoe")
    assert why["verdict"] == "waiting"
    assert "Ask again in a moment" in why["because"]
    embedded.release("fanout")
    await embedded.settled(event)
    assert (await embedded.why(event, "zoe"))["verdict"] == "told"

"""Of words that are kept once for all users of a locale, each user is shown the own ones."""

from __future__ import annotations

from typing import Any

from clarion.core.ids import notification_name
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded

BOTH = {"en": {"title": "Hello"}, "de": {"title": "Hallo"}}
PUSH = {"channel": "push", "template": BOTH}


async def content(server: Embedded, event: bytes, user: str) -> list[tuple[Any, ...]]:
    """(locale, title, whether that is certain, the user's own locale)."""
    (row,) = [one for one in server.rows(event)["notification"] if one["user"] == user]
    workflow = await server.number(NameKind.WORKFLOW, row["workflow"])
    number = await server.number(NameKind.USER, user)
    story = await server.server.explainer.notification(server.env, event, workflow, number)
    assert story["id"] == notification_name(event, workflow, number)
    return [
        (one["locale"], one["fields"]["title"], one["certain"], one["wanted"])
        for one in story["content"]
    ]


async def two_who_speak(server: Embedded, lena: str | None, karl: str | None) -> bytes:
    """An event that was pushed to two people."""
    await server.workflow("comment", PUSH)
    await server.user("lena", locale=lena)
    await server.user("karl", locale=karl)
    for user in ("lena", "karl"):
        await server.device(user, f"token-of-{user}")
    return await server.told("comment", "lena", "karl")


async def test_a_push_shows_the_words_of_the_locale_it_was_sent_in(embedded: Embedded) -> None:
    event = await two_who_speak(embedded, "en", "de-AT")
    assert await content(embedded, event, "lena") == [("en", "Hello", True, "en")]
    assert await content(embedded, event, "karl") == [("de", "Hallo", True, "de-AT")]


async def test_a_locale_chosen_later_changes_nothing(embedded: Embedded) -> None:
    event = await two_who_speak(embedded, "en", "de")
    await embedded.advance(1)
    await embedded.user("lena", locale="de")
    assert await content(embedded, event, "lena") == [("en", "Hello", True, "en")]


async def test_a_locale_that_changed_while_it_was_sent_leaves_it_open(embedded: Embedded) -> None:
    await embedded.workflow("comment", PUSH)
    for user, locale in (("lena", "en"), ("karl", "de"), ("ana", "en")):
        await embedded.user(user, locale=locale)
        await embedded.device(user, f"token-of-{user}")
    await embedded.hold("ready")
    event = await embedded.send("comment", "lena", "karl", "ana")
    await embedded.advance(1)
    await embedded.user("lena", locale="de")
    await embedded.advance(1)
    embedded.release("ready")
    await embedded.settled(event)
    assert await content(embedded, event, "lena") == [
        ("de", "Hallo", False, None),
        ("en", "Hello", False, None),
    ]


async def test_what_a_tenant_or_environment_speaks_is_a_guess(embedded: Embedded) -> None:
    await embedded.server.store.settings.write_profile(embedded.env, 0, {"locale": "de"})
    event = await two_who_speak(embedded, "en", None)
    assert await content(embedded, event, "karl") == [("de", "Hallo", False, None)]
    assert await content(embedded, event, "lena") == [("en", "Hello", True, "en")]


async def test_a_locale_without_words_says_what_was_wanted(embedded: Embedded) -> None:
    event = await two_who_speak(embedded, "en", "fr")
    assert [row[3] for row in await content(embedded, event, "karl")] == ["fr"]

"""What lists say of the words that each was told."""

from __future__ import annotations

from clarion.store.contract.ledger import NotificationQuery
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL

WORDS = {"en": {"title": "Hello"}, "de": {"title": "Hallo"}}


async def titles(server: Embedded, event: bytes) -> dict[int, str | None]:
    """By the number of the user."""
    page = await server.server.store.ledger.search(server.env, NotificationQuery(event=event))
    events = await server.server.store.events.rows(server.env, [event])
    found = await server.server.explainer.standings(server.env, page.rows, events)
    return {row.user: one.title for row, one in zip(page.rows, found, strict=True)}


async def test_each_has_the_title_of_the_locale_of_then(anywhere: Embedded) -> None:
    await anywhere.workflow("hello", {"channel": "push", "template": WORDS})
    ana, ben = await anywhere.user("ana", locale="en"), await anywhere.user("ben", locale="de")
    for user in ("ana", "ben"):
        await anywhere.device(user, f"token-of-{user}")
    event = await anywhere.told("hello", "ana", "ben")
    assert await titles(anywhere, event) == {ana: "Hello", ben: "Hallo"}
    anywhere.clock.advance(60)
    await anywhere.user("ben", locale="en")
    assert (await titles(anywhere, event))[ben] == "Hallo"


async def test_an_item_knows_its_locale(anywhere: Embedded) -> None:
    await anywhere.workflow("hello", {"channel": "inbox", "template": WORDS})
    ana, ben = await anywhere.user("ana", locale="en"), await anywhere.user("ben", locale="de")
    event = await anywhere.told("hello", "ana", "ben")
    assert await titles(anywhere, event) == {ana: "Hello", ben: "Hallo"}


async def test_words_that_name_the_user_are_the_users_own(anywhere: Embedded) -> None:
    words = {"title": "Hello {{ user.name }}"}
    await anywhere.workflow("hello", {"channel": "inbox", "template": words})
    ana, ben = await anywhere.user("ana", name="Ana"), await anywhere.user("ben", name="Ben")
    event = await anywhere.told("hello", "ana", "ben")
    assert await titles(anywhere, event) == {ana: "Hello Ana", ben: "Hello Ben"}


async def test_a_mail_has_its_subject_and_a_text_its_beginning(embedded: Embedded) -> None:
    await embedded.workflow("letter", {**MAIL, "template": {"subject": "News", "body": "Much"}})
    await embedded.workflow("text", {"channel": "sms", "template": {"body": "word " * 200}})
    ana = await embedded.user("ana", email="ana@example.org", phone="+4915112345678")
    letter = await embedded.told("letter", "ana")
    assert await titles(embedded, letter) == {ana: "News"}
    text = await embedded.told("text", "ana")
    assert await titles(embedded, text) == {ana: ("word " * 200)[:400]}


async def test_whom_nothing_went_to_has_none(embedded: Embedded) -> None:
    await embedded.workflow("both", INBOX)
    ana, ben = await embedded.user("ana"), await embedded.user("ben")
    await embedded.prefer("ben", channels={"inbox": "off"})
    event = await embedded.told("both", "ana", "ben")
    found = await titles(embedded, event)
    assert found[ben] is None
    assert found[ana]


async def test_where_the_locale_of_then_is_not_known_no_title_is_claimed(
    embedded: Embedded,
) -> None:
    await embedded.workflow("hello", {"channel": "push", "template": WORDS})
    ana, ben = await embedded.user("ana"), await embedded.user("ben", locale="de")
    for user in ("ana", "ben"):
        await embedded.device(user, f"token-of-{user}")
    await embedded.default(None, locale="en")
    event = await embedded.told("hello", "ana", "ben")
    assert await titles(embedded, event) == {ana: None, ben: "Hallo"}

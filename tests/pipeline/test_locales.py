"""In which locale somebody is told: the user's own, the workflow's, the tenant's, the
environment's."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp

HELLO = {"en": "Hello", "de": "Hallo", "fr": "Bonjour", "it": "Ciao", "pt": "Ola"}

INBOX: dict[str, Any] = {
    "channel": "inbox",
    "template": {locale: {"title": word} for locale, word in HELLO.items()},
}
MAIL: dict[str, Any] = {
    "channel": "email",
    "template": {locale: {"subject": word, "body": "..."} for locale, word in HELLO.items()},
}
OWN_MAIL: dict[str, Any] = {
    "channel": "email",
    "template": {
        locale: {"subject": word + " {{ user.name }}", "body": "..."}
        for locale, word in HELLO.items()
    },
}


async def speaks(server: Embedded, locale: str | None, tenant: str | None = None) -> None:
    """What a tenant, or the environment, speaks by default."""
    number = 0 if tenant is None else await server.number(NameKind.TENANT, tenant)
    await server.server.store.settings.write_profile(server.env, number, {"locale": locale})


def titles(server: Embedded, event: bytes) -> dict[str, str]:
    """By user, the words of the inbox item."""
    rows = server.rows(event)
    shown = [row for row in rows["content"] if "title" in row["body"]]
    words = {row["locale"]: row["body"]["title"] for row in shown}
    return {row["user"]: words[row["locale"]] for row in rows["item"]}


@pytest.mark.parametrize(
    ("own", "workflow", "tenant", "environment", "told"),
    [
        ("de-AT", "fr", "it", "pt", "Hallo"),
        ("xx", "fr", "it", "pt", "Bonjour"),
        (None, None, "it-CH", "pt", "Ciao"),
        (None, None, "xx", "pt", "Ola"),
        (None, None, None, "pt-BR", "Ola"),
        (None, None, None, None, "Hello"),
    ],
)
async def test_the_nearest_locale_that_has_words_is_taken(
    embedded: Embedded,
    own: str | None,
    workflow: str | None,
    tenant: str | None,
    environment: str | None,
    told: str,
) -> None:
    fields = {} if workflow is None else {"locale": workflow}
    await embedded.workflow("note", INBOX, MAIL, **fields)
    await embedded.user("ana", locale=own, email="ana@example.org")
    await speaks(embedded, tenant, "acme")
    await speaks(embedded, environment)
    event = await embedded.told("note", "ana", tenant="acme")
    assert titles(embedded, event) == {"ana": told}
    (capture,) = await embedded.server.store.ledger.captures(
        embedded.env, user=None, before=None, limit=9
    )
    assert capture.body["content"]["subject"] == told


async def test_a_fan_out_tells_everybody_in_the_tenants_locale(embedded: Embedded) -> None:
    await embedded.workflow("note", INBOX)
    await embedded.user("ana", locale="de")
    await embedded.users("ben", "cleo")
    await embedded.topic("news", "ana", "ben", "cleo")
    await speaks(embedded, "it", "acme")
    event = await embedded.told("note", {"topic": "news"}, tenant="acme")
    assert titles(embedded, event) == {"ana": "Hallo", "ben": "Ciao", "cleo": "Ciao"}
    assert {row["locale"] for row in embedded.rows(event)["content"]} == {"de", "it"}


async def test_tenants_told_at_once_do_not_mix(wired: Embedded, mail_server: FakeSmtp) -> None:
    await wired.workflow("note", OWN_MAIL)
    await wired.user("ana", name="Ana", email="ana@example.org")
    await speaks(wired, "it", "acme")
    await speaks(wired, "fr", "other")
    await speaks(wired, "pt")
    await wired.hold("ready")
    events = [await wired.send("note", "ana", tenant=name) for name in ("acme", "other", "none")]
    events.append(await wired.send("note", "ana"))
    wired.release("ready")
    for event in events:
        await wired.settled(event)
    subjects = [mail.content.split(b"Subject: ")[1].split(b"\r\n")[0] for mail in mail_server.mails]
    assert sorted(subjects) == [b"Bonjour Ana", b"Ciao Ana", b"Ola Ana", b"Ola Ana"]

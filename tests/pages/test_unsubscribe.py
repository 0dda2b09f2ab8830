"""From an event to a mail, out of it by one click, and back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clarion.clock import SECOND
from clarion.store.contract.law import ConsentWrite
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pages.visiting import MAIL, ONE_CLICK, PUBLIC_URL, Visitor, last_mail, path_of

LIST = re.compile(r"<(https://[^>]*)>")
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
    b'--b\r\nContent-Disposition: form-data; name="more"\r\n\r\nx\r\n--b--\r\n'
)


async def mailed(server: Embedded, mail_server: FakeSmtp, **event: Any) -> str:
    """A mail of the category `social` to Ana; the path of its one-click link."""
    await server.workflow("note", MAIL, category="social")
    await server.workflow("other", MAIL, category="social")
    await server.user("ana", name="Ana", email="ana@example.org")
    await server.told("note", "ana", **event)
    match = LIST.match(last_mail(mail_server)["List-Unsubscribe"])
    assert match
    return path_of(match[1])


async def test_one_click_ends_the_mails_of_the_category_from_the_next_event_on(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    mail = last_mail(mail_server)
    assert mail["List-Unsubscribe"] == f"<{PUBLIC_URL}{path}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = await visitor.browser.post(path, data=ONE_CLICK)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert await visitor.reasons("note") == {"email": "opted_out"}
    assert await visitor.reasons("other") == {"email": "opted_out"}
    assert len(mail_server.mails) == 1
    why = await server.why(await server.told("note", "ana"), "ana")
    assert why["verdict"] == "not_told"


async def test_the_visible_links_of_a_mail_are_its_recipients_own(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await mailed(server, mail_server)
    await server.user("ben", email="ben@example.org")
    await server.told("note", "ana", "ben")
    bodies = [mail.content.decode() for mail in mail_server.mails[-2:]]
    links = [set(re.findall(r"https://clarion\.example/[up]/[\w-]+", body)) for body in bodies]
    assert [len(found) for found in links] == [2, 2]
    assert not links[0] & links[1]
    for found in links:
        for url in found:
            await visitor.open(path_of(url))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"a=1&List-Unsubscribe=One-Click&b"),
        ("multipart/form-data; boundary=b", MULTIPART),
        ("text/plain", b"List-Unsubscribe=One-Click"),
        ("", b""),
    ],
)
async def test_one_click_comes_in_any_encoding_and_may_be_repeated(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor, content_type: str, body: bytes
) -> None:
    path = await mailed(server, mail_server)
    headers = {"content-type": content_type} if content_type else {}
    for _ in range(2):
        answer = await visitor.browser.post(path, content=body, headers=headers)
        assert answer.status_code == 200
    (entry,) = await visitor.consents()
    assert (entry["purpose"], entry["channel"], entry["state"]) == ("social", "email", "withdrawn")
    assert entry["source"] == "unsubscribe link"


async def test_looking_changes_nothing(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    for query in ("", "?List-Unsubscribe=One-Click", "?choice=all&do=all", "?done=category"):
        assert (await visitor.browser.get(path + query)).status_code == 200
        head = await visitor.browser.head(path + query)
        assert (head.status_code, head.content) == (200, b"")
    assert await visitor.consents() == []
    assert await visitor.preferences() == {}


async def test_an_unsubscribe_link_does_not_expire(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    server.clock.advance(3 * 365 * 24 * 3600)
    assert (await visitor.browser.post(path, data=ONE_CLICK)).status_code == 200
    assert await visitor.reasons("note") == {"email": "opted_out"}


async def test_a_mail_that_waits_is_not_sent_after_leaving(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    await server.hold("ready")
    event = await server.send("note", "ana")
    await visitor.browser.post(path, data=ONE_CLICK)
    server.release("ready")
    await server.settled(event)
    assert len(mail_server.mails) == 1
    assert await server.reasons(event, "ana") == {"email": "opted_out"}


async def test_a_narrower_choice_leaves_the_rest_on(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await server.topic("doc:9", "ana")
    path = await mailed(server, mail_server, about="doc:9")
    page = await visitor.open(path)
    assert page.count('type="radio"') == 4
    done = await visitor.press(path, {"choice": "topic"})
    assert "doc:9" in done.text
    assert await visitor.reasons("note", about="doc:9") == {"email": "channel_off"}
    assert await visitor.reasons("note") == {"email": "level_all"}
    await visitor.press(path, {"choice": "workflow"})
    assert await visitor.reasons("note") == {"email": "channel_off"}
    assert await visitor.reasons("other") == {"email": "level_all"}
    for undo in ("topic", "workflow"):
        await visitor.press(path, {"undo": undo})
    assert await visitor.reasons("note", about="doc:9") == {"email": "level_all"}


async def test_an_objection_outlasts_more_specific_choices(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    await server.prefer("ana", workflows={"note": {"email": "on"}})
    await visitor.browser.post(path, data=ONE_CLICK)
    assert await visitor.reasons("note") == {"email": "opted_out"}


async def test_what_was_done_can_be_undone_for_a_day(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    done = await visitor.press(path, {"choice": "category"})
    assert 'name="undo" value="category"' in done.text
    await visitor.press(path, {"undo": "category"})
    assert await visitor.reasons("note") == {"email": "level_all"}
    await visitor.press(path, {"choice": "category"})
    server.clock.advance(24 * 3600 + 1)
    assert "undo" not in await visitor.open(path)
    await visitor.press(path, {"undo": "category"})
    assert await visitor.reasons("note") == {"email": "opted_out"}


async def test_all_that_is_optional_ends_and_comes_back_as_it_was(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    await server.workflow("offer", MAIL, category="marketing")
    await server.workflow("ad", MAIL, category="marketing")
    await server.category("research", consent="required")
    await server.workflow("survey", MAIL, category="research")
    await server.workflow("login", MAIL, category="security")
    await granted(server, "marketing")
    await visitor.press(path, {"choice": "all"})
    assert await visitor.reasons("offer") == {"email": "opted_out"}
    assert await visitor.reasons("note") == {"email": "opted_out"}
    assert await visitor.reasons("login") == {"email": "mandatory"}
    await visitor.press(path, {"undo": "all"})
    assert await visitor.reasons("offer") == {"email": "level_all"}
    assert await visitor.reasons("note") == {"email": "level_all"}
    assert await visitor.reasons("survey") == {"email": "opted_out"}


async def granted(server: Embedded, category: str) -> None:
    purpose = await server.number(NameKind.CATEGORY, category)
    user = await server.number(NameKind.USER, "ana")
    write = ConsentWrite(purpose=purpose, channel=None, granted=True, source="form")
    law = server.server.store.law
    await law.append_consents(server.env, user, [write], server.clock.now() - SECOND)


async def test_a_link_does_not_grant_what_never_was(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await mailed(server, mail_server)
    number = await server.number(NameKind.CATEGORY, "marketing")
    user = await server.number(NameKind.USER, "ana")
    path = visitor.way_out(user=user, category=number)
    await visitor.press(path, {"choice": "category"})
    await visitor.press(path, {"undo": "category"})
    assert [entry["state"] for entry in await visitor.consents()] == ["withdrawn"]


async def test_a_user_who_is_gone_has_nothing_to_leave(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    await visitor.api.delete("/v1/users/ana")
    assert (await visitor.browser.post(path, data=ONE_CLICK)).status_code == 200
    assert "does not exist any more" in await visitor.open(path)
    await server.user("ana", email="new@example.org")
    assert (await visitor.browser.post(path, data=ONE_CLICK)).status_code == 200
    assert await visitor.consents() == []
    assert await visitor.reasons("note") == {"email": "level_all"}


async def test_support_reads_a_mail_and_not_its_links(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    (row,) = (await visitor.api.get("/v1/notifications?user=ana")).json()["data"]
    story = (await visitor.api.get(f"/v1/notifications/{row['id']}")).json()
    assert f"{PUBLIC_URL}/u/***" in str(story["content"])
    assert path not in str(story)


async def test_what_is_always_sent_says_so(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await server.workflow("login", MAIL, category="security")
    await server.user("ana", email="ana@example.org")
    await server.told("login", "ana")
    mail = last_mail(mail_server)
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None
    assert f"{PUBLIC_URL}/u/" not in str(mail)
    assert f"{PUBLIC_URL}/p/" in str(mail)
    number = await server.number(NameKind.CATEGORY, "security")
    user = await server.number(NameKind.USER, "ana")
    page = await visitor.open(visitor.way_out(user=user, category=number))
    assert "<form" not in page


async def test_a_choice_that_there_is_not_is_refused(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    path = await mailed(server, mail_server)
    for choice in ("topic", "everything", ""):
        answer = await visitor.browser.post(path, data={"choice": choice})
        assert answer.status_code == 400
    assert await visitor.consents() == []

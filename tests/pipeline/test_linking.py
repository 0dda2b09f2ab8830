"""The links and headers of messages."""

from __future__ import annotations

from clarion.core.channel import Channel
from clarion.core.delivery import DeliveryKey
from clarion.core.links import Link, Links, Purpose
from clarion.core.workflow import Category
from clarion.pipeline.linking import Linker, MessageLinks
from clarion.store.contract.catalog import CategoryRow
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp

NOW = 1_767_268_800_000_000
DAY = 86_400_000_000
LINKS = Links("https://clarion.example", (b"s" * 32,))
KEY = DeliveryKey(1, b"e" * 16, 4, 7, 0, Channel.EMAIL, 9)
SOCIAL = CategoryRow(number=3, version=1, category=Category(key="social"))
SECURITY = CategoryRow(number=2, version=1, category=Category(key="security", mandatory=True))


def links_of(key: DeliveryKey, category: CategoryRow, linker: Linker) -> MessageLinks:
    return linker.of_message(key, category, tenant=5, topic=6, now=NOW)


def read(purpose: Purpose, url: str) -> Link | None:
    return LINKS.read(purpose, url.rpartition("/")[2])


def test_a_message_names_its_way_out_and_its_users_page() -> None:
    found = links_of(KEY, SOCIAL, Linker(LINKS, days=2))
    assert read(Purpose.UNSUBSCRIBE, found.unsubscribe_url) == Link(
        env=1, user=7, tenant=5, category=3, channel=3, workflow=4, topic=6
    )
    assert read(Purpose.PREFERENCES, found.preferences_url) == Link(
        env=1, user=7, tenant=5, expires_at=NOW + 2 * DAY
    )


def test_nobody_has_no_links_and_a_mandatory_category_no_way_out() -> None:
    linker = Linker(LINKS)
    nobody = DeliveryKey(1, b"e" * 16, 4, 0, 0, Channel.WEBHOOK, 0)
    assert links_of(nobody, SOCIAL, linker) == MessageLinks()
    found = links_of(KEY, SECURITY, linker)
    assert found.unsubscribe_url == ""
    assert found.preferences_url
    assert linker.headers(found) == {}


def test_the_headers_are_those_of_one_click() -> None:
    url = "https://clarion.example/u/abc"
    assert Linker(LINKS).headers(MessageLinks(unsubscribe_url=url)) == {
        "List-Unsubscribe": "<https://clarion.example/u/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_an_address_for_unsubscribes_comes_behind_the_link() -> None:
    headers = Linker(LINKS, mailto="out@example.org").headers(
        MessageLinks(unsubscribe_url="https://clarion.example/u/abc")
    )
    assert headers["List-Unsubscribe"] == (
        "<https://clarion.example/u/abc>, <mailto:out@example.org?subject=unsubscribe%20abc>"
    )


def test_plain_http_promises_no_one_click() -> None:
    headers = Linker(LINKS).headers(MessageLinks(unsubscribe_url="http://127.0.0.1:8400/u/abc"))
    assert headers == {"List-Unsubscribe": "<http://127.0.0.1:8400/u/abc>"}


async def test_a_retry_is_the_same_mail_and_others_read_none_of_its_links(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    mail_server.refuse_sender_once["notify@example.org"] = "451 4.3.0 later"
    template = {"subject": "Hi", "body": "{{ unsubscribe_url }} {{ preferences_url }}"}
    await wired.workflow("note", {"channel": "email", "template": template}, category="social")
    await wired.user("ana", email="ana@example.org")
    await wired.user("ben", email="ben@example.org")
    event = await wired.send("note", "ana", "ben")
    await wired.quiet()
    await wired.advance(600)
    await wired.settled(event)
    assert len({mail.content for mail in mail_server.mails}) == 2
    assert {row["user"] for row in wired.rows(event)["content"]} == {"ana", "ben"}


async def test_a_mail_of_a_digest_has_its_way_out(wired: Embedded, mail_server: FakeSmtp) -> None:
    mail = {"channel": "email", "template": {"subject": "{{ digest.count }}", "body": "x"}}
    await wired.workflow("note", {"digest": {"window": "PT1M"}}, mail, category="social")
    await wired.user("ana", email="ana@example.org")
    event = await wired.send("note", "ana")
    await wired.quiet()
    await wired.advance(61)
    await wired.settled(event)
    assert b"List-Unsubscribe: <" in mail_server.mails[-1].content

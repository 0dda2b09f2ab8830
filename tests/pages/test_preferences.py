"""The preference page: what it shows, and that what is chosen there holds from the next event."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pages.visiting import MAIL, Visitor, form_with, shown

INBOX: dict[str, Any] = {"channel": "inbox", "template": {"title": "Hi", "body": "..."}}
HOSTILE = '<script>alert(1)</script>"><b onmouseover=x>'


async def furnished(server: Embedded) -> None:
    """Ana, three categories with workflows, and a topic that she follows."""
    await server.category(
        "social",
        lane="social",
        name={"en": "Comments", "de": "Kommentare"},
        description="Of others",
    )
    digest = {"digest": {"cadence": "user", "default": "daily"}}
    await server.workflow("note", INBOX, MAIL, category="social")
    await server.workflow("summary", digest, MAIL, category="social")
    await server.workflow("offer", MAIL, category="marketing")
    await server.workflow("login", MAIL, category="security")
    await server.user("ana", name="Ana", email="ana@example.org", timezone="Europe/Vienna")
    await server.topic("doc:9", "ana")


async def test_a_switch_holds_from_the_next_event_on(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await furnished(server)
    path = await visitor.link()
    page = await visitor.open(path)
    fields = form_with(page, "what")
    fields["on"] = [name for name in fields["on"] if not name.endswith(".email")]
    saved = await visitor.press(path, fields)
    assert 'role="status">Saved.' in saved.text
    assert await visitor.reasons("note") == {"inbox": "level_all", "email": "channel_off"}
    assert await visitor.preferences() == {"categories": {"social": {"email": "off"}}}
    history = (await visitor.api.get("/v1/users/ana/preferences/history")).json()["data"]
    assert [change["source"] for change in history] == ["preference page"]
    await visitor.press(path, form_with(saved.text, "what", on=form_with(page, "what")["on"]))
    assert (await visitor.reasons("note"))["email"] == "level_all"


async def test_saving_what_was_shown_writes_nothing(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    await server.prefer("ana", categories={"social": {"email": "off"}}, level="mentions")
    before = await visitor.preferences()
    path = await visitor.link()
    page = await visitor.open(path)
    for do in ("what", "topics", "quiet"):
        await visitor.press(path, form_with(page, do))
    assert await visitor.preferences() == before
    assert await visitor.consents() == []


async def test_what_needs_consent_is_granted_and_withdrawn_by_its_switch(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await furnished(server)
    path = await visitor.link()
    page = await visitor.open(path, **{"accept-language": "de-AT, en;q=0.5"})
    assert "Zustimmung" in page
    fields = form_with(page, "what")
    (name,) = [was[:-2] for was in fields["was"] if was.endswith(".email.0")]
    with_offers = await visitor.press(path, {**fields, "on": [*fields["on"], name]})
    assert await visitor.reasons("offer") == {"email": "level_all"}
    await visitor.press(path, form_with(with_offers.text, "what", on=fields["on"]))
    assert await visitor.reasons("offer") == {"email": "opted_out"}
    withdrawn, granted = await visitor.consents()
    assert (withdrawn["state"], granted["state"]) == ("withdrawn", "granted")
    assert (granted["source"], granted["wording"]) == ("preference page", "pages-1")


async def test_an_objection_by_mail_is_taken_back_by_the_switch(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await furnished(server)
    await visitor.press(await visitor.link(), {"do": "all"})
    assert (await visitor.reasons("note")) == {"inbox": "level_all", "email": "opted_out"}
    assert (await visitor.reasons("login")) == {"email": "mandatory"}
    path = await visitor.link()
    page = await visitor.open(path)
    assert "You unsubscribed." in page
    fields = form_with(page, "what")
    every = [was[:-2] for was in fields["was"]]
    await visitor.press(path, {**fields, "on": every})
    assert (await visitor.reasons("note"))["email"] == "level_all"
    assert (await visitor.reasons("offer"))["email"] == "level_all"


async def test_what_is_mandatory_cannot_be_switched_off(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await furnished(server)
    path = await visitor.link()
    page = await visitor.open(path)
    assert "Always on" in page
    catalog = await server.services.catalogs.current(server.env)
    (number,) = [row.number for row in catalog.categories if row.category.key == "security"]
    forged = {"do": "what", "was": [f"{number}.email.1"], "on": []}
    await visitor.press(path, forged)
    assert await visitor.preferences() == {}
    assert await visitor.consents() == []


async def test_a_cadence_is_asked_where_workflows_offer_one(
    server: Embedded, visitor: Visitor
) -> None:
    await furnished(server)
    path = await visitor.link()
    page = await visitor.open(path)
    (name,) = {name for name, _ in shown(page) if name.startswith("cadence.")}
    await visitor.press(path, form_with(page, "what", **{name: "weekly", "level": "mentions"}))
    chosen = {"level": "mentions", "categories": {"social": {"cadence": "weekly"}}}
    assert await visitor.preferences() == chosen


async def test_topics_are_muted_and_left(
    server: Embedded, mail_server: FakeSmtp, visitor: Visitor
) -> None:
    await furnished(server)
    number = await server.topic("doc:10", "ana")
    foreign = await server.topic("doc:11", "ben")
    path = await visitor.link()
    fields = form_with(await visitor.open(path), "topics")
    muted = {**fields, f"mute.{number}": "8h", f"level.{number}": "mentions"}
    page = await visitor.press(
        path,
        {
            **muted,
            "topic": [*fields["topic"], str(foreign)],
            f"mute.{foreign}": "forever",
            f"leave.{foreign}": "1",
        },
    )
    assert list((await visitor.preferences())["topics"]) == ["doc:10"]
    assert await visitor.reasons("note", about="doc:10") == {"inbox": "muted", "email": "muted"}
    fields = form_with(page.text, "topics")
    page = await visitor.press(path, {**fields, f"mute.{number}": "end"})
    assert (await visitor.preferences())["topics"] == {"doc:10": {"level": "mentions"}}
    await visitor.press(path, {**form_with(page.text, "topics"), f"leave.{number}": "1"})
    left = (await visitor.api.get("/v1/topics/doc:10/subscribers")).json()["data"]
    kept = (await visitor.api.get("/v1/topics/doc:11/subscribers")).json()["data"]
    assert (left, [row["user"] for row in kept]) == ([], ["ben"])


async def test_many_topics_are_shown_in_parts(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    for index in range(30):
        await server.topic(f"room:{index:02}", "ana")
    path = await visitor.link()
    first = await visitor.open(path)
    assert "room:05" in first
    assert "room:29" not in first
    (more,) = [part.split('"')[0] for part in first.split('href="')[1:] if part[0] == "?"]
    aim = path + more.partition("#")[0].replace("&amp;", "&")
    assert "room:29" in await visitor.open(aim)


async def test_a_mute_of_a_person_is_shown_and_ended(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    number = await server.user("ben", name=HOSTILE)
    await server.prefer("ana", actors={"ben": {"mute_until": "forever"}})
    path = await visitor.link()
    page = await visitor.open(path)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    await visitor.press(path, {"do": "actors", "hear": str(number)})
    assert await visitor.preferences() == {}


async def test_an_exception_is_shown_and_removed(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    await server.prefer(
        "ana",
        workflows={"note": {"email": "off"}},
        topics={"doc:9": {"channels": {"email": "off"}}},
    )
    path = await visitor.link()
    page = await visitor.open(path)
    values = [part.split('"')[0] for part in page.split('name="remove" value="')[1:]]
    assert len(values) == 2
    for value in values:
        await visitor.press(path, {"do": "exceptions", "remove": value})
    assert await visitor.preferences() == {}


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"how": "hour"}, "2026-01-01T13:00:00.000000Z"),
        ({"how": "tomorrow"}, "2026-01-02T07:00:00.000000Z"),
        ({"how": "date", "date": "2026-07-01"}, "2026-07-01T06:00:00.000000Z"),
    ],
)
async def test_a_pause_ends_in_the_users_own_morning(
    server: Embedded, visitor: Visitor, fields: dict[str, str], until: str
) -> None:
    await furnished(server)
    server.clock.advance((1_767_268_800_000_000 - server.clock.now()) / 1_000_000)
    path = await visitor.link()
    page = await visitor.press(path, {"do": "pause", **fields})
    assert await visitor.preferences() == {"pause_until": until}
    assert "Paused until" in page.text
    await visitor.press(path, {"do": "pause", "how": "resume"})
    assert await visitor.preferences() == {}


async def test_quiet_hours_are_windows_of_the_users_own(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    await server.default(quiet_hours={"windows": [{"from": "20:00", "until": "08:00"}]})
    path = await visitor.link()
    page = await visitor.open(path)
    assert "8:00" in page
    assert "Europe/Vienna" in page
    fields = {
        "do": "quiet",
        "mode": "own",
        "days.0": ["0", "4"],
        "from.0": "22:00",
        "until.0": "07:00",
    }
    page = (await visitor.press(path, fields)).text
    window = {"days": ["mon", "fri"], "from": "22:00", "until": "07:00"}
    assert await visitor.preferences() == {"quiet_hours": {"windows": [window]}}
    await visitor.press(path, form_with(page, "quiet", mode="none"))
    assert await visitor.preferences() == {"quiet_hours": {"windows": []}}
    await visitor.press(path, {"do": "quiet", "mode": "usual"})
    assert await visitor.preferences() == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "quiet", "mode": "own", "days.0": "0", "from.0": "25:00", "until.0": "07:00"},
        {"do": "quiet", "mode": "own", "from.0": "22:00", "until.0": "07:00"},
        {"do": "quiet", "mode": "own", "days.0": "0123456", "from.0": "22:00", "until.0": "07:00"},
        {"do": "quiet", "mode": "never"},
        {"do": "pause", "how": "date", "date": "2020-01-01"},
        {"do": "pause", "how": "date", "date": "soon"},
        {"do": "pause", "how": "always"},
        {"do": "exceptions", "remove": "user.1.email"},
        {"do": "everything"},
        {},
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    server: Embedded, visitor: Visitor, fields: dict[str, str]
) -> None:
    await furnished(server)
    answer = await visitor.browser.post(await visitor.link(), data=fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert await visitor.preferences() == {}


async def test_a_link_expires_and_then_changes_nothing(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    path = await visitor.link(expires_in="PT1H")
    await visitor.open(path)
    server.clock.advance(3601)
    assert (await visitor.browser.get(path)).status_code == 410
    assert (await visitor.browser.post(path, data={"do": "all"})).status_code == 410
    assert await visitor.consents() == []


async def test_an_erased_users_link_opens_nothing_of_who_comes_back(
    server: Embedded, visitor: Visitor
) -> None:
    await furnished(server)
    path = await visitor.link()
    await visitor.api.delete("/v1/users/ana")
    await server.user("ana", name="Another", email="ana@example.org")
    assert (await visitor.browser.get(path)).status_code == 410
    assert (await visitor.browser.post(path, data={"do": "all"})).status_code == 410


async def test_the_page_speaks_the_users_language(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    path = await visitor.link()
    assert "Kommentare" in await visitor.open(path, **{"accept-language": "de"})
    await server.user("ana", locale="ar")
    page = await visitor.open(path, **{"accept-language": "de"})
    assert '<html lang="ar" dir="rtl">' in page
    assert "Comments" in page


async def test_words_of_others_are_never_markup(server: Embedded, visitor: Visitor) -> None:
    await furnished(server)
    await server.category("social", lane="social", name=HOSTILE, description=HOSTILE)
    await server.user("ana", name=HOSTILE)
    topics = server.server.store.topics
    await topics.put(
        server.env, "doc:9", parent=None, kind="topic", default_level=None,
        data={"title": HOSTILE}, now=server.clock.now(), broadcast="auto",
    )  # fmt: skip
    page = await visitor.open(await visitor.link())
    assert page.count("&lt;script&gt;") >= 4
    assert "<script" not in page
    assert "<b " not in page

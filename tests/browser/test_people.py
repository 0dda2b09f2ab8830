"""Looking somebody up: what they get, what they chose, what is in their inbox; and erasing them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in
from tests.browser.pictures import PHONE, screenshot

TABS = ("profile", "gets", "preferences", "told", "inbox", "consents", "data")
SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server on which three people were told of a comment."""
    one = House(tmp_path_factory.mktemp("people"))
    await one.start()
    await one.workflow(
        "comment-added",
        {"channel": "inbox", "template": {"title": "{{ data.who }} commented"}},
        {"channel": "email", "template": {"subject": "A comment", "body": "By {{ data.who }}"}},
    )
    names = ("ana", "anton", "ben")
    await one.people(
        ({"id": name, "email": f"{name}@example.org", "name": name.title()} for name in names),
        "doc:9",
    )
    await one.want("PUT", "/v1/users/ana/devices/fGx1:APA91b", {"platform": "fcm", "app": "web"})
    await one.complete(await one.send("comment-added", *names, data={"who": "Chloé"}))
    yield one
    await one.kill()


async def shown(page: Page, house: House, user: str, tab: str) -> None:
    await signed_in(page, house)
    await at(page, house, f"/people/{user}?tab={tab}", re.compile(user))
    await expect(page.locator(".loading")).to_have_count(0)


def people(page: Page) -> Locator:
    return page.get_by_role("region", name="People").get_by_role("listitem")


async def test_people_are_found_by_how_their_id_begins_or_by_an_address(
    house: House, page: Page
) -> None:
    await signed_in(page, house)
    await at(page, house, "/people", "People")
    search = page.get_by_label("Search")
    await search.fill("an")
    await search.press("Enter")
    await expect(people(page)).to_have_count(2)
    await expect(people(page).first).to_contain_text("ana Ana")
    await search.fill("BEN@example.org")
    await search.press("Enter")
    await expect(people(page)).to_have_count(1)
    await people(page).get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name="Ben (ben)")).to_be_visible()


@pytest.mark.parametrize("tab", TABS)
async def test_all_about_a_person_can_be_used_by_everybody(
    house: House, page: Page, tab: str
) -> None:
    await shown(page, house, "ana", tab)
    await axe(page)
    if tab not in ("gets", "inbox"):
        await screenshot(page, f"person-{tab}")
    await page.set_viewport_size(PHONE)
    assert await page.evaluate(SIDEWAYS) <= 0


async def test_what_somebody_would_get_is_decided_and_can_be_changed(
    house: House, page: Page
) -> None:
    await shown(page, house, "anton", "gets")
    mail = page.get_by_role("button", name=re.compile("comment-added by e-?mail: on", re.I))
    await mail.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("nothing chosen stands against it")
    await axe(page)
    only = dialog.get_by_role("group", name="For comment-added")
    await only.get_by_role("button", name="Off").click()
    off = page.get_by_role("button", name=re.compile("comment-added by e-?mail: off", re.I))
    await expect(off).to_be_visible()
    chosen = await house.want("GET", "/v1/users/anton/preferences")
    assert chosen == {"workflows": {"comment-added": {"email": "off"}}}
    event = await house.send("comment-added", "anton", data={"who": "Ana"})
    await house.complete(event)
    told = await house.want("GET", f"/v1/notifications?event={event}")
    assert [step["reason"] for step in told["data"][0]["steps"]] == ["level_all", "channel_off"]


async def test_pausing_muting_and_quiet_hours_are_written(house: House, page: Page) -> None:
    await shown(page, house, "ben", "preferences")
    await page.get_by_role("button", name="Pause for good").click()
    await expect(page.get_by_text("Paused for good: the inbox fills silently")).to_be_visible()
    await page.get_by_label("Mute a topic").fill("doc:9")
    await page.get_by_role("button", name="Mute", exact=True).click()
    await expect(page.get_by_text("Topic doc:9")).not_to_have_count(0)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("22:00 to 07:00 every day")).not_to_have_count(0)
    await axe(page)
    chosen = await house.want("GET", "/v1/users/ben/preferences")
    assert chosen["pause_until"] == "forever"
    assert chosen["topics"]["doc:9"].keys() == {"mute_until"}
    assert chosen["quiet_hours"]["windows"] == [{"from": "22:00", "until": "07:00"}]


async def test_an_inbox_is_looked_at_without_marking_anything(house: House, page: Page) -> None:
    await shown(page, house, "ana", "inbox")
    await expect(page.get_by_role("link", name=re.compile("Chloé commented"))).to_be_visible()
    await expect(page.get_by_text("1 unread, 1 not seen yet")).to_be_visible()
    token = (await house.want("POST", "/v1/users/ana/token", {}))["token"]
    assert token not in await page.content()
    await page.reload()
    await expect(page.get_by_text("1 unread, 1 not seen yet")).to_be_visible()


async def test_an_inbox_is_opened_as_its_owner_sees_it(house: House, page: Page) -> None:
    await shown(page, house, "ben", "inbox")
    await page.get_by_role("button", name="Open as they do").click()
    await expect(page.get_by_text("seen, read or archived by Ben")).to_be_visible()
    item = page.get_by_role("feed").get_by_role("article").filter(has_text="Chloé commented")
    await expect(item).to_be_visible()
    await axe(page)
    await screenshot(page, "person-inbox-opened")
    await item.get_by_role("button", name="More for").click()
    await page.get_by_role("menuitem", name="Mark as read").click()
    await expect(item.get_by_text("Unread")).to_have_count(0)
    await page.get_by_role("button", name="Only look").click()
    await expect(page.get_by_text("0 unread, 0 not seen yet")).to_be_visible()


async def test_an_address_is_suppressed_and_freed_again(house: House, page: Page) -> None:
    await shown(page, house, "anton", "profile")
    card = page.get_by_role("region", name="Addresses", exact=True)
    await expect(card).to_contain_text("Works")
    await card.get_by_role("button", name="Suppress this address").click()
    dialog = page.get_by_role("dialog", name="Suppress it?")
    await expect(dialog).to_contain_text("anton@example.org")
    await axe(page)
    await dialog.get_by_role("button", name="Suppress", exact=True).click()
    await expect(card).to_contain_text("It is not their address or number")
    query = "channel=email&address=anton@example.org"
    listed = await house.want("GET", f"/v1/suppressions?{query}")
    assert [row["reason"] for row in listed["data"]] == ["not_theirs"]
    await card.get_by_role("button", name="Lift the suppression").click()
    await page.get_by_role("dialog").get_by_role("button", name="Lift").click()
    await expect(card).to_contain_text("Works")


async def test_erasing_asks_for_the_id_first(house: House, page: Page) -> None:
    await house.people([{"id": "gone", "email": "gone@example.org"}])
    await shown(page, house, "gone", "data")
    await page.get_by_role("button", name="Erase gone").click()
    dialog = page.get_by_role("dialog", name="Erase gone?")
    verb = dialog.get_by_role("button", name="Erase for good")
    await expect(verb).to_be_disabled()
    await dialog.get_by_label("Type gone to go on").fill("gone")
    await verb.click()
    await expect(page.get_by_role("dialog", name="Erased")).to_contain_text("Addresses and devices")
    status, _ = await house.ask("GET", "/v1/users/gone")
    assert status == 404

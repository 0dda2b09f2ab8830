"""The page behind a personal link, as people meet it: mostly on a phone, without a login."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.acceptance.house import KEY, House
from tests.browser.axe import axe
from tests.browser.conftest import Devices
from tests.browser.hostile import MARKUP, unharmed
from tests.browser.pictures import screenshot
from tests.browser.site import Site
from tests.browser.watch import Watch

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
TITLE = "Notification settings"


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _words(house: House) -> AsyncIterator[None]:
    """What the people of these tests can hear of."""
    await house.want("PUT", "/v1/categories/social", {"name": "Comments and likes"})
    await house.want("PUT", "/v1/categories/offers", {"name": "Offers"})
    security = {"name": "Safety of your account", "mandatory": True}
    await house.want("PUT", "/v1/categories/safety", security)
    inbox = {"channel": "inbox", "template": {"title": "A comment"}}
    mail = {"channel": "email", "template": {"subject": "A comment", "body": "Somebody said it."}}
    await house.workflow("commented", inbox, mail, category="social")
    await house.workflow("offered", mail, category="offers")
    await house.workflow("signed-in", mail, category="safety")
    yield


async def link(house: House, user: str, **fields: Any) -> str:
    """The address of a user's page; the user is made."""
    document = {"email": f"{user}@example.org", "name": user.capitalize(), **fields}
    await house.want("PUT", f"/v1/users/{user}", document)
    made = await house.want("POST", f"/v1/users/{user}/preferences-link", {})
    return house.url + str(urlsplit(made["url"]).path)  # the server's own port was chosen late


@asynccontextmanager
async def saving(page: Page) -> AsyncIterator[None]:
    """What is done here sends the form; the page that answers is there at the end."""
    async with page.expect_navigation():
        yield
    await expect(page.get_by_role("status")).to_have_text("Saved.")


async def results(house: House, type_: str, user: str) -> dict[str, str]:
    """What an event of now comes to for the user: channel -> result."""
    event = await house.send(type_, user)
    why = await house.want("GET", f"/v1/events/{event}/why?user={user}")
    return {row["channel"]: row["result"] for row in why["channels"]}


async def test_a_choice_holds_from_the_next_event_on(house: House, page: Page) -> None:
    await page.goto(await link(house, "ana"))
    assert await results(house, "commented", "ana") == {"inbox": "send", "email": "send"}
    kind = page.get_by_role("group", name="Comments and likes")
    await kind.get_by_label("E-mail").uncheck()
    async with saving(page):
        await page.get_by_role("button", name="Save").first.click()
    await expect(kind.get_by_label("E-mail")).not_to_be_checked()
    assert await results(house, "commented", "ana") == {"inbox": "send", "email": "skip"}
    await kind.get_by_label("E-mail").check()
    async with saving(page):
        await page.get_by_role("button", name="Save").first.click()
    assert await results(house, "commented", "ana") == {"inbox": "send", "email": "send"}


@pytest.mark.parametrize("scripts", [True, False])
async def test_everything_works_with_and_without_scripts(
    house: House, device: Devices, scripts: bool
) -> None:
    page = await device(java_script_enabled=scripts, **PHONE)
    user = f"ben-{scripts}".lower()
    await page.goto(await link(house, user))
    await page.get_by_role("button", name="For 1 hour").click()
    await expect(page.get_by_text("Paused until")).to_be_visible()
    assert (await results(house, "offered", user))["email"] == "hold"
    await page.get_by_role("button", name="Resume now").click()
    await expect(page.get_by_text("Paused until")).to_have_count(0)
    hours = page.locator(".window")
    await expect(hours).to_be_hidden()
    await page.get_by_label("My own hours").check()
    hours = page.get_by_role("group", name=re.compile("^Hours"))
    await hours.get_by_label("From").fill("00:00")
    await hours.get_by_label("Until").fill("23:59")
    for day in await hours.get_by_role("checkbox").all():
        await day.check()
    async with saving(page):
        await page.get_by_role("button", name="Save").last.click()
    chosen = await house.want("GET", f"/v1/users/{user}/preferences")
    assert chosen["quiet_hours"]["windows"][0]["from"] == "00:00"


async def test_what_is_mandatory_cannot_be_switched_off(house: House, page: Page) -> None:
    await page.goto(await link(house, "cleo"))
    kind = page.get_by_role("group", name="Safety of your account")
    await expect(kind.get_by_text("Always on")).to_be_visible()
    await expect(kind.get_by_label("E-mail")).to_be_disabled()
    await page.get_by_role("button", name="Unsubscribe from all").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert (await results(house, "offered", "cleo"))["email"] == "skip"
    assert (await results(house, "signed-in", "cleo"))["email"] == "send"


async def test_it_can_be_used_by_everybody_and_fits_a_phone(house: House, device: Devices) -> None:
    page = await device(**PHONE)
    await page.goto(await link(house, "dora"))
    await screenshot(page, "preference-page")
    await axe(page)
    await page.set_viewport_size({"width": 320, "height": 640})
    wide = "() => document.documentElement.scrollWidth - innerWidth"
    assert await page.evaluate(wide) <= 0


@pytest.mark.parametrize(("locale", "way"), [("ar", "rtl"), ("ja", "ltr"), ("de", "ltr")])
async def test_it_speaks_the_users_language(
    house: House, device: Devices, locale: str, way: str
) -> None:
    page = await device(**PHONE)
    await page.goto(await link(house, f"eli-{locale}", locale=locale))
    html = page.locator("html")
    await expect(html).to_have_attribute("lang", locale)
    await expect(html).to_have_attribute("dir", way)
    await expect(page.get_by_role("heading", level=1)).not_to_have_text(TITLE)
    await axe(page)
    if way == "rtl":
        await screenshot(page, "preference-page-rtl")


async def test_names_with_markup_stay_names(house: House, page: Page, watch: Watch) -> None:
    mail = {"channel": "email", "template": {"subject": "a", "body": "a"}}
    for n, markup in enumerate(MARKUP):
        document = {"name": markup, "description": markup}
        await house.want("PUT", f"/v1/categories/evil-{n}", document)
        await house.workflow(f"evil-{n}", mail, category=f"evil-{n}")
        await house.want("PUT", "/v1/users/finn", {"name": markup, "email": "f@example.org"})
    path = "/v1/topics/" + "doc:%3Cscript%3Ewindow.planted=1%3C%2Fscript%3E"
    await house.ask("POST", f"{path}/subscribers", {"add": ["finn"]})
    await page.goto(await link(house, "finn", name=MARKUP[1]))
    for markup in MARKUP:
        await expect(page.get_by_text(markup).first).to_be_visible()
    await unharmed(page, watch)


async def test_the_page_knows_no_key_and_no_storage(house: House, page: Page, watch: Watch) -> None:
    await page.goto(await link(house, "gil"))
    assert KEY not in await page.content()
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert await page.context.cookies() == []
    assert {url.split("/")[3] for url in watch.requests} <= {"p", "pages", "favicon.ico"}


async def test_no_other_site_can_frame_it_or_post_to_it_unseen(
    house: House, site: Site, page: Page, watch: Watch
) -> None:
    watch.allow("frame-ancestors|X-Frame-Options|Refused|ERR_BLOCKED_BY_RESPONSE")
    site.put("/", f"<iframe src='{await link(house, 'hana')}'></iframe>")
    await page.goto(site.url)
    await expect(page.locator("iframe")).to_be_visible()
    assert await page.frames[1].get_by_text(TITLE).count() == 0


async def test_a_link_that_is_forged_opens_nothing(house: House, page: Page, watch: Watch) -> None:
    watch.allow("status of 404")
    address = await link(house, "ira")
    head, _, token = address.rpartition("/")
    await page.goto(f"{head}/{token[:-2]}{'AA' if token[-2:] != 'AA' else 'BB'}")
    await expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    await axe(page)
    await screenshot(page, "broken-link")

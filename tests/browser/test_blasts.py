"""A blast from the form to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in
from tests.browser.pictures import screenshot

INBOX = {"channel": "inbox", "template": {"title": "{{ data.percent }} % off"}}
MAIL = {"channel": "email", "template": {"subject": "Sale", "body": "{{ data.percent }} % off"}}
PEOPLE = 40


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server with a topic of forty people, half of them without an address."""
    one = House(tmp_path_factory.mktemp("blasts"))
    await one.start()
    await one.workflow("sale", INBOX, MAIL, category="marketing")
    people = [{"id": f"u{n}"} for n in range(PEOPLE // 2)]
    people += [{"id": f"m{n}", "email": f"m{n}@example.org"} for n in range(PEOPLE // 2)]
    await one.people(people, "news")
    yield one
    await one.kill()


async def prepared(house: House, page: Page, name: str) -> None:
    """The page of a blast that is armed."""
    await signed_in(page, house)
    await at(page, house, "/blasts/new", "Prepare a blast")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Type of event").select_option("sale")
    await page.get_by_label("Topic").fill("news")
    await page.get_by_label("Data").fill('{"percent": 20}')
    await page.get_by_role("button", name="Prepare").click()
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    await expect(page.get_by_text(f"Armed for {PEOPLE} people")).to_be_visible()


async def test_a_form_that_is_not_whole_says_where(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/blasts/new", "Prepare a blast")
    await page.get_by_label("Data").fill("{")
    await page.get_by_role("button", name="Prepare").click()
    await expect(page.get_by_text("Choose the type of event")).to_be_visible()
    await expect(page.get_by_text("Name the topic")).to_be_visible()
    await expect(page.get_by_label("Data")).to_have_attribute("aria-invalid", "true")
    await axe(page)
    await screenshot(page, "blast-form")


async def test_it_is_prepared_tried_and_fired_once_its_size_is_typed(
    house: House, page: Page
) -> None:
    await prepared(house, page, "summer sale")
    await expect(page.get_by_role("row").filter(has_text="Inbox")).to_contain_text(str(PEOPLE))
    await axe(page)
    await screenshot(page, "blast-armed")
    await page.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Users").fill("u1, m1")
    await dialog.get_by_role("button", name="Send the test").click()
    await expect(dialog.get_by_role("link", name="See what became of it")).to_be_visible()
    await dialog.get_by_role("button", name="Close").first.click()
    await page.get_by_role("button", name="Fire").click()
    fire = page.get_by_role("dialog").get_by_role("button", name="Fire now")
    await expect(fire).to_be_disabled()
    await axe(page)
    await screenshot(page, "blast-fire")
    await page.get_by_role("dialog").get_by_label(f"Type {PEOPLE} to go on").fill(str(PEOPLE))
    await fire.click()
    await expect(page.get_by_text(f"Over: {PEOPLE} of {PEOPLE} people were told")).to_be_visible()
    await expect(page.get_by_role("button", name="Fire")).to_have_count(0)
    await axe(page)
    await screenshot(page, "blast-over")


async def test_one_that_is_canceled_before_tells_nobody(house: House, page: Page) -> None:
    await prepared(house, page, "second thoughts")
    await page.get_by_role("button", name="Cancel it").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("nobody is told")
    await dialog.get_by_role("button", name="Cancel the blast").click()
    await expect(page.get_by_text("Canceled before it was fired. Nobody was told.")).to_be_visible()
    await at(page, house, "/blasts", "Blasts")
    row = page.get_by_role("row").filter(has_text="second thoughts")
    await expect(row).to_contain_text("Canceled")
    await axe(page)
    await screenshot(page, "blasts")


async def test_one_that_waits_for_its_time_can_be_held_back(house: House, page: Page) -> None:
    await prepared(house, page, "tomorrow")
    await page.get_by_role("button", name="Fire").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Not now, but at a time").check()
    await dialog.get_by_label("When").fill("2999-01-01T09:00")
    await dialog.get_by_label(f"Type {PEOPLE} to go on").fill(str(PEOPLE))
    await dialog.get_by_role("button", name="Fire at that time").click()
    await expect(page.get_by_text(f"Armed for {PEOPLE} people. It fires by itself")).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Nothing is sent until it is fired")).to_be_visible()


async def test_a_key_that_may_only_read_may_look(house: House, page: Page) -> None:
    made = await house.want("POST", "/v1/keys", {"scopes": ["read"]})
    await signed_in(page, house, made["key"])
    await at(page, house, "/blasts", "Blasts")
    await expect(page.get_by_text("sign in with a trigger or admin key")).to_be_visible()
    await expect(page.get_by_role("link", name="Prepare a blast")).to_have_count(0)

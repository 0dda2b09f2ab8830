"""Trying a change on the past, and one event on one person; nothing is sent by it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in
from tests.browser.pictures import screenshot

NAMES = ("ana", "ben", "cleo")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server on which three people were told by inbox and mail."""
    one = House(tmp_path_factory.mktemp("what-if"))
    await one.start()
    await one.workflow(
        "letter",
        {"channel": "inbox", "template": {"title": "A letter"}},
        {"channel": "email", "template": {"subject": "A letter", "body": "Hello"}},
    )
    await one.people({"id": name, "email": f"{name}@example.org"} for name in NAMES)
    await one.complete(await one.send("letter", *NAMES))
    yield one
    await one.kill()


@pytest.mark.timeout(180)
async def test_a_change_is_tried_and_its_difference_drawn(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/what-if/new", "Suppose that")
    await page.get_by_label("What would be different").select_option("channel")
    await page.get_by_label("Channel").select_option("email")
    await axe(page)
    await page.get_by_role("button", name="Try it").click()
    await expect(page.get_by_text("3 of 3 decisions would have come out otherwise")).to_be_visible()
    await axe(page)
    band = page.get_by_role("button", name=re.compile(r"^3 by e-?mail: from Sent to Not sent"))
    await band.focus()
    await page.keyboard.press("Enter")
    examples = page.get_by_role("region", name="Examples").get_by_role("listitem")
    await expect(examples.filter(has_text="becomes")).to_have_count(3)
    await examples.first.get_by_text("Every gate").click()
    await expect(examples.first.get_by_text("As it was")).to_be_visible()
    await examples.first.get_by_role("link").first.click()
    await expect(
        page.get_by_role("heading", level=1, name=re.compile("^letter for"))
    ).to_be_visible()
    told = await house.want("GET", "/v1/notifications")
    assert len(told["data"]) == len(NAMES)


async def test_one_event_is_decided_for_one_person(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/what-if/new?mode=event", "Suppose that")
    await page.get_by_label("Person").fill("ana")
    await page.get_by_label("Event").fill('{"type": "letter"}')
    await page.get_by_role("button", name="Decide").click()
    answer = page.get_by_role("region", name="letter, step 2")
    await expect(answer).to_contain_text("Every gate was passed")
    await axe(page)
    await screenshot(page, "what-if-event")
    told = await house.want("GET", "/v1/notifications?user=ana")
    assert len(told["data"]) == 1


async def test_what_nobody_recorded_is_told_as_not_known(house: House, page: Page) -> None:
    letter = {"subject": "A letter", "body": "Hello"}
    steps = [
        {"send": {"channel": "inbox", "template": {"title": "A letter"}}},
        {"send": {"channel": "email", "template": letter, "presence": "PT5M"}},
    ]
    change = {"workflows": {"letter": {"steps": steps}}}
    body = {"name": "presence", "slice": {"since": "2026-01-01T00:00:00Z"}, "change": change}
    begun = await house.want("POST", "/v1/simulations", body)
    await signed_in(page, house)
    await at(page, house, f"/what-if/{begun['id']}", "presence")
    told = "Nobody can tell of 3 of 3 decisions"
    await expect(page.get_by_role("heading", level=2).filter(has_text=told)).to_be_visible()
    await expect(page.get_by_text("presence, which nobody asked for").first).to_be_visible()
    row = page.get_by_role("row").filter(has_text="3 not known")
    await expect(row).to_contain_text("3 → 0 to 3")
    await axe(page)

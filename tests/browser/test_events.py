"""One event: who was told of it, whether its counts balance, and why one person was not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in

NAMES = ("ana", "ben", "cleo")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server with three subscribers, of whom one wants nothing."""
    one = House(tmp_path_factory.mktemp("events"))
    await one.start()
    await one.workflow("letter", {"channel": "inbox", "template": {"title": "A letter"}})
    await one.people([{"id": name} for name in NAMES], "letters")
    await one.want("PATCH", "/v1/users/ben/preferences", {"level": "none"})
    yield one
    await one.kill()


async def sent(house: House) -> str:
    body = {"type": "letter", "data": {"n": 7}, "recipients": [{"topic": "letters"}]}
    event: str = (await house.want("POST", "/v1/events", body))["event_id"]
    await house.complete(event)
    return event


async def test_an_event_says_who_was_told_and_that_it_balances(house: House, page: Page) -> None:
    event = await sent(house)
    await signed_in(page, house)
    await at(page, house, f"/events/{event}", "letter")
    await expect(page.get_by_role("heading", name="3 recipients")).to_be_visible()
    await expect(
        page.get_by_text("each of the 3 recipients is in exactly one part")
    ).to_be_visible()
    await expect(page.get_by_role("region", name="The data of the event")).to_contain_text('"n": 7')
    await axe(page)


async def test_why_is_answered_for_anybody(house: House, page: Page) -> None:
    event = await sent(house)
    await signed_in(page, house)
    await at(page, house, f"/events/{event}?user=ben", "letter")
    why = page.get_by_role("region", name="Why was somebody told, or not?")
    await expect(why.get_by_text("Not told", exact=True)).to_be_visible()
    await expect(why.get_by_role("link", name="Look at the setting")).to_have_attribute(
        "href", re.compile("/people/ben")
    )
    await axe(page)
    await why.get_by_label("Person").fill("stranger")
    await why.get_by_label("Person").press("Enter")
    await expect(why.get_by_text("Not in the audience")).to_be_visible()


async def test_a_topic_lists_who_is_subscribed(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/topics?q=let", "Topics")
    await page.get_by_role("region", name="Topics").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name="letters")).to_be_visible()
    members = page.get_by_role("region", name="Subscribers").get_by_role("listitem")
    await expect(members).to_have_count(len(NAMES))
    await axe(page)
    await members.filter(has_text="cleo").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1, name="cleo")).to_be_visible()

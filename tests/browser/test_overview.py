"""How it stands, at a glance, and what is wrong in words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.house import House
from tests.acceptance.test_crashes import mail_account
from tests.browser.axe import axe
from tests.browser.conftest import Devices
from tests.browser.dashboard import at, signed_in
from tests.browser.pictures import screenshot, wanted
from tests.browser.watch import Watch

pytestmark = pytest.mark.timeout(180)
"""Of the overview a picture is taken after half a minute of traffic, where pictures are wanted."""

MAIL = {"channel": "email", "template": {"subject": "Hello", "body": "Hello"}}
SENDER = "notify@example.org"
IN_ORDER = "Nothing. Every lane keeps up|The bulk lane goes slower"
"""What a busy machine may have to say is no trouble: bulk work makes way."""

LANES = {"critical": "codes", "transactional": "orders", "social": "comments", "bulk": "offers"}
TRAFFIC_TURNS = 100
TRAFFIC_SECONDS = 0.3


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mail() -> AsyncIterator[FakeSmtp]:
    """A mail server in order."""
    one = FakeSmtp()
    await one.start()
    yield one
    await one.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    _pages: None, mail: FakeSmtp, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A server with an account for mail."""
    one = House(tmp_path_factory.mktemp("overview"), mail_account(mail))
    await one.start()
    await one.workflow("letter", MAIL)
    await one.people([{"id": "ana", "email": "ana@example.org"}])
    yield one
    await one.kill()


async def traffic(house: House) -> None:
    """Something for the pictures: events in every lane, for as long as a chart needs."""
    names = [f"reader-{n}" for n in range(8)]
    await house.people({"id": name, "email": f"{name}@example.org"} for name in names)
    for lane, category in LANES.items():
        await house.want("PUT", f"/v1/categories/{category}", {"name": category, "lane": lane})
        await house.workflow(category, MAIL, category=category)
    for turn in range(TRAFFIC_TURNS):
        for n, category in enumerate(LANES.values()):
            await house.send(category, *names[: 2 + (turn * (n + 3)) % 6])
        await asyncio.sleep(TRAFFIC_SECONDS)


async def test_a_house_in_order_says_so_and_shows_what_moves(house: House, page: Page) -> None:
    await house.complete(await house.send("letter", "ana"))
    await signed_in(page, house)
    await at(page, house, "/", "Overview")
    await expect(page.get_by_text(re.compile(IN_ORDER)).first).to_be_visible()
    for lane in ("Critical", "Transactional", "Social", "Bulk"):
        await expect(page.get_by_role("main").get_by_role("link", name=lane)).to_be_visible()
    await expect(page.get_by_role("img", name="Throughput.")).to_be_visible()
    accounts = page.get_by_role("region", name="Accounts of providers")
    await expect(accounts.get_by_role("row", name="mail Email")).to_contain_text("Working")
    await axe(page)
    if wanted():
        await traffic(house)
        await screenshot(page, "overview")


@pytest.mark.parametrize(
    ("path", "heading"), [("/lanes?lane=bulk", "Lanes"), ("/providers", "Providers")]
)
async def test_pages_of_the_present_can_be_used_by_everybody(
    house: House, page: Page, path: str, heading: str
) -> None:
    await signed_in(page, house)
    await at(page, house, path, heading)
    await expect(page.get_by_role("status").filter(has_text="Reading")).to_have_count(0)
    await axe(page)
    if path != "/providers":
        await screenshot(page, heading.lower())


async def test_on_a_phone_no_page_is_wider_than_it(house: House, device: Devices) -> None:
    page = await device(viewport={"width": 390, "height": 844}, has_touch=True)
    await signed_in(page, house)
    for path, heading in (
        ("/", "Overview"), ("/lanes", "Lanes"), ("/providers", "Providers"),
        ("/dead-letters", "Dead letters"), ("/blasts", "Blasts"), ("/keys", "Keys"),
        ("/blasts/new", "Prepare a blast"),
    ):  # fmt: skip
        await at(page, house, path, heading)
        await expect(page.get_by_role("status").filter(has_text="Reading")).to_have_count(0)
        wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path


async def test_a_server_that_is_gone_is_told_and_its_return_is_seen(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("ERR_")
    watch.allow("Failed to load")
    await signed_in(page, house)
    await at(page, house, "/lanes", "Lanes")
    await expect(page.get_by_text("Oldest due work").first).to_be_visible()
    await page.context.set_offline(True)
    failure = page.get_by_role("alert")
    await expect(failure).to_contain_text("the server does not answer")
    await expect(page.get_by_text("Oldest due work").first).to_be_visible()
    await page.context.set_offline(False)
    await failure.get_by_role("button", name="Try again").click()
    await expect(failure).to_have_count(0)


async def test_an_account_that_refuses_us_leads_to_its_mend(
    house: House, mail: FakeSmtp, page: Page
) -> None:
    mail.refuse_sender[SENDER] = "530 5.7.0 authentication required"
    await signed_in(page, house)
    await at(page, house, "/", "Overview")
    await house.send("letter", "ana")
    trouble = page.get_by_role("listitem").filter(has_text="mail takes no messages")
    await expect(trouble).to_be_visible()
    await axe(page)
    await screenshot(page, "overview-in-trouble")
    await trouble.get_by_role("link").click()
    account = page.get_by_role("region", name="mail", exact=True)
    await expect(account).to_contain_text("It is not asked any more")
    await expect(account).to_contain_text("Not asked")
    await axe(page)
    await screenshot(page, "provider-in-trouble")

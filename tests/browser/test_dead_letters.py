"""What was given up is told by cause, and goes again once its cause is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.house import House, until
from tests.acceptance.test_crashes import mail_account
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in
from tests.browser.pictures import screenshot

MAIL = {"channel": "email", "template": {"subject": "Hello", "body": "Hello"}}
NAMES = ("ana", "ben", "cleo")
REFUSED = "554 5.7.1 not like this"
CAUSE = "permanent:554 5.7.1"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mail() -> AsyncIterator[FakeSmtp]:
    """A mail server that refuses all of them."""
    one = FakeSmtp()
    one.refuse = {f"{name}@example.org": REFUSED for name in NAMES}
    await one.start()
    yield one
    await one.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    _pages: None, mail: FakeSmtp, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A server on which three mails were given up."""
    one = House(tmp_path_factory.mktemp("letters"), mail_account(mail))
    await one.start()
    await one.workflow("letter", MAIL)
    await one.people({"id": name, "email": f"{name}@example.org"} for name in NAMES)
    await one.complete(await one.send("letter", *NAMES))
    yield one
    await one.kill()


async def test_they_are_counted_by_cause_in_words(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/dead-letters", "Dead letters")
    row = page.get_by_role("row").filter(has_text=CAUSE)
    await expect(row).to_contain_text("The provider refuses this message")
    await expect(row).to_contain_text("3")
    await axe(page)
    await screenshot(page, "dead-letters")
    await row.get_by_role("link").click()
    letters = page.get_by_role("region", name="Dead letters").get_by_role("listitem")
    await expect(letters).to_have_count(3)
    await expect(letters.first).to_contain_text("letter to")
    await axe(page)
    await screenshot(page, "dead-letters-of-a-cause")
    await page.get_by_label("User").fill("ben")
    await page.get_by_label("User").press("Enter")
    await expect(letters).to_have_count(1)
    await page.get_by_label("User").fill("nobody")
    await page.get_by_label("User").press("Enter")
    await expect(page.get_by_text("No dead letters like these")).to_be_visible()


async def test_the_overview_leads_to_them(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/", "Overview")
    trouble = page.get_by_role("listitem").filter(has_text="3 dead letters in the last hour")
    await expect(trouble).to_contain_text("at mail")
    await trouble.get_by_role("link").click()
    await expect(page.get_by_label("Cause")).to_have_value(CAUSE)


async def test_a_key_that_may_only_read_is_not_offered_a_redrive(house: House, page: Page) -> None:
    made = await house.want("POST", "/v1/keys", {"scopes": ["read"]})
    await signed_in(page, house, made["key"])
    await at(page, house, "/dead-letters", "Dead letters")
    await expect(page.get_by_text("sign in with an admin key")).to_be_visible()
    await expect(page.get_by_role("button", name="Redrive")).to_have_count(0)


async def test_they_go_again_after_they_were_counted_and_asked_for(
    house: House, mail: FakeSmtp, page: Page
) -> None:
    mail.refuse.clear()
    await signed_in(page, house)
    await at(page, house, "/dead-letters", "Dead letters")
    await page.get_by_role("button", name="Redrive all").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("3 go on their way again")).to_be_visible()
    await axe(page)
    await screenshot(page, "redrive")
    assert mail.mails == []
    await dialog.get_by_role("button", name="Redrive").click()
    await expect(page.get_by_role("heading", name="3 messages")).to_be_visible()
    await expect(page.get_by_text("Finished")).to_be_visible()

    async def arrived() -> bool:
        return len(mail.mails) == len(NAMES)

    await until(arrived)
    await house.idle()
    await page.get_by_role("link", name="By cause").click()
    await expect(page.get_by_text("Nothing was given up")).to_be_visible()
    await axe(page)

"""From a mail that arrived to not getting the next one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.house import House, until
from tests.browser.axe import axe
from tests.browser.conftest import Devices
from tests.browser.pictures import screenshot

ACCOUNT = """[providers.mail]
kind = "smtp"
host = "127.0.0.1"
port = {port}
from = "notify@example.org"
tls = "none"
"""
OUTSIDE = "https://notify.example.org"
"""How people reach the server, through a proxy that speaks TLS; one click is for https only."""

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mails() -> AsyncIterator[FakeSmtp]:
    """The mail server of the people."""
    fake = FakeSmtp()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sender(
    _pages: None, mails: FakeSmtp, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A server that mails, with a workflow of a category that may be switched off."""
    settings = ACCOUNT.format(port=mails.port)
    house = House(tmp_path_factory.mktemp("sender"), settings, CLARION_PUBLIC_URL=OUTSIDE)
    await house.start()
    await house.want("PUT", "/v1/categories/social", {"name": "Comments and likes"})
    body = "Somebody commented. {{ unsubscribe_url }}"
    step = {"channel": "email", "template": {"subject": "A comment", "body": body}}
    await house.workflow("commented", step, category="social")
    yield house
    await house.kill()


def to(mails: FakeSmtp, user: str) -> list[bytes]:
    """The mails that a user got."""
    return [mail.content for mail in mails.mails if mail.recipient == f"{user}@example.org"]


async def first_mail(house: House, mails: FakeSmtp, user: str) -> EmailMessage:
    """Make a user, send an event and wait for its mail."""
    await house.people([{"id": user, "email": f"{user}@example.org"}], "doc:9")
    await house.send("commented", user)

    async def arrived() -> bool:
        return bool(to(mails, user))

    await until(arrived)
    message = message_from_bytes(to(mails, user)[0], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def reason(house: House, user: str) -> str:
    """Why a user gets no mail of an event of now; "" when one comes."""
    event = await house.send("commented", user)
    await house.complete(event)
    why = await house.want("GET", f"/v1/events/{event}/why?user={user}")
    (channel,) = why["channels"]
    return "" if channel["result"] == "send" else str(channel["reason"])


def way_out(house: House, mail: EmailMessage) -> str:
    """The address of the mail's List-Unsubscribe, as the proxy passes it on."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(rf"<{OUTSIDE}([^>]+)>", mail["List-Unsubscribe"])
    assert found is not None
    return house.url + found[1]


async def test_one_click_of_a_mail_program_unsubscribes(sender: House, mails: FakeSmtp) -> None:
    address = way_out(sender, await first_mail(sender, mails, "ana"))
    async with aiohttp.ClientSession() as program:
        for _ in range(2):
            async with program.post(address, data=ONE_CLICK, allow_redirects=False) as answer:
                assert answer.status == 200
                assert "set-cookie" not in answer.headers
    assert await reason(sender, "ana") != ""
    assert len(to(mails, "ana")) == 1


async def test_whoever_opens_the_link_of_a_mail_chooses_and_may_undo(
    sender: House, mails: FakeSmtp, device: Devices
) -> None:
    page: Page = await device(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    mail = await first_mail(sender, mails, "ben")
    content = mail.get_body(("plain", "html"))
    assert content is not None
    address = re.search(rf"{OUTSIDE}(/u/[\w-]+)", content.get_content())
    assert address is not None
    await page.goto(sender.url + address[1])
    await expect(page.get_by_role("heading", name="Unsubscribe")).to_be_visible()
    assert await reason(sender, "ben") == "", "opening it must change nothing"
    await page.get_by_label(re.compile("Comments and likes.* by ", re.IGNORECASE)).check()
    await page.get_by_role("button", name="Unsubscribe").click()
    await expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    assert await reason(sender, "ben") != ""
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert await reason(sender, "ben") == ""


async def test_the_way_out_can_be_used_by_everybody(
    sender: House, mails: FakeSmtp, page: Page
) -> None:
    await page.goto(way_out(sender, await first_mail(sender, mails, "cleo")))
    await axe(page)
    await screenshot(page, "unsubscribe")
    await page.get_by_role("button", name="Unsubscribe").click()
    await expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    await axe(page)
    await screenshot(page, "unsubscribed")

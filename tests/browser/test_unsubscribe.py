"""From a mail that arrived to not getting the next one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import aiohttp
import pytest_asyncio
from playwright.async_api import Page, expect

from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.house import House, until
from tests.browser.axe import axe
from tests.browser.conftest import Devices, Houses
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


@pytest_asyncio.fixture(loop_scope="session")
async def mails() -> AsyncIterator[FakeSmtp]:
    """The mail server of the people."""
    fake = FakeSmtp()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def sender(houses: Houses, mails: FakeSmtp) -> House:
    """A server that mails, with a workflow of a category that may be switched off."""
    house = await houses(ACCOUNT.format(port=mails.port), CLARION_PUBLIC_URL=OUTSIDE)
    await house.want("PUT", "/v1/categories/social", {"name": "Comments and likes"})
    body = "Somebody commented. {{ unsubscribe_url }}"
    step = {"channel": "email", "template": {"subject": "A comment", "body": body}}
    await house.workflow("commented", step, category="social")
    await house.people([{"id": "ana", "email": "ana@example.org"}], "doc:9")
    return house


async def next_mail(house: House, mails: FakeSmtp) -> EmailMessage:
    """Send an event and wait for its mail."""
    before = len(mails.mails)
    await house.send("commented", "ana")

    async def arrived() -> bool:
        return len(mails.mails) > before

    await until(arrived)
    message = message_from_bytes(mails.mails[-1].content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def reason(house: House) -> str:
    """Why ana gets no mail of an event of now; "" when she does."""
    event = await house.send("commented", "ana")
    await house.complete(event)
    why = await house.want("GET", f"/v1/events/{event}/why?user=ana")
    (channel,) = why["channels"]
    return "" if channel["result"] == "send" else str(channel["reason"])


def way_out(house: House, mail: EmailMessage) -> str:
    """The address of the mail's List-Unsubscribe, as the proxy passes it on."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(rf"<{OUTSIDE}([^>]+)>", mail["List-Unsubscribe"])
    assert found is not None
    return house.url + found[1]


async def test_one_click_of_a_mail_program_unsubscribes(sender: House, mails: FakeSmtp) -> None:
    address = way_out(sender, await next_mail(sender, mails))
    async with aiohttp.ClientSession() as program:
        for _ in range(2):
            async with program.post(address, data=ONE_CLICK, allow_redirects=False) as answer:
                assert answer.status == 200
                assert "set-cookie" not in answer.headers
    assert await reason(sender) != ""
    assert len(mails.mails) == 1


async def test_whoever_opens_the_link_of_a_mail_chooses_and_may_undo(
    sender: House, mails: FakeSmtp, device: Devices
) -> None:
    page: Page = await device(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    mail = await next_mail(sender, mails)
    content = mail.get_body(("plain", "html"))
    assert content is not None
    address = re.search(rf"{OUTSIDE}(/u/[\w-]+)", content.get_content())
    assert address is not None
    await page.goto(sender.url + address[1])
    await expect(page.get_by_role("heading", name="Unsubscribe")).to_be_visible()
    assert await reason(sender) == "", "opening it must change nothing"
    await page.get_by_label(re.compile("Comments and likes.* by ", re.IGNORECASE)).check()
    await page.get_by_role("button", name="Unsubscribe").click()
    await expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    assert await reason(sender) != ""
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert await reason(sender) == ""


async def test_the_way_out_can_be_used_by_everybody(
    sender: House, mails: FakeSmtp, page: Page
) -> None:
    await page.goto(way_out(sender, await next_mail(sender, mails)))
    await axe(page)
    await screenshot(page, "unsubscribe", phone=True)
    await page.get_by_role("button", name="Unsubscribe").click()
    await expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    await axe(page)

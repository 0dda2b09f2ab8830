"""The harness sees what it is there to see."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.house import KEY, House
from tests.browser import chromium
from tests.browser.axe import violations
from tests.browser.watch import Watch


async def test_the_dashboard_opens(house: House, page: Page) -> None:
    await page.goto(house.url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def test_an_error_in_the_console_is_seen(house: House, page: Page, watch: Watch) -> None:
    await page.goto(house.url)
    watch.allow("^console: planted")
    await page.evaluate("console.error('planted')")
    await page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    await page.evaluate("console.error('another')")
    await page.evaluate("new Promise(done => setTimeout(done))")
    assert [fault.split(" (")[0] for fault in watch.left()] == [
        "exception: thrown",
        "console: another",
    ]
    watch.allow("thrown|another")


@pytest.mark.parametrize("script", ["alert(1)", "window.planted = 1"])
async def test_an_inline_script_is_refused_and_seen(
    house: House, page: Page, watch: Watch, script: str
) -> None:
    await page.goto(house.url)
    add = "text => document.body.append(Object.assign(document.createElement('script'), {text}))"
    await page.evaluate(add, script)
    assert await page.evaluate("'planted' in window") is False
    assert any("Content Security Policy" in fault for fault in watch.left())
    watch.allow("Content Security Policy")


async def test_a_request_to_another_host_is_seen_and_leads_nowhere(
    page: Page, watch: Watch
) -> None:
    await page.goto("data:text/html,<img src='http://example.org/a.png'>")
    assert "request to another host: http://example.org/a.png" in watch.left()
    watch.allow("example.org|ERR_NAME_NOT_RESOLVED")


async def test_a_key_in_an_address_is_seen(house: House, page: Page, watch: Watch) -> None:
    await page.goto(f"{house.url}/?key={KEY}")
    assert watch.left() == ["a secret in an address: /"]
    watch.allow("a secret in an address")


async def test_a_dialog_is_seen(page: Page, watch: Watch) -> None:
    await page.evaluate("alert('hello')")
    assert watch.left() == ["dialog: alert hello"]
    watch.allow("dialog: alert")


async def test_axe_finds_a_picture_without_words_also_under_a_strict_policy(page: Page) -> None:
    pixel = base64.b64encode(b"GIF89a").decode()
    body = f"<html lang=en><title>a</title><img src='data:image/gif;base64,{pixel}'>"
    policy = {"content-security-policy": "default-src 'none'; img-src data:"}

    await page.route(
        "http://localhost/", lambda route: route.fulfill(body=body, headers=policy,
                                                         content_type="text/html")
    )  # fmt: skip
    await page.goto("http://localhost/")
    assert "image-alt" in {found["rule"] for found in await violations(page)}


def test_a_machine_without_a_browser_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(AssertionError, match="apt-get install chromium"):
        chromium.find()

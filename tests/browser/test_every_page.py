"""Every page of the dashboard, full of what the demo left: it can be used by everybody, in light
and dark, on a screen and on a phone, and nothing on it fails."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.axe import axe
from tests.browser.built import WEB
from tests.browser.conftest import Devices
from tests.browser.dashboard import sign_in, signed_in
from tests.browser.pictures import screenshot
from tests.browser.played import Demo

TABLE = (WEB / "dashboard" / "src" / "pages.ts").read_text("utf-8")
PATHS = re.findall(r"page\('(/[^':]*)'", TABLE)
PICTURED = ("/", "/lanes", "/providers", "/keys", "/dead-letters")
"""Pages of which tests of their own take pictures, with more in them."""

SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The demo after its last act."""
    one = Demo(tmp_path_factory.mktemp("demo"))
    try:
        await one.start()
        yield one
    finally:
        await one.stop()


async def opened(page: Page, demo: Demo, path: str) -> None:
    """A page of the dashboard once it shows what it is about."""
    await signed_in(page, demo, demo.key)
    await page.goto(f"{demo.url}/#{path}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".loading")).to_have_count(0)


def named(path: str) -> str:
    """`/blasts/new` -> blasts-new; `/` -> overview."""
    return path.strip("/").replace("/", "-") or "overview"


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_can_be_used_by_everybody(demo: Demo, page: Page, path: str) -> None:
    await opened(page, demo, path)
    await axe(page)
    await expect(page).to_have_title(re.compile(r".+ · Clarion"))
    if path not in PICTURED:
        await screenshot(page, named(path))


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_fits_a_phone(demo: Demo, device: Devices, path: str) -> None:
    page = await device(viewport={"width": 390, "height": 844}, has_touch=True)
    await opened(page, demo, path)
    assert await page.evaluate(SIDEWAYS) <= 0
    await axe(page)


async def test_the_key_that_the_demo_prints_opens_its_pages(demo: Demo, page: Page) -> None:
    await sign_in(page, demo, demo.key)

"""The pages in a real browser: without scripts, on a narrow screen, for everybody."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright

from clarion.testing.embedded import Embedded
from tests.pages.test_preferences import furnished
from tests.pages.visiting import PUBLIC_URL, Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
NARROW = {"width": 320, "height": 640}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        await browser.close()


async def opened(browser: Browser, visitor: Visitor, path: str, **context: Any) -> Page:
    """A page whose requests go to the application, and nowhere else."""
    place = await browser.new_context(**{"viewport": NARROW, **context})
    page = await place.new_page()

    async def answer(route: Route) -> None:
        request = route.request
        headers = {name: text for name, text in request.headers.items() if name != "host"}
        found = await visitor.browser.request(
            request.method, request.url, content=request.post_data_buffer, headers=headers
        )
        while found.status_code == 303:  # a route cannot be sent on to another address
            aim = httpx_join(request.url, found.headers["location"])
            found = await visitor.browser.get(aim, headers=headers)
        await route.fulfill(
            status=found.status_code, headers=dict(found.headers), body=found.content
        )

    await page.route("**/*", answer)
    await page.goto(f"{PUBLIC_URL}{path}")
    return page


def httpx_join(url: str, location: str) -> str:
    return url.partition("?")[0] + location.partition("#")[0]


async def test_the_page_is_used_by_keyboard_and_without_scripts(
    browser: Browser, server: Embedded, visitor: Visitor
) -> None:
    await furnished(server)
    page = await opened(browser, visitor, await visitor.link(), java_script_enabled=False)
    group = page.get_by_role("group", name="Comments")
    await group.get_by_label("E-mail").focus()
    await page.keyboard.press("Space")
    await (
        page.get_by_role("region", name="What you hear about")
        .get_by_role("button", name="Save")
        .press("Enter")
    )
    await page.get_by_role("status").get_by_text("Saved.").wait_for()
    assert not await page.get_by_role("group", name="Comments").get_by_label("E-mail").is_checked()
    assert await visitor.preferences() == {"categories": {"social": {"email": "off"}}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "ar"])
async def test_nobody_is_kept_out(
    browser: Browser, server: Embedded, visitor: Visitor, locale: str, scheme: str
) -> None:
    await furnished(server)
    user = await server.user("ana", locale=locale)
    catalog = await server.services.catalogs.current(server.env)
    (social,) = [row.number for row in catalog.categories if row.category.key == "social"]
    out = visitor.way_out(user=user, category=social)
    for path in (await visitor.link(), out):
        page = await opened(browser, visitor, path, color_scheme=scheme)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"]
        if AXE.is_file():
            await page.evaluate(AXE.read_text("utf-8"))
            found = await page.evaluate("axe.run().then(found => found.violations)")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

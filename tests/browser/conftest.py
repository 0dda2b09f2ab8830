"""A real browser on a real server.

All that is asynchronous here lives on the session's loop, as the browser does: a fixture of a test
file says `@pytest_asyncio.fixture(loop_scope="session")`; tests need to say nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.acceptance.house import KEY, House
from tests.browser import chromium
from tests.browser.built import build
from tests.browser.pictures import DESKTOP, wanted
from tests.browser.shop import Shop
from tests.browser.site import Site
from tests.browser.watch import Watch

HERE = Path(__file__).parent
WAIT_MS = 20_000
PICTURED_SECONDS = 300
"""For a test that also takes pictures, four of each page."""

Devices = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one loop; without a browser, none runs."""
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        if isinstance(item, pytest.Function) and item.get_closest_marker("asyncio") is not None:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if wanted():
            item.add_marker(pytest.mark.timeout(PICTURED_SECONDS), append=False)
        if chromium.unwanted():
            item.add_marker(pytest.mark.skip(reason=f"{chromium.SWITCH} is set"))


@pytest.fixture(scope="session")
def _pages() -> None:
    build()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(_pages: None) -> AsyncIterator[Browser]:
    """The browser, one for all tests of this process."""
    async with async_playwright() as playwright:
        expect.set_options(timeout=WAIT_MS)
        path = chromium.find(playwright.chromium.executable_path)
        one = await playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
        yield one
        await one.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server on a fresh folder, one for all tests of a file, which use names of their own."""
    one = House(tmp_path_factory.mktemp("house"))
    try:
        await one.start()
        yield one
    finally:
        await one.kill()


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test do wrong; `watch.allow("401")` for what is meant to happen."""
    return Watch(KEY)


@pytest_asyncio.fixture(loop_scope="session")
async def device(browser: Browser, watch: Watch) -> AsyncIterator[Devices]:
    """Opens an empty page in a browser profile of its own: `await device(locale="ar")`."""
    opened: list[BrowserContext] = []

    async def another(**options: Any) -> Page:
        usual = {"viewport": DESKTOP, "locale": "en-US", "timezone_id": "UTC"}
        usual |= {"color_scheme": "light", "reduced_motion": "reduce", "service_workers": "block"}
        context = await browser.new_context(**{**usual, **options})
        context.set_default_timeout(WAIT_MS)
        watch.over(context)
        opened.append(context)
        return await context.new_page()

    yield another
    for context in opened:
        for one in context.pages:
            await one.unroute_all(behavior="ignoreErrors")
        await context.close()
    assert watch.left() == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(device: Devices) -> Page:
    """An empty page. The test fails when it sees an error, a violation or a request elsewhere."""
    return await device()


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    """A site of somebody else's."""
    one = Site()
    await one.start()
    yield one
    await one.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A customer's site and the server of its inbox, one for all tests of a file."""
    one = Shop(tmp_path_factory.mktemp("shop"))
    try:
        await one.start()
        yield one
    finally:
        await one.stop()

"""Every page of the dashboard, full of what the demo left: it can be used by everybody, in light
and dark, on a screen and on a phone, and nothing on it fails."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.acceptance.house import until
from tests.browser.axe import axe
from tests.browser.built import WEB
from tests.browser.dashboard import sign_in, signed_in
from tests.browser.gallery import named
from tests.browser.pictures import PHONE, screenshot
from tests.browser.played import Demo

pytestmark = pytest.mark.timeout(180)
"""The first of them waits for a demo of nine acts, one of which kills a server."""

TABLE = (WEB / "dashboard" / "src" / "pages.ts").read_text("utf-8")
PATHS = re.findall(r"page\('(/[^':]*)'", TABLE)
DETAILS = {
    "notification": ("/notifications/{notification}", "Whose choice"),
    "event": ("/events/{event}?user=omar", "Stopped by"),
    "person": ("/people/mia?tab=gets", "stream-live"),
    "person-inbox": ("/people/mia?tab=inbox", "20 % off oranges"),
    "topic": ("/topics/ticket:881", "priya"),
    "workflow": ("/workflows/comment-added", "What holds for it"),
    "words": ("/workflows/comment-added/words", "Alma commented on Pump 3"),
    "template": ("/templates/comment-added.en.mjml", "Versions"),
    "activity-search": ("/activity?q=mia", "login-new"),
    "capture-messages": ("/capture?view=messages", "20 % off oranges"),
    "simulation": ("/what-if/{simulation}", "would have come out otherwise"),
}
"""What a page is called in pictures, where it is, and what it says when it is whole; `{event}` is
the discount for everybody and `{notification}` what came of it for omar."""

SUPPOSED = {
    "name": "Quiet all day, and fewer mails",
    "slice": {"since": "2000-01-01T00:00:00Z"},
    "change": {
        "quiet_hours": [{"from": "00:00", "until": "23:59"}],
        "defaults": {"channels": {"email": "off"}},
    },
}
PICTURED = ("/", "/lanes", "/keys", "/dead-letters", "/blasts")
"""Pages of which tests of their own take pictures, with more in them."""

SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The demo after its last act, and after a change was tried on it."""
    one = Demo(tmp_path_factory.mktemp("demo"))
    try:
        await one.start()
        await supposed(one)
        yield one
    finally:
        await one.stop()


async def supposed(demo: Demo) -> None:
    """Wait for what would have become of the story, had things been otherwise."""
    made = await demo.want("POST", "/v1/simulations", SUPPOSED)

    async def done() -> bool:
        return bool((await demo.want("GET", f"/v1/simulations/{made['id']}"))["state"] == "done")

    await until(done)


async def opened(page: Page, demo: Demo, path: str) -> None:
    """A page of the dashboard once it shows what it is about."""
    await signed_in(page, demo, demo.key)
    await page.goto(f"{demo.url}/#{path}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".loading:visible")).to_have_count(0)


async def usable(page: Page) -> None:
    """It is usable as it is, and on a phone."""
    await axe(page)
    await expect(page).to_have_title(re.compile(r".+ · Clarion"))
    await page.set_viewport_size(PHONE)
    assert await page.evaluate(SIDEWAYS) <= 0
    await axe(page, schemes=("light",))


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_can_be_used_by_everybody(demo: Demo, page: Page, path: str) -> None:
    await opened(page, demo, path)
    if path not in PICTURED:
        await screenshot(page, named(path))
    await usable(page)


async def ids(demo: Demo) -> dict[str, str]:
    """What stands in the addresses of `DETAILS`."""
    found = await demo.want("GET", "/v1/notifications?user=omar&workflow=discount-published")
    row = found["data"][0]
    (tried,) = (await demo.want("GET", "/v1/simulations"))["data"]
    return {"notification": row["id"], "event": row["event_id"], "simulation": tried["id"]}


@pytest.mark.parametrize("name", DETAILS)
async def test_what_pages_lead_to_can_be_used_by_everybody(
    demo: Demo, page: Page, name: str
) -> None:
    path, said = DETAILS[name]
    await opened(page, demo, path.format(**await ids(demo)))
    await expect(
        page.get_by_role("main").get_by_text(said).filter(visible=True).first
    ).to_be_visible()
    await screenshot(page, name)
    await usable(page)


async def test_the_key_that_the_demo_prints_opens_its_pages(demo: Demo, page: Page) -> None:
    await sign_in(page, demo, demo.key)

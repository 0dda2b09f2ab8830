"""What people wrote is shown as they wrote it, and never runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.dashboard import signed_in
from tests.browser.hostile import CODE, LINKS, MARKUP, unharmed
from tests.browser.test_every_page import PATHS
from tests.browser.watch import Watch

TOPIC = f"doc:<script>{CODE}</script>"
MAIL = (
    "<html><body><h1>Hello {{ data.text }}</h1>"
    + "".join(MARKUP)
    + (
        "<a id=out href='javascript:top.planted=1'>a</a><form action='javascript:top.planted=1'>"
        "<button id=go>b</button></form><meta http-equiv=refresh content='0;url=/planted'>"
        "<iframe srcdoc='<script>top.planted=1</script>'></iframe></body></html>"
    )
)
REFUSED = "Content Security Policy|sandboxed|Blocked script|ERR_|status of 404|Refused"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server to which an attacker has told all kinds of things."""
    one = House(tmp_path_factory.mktemp("hostile"))
    try:
        await one.start()
        await attack(one)
        yield one
    finally:
        await one.kill()


async def attack(house: House) -> None:
    """Markup wherever text is taken, and links that would run."""
    for n, markup in enumerate(MARKUP):
        await house.want("PUT", f"/v1/categories/cat-{n}", {"name": markup, "description": markup})
        await house.want("PUT", f"/v1/users/u{n}", {"name": markup, "email": f"u{n}@example.org"})
        tell = {
            "title": "{{ data.text }}",
            "body": "{{ data.text }}",
            "url": "{{ data.url }}",
            "actions": [{"id": "a", "label": "{{ data.text }}", "url": "{{ data.url }}"}],
        }
        mail = {"subject": "{{ data.text }}", "body": MAIL}
        await house.workflow(
            f"flow-{n}",
            {"channel": "inbox", "template": tell},
            {"channel": "push", "template": {"title": "{{ data.text }}", "body": "b"}},
            {"channel": "email", "template": mail},
            category=f"cat-{n}",
        )
    topic = f"/v1/topics/{quote(TOPIC, safe='')}/subscribers"
    await house.want("POST", topic, {"add": [f"u{n}" for n in range(len(MARKUP))]})
    await house.want("PUT", "/v1/users/u0/devices/dead-token", {"platform": "fcm"})
    for n, markup in enumerate(MARKUP):
        for link in LINKS:
            data = {"text": markup, "url": link}
            await house.send(
                f"flow-{n}",
                *(f"u{m}" for m in range(len(MARKUP))),
                data=data,
                about=TOPIC,
                actor=f"u{n}",
                tags={"said": markup},
                correlation_id=markup[:60],
            )
    await house.idle()


async def opened(page: Page, house: House, path: str) -> None:
    """A page, once it shows what it is about."""
    await signed_in(page, house)
    await page.goto("about:blank")  # so that nothing of the page before is taken for it
    await page.goto(f"{house.url}/#{path}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".loading")).to_have_count(0)


@pytest.mark.parametrize("path", PATHS)
async def test_no_page_runs_what_it_shows(
    house: House, page: Page, watch: Watch, path: str
) -> None:
    watch.allow(REFUSED)
    await opened(page, house, path)
    await unharmed(page, watch)


@pytest.mark.parametrize("status", ["sent", "dead", "skipped", "open"])
async def test_no_notification_runs_what_it_shows(
    house: House, page: Page, watch: Watch, status: str
) -> None:
    watch.allow(REFUSED)
    found = (await house.want("GET", f"/v1/notifications?status={status}&limit=2"))["data"]
    for row in found:
        await opened(page, house, f"/notifications/{row['id']}")
        for frame in await page.locator("iframe").all():
            await frame.scroll_into_view_if_needed()
        await unharmed(page, watch)
        await opened(page, house, f"/events/{row['event_id']}")
        await unharmed(page, watch)


@pytest.mark.parametrize("path", ["/people/u0", "/workflows/flow-0", f"/topics/{quote(TOPIC)}"])
async def test_no_detail_runs_what_it_shows(
    house: House, page: Page, watch: Watch, path: str
) -> None:
    watch.allow(REFUSED)
    await opened(page, house, path)
    await unharmed(page, watch)


async def test_an_address_somebody_made_up_runs_nothing(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow(REFUSED)
    await signed_in(page, house)
    for markup in MARKUP:
        for path in ("/", "/activity?q=", "/nowhere/", "/notifications/", "/people/"):
            await page.goto(f"{house.url}/#{path}{quote(markup, safe='')}")
            await expect(page.locator("main")).to_be_visible()
            await unharmed(page, watch)

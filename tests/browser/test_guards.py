"""What another site can do to a browser that Clarion is open in: nothing."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.acceptance.house import KEY, House
from tests.browser.site import Site
from tests.browser.watch import Watch

ADDRESSES = ("/", "/static/dashboard/index.html", "/p/forged", "/u/forged", "/nowhere")

REFUSED_FETCH = """async ([url, init]) => {
  try { const answer = await fetch(url, init); return answer.type + ' ' + answer.status }
  catch (error) { return error.name }
}"""


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_page_says_what_it_may_load_and_who_may_frame_it(
    house: House, address: str
) -> None:
    async with (
        aiohttp.ClientSession(headers={"Accept": "text/html"}) as session,
        session.get(house.url + address) as answer,
    ):
        assert "set-cookie" not in answer.headers
        if answer.content_type != "text/html":
            assert answer.status == 404
            assert answer.content_type == "application/problem+json"
            return
        policy = {part.split()[0]: part.split()[1:] for part in _policy(answer.headers)}
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert policy["default-src"] == ["'none'"]
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]
        assert policy.get("script-src", ["'none'"]) in (["'none'"], ["'self'"])
        assert answer.headers["referrer-policy"] == "no-referrer"


def _policy(headers: Any) -> list[str]:
    parts = [part.strip() for part in headers["content-security-policy"].split(";")]
    return [part for part in parts if part]


async def test_no_other_site_can_put_the_dashboard_into_a_frame(
    house: House, site: Site, page: Page, watch: Watch
) -> None:
    watch.allow("frame-ancestors")
    site.put("/", f"<iframe src='{house.url}/'></iframe>")
    await page.goto(site.url)
    frame = page.frames[1]
    await expect(page.locator("iframe")).to_be_visible()
    assert await frame.locator("#app").count() == 0
    assert any("frame-ancestors" in fault for fault in watch.faults), (watch.faults, frame.url)


@pytest.mark.parametrize(
    ("path", "init"),
    [
        ("/v1/events?limit=1", {"headers": {"Authorization": f"Bearer {KEY}"}}),
        ("/v1/keys", {"headers": {"Authorization": f"Bearer {KEY}"}}),
        ("/v1/workflows", {"credentials": "include"}),
        ("/metrics", {}),
        ("/openapi.json", {}),
    ],
)
async def test_another_site_reads_no_answer_even_with_a_key(
    house: House, site: Site, page: Page, watch: Watch, path: str, init: dict[str, Any]
) -> None:
    watch.allow("CORS policy|net::ERR_FAILED|status of 40")
    site.put("/", "<!doctype html><title>a</title>")
    await page.goto(site.url)
    assert await page.evaluate(REFUSED_FETCH, [house.url + path, init]) == "TypeError"


async def test_what_another_site_posts_changes_nothing(
    house: House, site: Site, page: Page, watch: Watch
) -> None:
    watch.allow("CORS policy|net::ERR_FAILED|status of 4")
    await house.workflow("order", {"channel": "inbox", "template": {"title": "a"}})
    event = json.dumps({"type": "order", "recipients": ["ana"]})
    site.put("/", f"<form method=post enctype=text/plain action='{house.url}/v1/events'>"
                          f"<input name='{event[:-1]},\"a\":\"' value='\"}}'></form>")  # fmt: skip
    await page.goto(site.url)
    init = {"method": "POST", "mode": "no-cors", "credentials": "include", "body": event}
    assert await page.evaluate(REFUSED_FETCH, [f"{house.url}/v1/events", init]) == "opaque 0"
    async with page.expect_navigation():
        await page.evaluate("document.forms[0].submit()")
    assert page.url == f"{house.url}/v1/events"
    assert (await house.want("GET", "/v1/events"))["data"] == []


async def test_the_dashboard_needs_no_cookie(house: House, page: Page) -> None:
    await page.goto(house.url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await page.context.cookies() == []

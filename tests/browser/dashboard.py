"""The operators' page, as an operator who is signed in uses it."""

from __future__ import annotations

import json
import re

from playwright.async_api import Page, expect

from tests.acceptance.house import KEY, House


async def sign_in(page: Page, house: House, key: str = KEY) -> None:
    """Type the key at the door and go in."""
    await page.goto(house.url)
    await page.get_by_label("API key").fill(key)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


async def signed_in(page: Page, house: House, key: str = KEY) -> None:
    """What signing in leaves, for tests of other things: this tab knows the key."""
    where, what = json.dumps(house.url), json.dumps(key)
    await page.add_init_script(
        f"if (location.origin === {where}) sessionStorage.setItem('clarion.key', {what})"
    )


async def at(page: Page, house: House, path: str, heading: str | re.Pattern[str]) -> None:
    """Open a page of the dashboard by its address, `/activity?q=u1`, and wait for its heading."""
    await page.goto(f"{house.url}/#{path}")
    await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()

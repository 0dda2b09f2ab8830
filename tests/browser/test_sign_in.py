from __future__ import annotations

import asyncio
import json
import sys

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.house import KEY, House
from tests.browser.axe import axe
from tests.browser.conftest import Devices
from tests.browser.dashboard import at, sign_in, signed_in
from tests.browser.pictures import screenshot
from tests.browser.watch import Watch
from tests.cli.shell import environ

PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
STORED = "() => JSON.stringify([{...localStorage}, document.cookie, location.href])"


async def test_a_wrong_key_is_told_in_words_and_the_right_one_opens(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("status of 401")
    await page.goto(house.url)
    await screenshot(page, "sign-in")
    await page.get_by_label("API key").fill("clk_wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("The API key is not known here")).to_be_visible()
    await expect(page.get_by_label("API key")).to_have_attribute("aria-invalid", "true")
    await axe(page)
    await sign_in(page, house)


async def test_nothing_typed_is_said_before_anybody_is_asked(
    house: House, page: Page, watch: Watch
) -> None:
    await page.goto(house.url)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Paste a key first.")).to_be_visible()
    assert watch.asked(lambda url: "keys/self" in url) == []


async def test_a_key_that_may_only_trigger_does_not_open(house: House, page: Page) -> None:
    made = await house.want("POST", "/v1/keys", {"scopes": ["trigger"]})
    await page.goto(house.url)
    await page.get_by_label("API key").fill(made["key"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This key may only trigger")).to_be_visible()


async def test_the_key_stays_in_the_tab_and_goes_with_signing_out(house: House, page: Page) -> None:
    await sign_in(page, house)
    assert KEY not in await page.evaluate(STORED)
    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(house.url)
    await expect(other.get_by_label("API key")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("API key")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_a_key_that_is_revoked_ends_at_the_door(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("status of 401")
    made = await house.want("POST", "/v1/keys", {"scopes": ["read"]})
    await signed_in(page, house, made["key"])
    await house.want("DELETE", f"/v1/keys/{made['prefix']}")
    await page.goto(house.url)
    await expect(page.get_by_label("API key")).to_be_visible()


async def test_the_first_view_is_there_within_a_second(house: House, page: Page) -> None:
    """Bound: a second from the click on a link to what the operator came for, on loopback. What a
    busy machine does to one look says nothing of the page, so the quickest of three counts."""
    await signed_in(page, house)
    seen: list[float] = []
    while not seen or (min(seen) >= 1_000 and len(seen) < 3):
        await page.goto(house.url)
        await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
        seen.append(await page.evaluate(PAINTED))
    assert min(seen) < 1_000, seen


@pytest.mark.parametrize("path", ["/nowhere", "/blasts/a/b/c"])
async def test_an_address_that_leads_nowhere_says_so(house: House, page: Page, path: str) -> None:
    await signed_in(page, house)
    await page.goto(f"{house.url}/#{path}")
    await expect(page.get_by_text("There is no such page")).to_be_visible()
    await screenshot(page, "nowhere")
    await page.get_by_role("link", name="Go to the overview").click()
    await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


async def test_the_pages_are_reached_by_keyboard_alone(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/", "Overview")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    keys = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Keys")
    await keys.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Keys")).to_be_focused()
    await expect(keys).to_have_attribute("aria-current", "page")
    await expect(page).to_have_title("Keys · default · Clarion")


async def test_colours_are_chosen_and_kept(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/", "Overview")
    lightness = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = await page.evaluate(lightness)
    for _ in range(2):
        await page.get_by_role("button", name="Colours").click()
    await expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
    dark = await page.evaluate(lightness)
    assert dark != light
    await page.reload()
    await expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
    assert await page.evaluate(lightness) == dark


async def test_on_a_phone_the_navigation_folds(house: House, device: Devices) -> None:
    page = await device(viewport={"width": 390, "height": 844}, has_touch=True)
    await signed_in(page, house)
    await at(page, house, "/", "Overview")
    navigation = page.get_by_role("navigation", name="Pages")
    await expect(navigation).to_be_hidden()
    await page.get_by_role("button", name="Navigation").click()
    await expect(navigation).to_be_visible()
    await axe(page)
    await navigation.get_by_role("link", name="Lanes").click()
    await expect(page.get_by_role("heading", level=1, name="Lanes")).to_be_visible()
    await expect(navigation).to_be_hidden()
    wide = "() => document.documentElement.scrollWidth - innerWidth"
    assert await page.evaluate(wide) <= 0


async def test_a_link_opens_the_page_once_and_leaves_no_code_behind(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("status of 404")
    link = await link_to(house, "/lanes")
    code = link.rpartition("code=")[2]
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1, name="Lanes")).to_be_visible()
    assert page.url == f"{house.url}/#/lanes"
    assert code not in await page.evaluate(STORED)
    assert watch.asked(lambda url: code in url) == []
    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="Lanes")).to_be_visible()

    other = await page.context.new_page()
    await other.goto(link)
    await expect(other.get_by_text("This link was used before")).to_be_visible()
    assert other.url == f"{house.url}/#/lanes"
    await axe(other)


async def test_the_key_of_a_link_ends_with_signing_out(house: House, page: Page) -> None:
    await page.goto(await link_to(house, "/keys"))
    row = page.get_by_role("row").filter(has_text="in use here")
    await expect(row.get_by_text("given by a sign-in link")).to_be_visible()
    async with page.expect_response(lambda answer: answer.request.method == "DELETE") as ended:
        await page.get_by_role("button", name="Sign out").click()
    assert (await ended.value).status == 204
    await expect(page.get_by_label("API key")).to_be_visible()


async def test_a_tab_that_is_signed_in_does_not_follow_a_link(house: House, page: Page) -> None:
    await sign_in(page, house)
    link = await link_to(house)
    await page.evaluate("link => { location.href = link }", link)
    await expect(page.get_by_text("You are signed in already")).to_be_visible()
    assert page.url == f"{house.url}/#/"
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("API key")).to_be_visible()
    # The link is as good as before, and opens without loading the page anew.
    await page.evaluate("link => { location.href = link }", link)
    await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


async def link_to(house: House, to: str = "/") -> str:
    """A sign-in link as the server's operator makes it, to a page."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "clarion", "keys", "sign-in", "--url", house.url, "--json",
        cwd=house.folder, env=environ(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    link: str = json.loads(out)["url"]
    return link.replace("?", f"?to={to}&")

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.house import KEY, House
from tests.browser.axe import axe
from tests.browser.conftest import Devices
from tests.browser.dashboard import at, sign_in, signed_in
from tests.browser.pictures import screenshot
from tests.browser.watch import Watch

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
    """Bound: a second from the click on a link to what the operator came for, on loopback."""
    await signed_in(page, house)
    await page.goto(house.url)
    await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    painted = await page.evaluate(
        "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    assert painted < 1_000


@pytest.mark.parametrize("path", ["/nowhere", "/blasts/a/b/c"])
async def test_an_address_that_leads_nowhere_says_so(house: House, page: Page, path: str) -> None:
    await signed_in(page, house)
    await page.goto(f"{house.url}/#{path}")
    await expect(page.get_by_text("There is no such page")).to_be_visible()
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

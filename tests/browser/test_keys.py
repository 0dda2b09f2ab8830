"""API keys: made, shown once, revoked."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, sign_in, signed_in
from tests.browser.pictures import screenshot


async def test_a_key_is_shown_once_and_works(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/keys", "Keys")
    await page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("trigger:").check()
    await dialog.get_by_label("It holds").select_option("P30D")
    await axe(page)
    await dialog.get_by_role("button", name="Make the key").click()
    shown = dialog.get_by_role("region", name="The new key")
    key = await shown.inner_text()
    assert re.fullmatch(r"clk_default_[\w-]{43}", key)
    await axe(page)
    await screenshot(page, "key-shown-once")
    await dialog.get_by_role("button", name="I have kept it").click()
    await expect(dialog).to_be_hidden()
    prefix = key[:22]
    row = page.get_by_role("row").filter(has_text=prefix)
    await expect(row).to_contain_text("trigger, read")
    await expect(row).to_contain_text("until in 30 days")
    assert key not in await page.content()
    await screenshot(page, "keys")
    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(row).to_contain_text("Revoked")
    await expect(row.get_by_role("button")).to_have_count(0)


async def test_the_own_key_is_revoked_only_when_that_is_typed(house: House, page: Page) -> None:
    made = await house.want("POST", "/v1/keys", {"scopes": ["admin"]})
    await sign_in(page, house, made["key"])
    await page.get_by_role("link", name="Keys").click()
    await page.get_by_role("row").filter(has_text="in use here").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("You will be signed out")
    await expect(dialog.get_by_role("button", name="Revoke")).to_be_disabled()
    await dialog.get_by_label("Type revoke to go on").fill("revoke")
    await dialog.get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("you revoked the key")).to_be_visible()


async def test_who_may_only_read_is_told_what_the_own_key_may(house: House, page: Page) -> None:
    made = await house.want("POST", "/v1/keys", {"scopes": ["read"]})
    await signed_in(page, house, made["key"])
    await at(page, house, "/keys", "Keys")
    await expect(page.get_by_text("Only an admin key shows the others")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text(made["prefix"])
    await axe(page)

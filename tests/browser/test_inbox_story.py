"""An item on its way: to every tab and device, through cut networks, killed servers and tokens
that expire, not lost and not doubled."""

from __future__ import annotations

import aiohttp
from playwright.async_api import expect

from tests.acceptance.house import KEY, until
from tests.browser.bell import Bell
from tests.browser.conftest import Devices
from tests.browser.pictures import screenshot
from tests.browser.shop import Shop
from tests.browser.watch import Watch

UNREAD = 'badge="unread" toasts="off"'
GONE = "ERR_|Failed to fetch|status of 401|status of 503|CORS policy"


async def unread(shop: Shop, user: str) -> int:
    """How many items of a user the server takes for unread."""
    headers = {"Authorization": f"Bearer {await shop.token(user)}"}
    async with (
        aiohttp.ClientSession(shop.house.url, headers=headers) as session,
        session.get("/v1/inbox/counts") as answer,
    ):
        return int((await answer.json())["unread"])


async def test_an_event_rings_on_both_tabs_and_reading_it_on_one_clears_the_other(
    shop: Shop, device: Devices
) -> None:
    one = await device()
    other = await one.context.new_page()
    await shop.tell("ana", "Welcome")
    for page in (one, other):
        await page.goto(shop.at("ana", UNREAD))
        await Bell(page).shows("1")
    await shop.tell("ana", "Your order left")
    for page in (one, other):
        await Bell(page).shows("2")
    await Bell(one).open()
    await Bell(one).choose("Your order left", "Mark as read")
    for page in (one, other):
        await Bell(page).shows("1")


async def test_what_is_read_on_the_phone_is_read_on_the_desk(shop: Shop, device: Devices) -> None:
    desk = await device()
    phone = await device(viewport={"width": 390, "height": 844}, has_touch=True)
    await shop.tell("ben", "First", "Second")
    for page in (desk, phone):
        await page.goto(shop.at("ben", UNREAD))
        await Bell(page).shows("2")
    await Bell(desk).open()
    await Bell(phone).open()
    await Bell(phone).choose("First", "Mark as read")
    await Bell(desk).shows("1")
    await Bell(phone).choose("Second", "Archive")
    await expect(Bell(desk).items).to_have_count(1)
    await Bell(desk).shows("")


async def test_a_cut_network_loses_and_doubles_nothing(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    watch.allow(GONE)
    page = await device()
    bell = Bell(page)
    await shop.tell("cleo", "Before")
    await page.goto(shop.at("cleo", UNREAD))
    await bell.shows("1")
    await bell.open()
    await expect(bell.items).to_have_count(1)
    for turn in range(2):
        await shop.cable.cut()
        await page.context.set_offline(True)
        await shop.tell("cleo", *(f"Meanwhile {turn}.{n}" for n in range(3)))
        shop.cable.mend()
        await page.context.set_offline(False)
        await bell.shows(str(1 + 3 * (turn + 1)))
    await shop.tell("cleo", "After")
    await bell.shows("8")
    await expect(bell.items).to_have_count(8)
    assert sorted(await bell.titles()) == sorted(
        ["After", "Before", *(f"Meanwhile {t}.{n}" for t in range(2) for n in range(3))]
    )


async def test_who_reads_deep_in_the_list_stays_there_after_being_away_for_long(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    """Over 200 changes are not told one by one: the list is asked for again, all of it."""
    watch.allow(GONE)
    page = await device()
    bell = Bell(page)
    await shop.tell("kay", *(f"Note {n}" for n in range(60)))
    await page.goto(shop.at("kay", f'{UNREAD} page-size="10"'))
    await bell.shows("60")
    await bell.open()
    while await bell.items.count() < 60:
        await bell.items.last.scroll_into_view_if_needed()
    await bell.items.last.scroll_into_view_if_needed()
    where = "list => [list.scrollTop, list.scrollHeight]"
    scrolled = page.locator("clarion-inbox #list")
    before = await scrolled.evaluate(where)
    await shop.cable.cut()
    await page.context.set_offline(True)
    for _ in range(3):
        await shop.tell("kay", *(f"Meanwhile {n}" for n in range(70)))
    shop.cable.mend()
    await page.context.set_offline(False)
    await expect(page.get_by_role("button", name="99+ new")).to_be_visible()
    top, height = await scrolled.evaluate(where)
    assert abs(top - before[0]) < 100
    assert height >= before[1]
    await expect(bell.items.last).to_be_in_viewport()


async def test_a_list_that_could_not_be_had_comes_with_the_network(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    watch.allow(GONE)
    page = await device()
    bell = Bell(page)
    await shop.tell("ira", "Hello")
    await page.goto(shop.at("ira", UNREAD))
    await bell.shows("1")
    await shop.cable.cut()
    await bell.open()
    await expect(page.get_by_text("Notifications could not be loaded")).to_be_visible()
    shop.cable.mend()
    await expect(bell.item("Hello")).to_be_visible()


async def test_what_is_marked_offline_is_sent_when_the_network_is_back(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    watch.allow(GONE)
    page = await device()
    bell = Bell(page)
    await shop.tell("dora", "Read me", "Keep me")
    await page.goto(shop.at("dora", UNREAD))
    await bell.shows("2")
    await bell.open()
    await expect(bell.items).to_have_count(2)
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await screenshot(page, "inbox-offline")
    await bell.choose("Read me", "Mark as read")
    await bell.shows("1")
    assert await unread(shop, "dora") == 2
    await page.context.set_offline(False)
    await expect(page.get_by_text("You are offline.")).to_have_count(0)

    async def arrived() -> bool:
        return await unread(shop, "dora") == 1

    await until(arrived)
    await page.reload()
    await bell.shows("1")


async def test_a_server_that_was_killed_and_started_again_is_found_by_every_tab(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    watch.allow(GONE)
    one = await device()
    other = await one.context.new_page()
    await shop.tell("eli", "Before")
    for page in (one, other):
        await page.goto(shop.at("eli", UNREAD))
        await Bell(page).shows("1")
    await shop.restart()
    await shop.tell("eli", "After")
    for page in (one, other):
        await Bell(page).shows("2")
        await Bell(page).open()
        await expect(Bell(page).items).to_have_count(2)


async def test_a_token_that_ends_is_replaced_before_anybody_notices(
    shop: Shop, device: Devices
) -> None:
    page = await device()
    shop.seconds = 62  # a minute before its end the stream says so
    await shop.tell("finn", "Before")
    before = shop.tokens
    await page.goto(shop.at("finn", UNREAD))
    await Bell(page).shows("1")
    shop.seconds = None

    async def asked_again() -> bool:
        return shop.tokens >= before + 2

    await until(asked_again)
    await shop.tell("finn", "After")
    await Bell(page).shows("2")


async def test_a_token_that_is_over_is_said_and_a_new_one_is_taken(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    watch.allow("status of 401")
    page = await device()
    await shop.tell("gil", "Before")
    shop.seconds = -10
    await page.goto(shop.at("gil", UNREAD))
    await Bell(page).open()
    await expect(page.get_by_text("Please sign in again")).to_be_visible()
    shop.seconds = None
    await page.reload()
    await Bell(page).shows("1")


async def test_the_customers_page_never_sees_a_key_and_keeps_no_token(
    shop: Shop, device: Devices, watch: Watch
) -> None:
    page = await device()
    await shop.tell("hana", "Hello")
    await page.goto(shop.at("hana", UNREAD))
    await Bell(page).shows("1")
    token = await shop.token("hana")
    kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in kept
    assert KEY not in kept + await page.content()
    assert watch.asked(lambda url: token.split(".")[0] in url) == []
    assert await page.context.cookies() == []

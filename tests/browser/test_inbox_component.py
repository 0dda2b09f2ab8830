"""The inbox on a page: by keyboard alone, in other scripts, in the dark, and with a lot in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.axe import axe
from tests.browser.bell import Bell
from tests.browser.conftest import Devices
from tests.browser.hostile import LINKS, MARKUP, unharmed
from tests.browser.pictures import screenshot
from tests.browser.shop import Shop
from tests.browser.watch import Watch

CALM = 'toasts="off"'


async def test_everything_is_done_with_the_keyboard_alone(shop: Shop, page: Page) -> None:
    bell = Bell(page)
    await shop.tell("ana", "One", "Two", "Three")
    await page.goto(shop.at("ana", CALM))
    await bell.shows("3")
    await page.keyboard.press("Tab")
    await expect(bell.button).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(bell.panel).to_be_focused()
    await expect(bell.items).to_have_count(3)
    for _ in range(8):
        await page.keyboard.press("Tab")
        if await bell.items.first.evaluate("item => item.matches(':focus')"):
            break
    await expect(bell.items.first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(bell.items.nth(1)).to_be_focused()
    await page.keyboard.press("r")
    await expect(bell.items.nth(1).get_by_text("Unread")).to_have_count(0)
    await page.keyboard.press("Delete")
    await expect(bell.items).to_have_count(2)
    await expect(bell.items.nth(1)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(bell.panel).to_be_hidden()
    await expect(bell.button).to_be_focused()


async def test_everybody_can_use_it_open_closed_and_with_its_menu(shop: Shop, page: Page) -> None:
    bell = Bell(page)
    await shop.tell("ben", "Your order left", "Your invoice is due", "Welcome")
    await page.goto(shop.at("ben", CALM))
    await bell.shows("3")
    await axe(page)
    await bell.open()
    await expect(bell.items).to_have_count(3)
    await axe(page)
    await screenshot(page, "inbox", phone=True)
    await bell.item("Welcome").get_by_role("button", name="More for Welcome").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await axe(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    for tab in ("Unread", "Archived", "Snoozed"):
        await page.get_by_role("tab", name=tab).click()
        await axe(page)


@pytest.mark.parametrize(("lang", "rtl"), [("ar", True), ("ja", False), ("de", False)])
async def test_it_speaks_the_language_of_the_page(
    shop: Shop, device: Devices, lang: str, rtl: bool
) -> None:
    page = await device(locale=lang)
    await shop.tell(f"cleo-{lang}", "Hello")
    await page.goto(shop.at(f"cleo-{lang}", CALM, lang=lang, rtl=rtl))
    await page.locator("clarion-inbox").get_by_role("button").first.click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_have_attribute("lang", lang)
    await expect(panel).to_have_css("direction", "rtl" if rtl else "ltr")
    await expect(page.get_by_role("article")).to_have_count(1)
    box = await panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    await axe(page)
    if rtl:
        await screenshot(page, "inbox-rtl")


async def test_a_badge_stops_counting_at_99_and_the_list_goes_on(shop: Shop, page: Page) -> None:
    bell = Bell(page)
    await shop.tell("dora", *(f"Note {n}" for n in range(130)))
    await page.goto(shop.at("dora", CALM))
    await bell.shows("99+")
    await bell.open()
    await expect(bell.items.first).to_be_visible()
    await bell.items.last.focus()
    for _ in range(12):
        await page.keyboard.press("End")
        if await bell.items.count() >= 130:
            break
        await expect(page.get_by_role("feed")).to_have_attribute("aria-busy", "false")
    await expect(bell.items).to_have_count(130)
    titles = await bell.titles()
    assert len(set(titles)) == 130


async def test_marking_all_leaves_what_came_meanwhile(shop: Shop, page: Page) -> None:
    bell = Bell(page)
    await shop.tell("eli", "One", "Two")
    await page.goto(shop.at("eli", f'{CALM} badge="unread"'))
    await bell.open()
    await expect(bell.items).to_have_count(2)
    await page.get_by_role("button", name="Mark all as read").click()
    await bell.shows("")
    await shop.tell("eli", "Three")
    await bell.shows("1")
    await expect(bell.item("Three").get_by_text("Unread")).to_be_attached()


async def test_many_events_of_a_key_are_one_item_with_its_people(shop: Shop, page: Page) -> None:
    title = "{{ actor.name }} and others like it"
    step: dict[str, Any] = {"channel": "inbox", "template": {"title": title}}
    step["aggregate"] = {"key": "data.post", "reopen": True}
    await shop.house.workflow("liked", step)
    people = ["finn", "sydney", "alex", "mia"]
    await shop.house.people([{"id": one, "name": one.capitalize()} for one in people])
    bell = Bell(page)
    await page.goto(shop.at("finn", f'{CALM} badge="unread"'))
    for actor in people[1:]:
        await shop.house.complete(
            await shop.house.send("liked", "finn", data={"post": "7"}, actor=actor)
        )
    await bell.shows("1")
    await bell.open()
    await expect(bell.items).to_have_count(1)
    await expect(bell.items.first).to_contain_text("Mia and others like it")


async def test_motion_is_left_out_for_those_who_ask(shop: Shop, device: Devices) -> None:
    page = await device(reduced_motion="reduce")
    await shop.tell("gil", "Hello")
    await page.goto(shop.at("gil", CALM))
    await Bell(page).open()
    await expect(Bell(page).items).to_have_count(1)
    durations = (
        "() => document.querySelector('clarion-inbox').shadowRoot.getAnimations()"
        ".filter(one => one.effect.getComputedTiming().activeDuration > 1).length"
    )
    assert await page.evaluate(durations) == 0


async def test_a_toast_tells_of_what_is_new_and_opens_it(shop: Shop, page: Page) -> None:
    await shop.tell("hana", "Known before")
    await page.goto(shop.at("hana"))
    await Bell(page).shows("1")
    await shop.tell("hana", "Your parcel is here")
    await expect(page.get_by_text("Your parcel is here")).to_be_visible()
    await axe(page)


async def test_what_an_attacker_wrote_is_text_and_never_a_link(
    shop: Shop, page: Page, watch: Watch
) -> None:
    bell = Bell(page)
    await shop.tell("ira", *MARKUP)
    await page.goto(shop.at("ira", CALM))
    await bell.open()
    await expect(bell.items).to_have_count(len(MARKUP))
    assert set(await bell.titles()) == set(MARKUP)
    await unharmed(page, watch)


async def test_links_that_would_run_are_none_even_if_the_server_let_them_pass(
    shop: Shop, page: Page, watch: Watch
) -> None:
    async def poisoned(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        for entry, link in zip(body["entries"], LINKS, strict=True):
            actions = [{"id": "a", "label": "Go", "url": link}]
            entry.update(url=link, image=link, actions=actions, title=MARKUP[0])
        await route.fulfill(response=answer, body=json.dumps(body))

    await page.route("**/v1/inbox?*", poisoned)
    await shop.tell("jon", *LINKS)
    await page.goto(shop.at("jon", CALM))
    bell = Bell(page)
    await bell.open()
    await expect(bell.items).to_have_count(len(LINKS))
    assert await bell.items.get_by_role("link").count() == 0
    for button in await bell.items.locator(".link").all():
        await button.click()
    await unharmed(page, watch)

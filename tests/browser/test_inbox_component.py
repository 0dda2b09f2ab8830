"""The inbox on a page: by keyboard alone, in other scripts, in the dark, and with a lot in it."""

from __future__ import annotations

import json
import re
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
HELLO = {
    "ar": "طلبك في الطريق إليك",
    "ja": "発送しました",
    "de": "Deine Bestellung kommt",
}
TOLD: dict[str, dict[str, Any]] = {
    "welcome": {"title": "Welcome", "body": "Good to have you here."},
    "invoice": {
        "title": "Your invoice is due",
        "body": "14 euros until Friday.",
        "url": "/invoices/7",
        "actions": [{"id": "pay", "label": "Pay", "url": "/pay"}, {"id": "not", "label": "Later"}],
    },
    "review": {
        "title": "{{ actor.name }} answered your review",
        "body": "Thank you! We will make them a little larger next time.",
        "url": "/reviews/3",
    },
    "order-left": {
        "title": "Your order left",
        "body": "It should be with you on Tuesday, between 9 and 12.",
        "url": "/orders/1",
    },
}


async def told_of_all_kinds(shop: Shop, user: str) -> int:
    """An item of each kind, in the inbox of a user who is made; how many there are."""
    await shop.house.people([{"id": user}, {"id": "sydney", "name": "Sydney"}])
    for key, template in TOLD.items():
        await shop.house.workflow(key, {"channel": "inbox", "template": template})
        await shop.house.complete(await shop.house.send(key, user, actor="sydney"))
    return len(TOLD)


async def focus_is_kept(bell: Bell, text: str) -> None:
    """Toasts stay for whoever is at them."""
    await bell.page.get_by_role("button", name=f"Dismiss: {text}").focus()


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
    count = await told_of_all_kinds(shop, "ben")
    await page.goto(shop.at("ben", CALM))
    await bell.shows(str(count))
    await axe(page)
    await screenshot(page, "inbox-closed")
    await bell.open()
    await expect(bell.items).to_have_count(count)
    await axe(page)
    await screenshot(page, "inbox")
    await bell.item("Welcome").get_by_role("button", name="More for Welcome").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await axe(page)
    await screenshot(page, "inbox-menu", phone=False)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    for tab in ("Unread", "Archived", "Snoozed"):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.locator(".bone")).to_have_count(0)
        await axe(page)
    await screenshot(page, "inbox-empty")


@pytest.mark.parametrize(("lang", "rtl"), [("ar", True), ("ja", False), ("de", False)])
async def test_it_speaks_the_language_of_the_page(
    shop: Shop, device: Devices, lang: str, rtl: bool
) -> None:
    page = await device(locale=lang)
    await shop.tell(f"cleo-{lang}", HELLO[lang])
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
    await focus_is_kept(Bell(page), "Your parcel is here")
    await axe(page)
    await screenshot(page, "inbox-toast")
    shop.site.put("/orders/1", "<!doctype html><title>Your order</title>")
    await page.get_by_text("Your parcel is here").click()
    await expect(page).to_have_url(re.compile("/orders/1$"))


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
    """Nor by the stream, which is kept away as it would say what is true."""

    async def poisoned(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        entries = [*body.get("entries", []), *filter(None, [body.get("entry")])]
        for entry, link in zip(entries, LINKS, strict=False):
            actions = [{"id": "a", "label": "Go", "url": link}]
            entry.update(url=link, image=link, actions=actions, title=MARKUP[0])
        await route.fulfill(response=answer, body=json.dumps(body))

    watch.allow("ERR_FAILED")
    await page.route(re.compile(r"/v1/inbox\b"), poisoned)
    await page.route("**/v1/inbox/stream*", lambda route: route.abort())
    await shop.tell("jon", *LINKS)
    await page.goto(shop.at("jon", CALM))
    bell = Bell(page)
    await bell.open()
    await expect(bell.items).to_have_count(len(LINKS))
    assert await bell.items.get_by_role("link").count() == 0
    for button in await bell.items.locator(".link").all():
        await button.click()
    await unharmed(page, watch)
    await page.unroute_all(behavior="wait")


async def test_as_a_part_of_the_page_it_is_open_and_has_no_bell(shop: Shop, page: Page) -> None:
    bell = Bell(page)
    count = await told_of_all_kinds(shop, "kim")
    await page.goto(shop.at("kim", f'{CALM} mode="page"'))
    await expect(bell.items).to_have_count(count)
    await expect(bell.button).to_have_count(0)
    await axe(page)
    await screenshot(page, "inbox-page")


async def test_a_menu_closes_when_its_item_scrolls_away(shop: Shop, page: Page) -> None:
    bell = Bell(page)
    await shop.tell("lea", *(f"Note {n}" for n in range(20)))
    await page.goto(shop.at("lea", CALM))
    await bell.open()
    await expect(bell.items).to_have_count(20)
    await bell.item("Note 19").get_by_role("button", name="More for Note 19").click()
    menu = page.get_by_role("menu")
    await expect(menu).to_be_visible()
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await bell.items.first.hover()
    await page.mouse.wheel(0, 200)
    await expect(menu).to_have_count(0)
    await expect(bell.panel).to_be_visible()

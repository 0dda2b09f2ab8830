"""Finding one notification among a million, and reading what became of it."""

from __future__ import annotations

import os
import re
import statistics
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Locator, Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.conftest import Devices
from tests.browser.dashboard import at, signed_in
from tests.browser.million import fill
from tests.browser.pictures import PHONE

pytestmark = pytest.mark.timeout(180)
"""The first of them waits for a million rows."""

FLING = """async ({ list, frames, pixels }) => {
  const gaps = []
  let last = await new Promise(requestAnimationFrame), most = 0
  for (let n = 0; n < frames; n += 1) {
    list.scrollTop += pixels
    const now = await new Promise(requestAnimationFrame)
    gaps.push(now - last)
    last = now
    most = Math.max(most, list.querySelectorAll('[role=listitem]').length)
  }
  return { gaps, most, reached: list.scrollTop }
}"""


SHOWN = "() => performance.getEntriesByName('rows')[0].startTime"
SECOND_MS = 1_000
LOOKS = 3
FRAMES = 240
FRAME_MS = 1000 / 60


def is_smooth(gaps_ms: list[float]) -> bool:
    """Whether frames came so that motion looks like motion."""
    gaps = sorted(gaps_ms)
    return statistics.median(gaps) < 20 and gaps[int(len(gaps) * 0.95)] < 100 and gaps[-1] < 250


async def busy_ms(session: CDPSession) -> float:
    """Milliseconds of a processor that the page has used so far."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    (seconds,) = (one["value"] for one in metrics if one["name"] == "TaskDuration")
    return float(seconds) * 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(_pages: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server with a million notifications."""
    one = House(tmp_path_factory.mktemp("million"))
    try:
        await one.start()
        await fill(one)
        yield one
    finally:
        await one.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def activity(house: House, page: Page) -> Page:
    """The page, as somebody who is signed in opens it."""
    await signed_in(page, house)
    await at(page, house, "/activity", "Activity")
    await expect(rows(page).first).to_be_visible()
    return page


def rows(page: Page) -> Locator:
    return page.get_by_role("region", name="Notifications").get_by_role("listitem")


async def test_a_million_are_there_within_a_second(house: House, page: Page) -> None:
    """Bound: a second is how long people wait without losing the thread. What a busy machine does
    to one look says nothing of the page, so the quickest of three counts."""
    await signed_in(page, house)
    await page.add_init_script(
        "new MutationObserver((_, seen) => { if (document.querySelector('[role=listitem] a')) {"
        " performance.mark('rows'); seen.disconnect() } })"
        ".observe(document, { childList: true, subtree: true })"
    )
    await at(page, house, "/activity", "Activity")
    seen: list[float] = []
    while not seen or (min(seen) >= SECOND_MS and len(seen) < LOOKS):
        await page.reload()
        await expect(rows(page).first).to_be_visible()
        seen.append(await page.evaluate(SHOWN))
    assert min(seen) < SECOND_MS, seen


async def test_the_list_scrolls_without_a_hitch(activity: Page) -> None:
    """A fling of 24,000 pixels a second, through thousands of rows that are fetched meanwhile.

    Bounds: half of the frames come at the screen's pace, 60 a second; of twenty at most one comes
    later than 100 ms, which still feels immediate; none takes 250 ms, half of what feels like a
    page that hangs. The smoothest of three flings counts. Where others keep the processors busy
    frames tell of them: then what the page itself takes is judged, which has to fit into them.
    """
    region = activity.get_by_role("region", name="Notifications")
    how = {"list": await region.element_handle(), "frames": FRAMES, "pixels": 400}
    session = await activity.context.new_cdp_session(activity)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    flings: list[list[float]] = []
    used: list[float] = []
    seen: dict[str, Any] = {}
    for _ in range(LOOKS):
        before = await busy_ms(session)
        seen = await activity.evaluate(FLING, how)
        used.append(await busy_ms(session) - before)
        assert seen["most"] < 100, "rows out of sight are not kept in the page"
        flings.append(seen["gaps"])
        if is_smooth(seen["gaps"]):
            break
    assert seen["reached"] > 20_000
    crowded = os.getloadavg()[0] > (os.cpu_count() or 1)
    fits = min(used) < FRAMES * FRAME_MS
    assert is_smooth(flings[-1]) or (crowded and fits), (used, flings)


async def test_a_person_is_found_among_a_million(activity: Page) -> None:
    search = activity.get_by_label("Search")
    await search.fill("u0501")
    await search.press("Enter")
    await expect(rows(activity).first).to_contain_text("u0501")
    await expect(activity).to_have_url(re.compile(r"q=u0501"))
    await expect(rows(activity).filter(has_not_text="u0501")).to_have_count(0)
    await axe(activity)
    await activity.reload()
    await expect(rows(activity).first).to_contain_text("u0501")
    await expect(activity.get_by_label("Search")).to_have_value("u0501")


async def test_what_nobody_was_told_is_said_in_words(activity: Page) -> None:
    search = activity.get_by_label("Search")
    await search.fill("nobody-at-all")
    await search.press("Enter")
    await expect(activity.get_by_text("Nothing like that was told")).to_be_visible()
    await axe(activity)
    await activity.get_by_role("link", name="Show everything").click()
    await expect(rows(activity).first).to_be_visible()


async def test_what_comes_is_shown_without_a_reload(house: House, activity: Page) -> None:
    await house.want("PUT", "/v1/users/newcomer", {"email": "newcomer@example.org"})
    await house.send("order-shipped", "newcomer", data={"order": "1"})
    await expect(rows(activity).filter(has_text="newcomer")).to_be_visible()


async def test_a_notification_says_which_gate_stopped_it_and_whose_setting_that_was(
    house: House, page: Page
) -> None:
    await signed_in(page, house)
    found = await house.want("GET", "/v1/notifications?user=u0005&limit=1")
    await at(page, house, f"/notifications/{found['data'][0]['id']}", re.compile("u0005"))
    mail = page.get_by_role("region", name="Email, step 2")
    await expect(mail.get_by_text("Stopped by")).to_be_visible()
    await expect(mail.get_by_text("Whose choice")).to_be_visible()
    await mail.get_by_text("All gates").click()
    await expect(mail.get_by_role("listitem").first).to_be_visible()
    await axe(page)


async def test_a_notification_is_sent_again_and_says_so(house: House, page: Page) -> None:
    await signed_in(page, house)
    event = await house.send("order-shipped", "u0003", data={"order": "7"})
    await house.complete(event)
    found = await house.want("GET", f"/v1/notifications?event={event}")
    await at(page, house, f"/notifications/{found['data'][0]['id']}", re.compile("u0003"))
    await page.get_by_role("button", name="Send again").click()
    dialog = page.get_by_role("dialog", name="Send it again?")
    await axe(page)
    await dialog.get_by_role("button", name="Send again").click()
    await expect(page.get_by_role("link", name="the first time")).to_be_visible()
    again = await house.want("GET", "/v1/notifications?user=u0003&limit=2")
    assert again["data"][0]["event_id"] != event
    assert again["data"][1]["event_id"] == event


async def test_a_word_of_ours_is_explained_by_pointer_and_by_keyboard(
    house: House, page: Page
) -> None:
    await signed_in(page, house)
    await at(page, house, "/lanes", "Lanes")
    word = page.get_by_role("button", name="What is a lane?")
    hint = page.get_by_role("tooltip").filter(has_text="A queue of its own")
    await expect(hint).to_be_hidden()
    await expect(word).to_have_accessible_description(re.compile("A queue of its own"))
    await word.focus()
    await expect(hint).to_be_visible()
    await axe(page)
    await page.keyboard.press("Escape")
    await expect(hint).to_be_hidden()
    await word.hover()
    await expect(hint).to_be_visible()


async def test_a_narrow_screen_shows_the_title_and_the_whole_reason(
    house: House, device: Devices
) -> None:
    page = await device(viewport=PHONE)
    await signed_in(page, house)
    await house.want("PUT", "/v1/users/narrow", {"phone": "+4915112345678"})
    event = await house.send("order-shipped", "narrow", data={"order": "1"})
    await house.complete(event)
    await at(page, house, "/activity?user=narrow", "Activity")
    row = rows(page).first
    found = await house.want("GET", f"/v1/notifications?event={event}")
    await expect(row.get_by_text(found["data"][0]["title"])).to_be_visible()
    why = row.locator(".why")
    await expect(why).to_have_text(re.compile("email", re.IGNORECASE))
    assert await why.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""Finding one notification among a million, and reading what became of it."""

from __future__ import annotations

import re
import statistics
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in
from tests.browser.million import fill
from tests.browser.pictures import screenshot

pytestmark = pytest.mark.timeout(180)
"""A million rows are written before the first test."""

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
    """Bound: a second is how long people wait without losing the thread."""
    await signed_in(page, house)
    await page.add_init_script(
        "new MutationObserver((_, seen) => { if (document.querySelector('[role=listitem] a')) {"
        " performance.mark('rows'); seen.disconnect() } })"
        ".observe(document, { childList: true, subtree: true })"
    )
    await at(page, house, "/activity", "Activity")
    await expect(rows(page).first).to_be_visible()
    shown = await page.evaluate("() => performance.getEntriesByName('rows')[0].startTime")
    assert shown < 1_000


async def test_the_list_scrolls_without_a_hitch(activity: Page) -> None:
    """A fling of 24,000 pixels a second, through thousands of rows that are fetched meanwhile.

    Bounds: half of the frames come at the screen's pace, 60 a second; of twenty at most one comes
    later than 100 ms, which still feels immediate; none takes 250 ms, half of what feels like a
    page that hangs. The best of three flings counts: the machine that tests has two cores, and what
    runs beside this only ever adds to a gap.
    """
    region = activity.get_by_role("region", name="Notifications")
    how = {"list": await region.element_handle(), "frames": 240, "pixels": 400}
    flings = []
    for _ in range(3):
        await region.evaluate("list => { list.scrollTop = 0 }")
        seen = await activity.evaluate(FLING, how)
        assert seen["reached"] > 20_000
        assert seen["most"] < 100, "rows out of sight are not kept in the page"
        flings.append(sorted(seen["gaps"]))
    gaps = min(flings, key=lambda gaps: gaps[int(len(gaps) * 0.95)])
    assert statistics.median(gaps) < 20
    assert gaps[int(len(gaps) * 0.95)] < 100
    assert gaps[-1] < 250


async def test_a_person_is_found_among_a_million(activity: Page) -> None:
    search = activity.get_by_label("Search")
    await search.fill("u0501")
    await search.press("Enter")
    await expect(rows(activity).first).to_contain_text("u0501")
    await expect(activity).to_have_url(re.compile(r"q=u0501"))
    await expect(rows(activity).filter(has_not_text="u0501")).to_have_count(0)
    await screenshot(activity, "activity-search")
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
    await screenshot(page, "notification", phone=True)


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

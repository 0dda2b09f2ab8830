"""The newcomer's first screen: what was sent, what was not, and why; and the messages."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in

PUSH = {"channel": "push", "template": {"title": "{{ data.title }}", "body": "For you"}}
MAIL = {
    "channel": "email",
    "template": {"subject": "{{ data.title }}", "body": "<p>{{ data.title }}</p>"},
}


async def people(house: House, key: str, *names: str) -> None:
    """A workflow with a push and a mail, and users with a device and an address."""
    await house.workflow(key, PUSH, MAIL)
    for name in names:
        await house.want("PUT", f"/v1/users/{name}", {"email": f"{name}@example.org"})
        device = {"platform": "fcm", "app": "shop"}
        await house.want("PUT", f"/v1/users/{name}/devices/phone-{name}", device)


async def test_who_was_told_and_who_was_not_is_said_with_the_reason(
    house: House, page: Page
) -> None:
    await people(house, "shop.opened", "ida", "jon")
    await house.want(
        "PATCH", "/v1/users/jon/preferences", {"workflows": {"shop.opened": {"level": "none"}}}
    )
    data, tags = {"title": "We are open"}, {"story": "A shop opens"}
    await house.complete(await house.send("shop.opened", "ida", "jon", data=data, tags=tags))
    await signed_in(page, house)
    await at(page, house, "/capture", "Capture")
    story = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="A shop opens")
    )
    await expect(story.get_by_text("told: 1 by push, 1 by email")).to_be_visible()
    await expect(story.get_by_text("they switched these notifications off")).to_be_visible()
    await expect(story.get_by_role("article", name="Push to ida")).to_contain_text("We are open")
    await axe(page)
    await story.get_by_role("link", name="jon").click()
    await expect(page).to_have_url(re.compile("#/notifications/ntf_"))


async def test_messages_appear_as_they_would_have_left_and_never_run(
    house: House, page: Page
) -> None:
    await people(house, "note.sent", "kim")
    await signed_in(page, house)
    await at(page, house, "/capture?view=messages&user=kim", "Capture")
    await expect(page.get_by_text("Nothing was captured that fits")).to_be_visible()
    bad = "<script>parent.harmed = 1</script><img src=x onerror='parent.harmed = 1'>"
    await house.complete(await house.send("note.sent", "kim", data={"title": bad}))
    push = page.get_by_role("article", name="Push to kim")
    await expect(push).to_contain_text("<script>")
    await expect(page.get_by_role("article", name="Mail to kim")).to_be_visible()
    await axe(page)
    assert await page.evaluate("window.harmed") is None
    await page.get_by_role("link", name="Email", exact=True).click()
    await expect(push).to_have_count(0)
    await expect(page.get_by_role("article", name="Mail to kim")).to_be_visible()


async def test_where_nothing_happened_the_next_step_is_offered(house: House, page: Page) -> None:
    await signed_in(page, house)
    await at(page, house, "/capture?view=messages&channel=sms", "Capture")
    await expect(page.get_by_text("Nothing was captured that fits")).to_be_visible()
    await page.get_by_role("link", name="Show all").click()
    await expect(page).to_have_url(re.compile("view=messages$"))

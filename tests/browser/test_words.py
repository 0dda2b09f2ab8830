"""Words edited by somebody who writes no code: seen while they are typed, published, taken back."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.acceptance.house import House
from tests.browser.axe import axe
from tests.browser.dashboard import at, signed_in
from tests.browser.pictures import screenshot
from tests.browser.watch import Watch

MAIL = """---
subject: Order {{ data.order }}
---
<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{ user.name }}, it left today.</mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
PUSH = {"title": "Order {{ data.order }} left", "body": "It is on its way."}


async def a_workflow(house: House, key: str) -> str:
    """A workflow with a push and a mail; its file is `<key>.mjml`. Ana is there to read it."""
    await house.want("PUT", f"/v1/templates/{key}.mjml", {"source": MAIL})
    steps = [
        {"send": {"channel": "push", "template": PUSH}},
        {"delay": "PT1H"},
        {"send": {"channel": "email", "when": "!inbox.read", "template": f"{key}.mjml"}},
    ]
    await house.want("PUT", f"/v1/workflows/{key}", {"on": key, "steps": steps})
    await house.want("PUT", "/v1/users/ana", {"name": "Ana", "email": "ana@example.org"})
    return key


async def title_of(house: House, key: str) -> Any:
    found = await house.want("GET", f"/v1/workflows/{key}")
    return found["document"]["steps"][0]["send"]["template"]["title"]


async def editor(house: House, page: Page, key: str) -> None:
    await signed_in(page, house)
    await at(page, house, f"/workflows/{key}/words", f"Words of {key}")


async def test_words_are_seen_as_they_are_typed_and_live_once_published(
    house: House, page: Page
) -> None:
    key = await a_workflow(house, "typed")
    await editor(house, page, key)
    preview = page.get_by_role("region", name="Preview")
    await page.get_by_label("As it reads for").fill("ana")
    await page.get_by_label("Title").fill("Good news: ")
    await page.get_by_role("button", name="order", exact=True).click()
    await expect(page.get_by_label("Title")).to_have_value("Good news: {{ data.order }}")
    await expect(preview.get_by_text("Good news: order")).to_be_visible()
    await axe(page)
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.get_by_text("Draft, not live")).to_be_visible()
    assert await title_of(house, key) == PUSH["title"]
    await page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish these words?")
    await expect(dialog.get_by_text("Good news:")).to_be_visible()
    await axe(page)
    await screenshot(page, "words-publish")
    await dialog.get_by_role("button", name="Publish").click()
    await expect(dialog).to_be_hidden()
    assert await title_of(house, key) == "Good news: {{ data.order }}"


async def test_a_mistake_is_told_where_it_is_and_keeps_the_words_from_going_live(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("status of 422")
    key = await a_workflow(house, "mistaken")
    await editor(house, page, key)
    title = page.get_by_label("Title")
    await title.fill("Hi {{ usr.name }}")
    await expect(title).to_have_attribute("aria-invalid", "true")
    await axe(page)
    await page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish these words?")
    await dialog.get_by_role("button", name="Publish").click()
    await expect(dialog.get_by_role("alert")).to_be_visible()
    assert await title_of(house, key) == PUSH["title"]


async def test_a_name_that_no_event_has_is_a_mistake(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("status of 422")
    key = await a_workflow(house, "misspelt")
    await house.want("POST", "/v1/events", {"type": key, "data": {"order": 7}, "recipients": []})
    await editor(house, page, key)
    preview = page.get_by_role("region", name="Preview")
    await expect(preview.get_by_text("Order 7 left")).to_be_visible()
    title = page.get_by_label("Title")
    await title.fill("Order {{ data.ordr }} left")
    await expect(title).to_have_attribute("aria-invalid", "true")


async def test_a_mail_is_edited_by_its_pieces(house: House, page: Page) -> None:
    key = await a_workflow(house, "pieces")
    await editor(house, page, key)
    await page.get_by_role("navigation", name="Steps").get_by_role("link", name="Email").click()
    await page.get_by_label("As it reads for").fill("ana")
    await page.get_by_label("Text", exact=True).fill("Dear {{ user.name }}, look at your door.")
    mail = page.frame_locator("iframe").get_by_text("Dear Ana, look at your door.")
    await expect(mail).to_be_visible()
    await page.get_by_role("button", name="Publish").click()
    await page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("dialog", name="Publish these words?")).to_be_hidden()
    file = await house.want("GET", f"/v1/templates/{key}.mjml")
    assert "<mj-text>Dear {{ user.name }}, look at your door.</mj-text>" in file["source"]
    assert (await house.want("GET", f"/v1/workflows/{key}"))["version"] == 2


async def test_who_saves_second_is_asked_whose_words_stay(
    house: House, page: Page, watch: Watch
) -> None:
    watch.allow("status of 409")
    key = await a_workflow(house, "both")
    await editor(house, page, key)
    document = (await house.want("GET", f"/v1/workflows/{key}"))["document"]
    await house.want("PUT", f"/v1/workflows/{key}/draft", {"document": document})
    await page.get_by_label("Title").fill("Mine")
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.get_by_text("somebody saved the draft", exact=False)).to_be_visible()
    await page.get_by_role("button", name="Keep mine over theirs").click()
    await expect(page.get_by_text("Draft, not live")).to_be_visible()
    draft = await house.want("GET", f"/v1/workflows/{key}/draft")
    assert draft["document"]["steps"][0]["send"]["template"]["title"] == "Mine"


async def test_a_workflow_is_drawn_paused_and_rolled_back(house: House, page: Page) -> None:
    key = await a_workflow(house, "drawn")
    document = (await house.want("GET", f"/v1/workflows/{key}"))["document"]
    await house.want("PUT", f"/v1/workflows/{key}", {**document, "expires_in": "PT1H"})
    await signed_in(page, house)
    await at(page, house, f"/workflows/{key}", key)
    steps = page.get_by_role("region", name="The steps, drawn")
    await expect(steps.get_by_text("Wait 1 h")).to_be_visible()
    await expect(steps.get_by_text("if !inbox.read")).to_be_visible()
    await axe(page)
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Somebody stopped it")).to_be_visible()
    assert (await house.want("GET", f"/v1/workflows/{key}"))["paused"] is True
    await page.get_by_role("link", name="Versions").click()
    versions = page.get_by_role("region", name="Versions")
    await expect(page.get_by_role("button", name="Roll back to version 1")).to_be_visible()
    await versions.get_by_role("button", name="Version 1", exact=False).click()
    await axe(page)
    await page.get_by_role("button", name="Roll back to version 1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    third = versions.get_by_role("button", name="Version 3", exact=False)
    await expect(third).to_contain_text("the same as version 1")
    assert "expires_in" not in (await house.want("GET", f"/v1/workflows/{key}"))["document"]


async def test_a_test_run_says_what_became_of_it(house: House, page: Page) -> None:
    key = await a_workflow(house, "tried")
    await signed_in(page, house)
    await at(page, house, f"/workflows/{key}", key)
    await page.get_by_role("button", name="Test run").click()
    dialog = page.get_by_role("dialog", name=f"Test run of {key}")
    await dialog.get_by_label("User").fill("ana")
    await dialog.get_by_role("button", name="Send the event").click()
    await expect(dialog.get_by_role("link", name="The event")).to_be_visible()
    await axe(page)

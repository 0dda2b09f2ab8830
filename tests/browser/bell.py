"""The inbox on a page, as people use it."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect


class Bell:
    """The bell of a page and the panel behind it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.button = page.locator("clarion-inbox").get_by_role(
            "button", name=re.compile("^Notifications")
        )
        self.panel = page.get_by_role("dialog", name="Notifications")
        self.items = page.get_by_role("feed").get_by_role("article")

    async def shows(self, count: str) -> None:
        """Wait until the badge has this count; "" for none."""
        name = f"Notifications, {count} new" if count else "Notifications"
        await expect(self.button).to_have_accessible_name(name)

    async def open(self) -> None:
        """Open the panel."""
        await self.button.click()
        await expect(self.panel).to_be_visible()

    def item(self, text: str) -> Locator:
        """The item with this title."""
        title = self.page.get_by_text(text, exact=True)
        return self.items.filter(has=title)

    async def choose(self, text: str, choice: str) -> None:
        """Choose from the menu of an item."""
        await self.item(text).get_by_role("button", name=f"More for {text}").click()
        await self.page.get_by_role("menuitem", name=choice).click()

    async def titles(self) -> list[str]:
        """What is in the list, newest first."""
        return [text.strip() for text in await self.items.locator(".link").all_text_contents()]

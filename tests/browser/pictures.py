"""Pictures of pages for docs/screenshots, taken only when somebody asks for them."""

from __future__ import annotations

import os
from contextlib import suppress

from playwright.async_api import Error, Locator, Page, ViewportSize

from tests.browser.axe import PAINTED, SCHEMES, SETTLED
from tests.browser.built import ROOT
from tests.browser.palette import reduced

FOLDER = ROOT / "docs" / "screenshots"
SWITCH = "CLARION_SCREENSHOTS"
LARGEST_BYTES = 150_000
IDLE_MS = 2_000

DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)


def wanted() -> bool:
    """Whether pictures are taken in this run."""
    return os.environ.get(SWITCH, "") not in ("", "0")


async def screenshot(
    page: Page, name: str, *, phone: bool = True, of: Locator | None = None
) -> None:
    """Write `docs/screenshots/<name>-light.png` and `-dark.png`, of the page or a part of it; with
    `phone` at the width of one, too, as `-light-phone.png` and `-dark-phone.png`."""
    if not wanted():
        return
    with suppress(Error):
        await page.wait_for_load_state("networkidle", timeout=IDLE_MS)
    before = page.viewport_size
    for size, tail in ((DESKTOP, ""), (PHONE, "-phone")):
        if tail and not phone:
            continue
        await page.set_viewport_size(size)
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await page.evaluate(PAINTED)
            await page.evaluate(SETTLED)
            await _write(page, page if of is None else of, f"{name}-{scheme}{tail}.png")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(before or DESKTOP)


async def _write(page: Page, what: Page | Locator, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    browser = page.context.browser
    assert browser is not None
    picture = await reduced(browser, await what.screenshot(animations="disabled", caret="hide"))
    assert len(picture) <= LARGEST_BYTES, f"{name} has {len(picture)} bytes"
    (FOLDER / name).write_bytes(picture)

"""Whether a page can be used by everybody, as far as a program can tell: axe-core."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from playwright.async_api import Page

from tests.browser.built import WEB

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

SETTLED = """() => Promise.race([
  new Promise((done) => setTimeout(done, 2000)),
  Promise.all(document.getAnimations()
    .filter(one => one.effect?.getComputedTiming().endTime !== Infinity)
    .map(one => one.finished.catch(() => undefined)))])"""
"""Resolves when what moves has come to rest; an animation that stands still never does."""

RUN = """async (exclude) => {
  const options = { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] };
  const found = await axe.run({ exclude }, options);
  return found.violations.flatMap(rule => rule.nodes.map(node =>
    ({ rule: rule.id, at: node.target.flat().join(' '), why: node.failureSummary })));
}"""


@cache
def source() -> str:
    """The program, as it is put into pages."""
    assert AXE.is_file(), "axe-core is missing in web/node_modules. Mend: make web"
    return AXE.read_text("utf-8")


async def violations(page: Page, *without: str) -> list[dict[str, Any]]:
    """What axe finds on the page as it is now. `without`: selectors that are not looked at."""
    await page.evaluate(SETTLED)
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(source())
    # A sandboxed frame runs no script, so none can be looked into.
    exclude = [[selector] for selector in ("iframe", *without)]
    found: list[dict[str, Any]] = await page.evaluate(RUN, exclude)
    return found


PAINTED = """() => Promise.race([
  new Promise((done) => setTimeout(done, 2000)),
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))])"""
"""Resolves when what changed was drawn: colours of the scheme before are not judged. A browser that
draws nothing, as the page cannot be seen, does not hold it up."""

LOOKS = 3
"""A page that draws itself anew meanwhile may mix the colours of two schemes in one look; what is
wrong stays so."""


async def axe(page: Page, *without: str, schemes: tuple[Scheme, ...] = SCHEMES) -> None:
    """Every rule of axe holds on the page as it is now, in light and in dark."""
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        found: list[dict[str, Any]] = []
        for _ in range(LOOKS):
            await page.evaluate(PAINTED)
            found = await violations(page, *without)
            if not found:
                break
        assert found == [], (scheme, page.url, found)
    await page.emulate_media(color_scheme="light")

"""What attackers write into names, titles and links, and how to see that nothing came of it."""

from __future__ import annotations

from playwright.async_api import Error, Frame, Page

from tests.browser.watch import Watch

CODE = "planted=top.planted=1"
MARKUP = (
    f"<script>{CODE}</script>",
    f'<img src="x:" onerror="{CODE}">',
    f'"><svg onload="{CODE}"></svg>',
    "'-alert(1)-'",
)
LINKS = (
    "javascript:window.planted=1",
    "JaVaScRiPt:window.planted=1",
    " javascript:window.planted=1",
    "java\tscript:window.planted=1",
    "data:text/html,<script>window.planted=1</script>",
    "vbscript:window.planted=1",
)

LIVE_LINKS = """() => {
  const found = [], safe = ['http:', 'https:', 'mailto:', 'about:', 'blob:']
  const walk = root => root.querySelectorAll('*').forEach(one => {
    for (const name of ['href', 'src', 'action', 'formaction', 'xlink:href']) {
      const value = one.getAttribute(name)
      if (value === null || /^data:(image\\/|,)/.test(value)) continue
      try { if (!safe.includes(new URL(value, location.href).protocol)) found.push(value) }
      catch { }
    }
    for (const { name } of one.attributes) if (name.startsWith('on')) found.push(name)
    if (one.shadowRoot) walk(one.shadowRoot)
  })
  walk(document)
  return found
}"""


async def unharmed(page: Page, watch: Watch) -> None:
    """No code of an attacker ran in any frame of the page, and no link would run it."""
    assert watch.asked(lambda url: url.endswith("/planted")) == []
    for frame in page.frames:
        assert await _planted(frame) is False, frame.url
        sandboxed = frame.parent_frame is not None
        if not sandboxed:
            live = await frame.evaluate(LIVE_LINKS)
            assert live == [], live


async def _planted(frame: Frame) -> bool:
    """Whether code of an attacker ran in it; a frame that has left the page meanwhile cannot tell,
    but what ran in it would have told its page, too."""
    try:
        return bool(await frame.evaluate("'planted' in window"))
    except Error:
        if frame.is_detached():
            return False
        raise

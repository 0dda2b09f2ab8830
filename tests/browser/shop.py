"""A customer's own site with the inbox in it, beside the server that the inbox is of."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web

from clarion.api.auth import JWT_ALGORITHM
from clarion.api.cursors import derived_key
from tests.acceptance.house import House
from tests.browser.cable import Cable
from tests.browser.site import Site

POLICY = (
    "default-src 'none'; script-src 'self' {house}; connect-src 'self' {house}; style-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<head><title>Shop</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">
<script type="module" src="{house}/static/clarion-inbox.js"></script>
<script type="module" src="/shop.js"></script></head>
<body><header><h1>Shop</h1><clarion-inbox url="{house}" {attributes}></clarion-inbox></header>
<main><h2>{goods}</h2><ul>{offers}</ul></main></body></html>
"""
GOODS = {
    "en": ("New this week", ("Oranges, 2 kg", "Coffee, whole beans", "Rye bread", "Olive oil")),
    "ar": ("جديد هذا الأسبوع", ("برتقال، ٢ كغ", "قهوة، حبوب كاملة", "خبز الجاودار", "زيت زيتون")),
}
PRICES = ("6.90", "12.40", "4.20", "9.80")
STYLE = """:root { color-scheme: light dark } body { margin: 0; font: 16px system-ui, sans-serif }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center;
  padding: 0.75rem 1.5rem; border-bottom: 1px solid #8884 }
h1, h2 { margin: 0; font-size: 1.25rem } main { padding: 1.5rem }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: 1rem;
  margin: 1rem 0; padding: 0; list-style: none }
li { display: grid; gap: 0.5rem; padding: 1rem; border: 1px solid #8884; border-radius: 8px }
li::before { content: ''; block-size: 5rem; border-radius: 6px; background: #8883 }
clarion-inbox[mode='page'] { inline-size: 100%; margin-block: 0.75rem }"""
SCRIPT = """const user = new URLSearchParams(location.search).get('user')
const inbox = document.querySelector('clarion-inbox')
inbox.token = async () => (await (await fetch(`/token?user=${user}`)).json()).token
"""


ITEM = {"title": "{{ data.text }}", "body": "Have a look", "url": "/orders/1"}


class Shop:
    """The site, the house, and the cable between browsers and the house. `tokens` counts those
    given; `seconds` is how long new ones hold."""

    def __init__(self, folder: Path) -> None:
        self.site = Site()
        self.tokens = 0
        self.seconds: int | None = None
        self.cable = Cable()
        self._folder = folder
        self.house: House

    async def start(self, settings: str = "") -> None:
        """Open both; the server lets pages of the site in."""
        self.site.app.router.add_get("/token", self._token)
        await self.site.start()
        self.house = House(self._folder, settings, CLARION_INBOX_ORIGINS=self.site.url)
        await self.house.start()
        await self.house.workflow("note", {"channel": "inbox", "template": ITEM})
        await self.cable.start()
        self.cable.target = self.house.url
        self.site.put("/shop.js", SCRIPT, "text/javascript")
        self.site.put("/shop.css", STYLE, "text/css")

    async def stop(self) -> None:
        """Close both."""
        await self.cable.stop()
        await self.house.kill()
        await self.site.stop()

    def at(self, user: str, attributes: str = "", *, lang: str = "en", rtl: bool = False) -> str:
        """Address of a page on which the user sees the inbox."""
        path = f"/page-{abs(hash((attributes, lang, rtl)))}"
        way = "rtl" if rtl else "ltr"
        house = self.cable.url
        goods, offers = GOODS.get(lang, GOODS["en"])
        text = PAGE.format(
            lang=lang, dir=way, house=house, attributes=attributes, goods=goods,
            offers="".join(f"<li><strong>{name}</strong><span>{price}</span></li>"
                           for name, price in zip(offers, PRICES, strict=True)),
        )  # fmt: skip
        self.site.put(path, text, content_security_policy=POLICY.format(house=house))
        return f"{self.site.url}{path}?user={user}"

    async def tell(self, user: str, *texts: str) -> None:
        """An item for each text, in the inbox of a user who is made."""
        await self.house.want("PUT", f"/v1/users/{user}", {"name": user.capitalize()})
        if not texts:
            return
        events = [{"type": "note", "data": {"text": t}, "recipients": [user]} for t in texts]
        await self.house.want("POST", "/v1/events/batch", {"events": events})

    async def restart(self) -> None:
        """Kill the server and start it again on the same file."""
        await self.house.kill()
        await self.house.start()
        self.cable.target = self.house.url

    async def token(self, user: str) -> str:
        """A token for the user's inbox, as the site's server asks for it; for so many `seconds`
        when that is set, which nobody can ask for."""
        answer = await self.house.want("POST", f"/v1/users/{user}/token", {})
        if self.seconds is None:
            return str(answer["token"])
        ((secret,),) = self.house.select(
            "select value from secret where name = 'tokens-and-cursors'"
        )
        claims: Any = jwt.decode(answer["token"], options={"verify_signature": False})
        claims["exp"] = int(time.time()) + self.seconds
        return jwt.encode(claims, derived_key(secret, "user-token"), algorithm=JWT_ALGORITHM)

    async def _token(self, request: web.Request) -> web.Response:
        self.tokens += 1
        return web.json_response({"token": await self.token(request.query["user"])})

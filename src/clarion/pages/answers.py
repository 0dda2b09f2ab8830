"""Answers of the pages: HTML made from templates, with what keeps it safe around it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.types import Send

from clarion.pages.words import Words

_HERE = Path(__file__).parent
STYLE = (_HERE / "style.css").read_bytes()
STYLE_NAME = f"{sha256(STYLE).hexdigest()[:16]}.css"

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing but our own style sheet and our own forms, in nobody's frame; no scripts at all."""

GUARDED = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "cache-control": "no-store",
}
"""The address of a page is what opens it: it goes to nobody else, and nothing keeps the page."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: HTML, or with `location` the way to where it is."""

    status: int = 200
    html: str = ""
    location: str = ""
    headers: dict[str, str] = {}


def page(template: str, words: Words, status: int = 200, **values: Any) -> Page:
    """A page made from a template."""
    return Page(status=status, html=rendered(template, words, **values))


def rendered(template: str, words: Words, **values: Any) -> str:
    """A template's HTML; every value is escaped."""
    style = f"../pages/{STYLE_NAME}"
    return _TEMPLATES.get_template(template).render(say=words, style=style, **values)


def notice(
    kind: str, words: Words, status: int = 200, headers: dict[str, str] | None = None
) -> Page:
    """A page that only says something: `expired`, `bad`, `gone`, `busy` or `wrong`."""
    html = rendered(
        "notice.html", words, heading=words(f"{kind}_title"), text=words(f"{kind}_text")
    )
    return Page(status=status, html=html, headers=headers or {})


def see(location: str) -> Page:
    """On to a page by GET (303)."""
    return Page(status=303, location=location)


async def send_page(answer: Page, send: Send, *, bodiless: bool = False) -> None:
    """Answer with a page; `bodiless` for HEAD."""
    body = answer.html.encode()
    headers = {"content-type": "text/html; charset=utf-8", **GUARDED, **answer.headers}
    if answer.location:
        headers["location"] = answer.location
    await send_bytes(answer.status, headers, body, send, bodiless=bodiless)


async def send_bytes(
    status: int, headers: dict[str, str], body: bytes, send: Send, *, bodiless: bool = False
) -> None:
    """Answer with these headers and this body."""
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    sent = b"" if bodiless else body
    await send({"type": "http.response.body", "body": sent, "more_body": False})

"""Browsers and mail programs that open links."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import httpx

from clarion.api.app import create_app
from clarion.core.links import Link, Purpose
from clarion.pages import Pages
from clarion.testing.embedded import API_KEY, Embedded
from clarion.testing.fakes.smtp import FakeSmtp

PUBLIC_URL = "https://clarion.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
MAIL: dict[str, Any] = {
    "channel": "email",
    "template": {"subject": "News", "body": "Words. {{ unsubscribe_url }} {{ preferences_url }}"},
}
FIELD = re.compile(r"<input[^>]*>|<select[^>]*>|<option[^>]*>|<button[^>]*>")


@dataclass
class Visitor:
    """A browser at the pages, and `api`, a program with an admin key."""

    server: Embedded
    browser: httpx.AsyncClient
    api: httpx.AsyncClient

    async def link(self, user: str = "ana", **body: Any) -> str:
        """The path of a fresh link to somebody's preference page."""
        answer = await self.api.post(f"/v1/users/{user}/preferences-link", json=body)
        assert answer.status_code == 200, answer.text
        return path_of(answer.json()["url"])

    def way_out(self, **numbers: int) -> str:
        """The path of an unsubscribe link of mails."""
        link = Link(env=self.server.env, channel=3, **numbers)
        links = self.server.services.linker.links
        return path_of(links.url(Purpose.UNSUBSCRIBE, link))

    async def open(self, path: str, **headers: str) -> str:
        """The HTML of a page that is there."""
        answer = await self.browser.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def press(self, path: str, fields: dict[str, Any]) -> httpx.Response:
        """Send a form; the answer to the GET that it leads to."""
        answer = await self.browser.post(path, data=fields)
        assert answer.status_code == 303, answer.text
        aim = httpx.URL(f"{PUBLIC_URL}{path}").join(answer.headers["location"])
        return await self.browser.get(str(aim))

    async def preferences(self, user: str = "ana") -> dict[str, Any]:
        """What somebody chose, as the API tells it."""
        answer = await self.api.get(f"/v1/users/{user}/preferences")
        document: dict[str, Any] = answer.json()
        return document

    async def consents(self, user: str = "ana") -> list[dict[str, Any]]:
        """The ledger of somebody's consents, newest first."""
        answer = await self.api.get(f"/v1/users/{user}/consents")
        entries: list[dict[str, Any]] = answer.json()["data"]
        return entries

    async def reasons(self, type_: str, user: str = "ana", **event: Any) -> dict[str, str]:
        """Why somebody is told of an event that happens now, by channel."""
        found: dict[str, str] = await self.server.reasons(
            await self.server.told(type_, user, **event), user
        )
        return found


@asynccontextmanager
async def visitor_of(server: Embedded) -> AsyncIterator[Visitor]:
    app: Any = create_app(server.services, pages=Pages)
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 5))
    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with (
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as browser,
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as api,
    ):
        yield Visitor(server, browser, api)


def path_of(url: str) -> str:
    """What a browser asks the server for."""
    assert url.startswith(PUBLIC_URL + "/")
    return urlsplit(url).path


def last_mail(mail_server: FakeSmtp) -> Message:
    """The newest mail that came."""
    return message_from_bytes(mail_server.mails[-1].content)


def shown(html: str) -> list[tuple[str, str]]:
    """The fields that a browser would send, of all forms of a page, in their order."""
    found, select = [], ""
    for tag in FIELD.findall(html):
        name, value = attribute(tag, "name"), attribute(tag, "value")
        if tag.startswith("<select"):
            select = name
        elif tag.startswith("<option"):
            if " selected" in tag:
                found.append((select, value))
        elif "checkbox" in tag or "radio" in tag:
            if " checked" in tag and " disabled" not in tag:
                found.append((name, value))
        elif tag.startswith("<input"):
            found.append((name, value))
    return found


def attribute(tag: str, name: str) -> str:
    """An attribute of a tag; "" when it has none."""
    match = re.search(rf' {name}="([^"]*)"', tag)
    return match[1] if match else ""


def form_with(html: str, do: str, **changed: Any) -> dict[str, Any]:
    """The form of a page that does something, as it stands, with some fields changed."""
    (form,) = [part for part in html.split("<form")[1:] if f'name="do" value="{do}"' in part]
    fields: dict[str, Any] = {}
    for name, value in shown(form.partition("</form>")[0]):
        fields.setdefault(name, []).append(value)
    return {**fields, **changed}

"""Sees what a page does behind a test's back, so that a test fails when it is not right."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, WebError

LOOPBACK = ("127.0.0.1", "localhost")


class Watch:
    """Faults of all pages of a test: errors in the console (what a content security policy refused
    is one), exceptions nobody caught, requests to other hosts, secrets in addresses, dialogs.

    A page that is meant to meet one says so: `allow("401")`.
    """

    def __init__(self, *secrets: str) -> None:
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._secrets = secrets
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """Faults in which the pattern is found are none, also those seen already."""
        self._allowed.append(re.compile(pattern))

    def over(self, context: BrowserContext) -> None:
        """Watch every page of the context."""
        context.on("console", self._said)
        context.on("weberror", self._threw)
        context.on("request", self._asked)
        context.on("page", self._opened)

    def left(self) -> list[str]:
        """The faults that nobody allowed."""
        return [fault for fault in self.faults if not any(p.search(fault) for p in self._allowed)]

    def asked(self, found: Callable[[str], object]) -> list[str]:
        """Addresses that were asked for and in which something is found."""
        return [url for url in self.requests if found(url)]

    def _opened(self, page: Page) -> None:
        page.on("dialog", self._dialog)
        page.on("websocket", lambda socket: self._address(socket.url))

    async def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.type} {dialog.message}")
        await dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self.faults.append(f"console: {message.text} ({where})")

    def _threw(self, error: WebError) -> None:
        self.faults.append(f"exception: {error.error}")

    def _asked(self, request: Request) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            self.faults.append(f"request to another host: {url}")
        if any(secret in url for secret in self._secrets):
            self.faults.append(f"a secret in an address: {parts.path}")

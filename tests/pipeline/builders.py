"""Workflows with defaults."""

from __future__ import annotations

from typing import Any

from clarion.testing.embedded import Embedded

INBOX: dict[str, Any] = {"channel": "inbox", "template": {"title": "News for you"}}
PUSH: dict[str, Any] = {"channel": "push", "template": {"title": "News for you"}}
MAIL: dict[str, Any] = {
    "channel": "email",
    "template": {"subject": "News for you", "body": "There is news."},
}


def a_hook(url: str, **body: Any) -> dict[str, Any]:
    """A webhook step to a URL."""
    return {"channel": "webhook", "template": {"url": url, "body": body or {"said": "news"}}}


async def a_note(server: Embedded, key: str = "note", **fields: Any) -> int:
    """Number of a workflow that writes to the inbox and nowhere else."""
    return await server.workflow(key, INBOX, **fields)


async def one_phone(server: Embedded, **fields: Any) -> None:
    """A workflow `news` that pushes, and Ada with a phone."""
    await server.workflow("news", PUSH, **fields)
    await server.user("ada")
    await server.device("ada", "phone")


async def one_mailbox(server: Embedded, **fields: Any) -> None:
    """A workflow `news` that mails, and Ada with a mailbox."""
    await server.workflow("news", MAIL, **fields)
    await server.user("ada", email="ada@example.org")


def delivery(server: Embedded, event: bytes) -> dict[str, Any]:
    (row,) = server.rows(event)["delivery"]
    found: dict[str, Any] = row
    return found

"""Ada in Berlin, who has to wait."""

from __future__ import annotations

from typing import Any

from clarion.testing.embedded import Embedded

HOUR = 3600
NIGHTS = {"windows": [{"days": ["wed", "thu", "fri"], "from": "22:00", "until": "07:00"}]}
NOTHING_AGAINST = "ada has nothing set against it, so"
IN_THE_INBOX = f"{NOTHING_AGAINST} the inbox item was sent."
QUIET = (
    "It was within the quiet hours that ada set, so the push was held until 07:00 on 2 January"
    " (Europe/Berlin)."
)


async def ada(server: Embedded) -> int:
    """Ada in Berlin, with a phone and a mailbox."""
    number = await server.user("ada", email="ada@example.org", timezone="Europe/Berlin")
    await server.device("ada", "phone")
    return number


async def waiting(server: Embedded, type_: str) -> bytes:
    """Id of an event that was worked through, as far as it does not wait."""
    event = await server.send(type_, "ada")
    await server.quiet()
    return event


async def after(server: Embedded, seconds: float, event: bytes) -> dict[str, Any]:
    """The answer once the wait is over."""
    await server.advance(seconds)
    await server.settled(event)
    return await server.why(event, "ada")


def whats(why: dict[str, Any], *, future: bool = False) -> list[str]:
    return [line["what"] for line in why["timeline"] if line.get("future", False) is future]

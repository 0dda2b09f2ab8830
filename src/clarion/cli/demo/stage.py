"""The public HTTP API as the story uses it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from clarion.cli.failing import CommandError

AT_ONCE = 32
"""Requests under way at once while the stage is set."""

BULK = 1000

_TAKEN = re.compile(
    r'^clarion_delivery_latency_seconds_count\{[^}]*lane="(\w+)"[^}]*\} ([0-9.e+]+)$', re.MULTILINE
)


class LaneLook(msgspec.Struct, frozen=True, kw_only=True):
    """A lane at one moment: messages ready and being sent, audiences being walked.

    `oldest_seconds` is the age of the oldest, `taken` how many messages providers took so far.
    """

    lane: str
    waiting: int
    sending: int
    tasks: int
    oldest_seconds: float
    taken: int


class Stage:
    """One session with one key; what is refused ends the demo."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._room = asyncio.Semaphore(AT_ONCE)

    async def ask(
        self, method: str, path: str, body: Any = None, **query: str | int
    ) -> dict[str, Any]:
        """The answer to one request; CommandError when it is refused."""
        async with self._session.request(method, path, json=body, params=query or None) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            if response.status >= 400:
                said = answer.get("detail", response.status)
                raise CommandError(
                    f"the demo's {method} {path.partition('?')[0]} was refused: {said}"
                )
            return answer

    async def users(self, bodies: list[dict[str, Any]]) -> None:
        """Write users in bulk."""
        for start in range(0, len(bodies), BULK):
            await self.ask("POST", "/v1/users/bulk", {"users": bodies[start : start + BULK]})

    async def devices(self, tokens: Mapping[str, str], step: Callable[[], None]) -> None:
        """Register a device per user: user -> token."""
        await self._all(
            (
                (
                    "PUT",
                    f"/v1/users/{user}/devices/{quote(token)}",
                    {"platform": "fcm", "app": "demo"},
                )
                for user, token in tokens.items()
            ),
            step,
        )

    async def preferences(
        self, patches: Mapping[str, dict[str, Any]], step: Callable[[], None]
    ) -> None:
        """Change users' preferences: user -> merge patch."""
        await self._all(
            (("PATCH", f"/v1/users/{user}/preferences", patch) for user, patch in patches.items()),
            step,
        )

    async def consents(self, users: Iterable[str], step: Callable[[], None]) -> None:
        """Let users agree to offers by e-mail."""
        said = {
            "purpose": "marketing", "channel": "email", "state": "granted", "source": "sign-up",
            "wording": "offers-1",
        }  # fmt: skip
        await self._all((("POST", f"/v1/users/{user}/consents", said) for user in users), step)

    async def topic(self, topic: str, title: str, kind: str) -> None:
        """Give a topic its title and its kind."""
        body = {"kind": kind, "data": {"title": title}}
        await self.ask("PUT", f"/v1/topics/{quote(topic)}", body)

    async def subscribe(self, topic: str, users: Iterable[str]) -> None:
        """Make users subscribers of a topic."""
        await self.ask("POST", f"/v1/topics/{quote(topic)}/subscribers", {"add": list(users)})

    async def send(self, event: dict[str, Any]) -> str:
        """Send an event; its id."""
        return str((await self.ask("POST", "/v1/events", event))["event_id"])

    async def send_together(self, events: list[dict[str, Any]]) -> list[str]:
        """Send events in one request; their ids."""
        answer = await self.ask("POST", "/v1/events/batch", {"events": events})
        return [str(result["event_id"]) for result in answer["results"]]

    async def stands(self, event: str) -> dict[str, Any]:
        """How an event stands."""
        return await self.ask("GET", f"/v1/events/{event}")

    async def why(self, event: str, user: str) -> dict[str, Any]:
        """Why a user was told, or not."""
        return await self.ask("GET", f"/v1/events/{event}/why", user=user)

    async def unread(self, user: str) -> int:
        """The number on the user's badge, as their browser reads it."""
        token = (await self.ask("POST", f"/v1/users/{user}/token", {}))["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.get("/v1/inbox", headers=headers) as response:
            return int((await response.json())["meta"]["unread"])

    async def captured(self, user: str, channel: str) -> list[dict[str, Any]]:
        """Messages to a user on a channel, newest first, as they would have left."""
        rows = (await self.ask("GET", "/v1/captures", user=user))["data"]
        return [row for row in rows if row["channel"] == channel]

    async def lanes(self) -> list[LaneLook]:
        """What waits in each lane, and how many messages providers took so far."""
        rows = (await self.ask("GET", "/v1/lanes"))["data"]
        async with self._session.get("/metrics") as response:
            taken = _taken(await response.text())
        return [
            LaneLook(
                lane=row["lane"],
                waiting=row["ready"],
                sending=row["sending"],
                tasks=row["tasks"],
                oldest_seconds=row["oldest_age_seconds"],
                taken=taken.get(row["lane"], 0),
            )
            for row in rows
        ]

    async def _all(
        self, requests: Iterable[tuple[str, str, Any]], step: Callable[[], None]
    ) -> None:
        async def one(method: str, path: str, body: Any) -> None:
            async with self._room:
                await self.ask(method, path, body)
            step()

        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(one(*request))


def _taken(metrics: str) -> Counter[str]:
    """Messages that providers took, by lane, from the text of `/metrics`."""
    found: Counter[str] = Counter()
    for lane, number in _TAKEN.findall(metrics):
        found[lane] += int(float(number))
    return found

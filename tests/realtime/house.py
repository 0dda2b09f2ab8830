"""A whole server at an open port, and clients of its live inboxes over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from clarion.cli.serving import Running, running
from clarion.config.settings import Listen, Settings

KEY = "ck_realtime_0123456789abcdef0123456789abcdef"
SOON_SECONDS = 10.0
_NO_TYPE = ("Content-Type",)
NOTE: dict[str, Any] = {
    "on": "note",
    "steps": [
        {
            "send": {
                "channel": "inbox",
                "template": {
                    "title": "{{ data.title }}",
                    "body": "{{ data.body|default('') }}",
                    "actions": [{"label": "Open", "url": "/a"}, {"label": "No", "url": "/b"}],
                },
            }
        }
    ],
}


@dataclass
class Event:
    """A server-sent event."""

    type: str = "message"
    id: str = ""
    data: Any = None


@dataclass
class Stream:
    """A client of `GET /v1/inbox/stream`. `retry` are the pauses it was told, in milliseconds."""

    answer: aiohttp.ClientResponse
    retry: list[int] = field(default_factory=list)
    comments: int = 0

    async def next(self) -> Event:
        """The next event; EOFError when the stream has ended."""
        async with asyncio.timeout(SOON_SECONDS):
            found = Event()
            while True:
                line = (await self.answer.content.readline()).decode()
                if not line:
                    raise EOFError
                name, _, value = line.rstrip("\n").partition(":")
                value = value.removeprefix(" ")
                if line == "\n" and found.data is not None:
                    return found
                if line.startswith(":"):
                    self.comments += 1
                elif name == "retry":
                    self.retry.append(int(value))
                elif name == "event":
                    found.type = value
                elif name == "id":
                    found.id = value
                elif name == "data":
                    found.data = json.loads(value)

    async def ended(self) -> list[Event]:
        """What came until the end."""
        found = []
        try:
            while True:
                found.append(await self.next())
        except EOFError:
            return found


@dataclass
class Socket:
    """A client of `/v1/inbox/ws`."""

    answer: aiohttp.ClientWebSocketResponse

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.answer.send_json(message)

    async def next(self) -> dict[str, Any]:
        """The next message; EOFError when it was closed."""
        message = await self.answer.receive(SOON_SECONDS)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise EOFError
        found: dict[str, Any] = json.loads(message.data)
        return found

    async def closed(self) -> int | None:
        """The code it is closed with, whatever comes before."""
        while True:
            message = await self.answer.receive(SOON_SECONDS)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return self.answer.close_code


class House:
    """A running server with its users' tokens."""

    def __init__(self, run: Running, session: aiohttp.ClientSession) -> None:
        self.run = run
        self.session = session
        self.url = run.url

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str = KEY, **headers: str
    ) -> Any:
        """The body of an answer that must be a good one."""
        headers["Authorization"] = f"Bearer {token}"
        async with self.session.request(
            method, self.url + path, json=body, headers=headers, skip_auto_headers=_NO_TYPE
        ) as answer:
            text = await answer.read()
            assert answer.status < 300, (method, path, answer.status, text)
            return json.loads(text) if text else None

    async def status(self, method: str, path: str, *, token: str = KEY, body: Any = None) -> int:
        """The status of an answer."""
        async with self.session.request(
            method, self.url + path, json=body, skip_auto_headers=_NO_TYPE,
            headers={"Authorization": f"Bearer {token}"},
        ) as answer:  # fmt: skip
            return answer.status

    async def token(self, user: str, **fields: Any) -> str:
        """A token of a user, who is written first."""
        await self.ask("PUT", f"/v1/users/{user}", {})
        return str((await self.ask("POST", f"/v1/users/{user}/token", fields))["token"])

    async def ticket(self, token: str) -> str:
        """A ticket for a stream."""
        return str((await self.ask("POST", "/v1/inbox/ticket", token=token))["ticket"])

    async def send(self, user: str, title: str, **fields: Any) -> None:
        """Put an item into a user's inbox."""
        event = {"type": "note", "recipients": [user], "data": {"title": title}, **fields}
        await self.ask("POST", "/v1/events", event)

    async def first(self, token: str) -> dict[str, Any]:
        """The newest entry of the list."""
        entry: dict[str, Any] = (await self.ask("GET", "/v1/inbox", token=token))["entries"][0]
        return entry

    @asynccontextmanager
    async def socket(
        self, *messages: dict[str, Any], origin: str | None = None
    ) -> AsyncIterator[Socket]:
        """An open socket that has said these messages."""
        async with self.session.ws_connect(
            f"{self.url}/v1/inbox/ws", protocols=("inbox.v1",), origin=origin
        ) as answer:
            socket = Socket(answer)
            for message in messages:
                await socket.say(**message)
            yield socket

    @asynccontextmanager
    async def stream(
        self, token: str | None = None, query: str = "", **headers: str
    ) -> AsyncIterator[Stream]:
        """An open stream, whatever its status."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.url}/v1/inbox/stream{query}"
        async with self.session.get(url, headers=headers) as answer:
            yield Stream(answer)


@asynccontextmanager
async def open_house(folder: Path, **settings: Any) -> AsyncIterator[House]:
    """A server on a file in the folder; it knows the workflow `note`."""
    given = Settings(
        store=f"sqlite:///{folder / 'clarion.db'}",
        sqlite_path=folder / "clarion.db",
        data_dir=folder,
        api_key=KEY,
        listen=Listen("127.0.0.1", 0),
        **settings,
    )
    connector = aiohttp.TCPConnector(limit=0)
    async with running(given) as run, aiohttp.ClientSession(connector=connector) as session:
        house = House(run, session)
        await house.ask("PUT", "/v1/workflows/note", NOTE)
        yield house

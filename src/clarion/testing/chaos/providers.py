"""The other side, in a process of its own: FCM, webhooks and mail on two ports, with a book of
what was accepted when. `python -m clarion.testing.chaos.providers SEED` says its ports in JSON."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from typing import Any, cast

import httptools
import uvloop

from clarion.testing.chaos.weather import (
    ACCEPTS,
    HANG_SECONDS,
    RETRY_AFTER_SECONDS,
    Treatment,
    Weather,
)

_GRANT = b'{"access_token":"ya29.chaos","expires_in":3600,"token_type":"Bearer"}'
_REASONS = {200: b"OK", 204: b"No Content", 404: b"Not Found", 429: b"Too Many", 503: b"Down"}


class Book:
    """Acceptances by delivery (instants in seconds), and how requests were treated."""

    def __init__(self) -> None:
        self.accepted: defaultdict[str, list[float]] = defaultdict(list)
        self.treated: Counter[str] = Counter()

    def enter(self, delivery: str, treatment: Treatment) -> None:
        """One request; whether it counts as accepted follows from its treatment."""
        self.treated[treatment.value] += 1
        if treatment in ACCEPTS:
            self.accepted[delivery].append(time.time())

    def encoded(self) -> bytes:
        return json.dumps({"accepted": self.accepted, "treated": self.treated}).encode()


class _Treated(asyncio.Protocol, ABC):
    """A connection whose requests are treated as the weather says."""

    def __init__(self, book: Book, weather: Weather) -> None:
        self._book = book
        self._weather = weather
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def reset(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def treat(self, delivery: str) -> None:
        """Answer, or not, a request that would be accepted in good weather."""
        treatment = self._weather.treatment()
        self._book.enter(delivery, treatment)
        loop = asyncio.get_running_loop()
        if treatment is Treatment.SLOW:
            loop.call_later(self._weather.slow_seconds(), self.say_accepted)
        elif treatment in (Treatment.HANG, Treatment.SWALLOW):
            loop.call_later(HANG_SECONDS, self.reset)
        elif treatment in (Treatment.RESET_BEFORE, Treatment.RESET_AFTER):
            self.reset()
        elif treatment is Treatment.OK:
            self.say_accepted()
        else:
            self.say_refused(busy=treatment is Treatment.BUSY)

    @abstractmethod
    def say_accepted(self) -> None:
        """In the words of its protocol."""

    @abstractmethod
    def say_refused(self, *, busy: bool) -> None:
        """`busy`: come back later."""


class HttpDoor(_Treated):
    """FCM at /v1/projects, its tokens at /token, webhooks at /hook, and the harness at /control."""

    def __init__(self, book: Book, weather: Weather) -> None:
        super().__init__(book, weather)
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.reset()

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", {}, bytearray()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        path = self._url.decode()
        if path == "/token":
            self._answer(200, _GRANT)
        elif path.startswith("/v1/projects/"):
            self.treat(_collapse_id(bytes(self._body)))
        elif path.startswith("/hook"):
            self.treat(self._headers.get(b"webhook-id", b"").decode())
        elif path == "/control/book":
            self._answer(200, self._book.encoded())
        elif path.startswith("/control/weather/"):
            self._weather.change(path.rpartition("/")[2])
            self._answer(200, b"{}")
        else:
            self._answer(404, b"{}")

    def say_accepted(self) -> None:
        self._answer(200, b'{"name":"projects/chaos/messages/1"}')

    def say_refused(self, *, busy: bool) -> None:
        if busy:
            self._answer(429, b"{}", b"Retry-After: %d\r\n" % RETRY_AFTER_SECONDS)
        else:
            self._answer(503, b"{}")

    def _answer(self, status: int, body: bytes, more: bytes = b"") -> None:
        head = b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n" % (status, _REASONS[status])
        self.write(head + more + b"Content-Length: %d\r\n\r\n" % len(body) + body)


class MailDoor(_Treated):
    """As much of SMTP as a sender needs that asks for nothing special."""

    def __init__(self, book: Book, weather: Weather) -> None:
        super().__init__(book, weather)
        self._unread = bytearray()
        self._in_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.write(b"220 chaos ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while True:
            end = self._unread.find(b"\r\n.\r\n" if self._in_mail else b"\r\n")
            if end < 0:
                return
            read = bytes(self._unread[:end])
            del self._unread[: end + (5 if self._in_mail else 2)]
            if self._in_mail:
                self._in_mail = False
                self.treat(_message_id(read))
            else:
                self._command(read[:4].upper())

    def _command(self, verb: bytes) -> None:
        if verb == b"EHLO":
            self.write(b"250-chaos\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"DATA":
            self._in_mail = True
            self.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self.write(b"221 bye\r\n")
            if self._transport is not None:
                self._transport.close()
        else:
            self.write(b"250 2.0.0 ok\r\n")

    def say_accepted(self) -> None:
        self.write(b"250 2.0.0 Ok: queued as CHAOS\r\n")

    def say_refused(self, *, busy: bool) -> None:
        self.write(b"451 4.7.1 later\r\n" if busy else b"452 4.3.1 broken\r\n")


def _collapse_id(body: bytes) -> str:
    message: dict[str, Any] = json.loads(body)["message"]
    return str(message["apns"]["headers"]["apns-collapse-id"])


def _message_id(mail: bytes) -> str:
    unfolded = mail.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    for line in unfolded.split(b"\r\n"):
        if line.lower().startswith(b"message-id:"):
            return line.partition(b"<")[2].partition(b"@")[0].decode()
    return ""


async def serve(seed: int) -> None:
    """Serve for ever; ports are told on standard output."""
    book, weather = Book(), Weather(random.Random(seed))  # noqa: S311 - repeated by its seed
    loop = asyncio.get_running_loop()
    http = await loop.create_server(lambda: HttpDoor(book, weather), "127.0.0.1", 0, backlog=1024)
    mail = await loop.create_server(lambda: MailDoor(book, weather), "127.0.0.1", 0, backlog=1024)
    ports = {"http": _port(http), "mail": _port(mail)}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))

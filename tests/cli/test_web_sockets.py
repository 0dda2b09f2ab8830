"""What a client of a socket may send is bounded before anybody asked it for a token."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from clarion.cli.web_sockets import LONGEST_MESSAGE, MOST_CONTROLS, MOST_UNREAD, WebSocket
from clarion.realtime.wire import Opcode, close_frame, frame_of

MASK = bytes(4)
HEADERS = [
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
]


class Line(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_aborted = False
        self._paused = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None: ...

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.written.append(bytes(data))

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False

    def is_reading(self) -> bool:
        return not self._paused

    def abort(self) -> None:
        self.is_aborted = True

    def close(self) -> None: ...


class Opened:
    """An open socket whose application takes a message when it is allowed to."""

    def __init__(self) -> None:
        self.line = Line()
        self.taken: list[str] = []
        self.may_take = asyncio.Semaphore(0)
        config = uvicorn.Config(self._serve, interface="asgi3", log_config=None)
        config.load()
        scope = {"method": "GET", "headers": HEADERS, "path": "/"}
        self.socket = WebSocket(config, ServerState(), scope)
        self.socket.take_over(self.line)

    async def _serve(self, _scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await self.may_take.acquire()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            self.taken.append(message["text"])

    async def accepted(self) -> Opened:
        while not self.line.written:
            await asyncio.sleep(0)
        self.line.written.clear()
        return self

    def hear(self, kind: Opcode, content: bytes = b"", times: int = 1) -> None:
        self.socket.data_received(frame_of(kind, content, MASK) * times)

    async def end(self) -> None:
        self.socket.connection_lost(None)
        self.may_take.release()
        await asyncio.sleep(0)


def kinds(line: Line) -> list[Opcode]:
    return [Opcode(frame[0] & 15) for frame in line.written]


async def test_only_the_newest_ping_is_answered_and_only_to_who_reads() -> None:
    opened = await Opened().accepted()
    opened.socket.pause_writing()
    assert not opened.line.is_reading()
    for n in range(5):
        opened.hear(Opcode.PING, b"%d" % n)
    assert opened.line.written == []
    opened.socket.resume_writing()
    assert opened.line.written == [frame_of(Opcode.PONG, b"4")]
    assert opened.line.is_reading()
    await opened.end()


async def test_a_flood_of_pings_closes_the_socket() -> None:
    opened = await Opened().accepted()
    opened.hear(Opcode.PING, times=40_000)
    assert kinds(opened.line) == [Opcode.PONG] * MOST_CONTROLS + [Opcode.CLOSE]
    assert opened.line.written[-1] == close_frame(1008)
    await opened.end()


async def test_a_flood_of_messages_waits_in_its_connection() -> None:
    opened = await Opened().accepted()
    opened.hear(Opcode.TEXT, b"x", times=3 * MOST_UNREAD)
    assert not opened.line.is_reading()
    assert opened.socket._inbox.qsize() == MOST_UNREAD
    for _ in range(3 * MOST_UNREAD):
        opened.may_take.release()
    while len(opened.taken) < 3 * MOST_UNREAD:
        await asyncio.sleep(0)
    assert opened.line.is_reading()
    await opened.end()


async def test_after_the_close_only_the_other_sides_is_read() -> None:
    opened = await Opened().accepted()
    opened.socket.shutdown()
    opened.hear(Opcode.TEXT, b"x", times=100)
    opened.hear(Opcode.PING)
    assert kinds(opened.line) == [Opcode.CLOSE]
    assert opened.socket._inbox.empty()
    opened.hear(Opcode.TEXT, bytes(LONGEST_MESSAGE))
    assert opened.line.is_aborted
    await opened.end()

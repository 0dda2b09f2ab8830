"""The head of a request is bounded in size and time; a body and what follows it are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from clarion.cli import http_heads

PIECE = b"a" * 16 * 1024


async def answer(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Quiet(uvicorn.Server):
    def install_signal_handlers(self) -> None: ...


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(http_heads, "HEAD_SECONDS", 0.3)
    config = uvicorn.Config(
        answer, port=0, http=http_heads.BoundedHeads, lifespan="off", log_config=None
    )
    server = Quiet(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def told(port: int, *pieces: bytes, pause: float = 0) -> bytes:
    """What the server says until it closes the connection, or is silent for a second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        while more := await asyncio.wait_for(reader.read(4096), 1):
            said += more
    except (TimeoutError, ConnectionError):
        said += b" (left open)" if not reader.at_eof() and not reader.exception() else b""
    finally:
        writer.close()
    return said


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
async def test_an_endless_head_is_cut_off(port: int, start: bytes) -> None:
    said = await told(port, start, *[PIECE] * 64, pause=0.001)
    assert b"400 Bad Request" in said or said == b""


async def test_a_head_that_takes_its_time_is_cut_off(port: int) -> None:
    assert await told(port, b"GET / HT") == b""
    assert await told(port) == b""


async def test_bodies_and_requests_behind_them_are_served(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n"
    body = b"b" * 1048576
    said = await told(port, head, body + head[:20], head[20:], body)
    assert said.count(b"204 No Content") == 2

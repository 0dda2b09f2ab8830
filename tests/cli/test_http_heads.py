"""The head of a request is bounded in size and time; a body and what follows it are not. Requests
that wait for the answers before theirs are bounded in number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from clarion.cli import http_heads

PIECE = b"a" * 16 * 1024


answered: list[str] = []
let_go = asyncio.Event()
cut_off: list[Any] = []


async def answer(scope: Any, receive: Any, send: Any) -> None:
    answered.append(scope["path"])
    cut_off.append(scope["state"]["abort"])
    if scope["path"] == "/wait":
        while (await receive())["type"] != "http.disconnect":
            pass
        let_go.set()
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Quiet(uvicorn.Server):
    def install_signal_handlers(self) -> None: ...


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(http_heads, "HEAD_SECONDS", 0.3)
    answered.clear()
    let_go.clear()
    config = uvicorn.Config(
        answer, port=0, http=http_heads.BoundedHeads, lifespan="off", log_config=None
    )
    server = Quiet(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
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


async def test_a_silent_connection_is_cut_off_sooner(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_heads, "HEAD_SECONDS", 600)
    monkeypatch.setattr(http_heads, "FIRST_BYTE_SECONDS", 0.2)
    assert await told(port) == b""
    assert await told(port, b"GET / HT") == b" (left open)"


async def test_bodies_and_requests_behind_them_are_served(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n"
    body = b"b" * 1048576
    said = await told(port, head, body + head[:20], head[20:], body)
    assert said.count(b"204 No Content") == 2


GET = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_requests_sent_at_once_are_answered_as_far_as_they_may_wait(port: int) -> None:
    said = await told(port, GET % b"/" * 12)
    assert said.count(b"204 No Content") == 12
    assert said.endswith(b"(left open)")


async def test_requests_without_end_are_dropped_and_the_connection_with_them(port: int) -> None:
    said = await told(port, GET % b"/" * 2000)
    assert said.count(b"204 No Content") == len(answered) == http_heads.MOST_WAITING + 1
    assert said.count(b"connection: close") == 1
    assert b"400" not in said
    assert not said.endswith(b"(left open)")


async def test_nobody_waits_for_answers_when_the_connection_is_gone(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET % b"/wait" + GET % b"/" * 3)
    while not answered:
        await asyncio.sleep(0.01)
    cut_off.pop()()
    await asyncio.wait_for(let_go.wait(), 5)
    await asyncio.sleep(0)
    assert answered == ["/wait"]
    writer.close()


async def test_no_socket_is_opened_over_the_answer_to_another_request(port: int) -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    said = await told(port, GET % b"/wait" + upgrade)
    assert said.startswith(b"HTTP/1.1 400")
    await asyncio.wait_for(let_go.wait(), 5)


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n", b"Host: a\r\nhost: a\r\n"])
async def test_a_request_names_one_host(port: int, hosts: bytes) -> None:
    said = await told(port, b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    assert answered == []


async def test_what_cannot_be_read_fills_no_log(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await told(port, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400")
    assert caplog.records == []

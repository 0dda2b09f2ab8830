import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from clarion.channels.contract import HttpAnswer, NoAnswerError
from clarion.channels.guard import Guard
from clarion.channels.http_connection import MAX_ANSWER_BYTES, MAX_HEAD_BYTES
from clarion.channels.http_pool import HttpPool, Timeouts

SHORT = Timeouts(connect_seconds=2.0, total_seconds=0.4)
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Serve = Callable[["Vendor", Reader, Writer], Awaitable[None]]


class Vendor:
    """A server that plays a script on each connection; what it read, and how many came."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.connections = 0
        self.requests: list[bytes] = []
        self.port = 0

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        try:
            await self._serve(self, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def read(self, reader: Reader) -> None:
        """One request."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.rpartition(b"Content-Length: ")[2])
        self.requests.append(head + await reader.readexactly(length))


Start = Callable[[Serve], Awaitable[Vendor]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def starting(serve: Serve) -> Vendor:
            vendor = Vendor(serve)
            server = await asyncio.start_server(vendor, "127.0.0.1", 0)
            vendor.port = server.sockets[0].getsockname()[1]
            stack.callback(server.close)
            return vendor

        yield starting


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    pool = HttpPool(Guard(), SHORT)
    yield pool
    await pool.close()


async def post(pool: HttpPool, vendor: Vendor, body: bytes = b"hello") -> HttpAnswer:
    url = f"http://127.0.0.1:{vendor.port}/send"
    return await pool.post(url, headers={"X-Of": "us"}, body=body, guarded=False)


async def failure(pool: HttpPool, vendor: Vendor) -> tuple[bool, str]:
    with pytest.raises(NoAnswerError) as caught:
        await post(pool, vendor)
    return caught.value.sent, caught.value.code


def answering(*answers: bytes) -> Serve:
    """Each request of a connection gets the next answer; then the connection is closed."""

    async def serve(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        for answer in answers:
            await vendor.read(reader)
            writer.write(answer)
            await writer.drain()

    return serve


def held(answer: bytes) -> Serve:
    """One answer, and the connection stays open until the other side closes it."""

    async def serve(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        writer.write(answer)
        await reader.read()

    return serve


async def test_a_request_is_one_head_and_its_body(pool: HttpPool, start: Start) -> None:
    vendor = await start(answering(FINE))
    assert await post(pool, vendor) == HttpAnswer(200, {"content-length": "4"}, b"fine")
    head, _, body = vendor.requests[0].partition(b"\r\n\r\n")
    assert body == b"hello"
    assert head.split(b"\r\n") == [
        b"POST /send HTTP/1.1",
        f"Host: 127.0.0.1:{vendor.port}".encode(),
        b"Accept: */*",
        b"User-Agent: Clarion",
        b"Accept-Encoding: identity",
        b"X-Of: us",
        b"Content-Length: 5",
    ]


async def test_one_connection_serves_one_request_after_the_other(
    pool: HttpPool, start: Start
) -> None:
    vendor = await start(answering(FINE, b"HTTP/1.1 204 No Content\r\n\r\n", FINE))
    answers = [await post(pool, vendor) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 204, 200]
    assert vendor.connections == 1


async def test_chunks_are_put_together_and_trailers_are_left_out(
    pool: HttpPool, start: Start
) -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;x=y\r\nfin\r\n1\r\ne\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    vendor = await start(answering(chunked, FINE))
    answer = await post(pool, vendor)
    assert answer == HttpAnswer(200, {"transfer-encoding": "chunked"}, b"fine")
    assert (await post(pool, vendor)).body == b"fine"
    assert vendor.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfine",
        b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine",
    ],
)
async def test_a_connection_that_the_vendor_closes_is_not_used_again(
    pool: HttpPool, start: Start, answer: bytes
) -> None:
    vendor = await start(held(answer))
    for _ in range(2):
        assert (await post(pool, vendor)).body == b"fine"
    assert vendor.connections == 2


async def test_an_answer_without_a_length_ends_with_its_connection(
    pool: HttpPool, start: Start
) -> None:
    vendor = await start(answering(b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\nto the end"))
    assert await post(pool, vendor) == HttpAnswer(200, {"x": "1"}, b"to the end")


async def test_interim_answers_are_passed_over(pool: HttpPool, start: Start) -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
    vendor = await start(answering(hints + FINE, FINE))
    answer = await post(pool, vendor)
    assert answer == HttpAnswer(200, {"content-length": "4"}, b"fine")
    await post(pool, vendor)
    assert vendor.connections == 1


async def test_an_answer_that_switches_protocols_is_the_last(pool: HttpPool, start: Start) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nrest"
    vendor = await start(held(switched))
    assert (await post(pool, vendor)).status == 101
    await post(pool, vendor)
    assert vendor.connections == 2


async def test_an_early_answer_counts_and_its_connection_does_not_stay(start: Start) -> None:
    async def refuse(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(0.05)  # the rest of the request is never read

    vendor = await start(refuse)
    pool = HttpPool(Guard(), Timeouts(total_seconds=20))
    for _ in range(2):
        assert (await post(pool, vendor, b"x" * 30_000_000)).status == 413
    assert vendor.connections == 2
    await pool.close()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine", "cut_off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n", "cut_off"),
        (b"220 mail.example ESMTP\r\n", "not_http"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "not_http"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "not_http",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEAD_BYTES, "too_long"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3_000, "too_long"),
    ],
)
async def test_what_is_no_whole_answer_may_have_been_a_success(
    pool: HttpPool, start: Start, answer: bytes, code: str
) -> None:
    vendor = await start(answering(answer))
    assert await failure(pool, vendor) == (True, code)


async def test_chunks_that_never_end_in_anything_are_cut_off(pool: HttpPool, start: Start) -> None:
    async def drip(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        for _ in range(300):
            writer.write(b"x" * 8_192)
            await writer.drain()

    vendor = await start(drip)
    assert await failure(pool, vendor) == (True, "too_long")


async def test_an_answer_that_drips_is_given_up_when_the_time_is_over(
    pool: HttpPool, start: Start
) -> None:
    async def drip(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await asyncio.sleep(0.02)

    vendor = await start(drip)
    assert await failure(pool, vendor) == (True, "timeout")


async def test_a_body_that_is_longer_than_what_is_read_is_cut_there(
    pool: HttpPool, start: Start
) -> None:
    body = b"y" * (MAX_ANSWER_BYTES + 5)
    vendor = await start(held(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + body))
    assert (await post(pool, vendor)).body == body[:MAX_ANSWER_BYTES]


@pytest.mark.parametrize("more", [b"\r\n\r\nHTTP/1.1 200 OK\r\n", FINE, b"garbage"])
async def test_what_comes_behind_an_answer_is_not_taken_for_the_next_one(
    pool: HttpPool, start: Start, more: bytes
) -> None:
    vendor = await start(held(FINE + more))
    for _ in range(2):
        assert await post(pool, vendor) == HttpAnswer(200, {"content-length": "4"}, b"fine")
    assert vendor.connections == 2


async def test_what_an_idle_connection_hears_ends_it(pool: HttpPool, start: Start) -> None:
    spoken = asyncio.Event()
    closed = asyncio.Event()

    async def serve(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        writer.write(FINE)
        await spoken.wait()
        writer.write(FINE)
        await reader.read()
        closed.set()

    vendor = await start(serve)
    await post(pool, vendor)
    spoken.set()
    await asyncio.wait_for(closed.wait(), 5)
    await post(pool, vendor)
    assert vendor.connections == 2


async def test_a_request_into_a_connection_that_closes_is_ambiguous_and_not_repeated(
    pool: HttpPool, start: Start
) -> None:
    async def serve(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        writer.write(FINE)
        await vendor.read(reader)

    vendor = await start(serve)
    await post(pool, vendor)
    assert await failure(pool, vendor) == (True, "reset")
    assert len(vendor.requests) == 2
    assert vendor.connections == 1


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced(
    pool: HttpPool, start: Start
) -> None:
    vendor = await start(answering(FINE))
    await post(pool, vendor)
    await asyncio.sleep(0.05)
    await post(pool, vendor)
    assert vendor.connections == 2


@pytest.mark.parametrize("hint", [b"timeout=1", b"max=3, timeout=0"])
async def test_a_connection_that_the_vendor_keeps_briefly_is_not_used_again(
    pool: HttpPool, start: Start, hint: bytes
) -> None:
    fine = b"HTTP/1.1 200 OK\r\nKeep-Alive: " + hint + b"\r\nContent-Length: 4\r\n\r\nfine"
    vendor = await start(held(fine))
    for _ in range(2):
        await post(pool, vendor)
    assert vendor.connections == 2


@pytest.mark.parametrize("hint", [b"timeout=60", b"timeout=x", b"timeout", b"max=5"])
async def test_other_hints_about_keeping_change_nothing(
    pool: HttpPool, start: Start, hint: bytes
) -> None:
    fine = b"HTTP/1.1 200 OK\r\nKeep-Alive: " + hint + b"\r\nContent-Length: 4\r\n\r\nfine"
    vendor = await start(answering(fine, fine))
    for _ in range(2):
        await post(pool, vendor)
    assert vendor.connections == 1


async def test_a_caller_that_gives_up_takes_its_connection_along(
    pool: HttpPool, start: Start
) -> None:
    asked = asyncio.Event()
    closed = asyncio.Event()

    async def silent(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        asked.set()
        await reader.read()
        closed.set()

    vendor = await start(silent)
    calling = asyncio.create_task(post(pool, vendor))
    await asked.wait()
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    await asyncio.wait_for(closed.wait(), 5)
    assert calling.cancelled()


async def test_a_pool_that_closes_ends_what_is_under_way(pool: HttpPool, start: Start) -> None:
    asked = asyncio.Event()

    async def silent(vendor: Vendor, reader: Reader, writer: Writer) -> None:
        await vendor.read(reader)
        asked.set()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nto the")
        await reader.read()

    vendor = await start(silent)
    calling = asyncio.create_task(failure(pool, vendor))
    await asked.wait()
    await asyncio.sleep(0.05)
    await pool.close()
    assert await calling == (True, "cut_off")

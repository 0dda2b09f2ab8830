import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from clarion.channels.contract import BlockedError, NoAnswerError
from clarion.channels.guard import Guard, GuardPolicy
from clarion.channels.http_pool import MAX_ANSWER_BYTES, HttpPool, Timeouts
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.webhook import FakeReceiver
from tests.channels.certificates import contexts_for

SHORT = Timeouts(connect_seconds=2.0, total_seconds=0.3)
LOOPBACK = GuardPolicy(allow=("127.0.0.1/32",))


class Answers:
    """A resolver that gives its answers one after the other, and counts."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


Open = Callable[[HttpPool], HttpPool]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        def open_pool(pool: HttpPool) -> HttpPool:
            stack.push_async_callback(pool.close)
            return pool

        yield open_pool


async def test_a_name_that_turns_to_a_private_address_is_blocked_at_its_next_connection(
    opened: Open, receiver: FakeReceiver
) -> None:
    # 127.0.0.1 plays the public address, 127.0.0.2 on the same port the private one.
    private_hits: list[str] = []

    async def private(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        private_hits.append("hit")
        writer.close()

    server = await asyncio.start_server(private, "127.0.0.2", receiver.port)
    names = Answers(["127.0.0.1"], ["127.0.0.2"])
    pool = opened(HttpPool(Guard(LOOPBACK, names), SHORT))
    url = f"http://rebind.example:{receiver.port}/hook"
    closing = {"Connection": "close"}
    answer = await pool.post(url, headers=closing, body=b"1", guarded=True)
    assert (answer.status, names.asked) == (204, 1)
    assert receiver.requests[0].headers["host"] == f"rebind.example:{receiver.port}"
    with pytest.raises(BlockedError):
        await pool.post(url, headers=closing, body=b"2", guarded=True)
    assert names.asked == 2
    assert private_hits == []
    server.close()
    await server.wait_closed()


async def test_one_private_address_beside_a_public_one_is_never_connected_to(
    opened: Open, receiver: FakeReceiver
) -> None:
    names = Answers(["127.0.0.1", "10.0.0.1"])
    pool = opened(HttpPool(Guard(LOOPBACK, names), SHORT))
    url = f"http://mixed.example:{receiver.port}/hook"
    with pytest.raises(BlockedError):
        await pool.post(url, headers={}, body=b"", guarded=True)
    assert receiver.requests == []


async def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    opened: Open, tmp_path: Path
) -> None:
    server_tls, client_tls = contexts_for("hooks.example.com", tmp_path)
    seen: list[str] = []

    async def hook(request: web.Request) -> web.Response:
        seen.append(request.host)
        return web.Response(text="fine")

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_tls).start()
    port = runner.addresses[0][1]
    pool = opened(HttpPool(Guard(LOOPBACK, Answers(["127.0.0.1"])), SHORT, client_tls))
    answer = await pool.post(
        f"https://hooks.example.com:{port}/hook", headers={}, body=b"", guarded=True
    )
    assert (answer.status, answer.body) == (200, b"fine")
    assert seen == [f"hooks.example.com:{port}"]
    with pytest.raises(NoAnswerError) as caught:
        await pool.post(f"https://other.example:{port}/hook", headers={}, body=b"", guarded=True)
    assert (caught.value.sent, caught.value.code) == (False, "tls")
    await runner.cleanup()


async def test_redirects_are_not_followed(opened: Open, receiver: FakeReceiver) -> None:
    receiver.react("/a", Reaction(status=307, headers={"Location": "/b"}))
    pool = opened(HttpPool(Guard(), SHORT))
    answer = await pool.post(f"{receiver.base_url}/a", headers={}, body=b"", guarded=False)
    assert answer.status == 307
    assert [request.path for request in receiver.requests] == ["/a"]


async def test_proxies_of_the_environment_are_ignored(
    opened: Open, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    pool = opened(HttpPool(Guard(LOOPBACK), SHORT))
    answer = await pool.post(f"{receiver.base_url}/a", headers={}, body=b"", guarded=True)
    assert answer.status == 204


async def test_an_answer_is_read_to_64_kib(opened: Open, receiver: FakeReceiver) -> None:
    receiver.react("/a", Reaction(body=b"x" * (MAX_ANSWER_BYTES + 1)))
    pool = opened(HttpPool(Guard(), SHORT))
    answer = await pool.post(f"{receiver.base_url}/a", headers={}, body=b"", guarded=False)
    assert answer.body == b"x" * MAX_ANSWER_BYTES


async def test_a_packed_answer_is_not_unpacked(opened: Open, receiver: FakeReceiver) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    receiver.react("/a", Reaction(headers={"Content-Encoding": "gzip"}, body=bomb))
    pool = opened(HttpPool(Guard(), SHORT))
    answer = await pool.post(f"{receiver.base_url}/a", headers={}, body=b"", guarded=False)
    assert answer.body == bomb


async def test_cookies_of_one_receiver_are_not_kept(opened: Open, receiver: FakeReceiver) -> None:
    receiver.react("/a", Reaction(headers={"Set-Cookie": "a=1; Path=/"}))
    pool = opened(HttpPool(Guard(), SHORT))
    for _ in range(2):
        await pool.post(f"{receiver.base_url}/a", headers={}, body=b"", guarded=False)
    assert "cookie" not in receiver.requests[1].headers


@pytest.mark.parametrize(
    ("reaction", "code"),
    [(Reaction(hang=True), "timeout"), (Reaction(cut=True), "cut_off")],
)
async def test_silence_after_the_request_may_have_been_a_success(
    opened: Open, receiver: FakeReceiver, reaction: Reaction, code: str
) -> None:
    receiver.react("/a", reaction)
    pool = opened(HttpPool(Guard(), SHORT))
    with pytest.raises(NoAnswerError) as caught:
        await pool.post(f"{receiver.base_url}/a", headers={}, body=b"", guarded=False)
    assert (caught.value.sent, caught.value.code) == (True, code)


async def test_a_name_without_an_address_was_not_sent_to(opened: Open) -> None:
    pool = opened(HttpPool(Guard(resolve=Answers([])), SHORT))
    with pytest.raises(NoAnswerError) as caught:
        await pool.post("https://gone.example/", headers={}, body=b"", guarded=True)
    assert (caught.value.sent, caught.value.code) == (False, "dns")


async def test_a_server_that_never_shakes_hands_was_not_sent_to(opened: Open) -> None:
    released = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = opened(HttpPool(Guard(), Timeouts(connect_seconds=0.1, total_seconds=2)))
    with pytest.raises(NoAnswerError) as caught:
        await pool.post(f"https://127.0.0.1:{port}/", headers={}, body=b"", guarded=False)
    assert (caught.value.sent, caught.value.code) == (False, "connect_timeout")
    released.set()
    server.close()
    await server.wait_closed()

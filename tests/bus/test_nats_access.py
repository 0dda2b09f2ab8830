"""Ways into NATS, and what people read when there is none. Secrets stay secret."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import nats.errors
import pytest

from clarion.bus.jetstream import JetStreamBus
from clarion.bus.nats_access import Access, plain_words
from clarion.errors import SettingsError
from clarion.testing.conformance.bus import SOON_SECONDS
from clarion.testing.servers.nats import NatsServer
from tests.bus.conftest import Make
from tests.bus.credentials import USER, Key, operator_mode, write_credentials
from tests.channels.certificates import contexts_for

SECRET = "p@ss/w:rd%41"
IN_A_URL = "p%40ss%2Fw%3Ard%2541"

Greet = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server_that(greets: Greet) -> AsyncIterator[str]:
    """Something else that listens; its `host:port`."""
    async with await asyncio.start_server(greets, "127.0.0.1", 0) as listening:
        host, port = listening.sockets[0].getsockname()
        yield f"{host}:{port}"


async def problem_of(bus: JetStreamBus) -> str:
    await bus.start()
    assert await bus.lost(SOON_SECONDS)
    return str(bus.describe()["problem"])


@pytest.mark.parametrize(
    ("settings", "good", "bad"),
    [
        (f'authorization {{user: u, password: "{SECRET}"}}', f"u:{IN_A_URL}@", "u:wrong@"),
        (f'authorization {{token: "{SECRET}"}}', f"{IN_A_URL}@", "wrong@"),
        (f'authorization {{token: "{SECRET}"}}', f"{IN_A_URL}@", ""),
    ],
)
async def test_a_password_or_token_of_the_url_opens_and_a_wrong_one_is_told_in_plain_words(
    tmp_path: Path,
    make: Make,
    caplog: pytest.LogCaptureFixture,
    settings: str,
    good: str,
    bad: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with NatsServer(tmp_path, settings=settings) as server:
        bus = make(server.url.replace("//", f"//{good}"))
        await bus.start()
        assert await bus.reached(SOON_SECONDS)
        refused = make(server.url.replace("//", f"//{bad}"))
        assert await problem_of(refused) == (
            "NATS refuses us; check user, password, token or credentials"
        )
        said = f"{caplog.text} {bus.describe()} {refused.describe()} {refused._access!r}"
        assert [word for word in (SECRET, IN_A_URL, "wrong") if word in said] == []


async def test_credentials_of_a_file_open(tmp_path: Path) -> None:
    file = tmp_path / "user.creds"
    with NatsServer(tmp_path / "nats", settings=operator_mode(file), jetstream=False) as server:
        bus = JetStreamBus(Access(server.url, credentials_file=file), prefix="p", chance=Random(1))
        await bus.start()
        assert await bus.reached(SOON_SECONDS)
        await bus.close()
        stranger = tmp_path / "stranger.creds"
        operator_mode(stranger)
        refused = JetStreamBus(
            Access(server.url, credentials_file=stranger), prefix="p", chance=Random(1)
        )
        assert "NATS refuses us" in await problem_of(refused)
        await refused.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "cannot be read"), ("nothing", "is no credentials file"), ("short", "odd length")],
)
async def test_a_bad_credentials_file_is_told_and_mended_without_a_restart(
    tmp_path: Path, text: str | None, words: str
) -> None:
    file = tmp_path / "user.creds"
    key = Key(USER)
    if text == "short":
        write_credentials(file, "jwt", key)
        file.write_text(file.read_text("ascii").replace(key.seed, key.seed[:16]), "ascii")
    elif text is not None:
        file.write_text(text, "ascii")
    settings = operator_mode(tmp_path / "good")
    with NatsServer(tmp_path / "nats", settings=settings, jetstream=False) as server:
        bus = JetStreamBus(Access(server.url, credentials_file=file), prefix="p", chance=Random(1))
        problem = await problem_of(bus)
        assert words in problem
        assert str(file) in problem
        (tmp_path / "good").rename(file)
        assert await bus.reached(SOON_SECONDS)
        await bus.close()


async def test_tls_is_spoken_with_whom_we_trust(tmp_path: Path, make: Make) -> None:
    contexts_for("localhost", tmp_path)
    files = f'cert_file: "{tmp_path}/cert.pem", key_file: "{tmp_path}/key.pem"'
    with NatsServer(tmp_path / "nats", settings=f"tls {{{files}}}") as server:
        url = f"tls://localhost:{server.port}"
        bus = make(url, ca_file=tmp_path / "ca.pem")
        await bus.start()
        assert await bus.reached(SOON_SECONDS)
        assert "is not trusted" in await problem_of(make(url))
        other_name = f"tls://127.0.0.1:{server.port}"
        assert "for this host" in await problem_of(make(other_name, ca_file=tmp_path / "ca.pem"))
        missing = await problem_of(make(url, ca_file=tmp_path / "none.pem"))
        assert "none.pem cannot be read" in missing


async def test_a_server_in_the_clear_is_told_nothing_when_tls_was_asked_for(make: Make) -> None:
    heard = bytearray()
    over = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2.15.1","max_payload":1048576}\r\n')
        heard.extend(await reader.read())
        writer.close()
        over.set()

    async with server_that(greet) as place:
        problem = await problem_of(make(f"tls://u:secret@{place}"))
        async with asyncio.timeout(SOON_SECONDS):
            await over.wait()
    assert "does not insist on TLS" in problem
    assert bytes(heard) == b""


async def test_what_answers_and_is_not_nats_is_told(make: Make) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    async with server_that(greet) as place:
        assert await problem_of(make(f"nats://{place}")) == (
            "what answers there is not NATS; check host and port"
        )


async def test_the_second_of_two_servers_is_taken_when_the_first_is_away(
    server: NatsServer, make: Make
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    bus = make(f"nats://127.0.0.1:{port}, {server.url}")
    await bus.start()
    assert await bus.reached(SOON_SECONDS)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the host of NATS is not known"),
        (ConnectionRefusedError(111, "x"), "nobody answers at the address of NATS"),
        (ConnectionResetError(104, "x"), "NATS has cut the connection"),
        (TimeoutError(), "NATS does not answer in time"),
        (ssl.SSLError(1, "x"), "TLS with NATS failed"),
        (OSError(113, "No route to host"), "the network says: no route to host"),
        (nats.errors.UnexpectedEOF(), "NATS has gone"),
        (nats.errors.Error("nats: 'User Authentication Expired'"), "have expired; renew"),
        (nats.errors.Error("nats: 'Maximum Connections Exceeded'"), "raise max_connections"),
        (RuntimeError("secret"), "the connection ended (RuntimeError)"),
        (None, "NATS has gone"),
    ],
)
def test_every_trouble_has_plain_words(error: Exception | None, words: str) -> None:
    assert words in plain_words(error)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nats",
        "nats://",
        "http://host",
        "host:4222",
        "nats://host:port",
        "nats://host:0",
        "nats://host:70000",
        "nats://u:secret@host/path",
        "nats://u:secret@host?x=1",
        "nats://u:secret@a,tls://b",
        "nats://a,",
    ],
)
def test_what_is_no_url_of_nats_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Access(url)
    assert "nats://" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_places_are_shown_without_user_and_password() -> None:
    assert Access("tls://u:secret@a,tls://[::1]:99").places == ["tls://a:4222", "tls://[::1]:99"]

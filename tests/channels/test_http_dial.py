import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from clarion.channels.contract import NoAnswerError
from clarion.channels.guard import Address
from clarion.channels.http_dial import Dialer, Vendors
from clarion.channels.http_head import Origin


def origin(port: int, *, secure: bool = False) -> Origin:
    return Origin("vendor", secure, "vendor.example", port)


async def at(*texts: str) -> Sequence[Address]:
    return [ip_address(text) for text in texts]


async def test_an_address_that_refuses_gives_way_to_the_next() -> None:
    taken = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.2", 0)
    port = server.sockets[0].getsockname()[1]
    dialer = Dialer(2.0, None)
    connection = await dialer.dial(origin(port), lambda _h, _p: at("127.0.0.1", "127.0.0.2"))
    await asyncio.wait_for(taken.wait(), 5)
    connection.close()
    await connection.gone
    server.close()
    await server.wait_closed()


async def test_a_port_where_nobody_listens_was_not_sent_to() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NoAnswerError) as caught:
        await Dialer(2.0, None).dial(origin(port), lambda _h, _p: at("127.0.0.1"))
    assert (caught.value.sent, caught.value.code) == (False, "connect")


async def test_a_server_that_hangs_up_on_tls_was_not_sent_to() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NoAnswerError) as caught:
        await Dialer(2.0, None).dial(origin(port, secure=True), lambda _h, _p: at("127.0.0.1"))
    assert (caught.value.sent, caught.value.code) == (False, "tls")
    server.close()
    await server.wait_closed()


async def test_a_name_that_is_not_found_was_not_sent_to() -> None:
    async def nowhere(host: str, port: int) -> Sequence[Address]:
        raise OSError("no such name")

    with pytest.raises(NoAnswerError) as caught:
        await Dialer(2.0, None).dial(origin(1), nowhere)
    assert (caught.value.sent, caught.value.code) == (False, "dns")


async def test_a_resolver_that_never_answers_is_not_waited_for() -> None:
    async def forever(host: str, port: int) -> Sequence[Address]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(NoAnswerError) as caught:
        await Dialer(0.05, None).dial(origin(1), forever)
    assert (caught.value.sent, caught.value.code) == (False, "connect_timeout")


async def test_addresses_of_a_vendor_are_remembered_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1", "::1"]

    monkeypatch.setattr("clarion.channels.http_dial.resolve_by_system", resolve)
    vendors = Vendors()
    for _ in range(3):
        assert await vendors("vendor.example", 443) == [ip_address("127.0.0.1"), ip_address("::1")]
    assert asked == ["vendor.example"]

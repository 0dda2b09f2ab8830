"""Strangers, forgers, and clients that do not read."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest

from clarion.api.origins import Origins
from clarion.realtime.outlets import Ending, Outlet
from tests.realtime.house import KEY, House, open_house


async def opened(house: House, path: str, **headers: str) -> int:
    async with house.session.get(house.url + path, headers=headers) as answer:
        return answer.status


async def test_forged_and_foreign_tokens_open_nothing(house: House) -> None:
    token = await house.token("ada")
    forged = jwt.encode(
        {"sub": "ada", "env": 1, "number": 1, "tenant": 0, "exp": 4_000_000_000}, "x" * 32
    )
    unsigned = jwt.encode({"env": 1}, "", algorithm="none")
    ticket = await house.ticket(token)
    path = "/v1/inbox/stream"
    for wrong in (forged, unsigned, KEY, ticket, token[:-2], ""):
        assert await opened(house, path, Authorization=f"Bearer {wrong}") == 401
        if wrong != ticket:
            assert await opened(house, f"{path}?ticket={wrong}") == 401
    assert await opened(house, path) == 401
    assert await opened(house, f"{path}?ticket={token}") == 401


async def test_a_tenants_token_hears_of_that_tenants_inbox_only(house: House) -> None:
    plain, acme = await house.token("ada"), await house.token("ada", tenant="acme")
    async with house.stream(plain) as stream, house.stream(acme) as other:
        for one in (stream, other):
            await one.next()
        await house.send("ada", "for acme", tenant="acme")
        assert (await other.next()).data["entry"]["title"] == "for acme"
        await house.send("ada", "for all")
        assert (await stream.next()).data["entry"]["title"] == "for all"


async def test_a_ticket_is_in_no_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    ticket = await house.ticket(await house.token("ada"))
    with caplog.at_level(0):
        async with house.stream(query=f"?ticket={ticket}") as stream:
            await stream.next()
        async with house.stream(query=f"?ticket={ticket}") as stream:
            assert stream.answer.status == 401
    assert ticket not in caplog.text


async def test_other_sites_read_nothing_and_api_keys_answer_none_of_them(tmp_path: Path) -> None:
    app = "https://app.example.org"
    async with open_house(tmp_path, inbox_origins=(app,)) as house:
        token = await house.token("ada")
        for origin, allowed in ((app, app), ("https://evil.example.org", None)):
            asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
            async with house.session.options(f"{house.url}/v1/inbox", headers=asked) as answer:
                assert answer.status == 204
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed
            headers = {"Origin": origin, "Authorization": f"Bearer {token}"}
            async with house.session.get(f"{house.url}/v1/inbox", headers=headers) as answer:
                assert answer.status == 200
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed
                assert "Access-Control-Allow-Credentials" not in answer.headers
        headers = {"Origin": app, "Authorization": f"Bearer {KEY}"}
        async with house.session.get(f"{house.url}/v1/notifications", headers=headers) as answer:
            assert answer.status == 200
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "forwarded", "allowed"),
    [
        ("http://c.example", None, True),
        ("https://c.example", None, True),
        ("https://c.example", "https", True),
        ("http://c.example", "https", False),
        ("https://c.example", "http", False),
        ("//c.example", None, False),
        ("ftp://c.example", None, False),
        ("http://c.example.evil.example", None, False),
        ("c.example", None, False),
    ],
)
def test_an_origin_is_the_servers_own_with_scheme_and_host(
    origin: str, forwarded: str | None, allowed: bool
) -> None:
    headers = [(b"host", b"c.example"), (b"origin", origin.encode())]
    if forwarded is not None:
        headers.append((b"x-forwarded-proto", forwarded.encode()))
    scope: Any = {"type": "http", "scheme": "http", "headers": headers}
    assert Origins(()).allow(scope) is allowed


def test_a_site_that_is_refused_is_logged_once_with_what_to_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    origins = Origins(("https://app.example.org",))
    for origin in ("https://app.example.org", "https://evil.example.org", "https://c.example"):
        headers = [(b"host", b"c.example"), (b"origin", origin.encode())]
        scope: Any = {"type": "http", "scheme": "https", "headers": headers}
        origins.allow(scope)
        origins.allow(scope)
    (record,) = caplog.records
    assert "'https://evil.example.org'" in record.getMessage()
    assert "inbox_origins" in record.getMessage()
    for number in range(100):
        headers = [(b"origin", f"https://{number}.example.org".encode())]
        many: Any = {"type": "http", "scheme": "https", "headers": headers}
        origins.allow(many)
    assert len(caplog.records) == 20


async def test_who_does_not_read_is_let_go_without_growth(house: House) -> None:
    token = await house.token("ada")
    large = {"title": "x", "body": "\N{GRINNING FACE}" * 8_000}
    place = urlsplit(house.url)
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        silent.connect((place.hostname, place.port))
        head = f"GET /v1/inbox/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        silent.sendall(head.encode())
        live = house.run.server.live
        assert live is not None
        async with asyncio.timeout(10):
            while not live.connections.feeds.environments():
                await asyncio.sleep(0.01)
            (inbox,) = live.connections.feeds.inboxes(1)
            for _ in range(200):
                found = live.connections.feeds.of(inbox)
                if not found or found[0].ending is Ending.SLOW:
                    break
                await asyncio.gather(*(house.send("ada", "x", data=large) for _ in range(5)))
            else:
                pytest.fail("it went on taking messages")


def test_an_outlet_holds_a_bounded_line() -> None:
    from clarion.realtime.frames import Frame

    outlet = Outlet((1, 2, 0), None, 0)
    assert outlet.offer([Frame("x", b"1")] * 256)
    assert not outlet.offer([Frame("x", b"1")])
    large = Outlet((1, 2, 0), None, 0)
    assert not large.offer([Frame("x", b"1" * 300_000)])

"""What a client gets and does over a socket, over real sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from clarion.core.ids import item_name
from tests.realtime.house import House, open_house


async def test_a_socket_tells_what_a_stream_tells(house: House) -> None:
    token = await house.token("ada")
    auth = {"op": "auth", "token": token}
    async with house.socket(auth, {"op": "resume", "last_seq": None}) as socket:
        assert socket.answer.protocol == "inbox.v1"
        hello = await socket.next()
        assert (hello["op"], hello["type"], hello["seq"]) == ("event", "hello", 0)
        await house.send("ada", "first")
        created = await socket.next()
        assert (created["type"], created["seq"]) == ("item.created", 1)
        assert created["data"]["entry"] == await house.first(token)


async def test_marks_by_socket_are_echoed_to_all(house: House) -> None:
    token = await house.token("ada")
    await house.send("ada", "one")
    await house.send("ada", "two")
    entry = await house.first(token)
    ticket = {"op": "auth", "ticket": await house.ticket(token)}
    async with (
        house.socket(ticket, {"op": "resume", "last_seq": 2}) as socket,
        house.stream(token) as stream,
    ):
        await socket.next()
        await stream.next()
        await socket.say(op="seen", ids=[entry["id"]])
        for told in ((await socket.next())["data"], (await stream.next()).data):
            assert told["entry"]["seen_at"] is not None
            assert told["meta"] == {"total": 2, "unread": 2, "unseen": 1}
        await socket.say(op="read", up_to=entry["id"], place=entry["place"])
        told = [(await socket.next())["data"] for _ in range(2)]
        assert told[-1]["meta"]["unread"] == 0
        await socket.say(op="ack", seq=4)


async def test_what_was_missed_comes_first(house: House) -> None:
    token = await house.token("ada")
    await house.send("ada", "one")
    await house.send("ada", "two")
    auth = {"op": "auth", "token": token}
    async with house.socket(auth, {"op": "resume", "last_seq": 1}) as socket:
        assert (await socket.next())["data"]["seq"] == 1
        assert (await socket.next())["data"]["entry"]["title"] == "two"
    async with house.socket(auth, {"op": "resume", "last_seq": 9}) as socket:
        assert (await socket.next())["type"] == "hello"
        assert (await socket.next())["type"] == "feed.reset"


async def test_who_does_not_say_where_to_go_on_begins_now(house: House) -> None:
    token = await house.token("ada")
    await house.send("ada", "one")
    entry = await house.first(token)
    auth = {"op": "auth", "token": token}
    async with house.socket(auth, {"op": "read", "ids": [entry["id"]]}) as socket:
        hello = await socket.next()
        assert hello["type"] == "hello"
        if hello["data"]["seq"] == 1:
            assert (await socket.next())["data"]["entry"]["read_at"] is not None


@pytest.mark.parametrize(
    "message",
    [
        {"op": "auth", "token": "forged"},
        {"op": "auth"},
        {"op": "resume", "last_seq": 0},
        {"op": "nothing"},
    ],
)
async def test_without_a_good_token_it_is_closed_for_good(
    house: House, message: dict[str, object]
) -> None:
    async with house.socket(message) as socket:
        assert await socket.closed() == 1008


async def test_a_used_ticket_asks_for_a_new_one(house: House) -> None:
    token = await house.token("ada")
    auth = {"op": "auth", "ticket": await house.ticket(token)}
    async with house.socket(auth) as socket:
        await socket.next()
        async with house.socket(auth) as second:
            assert await second.closed() == 4401


async def test_sockets_of_strangers_take_a_part_of_the_room_only(tmp_path: Path) -> None:
    async with open_house(tmp_path, inbox_connections=8) as house:
        auth = {"op": "auth", "token": await house.token("ada")}
        async with house.socket() as silent, house.socket(), house.socket() as third:
            assert await third.closed() == 1013
            await silent.say(**auth)
            assert (await silent.next())["type"] == "hello"
            async with house.socket(auth) as known:
                assert (await known.next())["type"] == "hello"


async def test_too_long_a_message_closes_it(house: House) -> None:
    async with house.socket() as socket:
        await socket.say(op="auth", token="x" * 70_000)
        assert await socket.closed() == 1009


async def test_what_cannot_be_done_is_said_in_words(house: House) -> None:
    auth = {"op": "auth", "token": await house.token("ada")}
    async with house.socket(auth, {"op": "resume"}) as socket:
        await socket.next()
        for wrong in ({"op": "seen"}, {"op": "seen", "ids": ["itm_x"]}, {"op": "auth"}):
            await socket.say(**wrong)
            told = await socket.next()
            assert told["op"] == "error"
            assert told["detail"]
        await socket.say(op="read", ids=[item_name(7, 1)])
        assert (await socket.next())["code"] == "not-found"


async def test_a_flood_of_messages_is_slowed_down(house: House) -> None:
    auth = {"op": "auth", "token": await house.token("ada")}
    async with house.socket(auth, {"op": "resume"}) as socket:
        for n in range(300):
            await socket.say(op="ack", seq=n)
        assert await socket.closed() == 4429


async def test_who_is_in_front_of_the_page_is_active_at_a_desktop(house: House) -> None:
    token = await house.token("ada")
    auth = {"op": "auth", "token": token}
    async with house.socket(auth, {"op": "resume"}) as socket:
        await socket.next()
        await socket.say(op="activity", focused=True)
        asked = {"active_for": "PT1M", "desktop": False}
        async with asyncio.timeout(10):
            while True:
                answer = await house.ask("PUT", "/v1/inbox/presence", asked, token=token)
                if answer["active_until"] is not None:
                    break
                await asyncio.sleep(0.01)


async def test_pages_of_other_sites_are_let_in_only_if_they_are_named(tmp_path: Path) -> None:
    async with open_house(tmp_path, inbox_origins=("https://app.example.org",)) as house:
        token = await house.token("ada")
        auth = {"op": "auth", "token": token}
        async with house.socket(auth, origin="https://app.example.org") as socket:
            assert (await socket.next())["type"] == "hello"
        async with house.socket(auth, origin=house.url) as socket:
            assert (await socket.next())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with house.socket(auth, origin="https://evil.example.org"):
                pass
        assert refused.value.status == 403
        async with house.stream(token, Origin="https://evil.example.org") as stream:
            assert stream.answer.status == 403
        async with house.stream(token, Origin="https://app.example.org") as stream:
            allowed = stream.answer.headers["Access-Control-Allow-Origin"]
            assert allowed == "https://app.example.org"


async def test_without_the_subprotocol_there_is_no_socket(house: House) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await house.session.ws_connect(f"{house.url}/v1/inbox/ws")
    assert await house.status("GET", "/v1/inbox/ws") == 426


async def test_a_stopping_server_closes_sockets_as_restarting(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        auth = {"op": "auth", "token": await house.token("ada")}
        async with house.socket(auth, {"op": "resume"}) as socket:
            await socket.next()
            await house.run.server.part()
            assert await socket.closed() == 1012

"""What a browser's EventSource gets, over real sockets."""

from __future__ import annotations

from pathlib import Path

from tests.realtime.house import House, open_house


async def test_a_stream_says_hello_and_tells_of_a_new_item(house: House) -> None:
    token = await house.token("ada")
    async with house.stream(token) as stream:
        assert stream.answer.content_type == "text/event-stream"
        hello = await stream.next()
        assert (hello.type, hello.id, hello.data["seq"]) == ("hello", "0", 0)
        assert 2_000 <= stream.retry[0] <= 5_000
        await house.send("ada", "first")
        created = await stream.next()
        assert created.type == "item.created"
        assert created.data["entry"] == await house.first(token)
        assert created.data["meta"] == {"total": 1, "unread": 1, "unseen": 1}
        assert created.id == "1"


async def test_a_mark_on_one_device_is_told_to_all(house: House) -> None:
    token = await house.token("ada")
    await house.send("ada", "first")
    entry = await house.first(token)
    async with house.stream(token) as phone, house.stream(token) as laptop:
        for stream in (phone, laptop):
            assert (await stream.next()).data["meta"]["unread"] == 1
        await house.ask("POST", f"/v1/inbox/{entry['id']}/read", token=token)
        for stream in (phone, laptop):
            updated = await stream.next()
            assert updated.type == "item.updated"
            assert updated.data["entry"]["read_at"] is not None
            assert updated.data["entry"]["version"] > entry["version"]
            assert updated.data["meta"] == {"total": 1, "unread": 0, "unseen": 0}


async def test_a_ticket_opens_one_stream(house: House) -> None:
    token = await house.token("ada")
    query = f"?ticket={await house.ticket(token)}"
    async with house.stream(query=query) as stream:
        assert (await stream.next()).type == "hello"
    async with house.stream(query=query) as stream:
        assert stream.answer.status == 401


async def test_a_resumed_stream_tells_what_changed_since(house: House) -> None:
    token = await house.token("ada")
    async with house.stream(token) as stream:
        last = (await stream.next()).id
    for title in ("one", "two", "three"):
        await house.send("ada", title)
    entry = await house.first(token)
    await house.ask("POST", f"/v1/inbox/{entry['id']}/seen", token=token)
    for query, headers in ((f"?last_event_id={last}", {}), ("", {"Last-Event-ID": last})):
        async with house.stream(token, query, **headers) as stream:
            hello = await stream.next()
            assert (hello.type, hello.id, str(hello.data["seq"])) == ("hello", "", last)
            told = [await stream.next() for _ in range(3)]
            assert [one.type for one in told] == ["item.created"] * 3
            titles = [one.data["entry"]["title"] for one in told]
            assert titles == ["one", "two", "three"]
            assert told[-1].data["entry"]["seen_at"] is not None
            assert [int(one.id) for one in told] == [1, 2, 4]


async def test_who_was_away_too_long_reads_the_list_again(house: House) -> None:
    token = await house.token("ada")
    for seq, unknown in enumerate(("99", "nonsense", "-1"), 1):
        await house.send("ada", "more")
        async with house.stream(token, f"?last_event_id={unknown}") as stream:
            assert (await stream.next()).type == "hello"
            reset = await stream.next()
            assert (reset.type, reset.id, reset.data["seq"]) == ("feed.reset", str(seq), seq)


async def test_a_stream_goes_on_after_a_reset(house: House) -> None:
    token = await house.token("ada")
    async with house.stream(token, "?last_event_id=5") as stream:
        assert [(await stream.next()).type for _ in range(2)] == ["hello", "feed.reset"]
        await house.send("ada", "more")
        assert (await stream.next()).type == "item.created"


async def test_over_the_bound_a_stream_says_when_to_come_again(tmp_path: Path) -> None:
    async with open_house(tmp_path, inbox_connections_per_user=1) as house:
        token = await house.token("ada")
        async with house.stream(token) as stream:
            await stream.next()
            async with house.stream(token) as second:
                assert second.answer.status == 200
                assert await second.ended() == []
                assert second.retry[0] >= 5_000


async def test_the_stream_of_an_erased_user_ends(house: House) -> None:
    token = await house.token("ada")
    async with house.stream(token) as stream:
        await stream.next()
        await house.ask("DELETE", "/v1/users/ada")
        assert await stream.ended() == []


async def test_a_stopping_server_spreads_when_browsers_come_again(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        token = await house.token("ada")
        async with house.stream(token) as stream:
            await stream.next()
            await house.run.server.part()
            assert await stream.ended() == []
            assert 1_000 <= stream.retry[-1] <= 30_000

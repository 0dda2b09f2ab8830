"""What a browser's EventSource gets, over real sockets."""

from __future__ import annotations

from pathlib import Path

from clarion.clock import SECOND
from tests.realtime.house import NOTE, House, open_house


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


async def test_a_broadcast_reaches_those_who_look(house: House) -> None:
    tokens = {user: await house.token(user) for user in ("ada", "bob")}
    await house.ask("PUT", "/v1/topics/stars", {"broadcast": "always"})
    await house.ask("POST", "/v1/topics/stars/subscribers", {"add": ["ada", "gone"]})
    await house.ask("PUT", "/v1/workflows/live", {**NOTE, "on": "live"})
    async with house.stream(tokens["ada"]) as ada, house.stream(tokens["bob"]) as bob:
        for stream in (ada, bob):
            await stream.next()
        event = {"type": "live", "recipients": [{"topic": "stars"}], "data": {"title": "on air"}}
        for _ in range(2):
            answer = await house.ask("POST", "/v1/events", event)
            told = await ada.next()
            assert (told.type, told.data["entry"]["title"]) == ("item.created", "on air")
            assert told.data["entry"]["event_id"] == answer["event_id"]
        await house.send("bob", "for bob")
        assert (await bob.next()).data["entry"]["title"] == "for bob"


async def test_what_was_put_off_leaves_and_is_told(house: House) -> None:
    token = await house.token("ada")
    await house.send("ada", "later")
    entry = await house.first(token)
    async with house.stream(token) as stream:
        await stream.next()
        body = {"until": "2027-01-01T00:00:00Z"}
        await house.ask("POST", f"/v1/inbox/{entry['id']}/snooze", body, token=token)
        told = await stream.next()
        assert told.data["entry"]["snoozed_until"] is not None
        assert told.data["meta"]["total"] == 0


async def test_what_is_taken_back_is_removed(house: House) -> None:
    token = await house.token("ada")
    send = {**NOTE["steps"][0]["send"], "aggregate": {"key": "data.title"}}
    await house.ask("PUT", "/v1/workflows/likes", {"on": "like", "steps": [{"send": send}]})
    async with house.stream(token) as stream:
        await stream.next()
        event = {"type": "like", "recipients": ["ada"], "data": {"title": "x"}}
        sent = await house.ask("POST", "/v1/events", event)
        created = await stream.next()
        await house.ask("POST", "/v1/events", event)
        again = await stream.next()
        assert (created.type, again.type) == ("item.created", "item.updated")
        assert again.data["entry"]["total_activities"] == 2
        assert again.data["entry"]["id"] == created.data["entry"]["id"]
        assert again.data["entry"]["place"] > created.data["entry"]["place"]
        assert sent["event_id"] == created.data["entry"]["event_id"]


async def test_a_beat_comes_when_there_is_nothing_to_say(house: House) -> None:
    token = await house.token("ada")
    async with house.stream(token) as stream:
        await stream.next()
        live = house.run.server.live
        assert live is not None
        (outlet,) = live.connections.feeds.of(live.connections.feeds.inboxes(1)[0])
        outlet.keep_alive()
        await house.send("ada", "x")
        await stream.next()
        assert stream.comments == 1


async def test_a_token_that_ends_is_told_and_ends_the_stream(house: House) -> None:
    token = await house.token("ada")
    async with house.stream(token) as stream:
        await stream.next()
        live = house.run.server.live
        assert live is not None
        (outlet,) = live.connections.feeds.of(live.connections.feeds.inboxes(1)[0])
        now = house.run.server.clock.now()
        outlet.ends_at = now + 5 * SECOND
        expiring = await stream.next()
        assert expiring.type == "session.expiring"
        outlet.ends_at = now
        assert await stream.ended() == []

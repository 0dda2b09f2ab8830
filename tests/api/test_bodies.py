"""Bodies: bounded in memory over all connections, and whole within a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.api.auth import key_hash, key_hint, new_api_key
from clarion.api.bodies import OWNER_OPEN, SMALL_BYTES, Bodies
from clarion.api.problems import RefusedError
from clarion.errors import OverloadError
from tests.api.house import START, House

LIMIT = 1024 * 1024


class Upload:
    """A body in parts; the last one is held back until `finish`."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts)
        self._last = asyncio.Event()

    def finish(self) -> None:
        self._last.set()

    async def __call__(self) -> Any:
        if len(self._parts) == 1:
            await self._last.wait()
        part = self._parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}


async def test_a_body_comes_whole_and_leaves_its_room() -> None:
    bodies = Bodies()
    place = bodies.place()
    upload = Upload(b"ab", b"cd", b"e")
    upload.finish()
    assert await place.read(upload, {}, LIMIT) == b"abcde"
    assert bodies.held == 5
    place.leave()
    assert bodies.held == 0


async def test_slow_uploads_together_stay_within_the_room() -> None:
    bodies = Bodies(total_bytes=10 * LIMIT)
    part = b"x" * (LIMIT - 1)
    places = [bodies.place() for _ in range(12)]
    readings = [asyncio.create_task(p.read(Upload(part, b"x"), {}, LIMIT)) for p in places]
    done, waiting = await asyncio.wait(readings, timeout=0.2)
    assert len(waiting) == 7
    for reading in done:
        with pytest.raises(OverloadError):
            reading.result()
    assert bodies.held <= 7.5 * LIMIT
    small = bodies.place()
    upload = Upload(b"y" * SMALL_BYTES)
    upload.finish()
    assert len(await small.read(upload, {}, LIMIT)) == SMALL_BYTES
    for reading in waiting:
        reading.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for place in (*places, small):
        place.leave()
    assert bodies.held == 0


async def test_an_announced_body_over_the_limit_is_not_read() -> None:
    with pytest.raises(RefusedError) as refusal:
        await Bodies().place().read(Upload(b""), {"content-length": str(LIMIT + 1)}, LIMIT)
    assert refusal.value.status == 413


async def test_a_body_that_comes_too_slowly_is_given_up() -> None:
    with pytest.raises(RefusedError) as refusal:
        await Bodies(whole_seconds=0.01).place().read(Upload(b"a", b"b"), {}, LIMIT)
    assert (refusal.value.status, refusal.value.code) == (408, "body-too-slow")


async def test_bodies_that_others_read_are_counted_and_timed() -> None:
    bodies = Bodies(whole_seconds=0.01)
    place = bodies.place()
    upload = Upload(b"abc", b"d")
    receive = place.counted(upload)
    message: Any = await receive()
    assert message["body"] == b"abc"
    assert bodies.held == 3
    with pytest.raises(RefusedError) as refusal:
        await receive()
    assert refusal.value.status == 408
    place.leave()
    assert bodies.held == 0


async def test_the_end_of_a_connection_may_take_its_time() -> None:
    over = asyncio.Event()
    messages: list[Any] = [{"type": "http.request", "body": b"abc"}]

    async def connection() -> Any:
        if messages:
            return messages.pop()
        await over.wait()
        return {"type": "http.disconnect"}

    receive = Bodies(whole_seconds=0.01).place().counted(connection)
    await receive()
    asyncio.get_running_loop().call_later(0.03, over.set)
    assert (await receive())["type"] == "http.disconnect"


async def test_unfinished_bodies_of_one_owner_leave_room_for_the_others() -> None:
    bodies = Bodies(total_bytes=8 * LIMIT)
    part = b"x" * (LIMIT - 1)
    places = [bodies.place("greedy") for _ in range(8)]
    readings = [asyncio.create_task(p.read(Upload(part, b"x"), {}, LIMIT)) for p in places]
    done, waiting = await asyncio.wait(readings, timeout=0.1)
    assert len(waiting) == 2
    for reading in done:
        with pytest.raises(OverloadError, match="in part only"):
            reading.result()
    other = Upload(part, b"x")
    other.finish()
    assert len(await bodies.place("modest").read(other, {}, LIMIT)) == LIMIT
    for reading in waiting:
        reading.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for place in places:
        place.leave()
    assert bodies.held == LIMIT
    again = Upload(part, b"x")
    again.finish()
    assert len(await bodies.place("greedy").read(again, {}, LIMIT)) == LIMIT


async def test_an_owner_has_a_bounded_number_of_unfinished_bodies() -> None:
    bodies = Bodies()
    places = [bodies.place("greedy") for _ in range(OWNER_OPEN + 1)]
    readings = [asyncio.create_task(p.read(Upload(b"a", b"b"), {}, LIMIT)) for p in places]
    done, waiting = await asyncio.wait(readings, timeout=0.1)
    assert (len(done), len(waiting)) == (1, OWNER_OPEN)
    assert isinstance(done.pop().exception(), OverloadError)
    whole = Upload(b"c")
    whole.finish()
    assert await bodies.place("greedy").read(whole, {}, LIMIT) == b"c"
    for reading in waiting:
        reading.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_key_without_events_left_has_no_batch_read(house: House) -> None:
    key = new_api_key(house.environment, house.chance(32))
    await house.store.keys.create(
        house.environment, key_hash(key), key_hint(key), "trigger", START, None,
        rate_per_second=1, burst=2,
    )  # fmt: skip
    statuses = [await status_of(house, "/v1/events/batch", key, Upload(b"{", b"}"))]
    statuses.append(await status_of(house, "/v1/events/batch", key, Upload(b"{", b"}")))
    statuses.append(await status_of(house, "/v1/events/batch", key, Upload(b"{", b"}")))
    assert statuses == [None, None, 429]


async def test_bodies_for_the_router_are_counted_by_the_key(house: House) -> None:
    keys = [house.admin_key, await house.key()]
    begun = [
        asyncio.create_task(ask(house, "/v1/users/bulk", keys[0], Upload(b"{", b"}")))
        for _ in range(OWNER_OPEN)
    ]
    await asyncio.wait(begun, timeout=0.3)
    refused = await status_of(house, "/v1/users/bulk", keys[0], Upload(b"{", b"}"))
    other = await status_of(house, "/v1/users/bulk", keys[1], Upload(b"{", b"}"))
    for request in begun:
        request.cancel()
    await asyncio.gather(*begun, return_exceptions=True)
    assert (refused, other) == (429, None)


async def ask(house: House, path: str, key: str, body: Upload) -> int:
    """The status of a POST as the server under the application would hand it on."""
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "server": ("clarion.test", 80), "client": ("10.0.0.1", 5),
        "headers": [
            (b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json"),
        ],
    }  # fmt: skip
    await house.app(scope, body, send)
    return statuses[0]


async def status_of(house: House, path: str, key: str, body: Upload) -> int | None:
    """None while the body is waited for; then the sender goes away."""
    try:
        return await asyncio.wait_for(ask(house, path, key, body), 0.2)
    except TimeoutError:
        return None

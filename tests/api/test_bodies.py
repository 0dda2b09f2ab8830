"""Bodies: bounded in memory over all connections, and whole within a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.api.bodies import SMALL_BYTES, Bodies
from clarion.api.problems import RefusedError
from clarion.errors import OverloadError

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

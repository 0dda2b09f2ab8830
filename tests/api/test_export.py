"""The export of somebody who was told a great deal: one document, never whole in memory."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import httpx
import msgspec

from clarion.api.export import PAGE, document_of
from clarion.store.contract.people import UserWrite
from clarion.store.contract.work import PageWrite
from tests.api.house import House
from tests.store.builders import (
    a_notification,
    an_event,
    an_event_id,
    an_item,
    some_content,
)

FEW, MANY = 200, 1_500
BATCH = 500
SLACK_BYTES = 256 * 1024


async def told_often(house: House, name: str, count: int) -> int:
    """Number of a user with so many notifications, each with an item and words of its own."""
    now = house.clock.now()
    write = UserWrite(id=name, changed={"email": f"{name}@example.org"})
    user = (await house.store.people.write_users(house.env, [write], now))[0].number
    for start in range(0, count, BATCH):
        written = []
        for n in range(start, min(start + BATCH, count)):
            event = an_event_id(user * MANY * 2 + n, now + user * MANY * 2000 + n * 1000)
            page = PageWrite(
                notifications=[a_notification(event, user, env=house.env)],
                items=[an_item(event, user, env=house.env, personal=1)],
                contents=[some_content(event, "word " * 20, env=house.env, user=user)],
            )
            written.append(an_event(event, page, env=house.env))
        await house.store.events.accept_many(written, now)
    return user


async def exported(house: House, name: str) -> tuple[int, list[int]]:
    """Most bytes in use on top of those before, and the sizes of the pieces."""
    row = (await house.store.people.users(house.env, [name]))[name]
    gc.collect()
    gc.freeze()  # so that collecting after each piece looks at little
    tracemalloc.start()
    try:
        pieces = []
        async for piece in document_of(house.services, house.env, row, {"a": 1}):
            pieces.append(len(piece))
            gc.collect()  # what is garbage is not held
        return tracemalloc.get_traced_memory()[1], pieces
    finally:
        tracemalloc.stop()
        gc.unfreeze()


async def test_ten_times_as_much_takes_no_more_memory(house: House) -> None:
    await told_often(house, "few", FEW)
    await told_often(house, "many", MANY)
    await exported(house, "many")  # what is kept from then on is there by now
    little, _ = await exported(house, "few")
    much, pieces = await exported(house, "many")
    assert sum(pieces) > 5 * much / 4
    assert much < little + SLACK_BYTES
    assert max(pieces) < 1024 * PAGE


async def test_every_row_is_in_the_document_once(house: House, api: httpx.AsyncClient) -> None:
    await told_often(house, "some", FEW)
    answer = await api.get("/v1/users/some/export")
    assert answer.headers["content-type"].startswith("application/json")
    export: dict[str, Any] = msgspec.json.decode(answer.content)
    assert len({row["id"] for row in export["notifications"]}) == FEW
    assert len({row["id"] for row in export["inbox"]}) == FEW
    assert list(export)[-1] == "complete"
    assert all(row["content"][0]["fields"]["title"] for row in export["notifications"])

"""Events with an ordering key arrive in the order in which they were accepted."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from clarion.core.event import IncomingEvent
from clarion.pipeline import accept
from clarion.testing.embedded import Embedded, hook_account
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.webhook import FakeReceiver
from tests.pipeline.builders import INBOX, a_hook
from tests.pipeline.conftest import balanced_to_the_end


class MoodyReceiver(FakeReceiver):
    """Refuses a share of what comes, by chance; `arrived` are the numbers it took, by key."""

    def __init__(self, refusals: float) -> None:
        super().__init__()
        self.chance = random.Random(11)
        self.refusals = refusals
        self.tries = 0
        self.arrived: defaultdict[str, list[int]] = defaultdict(list)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read())
        self.tries += 1
        if self.chance.random() < self.refusals:
            return await self.play(request, Reaction(status=503), b"")
        self.arrived[body["data"]["key"]].append(body["data"]["n"])
        return await self.play(request, Reaction(status=204), b"")


@pytest.fixture
async def moody() -> AsyncIterator[MoodyReceiver]:
    receiver = MoodyReceiver(refusals=0.3)
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def hooked(tmp_path: Path, moody: MoodyReceiver) -> AsyncIterator[Embedded]:
    """A server whose events of type `moved` go to the moody receiver."""
    server = Embedded(tmp_path / "clarion.db", hook_account())
    await server.start()
    await server.category("patient", lane="social", attempts=20, deadline="PT2000H")
    hook = a_hook(f"{moody.base_url}/hook", key="{{ data.key }}", n="{{ data.n }}")
    await server.workflow("moved", hook, category="patient")
    yield server
    await balanced_to_the_end(server)


def moved(key: str, n: int, **fields: Any) -> dict[str, Any]:
    return {"type": "moved", "ordering_key": key, "data": {"key": key, "n": n}, **fields}


async def batch(server: Embedded, documents: list[dict[str, Any]]) -> list[bytes]:
    events = [msgspec.convert(document, IncomingEvent) for document in documents]
    raw = msgspec.json.encode(documents)
    answers = await server.server.acceptor.accept_batch(server.env, events, raw=raw)
    return [answer.event for answer in answers]


async def finished(server: Embedded, events: list[bytes]) -> None:
    """Let time pass until all of them are complete."""
    for _ in range(200):
        await server.quiet()
        if all([await server.complete(event) for event in events]):
            return
        await server.advance(3700)
    raise AssertionError("they do not come to an end")


async def test_a_batch_arrives_in_the_order_of_its_list(
    hooked: Embedded, moody: MoodyReceiver
) -> None:
    documents = [moved(f"k{n % 3}", n) for n in range(24)]
    await finished(hooked, await batch(hooked, documents))
    assert moody.arrived == {f"k{k}": list(range(k, 24, 3)) for k in range(3)}
    assert moody.tries > 24


async def test_groups_that_are_written_at_once_keep_the_order(
    hooked: Embedded, moody: MoodyReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "GROUP_LIMIT", 5)
    moody.refusals = 0
    await finished(hooked, await batch(hooked, [moved("one", n) for n in range(23)]))
    assert moody.arrived["one"] == list(range(23))


async def test_an_event_waits_for_an_earlier_one_that_is_still_expanded(
    hooked: Embedded, moody: MoodyReceiver
) -> None:
    await hooked.users("ana", "ben")
    await hooked.topic("news", "ana", "ben")
    await hooked.hold("fanout")
    large = await hooked.send(
        "moved", {"topic": "news"}, ordering_key="k", data={"key": "k", "n": 0}
    )
    small = await batch(hooked, [moved("k", 1), moved("free", 1)])
    named = await batch(hooked, [moved("k", 2, recipients=["ana"])])
    await hooked.advance(600)
    await hooked.quiet()
    assert "k" not in moody.arrived
    hooked.release("fanout")
    await finished(hooked, [large, *small, *named])
    assert moody.arrived["k"] == [0, 0, 1, 2]
    assert moody.arrived["free"] == [1]


async def test_workflows_of_an_event_that_had_to_wait_tell_their_own_people(
    embedded: Embedded,
) -> None:
    await embedded.workflow("first", INBOX, on="both", audience='user("ana")')
    await embedded.workflow("second", INBOX, on="both", audience='user("ben")')
    await embedded.users("ana", "ben")
    await embedded.hold("fanout")
    events = [
        await embedded.send("both", {"all": True}, ordering_key="k"),
        await embedded.send("both", ordering_key="k"),
    ]
    embedded.release("fanout")
    for event in events:
        await embedded.settled(event)
    told = {(row["workflow"], row["user"]) for row in embedded.rows(events[1])["notification"]}
    assert told == {("first", "ana"), ("second", "ben")}


async def test_a_key_that_waits_delays_no_other(hooked: Embedded, moody: MoodyReceiver) -> None:
    moody.refusals = 1
    stuck = await batch(hooked, [moved("stuck", n) for n in range(5)])
    await hooked.quiet()
    moody.refusals = 0
    free = await batch(hooked, [moved("free", n) for n in range(5)])
    await hooked.quiet()
    assert moody.arrived == {"free": list(range(5))}
    await finished(hooked, [*stuck, *free])
    assert moody.arrived["stuck"] == list(range(5))

"""What is sent in a world, by clients that repeat what was not answered."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from clarion.core.event import IncomingEvent
from clarion.errors import OverloadError, UnavailableError
from clarion.pipeline.contract import Accepted
from clarion.testing.simulation.scene import Place

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

ANSWER_SECONDS = 15.0
PAUSE_SECONDS = 1.0
FEWEST_EVENTS, MOST_EVENTS = 4, 14


class Blast(msgspec.Struct, frozen=True, kw_only=True):
    """How a prepared blast is fired: by so many at once, `after` so many seconds; and for how long
    it is paused after which others."""

    hands: int
    after: float
    pauses: list[tuple[float, float]] = []


class Told(msgspec.Struct, kw_only=True):
    """An event of the story. `audience` are the users it names or finds, by name, for workflows
    without an audience of their own. `event` is the id it was answered with. A `blast` is prepared
    first; `still` are the spans in which it was paused for sure."""

    ref: str
    place: Place
    at: float
    document: dict[str, Any]
    audience: list[str]
    cancel_after: float | None = None
    event: bytes | None = None
    answers: list[bytes] = []
    refused: str | None = None
    cancelled_at: int | None = None
    given_up: bool = False
    blast: Blast | None = None
    still: list[tuple[int, int]] = []


def story_of(chance: random.Random, places: list[Place], seconds: float) -> list[Told]:
    """The events of a story within the first `seconds`, oldest first."""
    count = chance.randint(FEWEST_EVENTS, MOST_EVENTS)
    moments = sorted(chance.uniform(0.0, seconds) for _ in range(count))
    return [
        _event(chance, chance.choices(places, (9, 1))[0], f"e{n}", at)
        for n, at in enumerate(moments)
    ]


def _event(chance: random.Random, place: Place, ref: str, at: float) -> Told:
    type_ = chance.choice(sorted(place.types))
    document: dict[str, Any] = {
        "id": ref,
        "type": type_,
        "data": {"ref": ref, "group": chance.choice(("a", "b"))},
    }
    audience: list[str] = []
    if place.types[type_] is None:
        audience = _audience(chance, place, document)
    if chance.random() < 0.2:
        document["expires_in"] = chance.choice(("PT3S", "PT20S", "PT2M"))
    if chance.random() < 0.3:
        document["actor"] = chance.choice(place.users)
    cancel = chance.uniform(0.0, 10.0) if chance.random() < 0.12 else None
    return Told(
        ref=ref, place=place, at=at, document=document, audience=audience, cancel_after=cancel,
        answers=[],
    )  # fmt: skip


def _audience(chance: random.Random, place: Place, document: dict[str, Any]) -> list[str]:
    """Write the recipients into the document; who they are."""
    way = chance.choices(("few", "many", "topic", "all", "tenant", "ghost"), (5, 3, 4, 1, 1, 1))[0]
    if way in ("few", "many"):
        most = 3 if way == "few" else len(place.users)
        users = chance.sample(place.users, chance.randint(1, min(most, len(place.users))))
        document["recipients"] = users
        return users
    if way == "ghost":
        users = [*chance.sample(place.users, 2), "ghost"]
        document["recipients"] = users
        return users
    if way == "topic":
        topic = chance.choice(sorted(place.topics))
        extra = chance.sample(place.users, 1)
        document["recipients"] = [{"topic": topic}, *extra]
        return sorted({*place.topics[topic], *extra})
    document["recipients"] = [{"all": True}]
    if way == "tenant":
        document["tenant"] = "acme"
        return place.tenants["acme"]
    return place.users


class Client:
    """A producer that sends one event and asks again until it knows the answer."""

    def __init__(self, world: World, told: Told) -> None:
        self._world = world
        self._told = told

    async def run(self) -> None:
        """Send, and cancel when the story says so."""
        told, world = self._told, self._world
        await asyncio.sleep(told.at)
        while told.event is None and told.refused is None:
            answer = await self._ask()
            if answer is None or world.happens(world.weather.answers_lost):
                await asyncio.sleep(world.chance.uniform(0.1, PAUSE_SECONDS))
                continue
            if answer.problem is not None:
                told.refused = str(answer.problem)
            told.event = answer.event
        world.note("answered", told.ref, (told.event or b"").hex()[-8:])
        if told.cancel_after is not None and told.event:
            await asyncio.sleep(told.cancel_after)
            await self._cancel(told.event)

    async def _ask(self) -> Accepted | None:
        """One try; None when no answer came, or one that says to try again."""
        told, world = self._told, self._world
        incoming = msgspec.convert(told.document, IncomingEvent)
        raw = msgspec.json.encode(told.document)
        server = await world.some_server()
        answer = await world.call(
            server, lambda: server.server.acceptor.accept(told.place.env, incoming, raw=raw),
            ANSWER_SECONDS,
        )  # fmt: skip
        if not isinstance(answer, Accepted):
            return None
        if isinstance(answer.problem, OverloadError | UnavailableError):
            return None
        if answer.event:
            told.answers.append(answer.event)
        return answer

    async def _cancel(self, event: bytes) -> None:
        told, world = self._told, self._world
        while told.cancelled_at is None:
            server = await world.some_server()
            cancel = partial(server.store.events.cancel, told.place.env, [event], None)
            done = await world.call(server, partial(cancel, server.now()), ANSWER_SECONDS)
            if isinstance(done, list):
                told.cancelled_at = world.loop.now
                world.note("cancelled", told.ref)
            else:
                await asyncio.sleep(PAUSE_SECONDS)

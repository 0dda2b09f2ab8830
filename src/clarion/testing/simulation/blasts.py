"""Prepared blasts in a world: begun, fired by several at once, paused, resumed, cancelled, by
clients that repeat what was not answered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from clarion.clock import SECOND
from clarion.core.event import IncomingEvent
from clarion.errors import InvalidError, StandingError
from clarion.store.contract.blasts import BlastRow, BlastState
from clarion.testing.simulation.scene import Place
from clarion.testing.simulation.story import ANSWER_SECONDS, PAUSE_SECONDS, Blast, Client, Told

if TYPE_CHECKING:
    from clarion.testing.simulation.house import House
    from clarion.testing.simulation.world import World

SHARE_OF_WORLDS = 0.4


def blasts_of(seed: int, places: list[Place], seconds: float) -> list[Told]:
    """The blasts of a world. Their chances are their own, so that worlds without one stay as they
    are."""
    chance = random.Random(f"blasts {seed}")  # noqa: S311 - a seed is repeated
    place = places[0]
    types = sorted(type_ for type_, own in place.types.items() if own is None)
    if chance.random() >= SHARE_OF_WORLDS or not types:
        return []
    return [_blast(chance, place, types, seconds)]


def _blast(chance: random.Random, place: Place, types: list[str], seconds: float) -> Told:
    topics = sorted(place.topics)
    document: dict[str, Any] = {
        "id": "blast",
        "type": chance.choice(types),
        "data": {"ref": "blast", "group": "blast"},
    }
    audience = place.users
    if chance.random() < 0.6:
        extra = chance.sample(place.users, 2)
        document["recipients"] = [*extra, *({"topic": topic} for topic in topics)]
        audience = sorted({*extra, *(user for topic in topics for user in place.topics[topic])})
    else:
        document["recipients"] = [{"all": True}]
    if chance.random() < 0.3:
        document["expires_in"] = chance.choice(("PT5S", "PT30S"))
    pauses = [
        (chance.uniform(0.0, 4.0), chance.uniform(1.0, 25.0))
        for _ in range(chance.choice((0, 1, 1, 2)))
    ]
    return Told(
        ref="blast", place=place, at=chance.uniform(0.0, seconds / 2), document=document,
        audience=audience, answers=[], still=[],
        cancel_after=chance.uniform(0.0, 10.0) if chance.random() < 0.25 else None,
        blast=Blast(hands=chance.randint(1, 3), after=chance.uniform(0.0, 5.0), pauses=pauses),
    )  # fmt: skip


def client_of(world: World, told: Told) -> Client:
    """Who sends it."""
    return Client(world, told) if told.blast is None else BlastClient(world, told, told.blast)


class BlastClient(Client):
    """An operator with a blast."""

    def __init__(self, world: World, told: Told, blast: Blast) -> None:
        super().__init__(world, told)
        self._blast = blast

    async def run(self) -> None:
        """From preparing to the last resume."""
        told, world = self._told, self._world
        await asyncio.sleep(told.at)
        incoming = msgspec.convert(told.document, IncomingEvent)
        env = told.place.env
        row, _ = await self._insist(
            lambda house: house.server.blasts.begin(env, incoming, name="", key=None)
        )
        number = row.number
        while row.state is BlastState.PREPARING:
            await asyncio.sleep(PAUSE_SECONDS)
            row = await self._insist(lambda house: house.server.store.blasts.row(env, number))
        if row.state is not BlastState.ARMED:
            told.refused = f"it is {row.state.name}: {row.tally}"
            return
        world.note("armed", told.ref)
        await asyncio.sleep(self._blast.after)
        hands = [self._fire(number) for _ in range(self._blast.hands)]
        await asyncio.gather(*hands)
        told.event = told.answers[0]
        world.note("fired", told.ref, told.event.hex()[-8:])
        await asyncio.gather(self._hold(number), self._end(number))

    async def _fire(self, number: int) -> None:
        env = self._told.place.env
        row = await self._insist(lambda house: house.server.blasts.fire(env, number))
        self._told.answers.append(row.event)

    async def _hold(self, number: int) -> None:
        """Pause and resume; one that is over by then refuses it."""
        told, world, env = self._told, self._world, self._told.place.env
        for before, seconds in self._blast.pauses:
            await asyncio.sleep(before)
            row = await self._insist(
                lambda house: house.server.blasts.pause(env, number, "operator")
            )
            if not isinstance(row, BlastRow) or row.paused_at is None:
                return
            since = world.loop.now
            world.note("paused", told.ref)
            await asyncio.sleep(seconds)
            until = world.loop.now
            if row.expires_at is None or until < row.expires_at - SECOND:
                told.still.append((since, until))
            await self._insist(lambda house: house.server.blasts.resume(env, number))
            world.note("resumed", told.ref)

    async def _end(self, number: int) -> None:
        told, world, env = self._told, self._world, self._told.place.env
        if told.cancel_after is None:
            return
        await asyncio.sleep(told.cancel_after)
        row = await self._insist(lambda house: house.server.blasts.cancel(env, number))
        if isinstance(row, BlastRow) and row.canceled_at is not None:
            told.cancelled_at = world.loop.now
            world.note("cancelled", told.ref)

    async def _insist(self, ask: Callable[[House], Awaitable[Any]]) -> Any:
        """The answer of some server, however often it has to be asked; a refusal is one."""
        world = self._world
        while True:
            house = await world.some_server()
            answer = await world.call(house, partial(ask, house), ANSWER_SECONDS)
            refused = isinstance(answer, StandingError | InvalidError)
            lost = world.happens(world.weather.answers_lost)
            if refused or (answer is not None and not isinstance(answer, Exception) and not lost):
                return answer
            await asyncio.sleep(world.chance.uniform(0.1, PAUSE_SECONDS))

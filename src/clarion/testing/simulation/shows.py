"""Broadcasts in a world: a topic that is told by them, people who look now and then, who join,
leave and are erased meanwhile. They live in an environment of their own, and draw their chances
apart, so that the other stories of a seed stay as they are."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from clarion.store.contract.names import NameKind
from clarion.testing.simulation.books import Books
from clarion.testing.simulation.scene import Place
from clarion.testing.simulation.story import ANSWER_SECONDS, Client, Told

if TYPE_CHECKING:
    from clarion.testing.simulation.house import House
    from clarion.testing.simulation.world import World

EVERY = 3
"""Broadcasts are played in every third world."""

EVENTS = 5
LOOKS = 4
LAST_LOOKS = 2


class Show:
    """What happens to the show of one world; nothing in most."""

    def __init__(self, world: World, place: Place) -> None:
        self._world = world
        self._place = place
        self._chance = random.Random(f"show {world.seed}")  # noqa: S311 - a seed is repeated
        self.played = world.seed % EVERY == 0
        self.story: list[Told] = []
        if self.played:
            count = self._chance.randint(1, EVENTS)
            self.story = [self._event(n) for n in range(count)]

    def begin(self) -> list[asyncio.Task[None]]:
        """Start everybody; the tasks end by themselves."""
        world = self._world
        if not self.played:
            return []
        clients = [world.outside(Client(world, told).run()) for told in self.story]
        return [*clients, *(world.outside(self._person(name)) for name in self._place.users)]

    async def last_look(self) -> None:
        """Everybody looks once more, when all is calm."""
        for name in self._place.users if self.played else ():
            for _ in range(LAST_LOOKS):
                await self._look(name)

    def wrong(self, books: Books) -> Iterator[str]:
        """Members who were not told of a broadcast, others who were, and items twice in a place."""
        if not self.played:
            return
        env, world = self._place.env, self._world
        for event, at in world.disk.select(
            "select event, published_at from broadcast where env = ?", env
        ):
            members, told = self._members(at), self._told(event)
            if told - members or (world.drained and members - told):
                yield f"broadcast {event.hex()[-8:]}: members {members}, told {told}"
        shared = (
            "select user, count(*) - count(distinct coalesce(place, seq)) from item where env = ?"
            " group by user"
        )
        for user, places in world.disk.select(shared, env):
            if places:
                yield f"inbox of {user}: items share a place"

    def _members(self, at: int) -> set[int]:
        subscribed = (
            "select user from subscription where env = ? and since <= ?"
            " and (until is null or until > ?)"
        )
        return {user for (user,) in self._world.disk.select(subscribed, self._place.env, at, at)}

    def _told(self, event: bytes) -> set[int]:
        """But for the erased, of whose subscriptions nothing is left."""
        told = (
            "select n.user from notification as n left join user as u using (env, user)"
            " where n.env = ? and n.event = ? and u.erased_at is null"
        )
        return {user for (user,) in self._world.disk.select(told, self._place.env, event)}

    def _event(self, n: int) -> Told:
        chance, ref = self._chance, f"s{n}"
        recipients: list[Any] = [{"topic": "show"}]
        if chance.random() < 0.3:
            recipients = chance.sample(self._place.users, 3)
        document: dict[str, Any] = {
            "id": ref, "type": "part", "data": {"ref": ref}, "recipients": recipients,
        }  # fmt: skip
        if chance.random() < 0.2:
            document["expires_in"] = chance.choice(("PT3S", "PT20S"))
        at = chance.uniform(0.0, self._world.weather.storm_seconds)
        cancel = chance.uniform(0.0, 10.0) if chance.random() < 0.15 else None
        return Told(
            ref=ref, place=self._place, at=at, document=document, audience=[], cancel_after=cancel
        )

    async def _person(self, name: str) -> None:
        """Looks now and then; perhaps joins or leaves, or is erased."""
        chance, seconds = self._chance, self._world.weather.storm_seconds
        acts: list[tuple[float, Callable[[], Awaitable[Any]]]] = [
            (chance.uniform(0.0, seconds), partial(self._look, name))
            for _ in range(chance.randint(0, LOOKS))
        ]
        acts += [
            (chance.uniform(0.0, seconds), partial(self._subscribe, name, chance.random() < 0.5))
            for _ in range(chance.choice((0, 0, 1, 2)))
        ]
        if chance.random() < 0.1:
            acts.append((chance.uniform(0.0, seconds), partial(self._erase, name)))
        now = 0.0
        for at, act in sorted(acts, key=lambda each: each[0]):
            await asyncio.sleep(at - now)
            now = at
            await act()

    async def _look(self, name: str) -> None:
        async def look(house: House) -> None:
            found = await house.store.names.numbers(self._place.env, NameKind.USER, [name])
            if name in found:
                await house.server.looker.look(self._place.env, found[name], 0)

        await self._ask(look)

    async def _subscribe(self, name: str, joins: bool) -> None:
        async def subscribe(house: House) -> None:
            add, remove = ([name], []) if joins else ([], [name])
            await house.store.topics.subscribe(self._place.env, "show", add, remove, house.now())

        await self._ask(subscribe)

    async def _erase(self, name: str) -> None:
        async def erase(house: House) -> None:
            await house.store.people.erase(self._place.env, name, house.now())

        await self._ask(erase)

    async def _ask(self, ask: Callable[[House], Awaitable[None]]) -> None:
        """One try: whether it came through is nobody's promise."""
        house = await self._world.some_server()
        await self._world.call(house, lambda: ask(house), ANSWER_SECONDS)


def members_are_told(books: Books) -> Iterator[str]:
    """Who was subscribed when a broadcast was published and has looked since has one notification
    of it, and nobody else has."""
    yield from books.world.show.wrong(books)

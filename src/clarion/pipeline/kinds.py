"""People of one kind: the same to `decide` but for their numbers, so that one stands for all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

import msgspec

from clarion.core.recipient import Recipient
from clarion.store.contract.people import Alike
from clarion.store.contract.work import DeliveryWrite


class Kind:
    """Users in number order. `destinations` are those of all, of every user as many, in the order
    of those of `first`, whose facts stand for all (and who need not be among them any more)."""

    def __init__(self, first: Recipient, users: list[int], destinations: list[int]) -> None:
        self.first = first
        self.users = users
        self._destinations = destinations
        self._each = len(destinations) // len(users)
        self._places = [number for found in first.destinations.values() for number in found]

    def part(self, after: int, up_to: int) -> Kind | None:
        """Those with numbers above the one, up to the other; None when it is nobody."""
        begin, end = bisect_right(self.users, after), bisect_right(self.users, up_to)
        if begin == end:
            return None
        each = self._each
        theirs = self._destinations[begin * each : end * each]
        return Kind(self.first, self.users[begin:end], theirs)

    def without(self, user: int) -> Kind | None:
        """All but this one."""
        place = bisect_left(self.users, user)
        if self.users[place : place + 1] != [user]:
            return self
        if len(self.users) == 1:
            return None
        each, rest = self._each, [*self.users]
        del rest[place]
        theirs = [*self._destinations]
        del theirs[place * each : (place + 1) * each]
        return Kind(msgspec.structs.replace(self.first, user=rest[0]), rest, theirs)

    def deliveries(self, one: DeliveryWrite) -> Iterator[DeliveryWrite]:
        """That of the first user, and the same for all others to destinations of their own."""
        if one.destination not in self._places:
            numbers = [one.destination] * len(self.users)
        else:
            numbers = self._destinations[self._places.index(one.destination) :: self._each]
        head = (one.env, one.event, one.workflow)
        tail = msgspec.structs.astuple(one)[7:]
        step, channel = one.step, one.channel
        for user, destination in zip(self.users, numbers, strict=True):
            yield DeliveryWrite(*head, user, step, channel, destination, *tail)

    def recipients(self) -> list[Recipient]:
        """Each of them, with destinations of their own."""
        one = self.first
        each = self._each
        found = []
        for n, user in enumerate(self.users):
            mine = self._destinations[n * each : (n + 1) * each]
            place = dict(zip(self._places, mine, strict=True))
            found.append(
                msgspec.structs.replace(
                    one,
                    user=user,
                    destinations={
                        channel: tuple(place[number] for number in numbers)
                        for channel, numbers in one.destinations.items()
                    },
                    platforms={place[number]: word for number, word in one.platforms.items()},
                )
            )
        return found


def kinds_of(found: Iterable[Alike], actor: int, topic: int) -> list[Kind]:
    """People by kind; the actor is in none, as `decide` tells him from others. `topic` is the one
    that they were found by (0: none)."""
    kinds = []
    for alike in found:
        first = msgspec.structs.replace(alike.recipient, topic=topic)
        kind: Kind | None = Kind(first, alike.users, alike.destinations)
        if actor and kind is not None:
            kind = kind.without(actor)
        if kind is not None:
            kinds.append(kind)
    return kinds

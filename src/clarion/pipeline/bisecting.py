"""Finding the few in a crowd that fail: by halves, so that all others go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from clarion.errors import LostLeaseError, UnavailableError

T = TypeVar("T")
Found = TypeVar("Found")

Attempt = Callable[[Sequence[T]], Awaitable[Found]]


class Part(Generic[T, Found]):
    """Some of the crowd, in its order: what the attempt found for them, or the error that a single
    one met."""

    def __init__(self, members: Sequence[T], found: Found | None, error: Exception | None) -> None:
        self.members = members
        self.found = found
        self.error = error


async def bisected(members: Sequence[T], attempt: Attempt[T, Found]) -> list[Part[T, Found]]:
    """The attempt for all at once where it works; else for ever smaller halves, down to one.

    A store that is away and a lost lease are raised: they say nothing about a member. So is the
    first error when it is everybody's (two or more): the fault lies elsewhere then.
    """
    parts = await _halves(members, attempt)
    errors = [part.error for part in parts if part.error is not None]
    if len(members) > 1 and len(errors) == len(members):
        raise errors[0]
    return parts


async def _halves(members: Sequence[T], attempt: Attempt[T, Found]) -> list[Part[T, Found]]:
    try:
        return [Part(members, await attempt(members), None)]
    except (UnavailableError, LostLeaseError):
        raise
    except Exception as error:  # noqa: BLE001 - whose error it is is what is looked for
        if len(members) <= 1:
            return [Part(members, None, error)]
    middle = len(members) // 2
    first = await _halves(members[:middle], attempt)
    return first + await _halves(members[middle:], attempt)

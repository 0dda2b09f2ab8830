"""People who are the same but for their numbers, a page of users at a time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.core.recipient import Recipient
from clarion.core.workflow import CHANNELS, Channel
from clarion.store.contract.people import Alike
from clarion.store.sql.tx import Row, Rows, Tx, Values

_numbers = msgspec.json.Decoder(list[int]).decode


async def alike(
    tx: Tx, env: int, users: Sequence[int], scopes: Sequence[tuple[int, int]]
) -> list[Alike]:
    """One statement for a page, which answers one row for all that are the same."""
    if not users or not scopes:
        return []
    asked = Rows(list(scopes)), Values(list(users)), env
    return [_alike(row) for row in await tx.rows("people/select_alike", *asked)]


def _alike(row: Row) -> Alike:
    version, settings_version, locale, zone, places, users, destinations = row
    told = [_place(place) for place in places.split(",") if place]
    numbers = _numbers(f"[{users}]")
    theirs = _numbers(f"[{destinations or ''}]")
    numbers, theirs = _in_order(numbers, theirs, len(told))
    mine: dict[Channel, tuple[int, ...]] = {}
    platforms: dict[int, str] = {}
    for (channel, platform), destination in zip(told, theirs, strict=False):
        mine[channel] = (*mine.get(channel, ()), destination)
        if platform:
            platforms[destination] = platform
    recipient = Recipient(
        user=numbers[0],
        user_version=version,
        settings_version=settings_version,
        locale=locale,
        zone=zone,
        destinations=mine,
        platforms=platforms,
    )
    return Alike(recipient=recipient, users=numbers, destinations=theirs)


def _place(text: str) -> tuple[Channel, str]:
    channel, _, platform = text.partition(":")
    return CHANNELS[int(channel) - 1], platform


def _in_order(users: list[int], theirs: list[int], each: int) -> tuple[list[int], list[int]]:
    """By user number, which is the order that rows of a group mostly come in."""
    ordered = sorted(users)
    if ordered == users:
        return users, theirs
    places = sorted(range(len(users)), key=users.__getitem__)
    return ordered, [n for place in places for n in theirs[place * each : (place + 1) * each]]

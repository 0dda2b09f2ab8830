"""Redrives go on in turns, and one that cannot go on holds up nobody."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from clarion.clock import SECOND
from clarion.errors import UnavailableError
from clarion.pipeline.keepers.redriver import PATIENCE_SECONDS, RedriveKeeper
from clarion.pipeline.redriving import Redriver
from clarion.store.contract.dead_letters import DeadLetterFilter, RedriveRow
from clarion.testing.embedded import Embedded


class Stumbling:
    """Goes on like the redriver it stands before, but with those of `errors`."""

    def __init__(self, inner: Redriver, errors: dict[int, Exception]) -> None:
        self._inner = inner
        self._errors = errors
        self.seen: list[int] = []

    async def go_on(self, row: RedriveRow) -> RedriveRow:
        self.seen.append(row.redrive)
        if row.redrive in self._errors:
            raise self._errors[row.redrive]
        return await self._inner.go_on(row)

    def may_go_on(self, row: RedriveRow) -> bool:
        return self._inner.may_go_on(row)


async def three(embedded: Embedded) -> tuple[int, int, int]:
    await embedded.hold("keeper")
    letters = embedded.server.store.dead_letters
    one, two, three = [
        (await letters.begin_redrive(embedded.env, DeadLetterFilter(), 10, embedded.clock.now()))
        for _ in range(3)
    ]
    embedded.clock.advance(PATIENCE_SECONDS)
    return one.redrive, two.redrive, three.redrive


def keeper_of(embedded: Embedded, errors: dict[int, Exception]) -> tuple[RedriveKeeper, Stumbling]:
    core: Any = embedded.server.core
    stumbling = Stumbling(core.redriver, errors)
    redriver: Any = stumbling
    return RedriveKeeper(embedded.server.store, redriver, embedded.clock), stumbling


async def test_one_that_cannot_go_on_ends_with_its_error_and_the_others_go_on(
    embedded: Embedded, caplog: pytest.LogCaptureFixture
) -> None:
    one, two, last = await three(embedded)
    keeper, seen = keeper_of(embedded, {two: ValueError("secret text")})
    with caplog.at_level(logging.ERROR):
        await keeper.step(rang=False)
        await keeper.step(rang=False)
    assert seen.seen == [one, two, last]
    letters = embedded.server.store.dead_letters
    assert await letters.open_redrives(10) == []
    rows = {row.redrive: row.error for row in await letters.redrives(embedded.env, None, 10)}
    assert (rows[one], rows[last]) == (None, None)
    assert rows[two] == "it could not go on (ValueError); the log of the server has more"
    assert len([r for r in caplog.records if "cannot go on" in r.message]) == 1


async def test_one_that_the_store_holds_up_is_tried_last_the_next_time(embedded: Embedded) -> None:
    one, two, last = await three(embedded)
    keeper, seen = keeper_of(embedded, {one: UnavailableError("locked")})
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await keeper.step(rang=False)
    assert seen.seen == [one, two, last, one]
    (left,) = await embedded.server.store.dead_letters.open_redrives(10)
    assert (left.redrive, left.error) == (one, None)


async def test_who_moved_longest_ago_comes_first(embedded: Embedded) -> None:
    one, two, last = await three(embedded)
    store = embedded.server.store.dead_letters
    later = embedded.clock.now() + 9 * SECOND
    await store.begin_redrive(embedded.env, DeadLetterFilter(), 10, later)
    assert [row.redrive for row in await store.open_redrives(3)] == [one, two, last]

"""Simulations, and the past that they walk."""

from __future__ import annotations

from typing import Any

from clarion.core.recipient import Consent, Setting
from clarion.store.contract.simulations import (
    EventPin,
    ExampleQuery,
    LaterDecision,
    Recorded,
    SimulatedExample,
    SimulationRow,
    SimulationState,
    Stated,
    TellingRow,
)
from clarion.store.sql.law_facts import consent_of
from clarion.store.sql.settings import settings_of
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look

URGENCY = 3
_NO_END = 2**62

Versions = list[tuple[int, int]]


class SqlSimulations:
    """Member of the SimulationStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def begin(self, env: int, name: str, asked: str, now: int) -> SimulationRow:
        number = await self._executor.write(lambda tx: _begin(tx, env, name, asked, now), 1)
        return SimulationRow(
            env=env, number=number, name=name, asked=asked, created_at=now, updated_at=now
        )

    async def row(self, env: int, number: int) -> SimulationRow | None:
        found = await self._rows("simulations/select_row", env, number)
        return _simulation(found[0]) if found else None

    async def rows(self, env: int, before: int | None, limit: int) -> list[SimulationRow]:
        below = _NO_END if before is None else before
        return [*map(_simulation, await self._rows("simulations/select_rows", env, below, limit))]

    async def unfinished(self, limit: int) -> list[SimulationRow]:
        return [*map(_simulation, await self._rows("simulations/unfinished", limit))]

    async def save(self, row: SimulationRow, examples: list[SimulatedExample]) -> bool:
        return await self._executor.write(lambda tx: _save(tx, row, examples), URGENCY)

    async def cancel(self, env: int, number: int, now: int) -> SimulationRow | None:
        state = int(SimulationState.CANCELED)
        await self._executor.write(
            lambda tx: tx.run("simulations/cancel", env, number, now, state), 1
        )
        return await self.row(env, number)

    async def examples(self, env: int, number: int, query: ExampleQuery) -> list[SimulatedExample]:
        rows = await self._rows(
            "simulations/select_examples", env, number, query.above, query.channel, query.before,
            query.after, query.reason, query.limit,
        )  # fmt: skip
        return [*map(_example, rows)]

    async def prune(self, before: int, limit: int) -> int:
        return await self._executor.write(lambda tx: _prune(tx, before, limit), URGENCY)

    async def last_user(self, env: int) -> int:
        ((last,),) = await self._rows("simulations/last_user", env)
        return int(last)

    async def users(self, env: int, after: int, limit: int) -> list[int]:
        return [row[0] for row in await self._rows("simulations/select_users", env, after, limit)]

    async def recorded(
        self, env: int, users: list[int], since: bytes, until: bytes, limit: int
    ) -> list[Recorded]:
        rows = await self._rows(
            "simulations/select_recorded", Values(users), env, since, until, limit
        )
        return [*map(Recorded._make, rows)]

    async def recorded_of(
        self, env: int, user: int, after: tuple[bytes, int], until: bytes, limit: int
    ) -> list[Recorded]:
        rows = await self._rows("simulations/select_recorded_of", env, user, *after, until, limit)
        return [*map(Recorded._make, rows)]

    async def pins(self, env: int, events: list[bytes]) -> list[EventPin]:
        rows = await self._rows("simulations/select_pins", _events(events), env)
        return [*map(EventPin._make, rows)]

    async def later(self, env: int, keys: list[tuple[bytes, int, int]]) -> list[LaterDecision]:
        wanted = Rows([[event.hex(), workflow, user] for event, workflow, user in keys])
        rows = await self._rows("simulations/select_later", wanted, env)
        return [*map(LaterDecision._make, rows)]

    async def tellings(self, env: int, digests: list[bytes]) -> dict[bytes, TellingRow]:
        rows = await self._rows("simulations/select_tellings", _events(digests), env)
        return {row[0]: TellingRow._make(row) for row in rows}

    async def gathered(
        self, env: int, pairs: list[tuple[bytes, bytes]]
    ) -> set[tuple[bytes, bytes]]:
        wanted = Rows([[digest.hex(), event.hex()] for digest, event in pairs])
        rows = await self._rows("simulations/select_gathered", wanted, env)
        return {(digest, event) for digest, event in rows}

    async def settings_at(
        self, env: int, versions: Versions
    ) -> dict[tuple[int, int], tuple[Setting, ...]]:
        rows = await self._rows("simulations/select_settings_at", Rows(versions), env)
        settings = settings_of([(row[0], *row[2:]) for row in rows])
        found: dict[tuple[int, int], tuple[Setting, ...]] = {}
        for row, setting in zip(rows, settings, strict=True):
            key = (row[0], row[1])
            found[key] = (*found.get(key, ()), setting)
        return found

    async def zones_at(
        self, env: int, versions: Versions
    ) -> dict[tuple[int, int], tuple[str | None, bool]]:
        rows = await self._rows("simulations/select_zones_at", Rows(versions), env)
        return {(user, version): (zone, bool(erased)) for user, version, zone, erased in rows}

    async def topics_changed(self, env: int, topics: list[int]) -> int:
        rows = await self._rows("simulations/select_topics_changed", Values(topics), env)
        return int(rows[0][0]) if rows else 0

    async def had_more(self, env: int, topic: int, most: int, at: int) -> bool:
        return bool(await self._rows("simulations/select_place_at", env, topic, most, at))

    async def consents_at(self, env: int, asked: list[Stated]) -> dict[Stated, tuple[Consent, ...]]:
        rows = await self._rows("simulations/select_consents_at", Rows(asked), env)
        found: dict[Stated, tuple[Consent, ...]] = {}
        for user, category, at, purpose, channel, granted in rows:
            said = consent_of(purpose, channel, granted)
            found[user, category, at] = (*found.get((user, category, at), ()), said)
        return found

    async def payloads(self, env: int, events: list[bytes]) -> dict[bytes, str]:
        rows = await self._rows("simulations/select_payloads", _events(events), env)
        return dict(rows)

    async def _rows(self, name: str, *parameters: Any) -> list[Row]:
        """What is asked about no rows is not asked."""
        for parameter in parameters:
            if isinstance(parameter, Rows | Values) and not parameter.rows:
                return []
        return await self._executor.read(look(name, *parameters))


def _events(events: list[bytes]) -> Values:
    return Values([event.hex() for event in events])


async def _begin(tx: Tx, env: int, name: str, asked: str, now: int) -> int:
    await tx.hold("simulations", env)
    ((number,),) = await tx.rows("simulations/insert", env, name, asked, now)
    return int(number)


async def _save(tx: Tx, row: SimulationRow, examples: list[SimulatedExample]) -> bool:
    saved = await tx.run(
        "simulations/save", row.env, row.number, int(row.state), row.cursor, row.total, row.done,
        row.tally, row.error, row.updated_at, row.finished_at,
    )  # fmt: skip
    if saved and examples:
        rows = [
            [
                row.env, row.number, one.n, one.event.hex(), one.workflow, one.user, one.channel,
                one.before, one.after, one.reason_before, one.reason_after, one.body,
            ]
            for one in examples
        ]  # fmt: skip
        await tx.run("simulations/insert_examples", Rows(rows))
    return bool(saved)


async def _prune(tx: Tx, before: int, limit: int) -> int:
    ended = Rows([[*row] for row in await tx.rows("simulations/select_ended", before, limit)])
    if ended.rows:
        await tx.run("simulations/delete_examples", ended)
        await tx.run("simulations/delete_rows", ended)
    return len(ended.rows)


def _simulation(row: Row) -> SimulationRow:
    return SimulationRow(
        env=row[0], number=row[1], name=row[2], asked=row[3], created_at=row[4],
        state=SimulationState(row[5]), cursor=row[6], total=row[7], done=row[8], tally=row[9],
        error=row[10], updated_at=row[11], finished_at=row[12],
    )  # fmt: skip


def _example(row: Row) -> SimulatedExample:
    return SimulatedExample(
        n=row[0], event=row[1], workflow=row[2], user=row[3], channel=row[4], before=row[5],
        after=row[6], reason_before=row[7], reason_after=row[8], body=row[9],
    )  # fmt: skip

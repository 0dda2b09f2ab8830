"""The application's state on its way in: accepted, claimed, applied in the order of its versions.

Of each entity one row waits, so the row's lock orders whatever is done with the entity. The version
that was applied last is only written by who holds that row (or erases the user).
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256

from clarion.store.contract.names import NameKind
from clarion.store.contract.replica import (
    NEWEST_FIRST,
    Applied,
    EntityKind,
    FailedState,
    StateClaim,
    StateDepth,
    StateWrite,
)
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.names import SqlNames
from clarion.store.sql.replica_apply import Result, apply_kind, hold_kind
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look, look_one

TAKING_URGENCY = 2
APPLYING_URGENCY = 3
"""Behind all that events of the urgent lanes write."""

CHUNK = 250
SUSPECT_CRASHES = 2
_WAITING, _IN_HAND, _FAILED = 0, 1, 2


class SqlReplica:
    """Member of the ReplicaStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._names = SqlNames(executor)

    async def accept(self, env: int, writes: list[StateWrite], now: int) -> list[bool]:
        newest: dict[str, tuple[int, int]] = {}
        for place, write in enumerate(writes):
            held = newest.setdefault(_entity_of(write), (write.version, place))
            if write.version > held[0]:
                newest[_entity_of(write)] = (write.version, place)
        rows = [_row(entity, writes[place], now + place) for entity, (_, place) in newest.items()]
        taken: set[str] = set()
        for start in range(0, len(rows), CHUNK):
            piece = Rows(sorted(rows[start : start + CHUNK], key=lambda row: str(row[0])))
            found = await self._executor.write(
                partial(_accept, env=env, rows=piece), TAKING_URGENCY
            )
            taken |= {entity for (entity,) in found}
        places = {newest[entity][1] for entity in taken}
        return [place in places for place in range(len(writes))]

    async def depths(self) -> list[StateDepth]:
        rows = await self._executor.read(look("replica/depths"))
        return [_depth(kind, [row[1:] for row in rows if row[0] == kind]) for kind in EntityKind]

    async def claim(self, worker: int, limit: int, now: int) -> list[StateClaim]:
        if await self._executor.read(look_one("replica/oldest")) is None:
            return []
        return await self._executor.write(lambda tx: _claim(tx, worker, limit), APPLYING_URGENCY)

    async def apply(self, claims: list[StateClaim], now: int) -> list[tuple[Applied, str]]:
        """Names are given first, so that nobody waits for a number while holding an entity."""
        await self._mint(claims)
        return await self._executor.write(lambda tx: _apply(tx, claims, now), APPLYING_URGENCY)

    async def finish(self, claims: list[StateClaim]) -> None:
        async def work(tx: Tx) -> None:
            env, held = claims[0].env, await _held(tx, claims)
            mine = [claim for claim in claims if claim.entity in held]
            await _applied(tx, env, mine, held)

        await self._executor.write(work, APPLYING_URGENCY)

    async def fail(self, claims: list[StateClaim], detail: str, now: int) -> None:
        async def work(tx: Tx) -> None:
            env, held = claims[0].env, await _held(tx, claims)
            mine = [claim for claim in claims if claim.entity in held]
            await _failed(tx, env, [(claim, detail) for claim in mine], held, now)

        await self._executor.write(work, APPLYING_URGENCY)

    async def give_back(self, worker: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("replica/give_back", worker), APPLYING_URGENCY
        )

    async def rescue(self, dead: list[int]) -> int:
        wanted = Values(dead)
        return await self._executor.write(
            lambda tx: tx.run("replica/rescue_states", wanted), APPLYING_URGENCY
        )

    async def failed(
        self, env: int, limit: int, before: tuple[int, str] = NEWEST_FIRST
    ) -> list[FailedState]:
        rows = await self._executor.read(look("replica/select_failed", env, *before, limit))
        return [
            FailedState(
                kind=EntityKind(row[0]), id=row[1], user_id=row[2], version=row[3],
                source_at=row[4], accepted_at=row[5], failed_at=row[6], detail=row[7] or "",
                entity=row[8],
            )
            for row in rows
        ]  # fmt: skip

    async def _mint(self, claims: list[StateClaim]) -> None:
        env, kind = claims[0].env, claims[0].kind
        ids, users = {claim.id for claim in claims}, {claim.user_id for claim in claims}
        if kind is EntityKind.TOPIC:
            ids |= {plain(claim.body)[0] for claim in claims if not claim.gone} - {None}
        if kind is EntityKind.TENANT_MEMBER:
            await self._names.mint(env, NameKind.TENANT, sorted(ids))
        elif kind in (EntityKind.TOPIC, EntityKind.SUBSCRIPTION):
            await self._names.mint(env, NameKind.TOPIC, sorted(ids))
        if kind in (EntityKind.SUBSCRIPTION, EntityKind.TENANT_MEMBER):
            await self._names.mint(env, NameKind.USER, sorted(users))


def _entity_of(write: StateWrite) -> str:
    """Hex of the first 128 bits of the hash of kind, id and user_id."""
    named = text_json((int(write.kind), write.id, write.user_id))
    return sha256(named.encode()).hexdigest()[:32]


def _row(entity: str, write: StateWrite, at: int) -> Row:
    return (
        entity, int(write.kind), write.id, write.user_id, write.version, write.source_at,
        write.body, at,
    )  # fmt: skip


async def _accept(tx: Tx, env: int, rows: Rows) -> list[Row]:
    return await tx.rows("replica/accept", env, rows)


def _depth(kind: EntityKind, rows: list[Row]) -> StateDepth:
    counts = {state: count for state, count, _ in rows}
    oldest = [since for state, _, since in rows if state != _FAILED]
    return StateDepth(
        kind=kind,
        waiting=counts.get(_WAITING, 0),
        in_hand=counts.get(_IN_HAND, 0),
        failed=counts.get(_FAILED, 0),
        oldest=min(oldest, default=None),
    )


async def _claim(tx: Tx, worker: int, limit: int) -> list[StateClaim]:
    wanted: list[tuple[int, str]] = []
    for env, entity, crashes in await tx.rows("replica/select_waiting", limit):
        if crashes >= SUSPECT_CRASHES:
            wanted = wanted or [(env, entity)]
            break
        wanted.append((env, entity))
    rows = await tx.rows("replica/claim", Rows(wanted), worker)
    rows.sort(key=lambda row: row[10])
    return [
        StateClaim(
            env=row[0], entity=row[1], kind=EntityKind(row[2]), id=row[3], user_id=row[4],
            version=row[5], body=row[6], accepted_at=row[7], fence=row[8], crashes=row[9],
        )
        for row in rows
    ]  # fmt: skip


async def _held(tx: Tx, claims: list[StateClaim]) -> dict[str, int]:
    """Entities still in this hand, with the version that their row has by now."""
    wanted = Rows([(claim.entity, claim.fence) for claim in claims])
    return dict(await tx.rows("replica/select_held", wanted, claims[0].env))


async def _apply(tx: Tx, claims: list[StateClaim], now: int) -> list[tuple[Applied, str]]:
    env, kind = claims[0].env, claims[0].kind
    await hold_kind(tx, env, kind)
    held = await _held(tx, claims)
    before: dict[str, int] = dict(await tx.rows("replica/select_versions", Values(list(held)), env))
    mine = [claim for claim in claims if claim.entity in held]
    due = [claim for claim in mine if claim.version > before.get(claim.entity, -1)]
    results: dict[str, Result] = {claim.entity: (Applied.IGNORED, "") for claim in mine}
    results |= await apply_kind(tx, env, kind, due, now)
    of = _sorted_out(mine, results)
    await _applied(tx, env, of[Applied.APPLIED] + of[Applied.IGNORED], held)
    failed = [(claim, results[claim.entity][1]) for claim in of[Applied.FAILED]]
    await _failed(tx, env, failed, held, now)
    return [results.get(claim.entity, (Applied.LOST, "")) for claim in claims]


def _sorted_out(
    claims: list[StateClaim], results: dict[str, Result]
) -> dict[Applied, list[StateClaim]]:
    found: dict[Applied, list[StateClaim]] = {result: [] for result in Applied}
    for claim in claims:
        found[results[claim.entity][0]].append(claim)
    return found


async def _applied(tx: Tx, env: int, claims: list[StateClaim], held: dict[str, int]) -> None:
    await tx.run(
        "replica/upsert_versions", env, Rows([(claim.entity, claim.version) for claim in claims])
    )
    same = [claim.entity for claim in claims if held[claim.entity] == claim.version]
    await tx.run("replica/delete_states", env, Values(same))
    await _free(tx, env, claims, held)


async def _failed(
    tx: Tx, env: int, failed: list[tuple[StateClaim, str]], held: dict[str, int], now: int
) -> None:
    rows = [
        (claim.entity, detail) for claim, detail in failed if held[claim.entity] == claim.version
    ]
    await tx.run("replica/fail_states", env, now, Rows(rows))
    await _free(tx, env, [claim for claim, _ in failed], held)


async def _free(tx: Tx, env: int, claims: list[StateClaim], held: dict[str, int]) -> None:
    newer = [claim.entity for claim in claims if held[claim.entity] != claim.version]
    if newer:
        await tx.run("replica/free_states", env, Values(newer))

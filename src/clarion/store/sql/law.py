"""Consents and suppressions."""

from __future__ import annotations

from clarion.core.workflow import CHANNEL_NUMBER, CHANNELS, Channel
from clarion.errors import NotFoundError
from clarion.store.contract.law import ConsentRow, ConsentWrite, Suppression, SuppressionWrite
from clarion.store.sql import suppressions
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.tx import Executor, Row, Rows, Tx, look

URGENCY = 1
_NEWEST = 2**62


class SqlLaw:
    """Member of the LawStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def append_consents(
        self, env: int, user: int, writes: list[ConsentWrite], now: int
    ) -> int:
        version = await self._executor.write(
            lambda tx: _append(tx, env, user, writes, now), URGENCY
        )
        if version is None:
            raise NotFoundError(f"user number {user} does not exist; write the user first")
        return version

    async def consents(self, env: int, user: int) -> list[ConsentRow]:
        rows = await self._executor.read(look("law/select_states", env, user))
        return [_consent(row) for row in rows]

    async def consent_history(
        self, env: int, user: int, *, before: int | None = None, limit: int
    ) -> list[ConsentRow]:
        below = _NEWEST if before is None else before
        rows = await self._executor.read(look("law/select_history", env, user, below, limit))
        return [_consent(row) for row in rows]

    async def suppress(
        self, env: int, writes: list[SuppressionWrite], now: int, fresh: bytes
    ) -> list[Suppression]:
        return await self._executor.write(
            lambda tx: suppressions.suppress(tx, env, writes, now, fresh), URGENCY
        )

    async def suppression(self, env: int, channel: Channel, address: str) -> Suppression | None:
        return await self._executor.read(lambda tx: suppressions.find(tx, env, channel, address))

    async def suppressions(
        self,
        env: int,
        *,
        channel: Channel | None = None,
        reason: str | None = None,
        before: int | None = None,
        limit: int,
    ) -> list[Suppression]:
        return await self._executor.read(
            lambda tx: suppressions.listed(tx, env, channel, reason, before, limit)
        )

    async def lift(self, env: int, channel: Channel, address: str) -> bool:
        return await self._executor.write(
            lambda tx: suppressions.lift(tx, env, channel, address), URGENCY
        )

    async def lift_number(self, env: int, number: int) -> bool:
        return await self._executor.write(
            lambda tx: suppressions.lift_number(tx, env, number), URGENCY
        )

    async def lift_ended(self, now: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: suppressions.lift_ended(tx, now, limit), URGENCY
        )


async def _append(tx: Tx, env: int, user: int, writes: list[ConsentWrite], now: int) -> int | None:
    # The row lock of the version holds the user, also against an erasure.
    bumped = await tx.rows("law/bump_consents", len(writes), env, user)
    if not bumped:
        return None
    last: int = bumped[0][0]
    rows = [
        (
            write.purpose,
            CHANNEL_NUMBER[write.channel] if write.channel else 0,
            last - len(writes) + place,
            int(write.granted),
            write.source,
            write.wording,
            write.locale,
            write.by,
            text_json(write.evidence),
        )
        for place, write in enumerate(writes, 1)
    ]
    await tx.run("law/insert_consents", env, user, now, Rows(rows))
    states = {row[:2]: row[:4] for row in rows}
    await tx.run("law/upsert_states", env, user, Rows([*states.values()]))
    return last


def _consent(row: Row) -> ConsentRow:
    version, purpose, channel, granted, source, wording, locale, by, evidence, at = row
    return ConsentRow(
        version=version,
        purpose=purpose,
        channel=CHANNELS[channel - 1] if channel else None,
        granted=bool(granted),
        source=source,
        wording=wording,
        locale=locale,
        by=by,
        evidence=plain(evidence),
        at=at,
    )

"""Alerts: windows gathered one after the other, rows claimed and told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clarion.clock import SECOND
from clarion.core.ids import notification_name
from clarion.store.contract.alerts import SAMPLE_LIMIT, AlertNote, AlertRow
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.tx import Executor, Row, Rows, Tx, look_one

GRACE_SECONDS = 5
"""After a window's end: what died in it has been committed by then."""
KINDS_LIMIT = 200
"""Kinds of dead letters told for one window, the most frequent ones."""
KEPT_SECONDS = 30 * 24 * 3600
TROUBLE, RESOLVED = 0, 1

_BULK = 3


class SqlAlerts:
    """What the operators are told."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def note(self, notes: list[AlertNote], now: int) -> None:
        await self._executor.write(lambda tx: _note(tx, notes, now), 1)

    async def gather(self, window_seconds: int, min_count: int, now: int) -> bool:
        row = await self._executor.read(look_one("alerts/window"))
        if row is not None and not _is_over(row[0], window_seconds, now):
            return False
        return await self._executor.write(
            lambda tx: _gather(tx, window_seconds, min_count, now), _BULK
        )

    async def claim(self, lease_seconds: int, limit: int, now: int) -> list[AlertRow]:
        waiting = await self._executor.read(look_one("alerts/next_due"))
        if waiting is None or waiting[0] is None or waiting[0] > now:
            return []

        async def work(tx: Tx) -> list[Row]:
            return await tx.rows("alerts/claim", now, now + lease_seconds * SECOND, limit)

        return sorted(map(_alert, await self._executor.write(work, 1)), key=lambda row: row.alert)

    async def told(self, alert: int, targets: tuple[str, ...], due: int | None, now: int) -> None:
        names = text_json(targets)
        await self._executor.write(lambda tx: tx.run("alerts/told", alert, names, due, now), 1)


def _is_over(since: int, window_seconds: int, now: int) -> bool:
    return now >= since + (window_seconds + GRACE_SECONDS) * SECOND


async def _since(tx: Tx, now: int) -> int:
    """When the open window began, under the lock that lets one at a time look after windows."""
    await tx.hold("alerts", 0)
    row = await tx.row("alerts/window")
    if row is None:
        await tx.run("alerts/open_window", now)
        return now
    since: int = row[0]
    return since


async def _note(tx: Tx, notes: list[AlertNote], now: int) -> None:
    since = await _since(tx, now)
    for note in notes:
        kept = await tx.row("alerts/noted", note.env, note.account, note.cause, since)
        before: list[str] = plain(kept[0]) if kept is not None else []
        sample = text_json(list(dict.fromkeys([*before, *note.sample]))[:SAMPLE_LIMIT])
        await tx.run(
            "alerts/note", note.env, note.account, note.cause, since, now, note.detail, sample
        )


async def _gather(tx: Tx, window_seconds: int, min_count: int, now: int) -> bool:
    since = await _since(tx, now)
    if not _is_over(since, window_seconds, now):
        return False
    until = since + window_seconds * SECOND
    settled = now - GRACE_SECONDS * SECOND
    if settled > until + window_seconds * SECOND:
        until = settled  # nobody looked for long: one window tells all of it
    rows = [
        [*key, since, until, TROUBLE, *counts, detail, text_json(sample), now]
        for key, counts, detail, sample in await _dead(tx, since, until, min_count)
    ]
    calm: list[Any] = []
    if rows:
        await tx.run("alerts/insert", Rows(rows))
    await tx.run("alerts/ripen", since, until, now)
    for env, account, cause, last in await tx.rows("alerts/calmed", since):
        calm.append([env, account, cause, since, until, RESOLVED, 0, last, last, "", "[]", now])
    if calm:
        await tx.run("alerts/insert", Rows(calm))
    await tx.run("alerts/prune", now - KEPT_SECONDS * SECOND)
    await tx.run("alerts/move_window", until)
    return _is_over(until, window_seconds, now)


Kind = tuple[list[Any], list[int], str, list[str]]
"""(environment, account, cause), [count, first, last], the last error, sample."""


async def _dead(tx: Tx, since: int, until: int, min_count: int) -> Iterable[Kind]:
    found: list[Kind] = []
    groups = await tx.rows("alerts/dead", since, until, min_count, KINDS_LIMIT)
    for env, account, cause, count, first, last in groups:
        newest = await tx.rows("alerts/sample", env, account, cause, since, until, SAMPLE_LIMIT)
        sample = [notification_name(*row[:3]) for row in newest]
        detail = next((f"{code} {text}".strip() for *_, code, text in newest if code or text), "")
        found.append(
            ([env, account, cause], [count, first, last], detail, list(dict.fromkeys(sample)))
        )
    return found


def _alert(row: Row) -> AlertRow:
    return AlertRow(
        alert=row[0], env=row[1], account=row[2], cause=row[3], resolved=row[4] == RESOLVED,
        count=row[5], first_at=row[6], last_at=row[7], since=row[8], until=row[9], detail=row[10],
        sample=tuple(plain(row[11])), told=tuple(plain(row[12])), tries=row[13],
    )  # fmt: skip

"""Accounts as all processes know them."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.core.breaker import BreakerState, Phase
from clarion.core.quota import Quota, drained, take
from clarion.store.contract.accounts import AccountRow, Pause, Report, Tokens, Turn
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.tx import Executor, Row, Rows, Tx, look

URGENCY = 0
KEPT_SECONDS = 3600

APART = "apart:"


class SqlAccounts:
    """Member of the AccountStore contract. Every change locks the account's row first."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def states(self) -> list[AccountRow]:
        rows = await self._executor.read(look("accounts/states"))
        return [_account(row) for row in rows]

    async def turn(self, turns: list[Turn], now: int) -> list[AccountRow]:
        return await self._executor.write(lambda tx: _turn(tx, turns), URGENCY)

    async def pause(self, pauses: list[Pause], now: int) -> None:
        await self._executor.write(lambda tx: _pause(tx, pauses), URGENCY)

    async def lease(self, account: str, quota: Quota, lane: int, wanted: int, now: int) -> Tokens:
        return await self._executor.write(
            lambda tx: _lease(tx, account, quota, lane, wanted, now), lane
        )

    async def report(self, worker: int, reports: list[Report], now: int) -> None:
        await self._executor.write(lambda tx: _report(tx, worker, reports, now), URGENCY)

    async def reports(self, since: int) -> list[Report]:
        rows = await self._executor.read(look("accounts/reports", since))
        return [_read_report(row) for row in rows]


async def _turn(tx: Tx, turns: list[Turn]) -> list[AccountRow]:
    for turn in sorted(turns, key=_name):
        state = turn.state
        await tx.run("accounts/insert", turn.account)
        await tx.run(
            "accounts/turn", turn.account, turn.known, int(state.phase), state.since, state.until,
            state.trips, state.step, state.cause, turn.holder,
        )  # fmt: skip
    rows = {row[0]: _account(row) for row in await tx.rows("accounts/states")}
    return [rows[turn.account] for turn in turns]


async def _pause(tx: Tx, pauses: list[Pause]) -> None:
    for pause in sorted(pauses, key=_name):
        full_at, paused_until = await _bucket(tx, pause.account)
        if pause.until <= paused_until:
            continue
        await tx.run("accounts/pause", pause.account, pause.until)
        if pause.quota is not None:
            full_at = drained(full_at, pause.quota, until=pause.until)
            await tx.run("accounts/fill", pause.account, full_at)


async def _lease(tx: Tx, account: str, quota: Quota, lane: int, wanted: int, now: int) -> Tokens:
    now = await tx.clock(now)
    full_at, paused_until = await _bucket(tx, account)
    if paused_until > now:
        return Tokens(tokens=0, wait_seconds=(paused_until - now) / SECOND)
    taken = take(full_at, quota, lane=lane, wanted=wanted, now=now)
    if taken.tokens:
        await tx.run("accounts/fill", account, taken.full_at)
    return Tokens(tokens=taken.tokens, wait_seconds=taken.wait_seconds)


async def _bucket(tx: Tx, account: str) -> tuple[int, int]:
    """(full_at, paused_until), locked."""
    await tx.run("accounts/insert", account)
    full_at, paused_until = (await tx.rows("accounts/bucket", account))[0]
    return full_at, paused_until


async def _report(tx: Tx, worker: int, reports: list[Report], now: int) -> None:
    rows = [
        [r.account, worker, r.in_flight, r.limit, text_json(_counts(r)), text_json(r.errors), now]
        for r in sorted(reports, key=_name)
    ]
    await tx.run("accounts/report", Rows(rows))
    await tx.run("accounts/prune", now - KEPT_SECONDS * SECOND)


def _counts(report: Report) -> dict[str, int]:
    """Both counts in one column, told apart by a prefix."""
    return report.outcomes | {APART + kind: count for kind, count in report.apart.items()}


def _name(record: Turn | Pause | Report) -> str:
    """Rows of several accounts are locked in the order of their names."""
    return record.account


def _account(row: Row) -> AccountRow:
    account, phase, since, until, trips, step, cause, term, holder, paused_until, full_at = row
    return AccountRow(
        account=account,
        state=BreakerState(
            phase=Phase(phase), since=since, until=until, trips=trips, step=step, cause=cause
        ),
        term=term,
        holder=holder,
        paused_until=paused_until,
        full_at=full_at,
    )


def _read_report(row: Row) -> Report:
    account, worker, in_flight, limit, counts, errors, at = row
    found: dict[str, int] = plain(counts)
    return Report(
        account=account,
        worker=worker,
        in_flight=in_flight,
        limit=limit,
        outcomes={kind: count for kind, count in found.items() if not kind.startswith(APART)},
        apart={
            kind.removeprefix(APART): count
            for kind, count in found.items()
            if kind.startswith(APART)
        },
        errors=plain(errors),
        at=at,
    )

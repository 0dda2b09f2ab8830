"""Which dead letters a statement looks at: a bounded number of rows in the order of time, and the
filters applied to them. Statements are put together from fixed fragments; what is searched for is
always a parameter.
"""

from __future__ import annotations

from typing import Any

from clarion.store.contract.dead_letters import DeadLetterFilter, Position
from clarion.store.sql.tx import Row, Tx

SCANNED = 5_000
"""Rows looked at by one statement."""

ORDER = (
    '{0}.at {1}, {0}.event {1}, {0}.workflow {1}, {0}."user" {1}, {0}.step {1}, '
    "{0}.channel {1}, {0}.destination {1}"
)
_PLACE = 'l.at, l.event, l.workflow, l."user", l.step, l.channel, l.destination'
_W_PLACE = _PLACE.replace("l.", "w.")

Fragment = tuple[str, list[Any]]
"""SQL and its parameters."""


def window(
    env: int,
    wanted: DeadLetterFilter,
    after: Position | None,
    *,
    newest: bool,
    rows: int | None = None,
) -> Fragment:
    """A select of whole rows of dead_letter, at most `rows` (SCANNED), beyond `after`. An index
    leads by time, by cause or by event; other filters are for `matches`."""
    conditions, parameters = ["l.env = ?"], list[Any]([env])
    cause = wanted.cause
    if cause is not None and not cause.endswith("*"):
        conditions.append("l.cause = ?")
        parameters.append(cause)
    if wanted.event is not None:
        conditions.append("l.event = ?")
        parameters.append(wanted.event)
    if wanted.since is not None:
        conditions.append("l.at >= ?")
        parameters.append(wanted.since)
    if wanted.until is not None:
        conditions.append("l.at < ?")
        parameters.append(wanted.until)
    if after is not None:
        sign = "<" if newest else ">"
        conditions.append(f"({_PLACE}) {sign} (?, ?, ?, ?, ?, ?, ?)")
        # Said again, so that an index by time can begin there.
        conditions.append(f"l.at {sign}= ?")
        parameters += [*after, after[0]]
    order = ORDER.format("l", "desc" if newest else "asc")
    where, most = " and ".join(conditions), rows or SCANNED
    return (
        f"select l.* from dead_letter as l where {where} order by {order} limit {most:d}",  # noqa: S608 - fixed fragments
        parameters,
    )


def matches(wanted: DeadLetterFilter) -> Fragment:
    """What holds for a row `w` of the window."""
    conditions, parameters = ["w.closed_at is null"], list[Any]([])
    if wanted.redriven is True:
        conditions = ["w.redriven_at is not null"]
    elif wanted.redriven is False:
        conditions.append("w.redriven_at is null")
    for column, value in (
        ("w.channel", wanted.channel),
        ("w.account", wanted.account),
        ("w.workflow", wanted.workflow),
        ('w."user"', wanted.user),
    ):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if wanted.tenant is not None:
        conditions.append(
            "exists (select 1 from event as e where e.env = w.env and e.event = w.event "
            "and e.tenant = ?)"
        )
        parameters.append(wanted.tenant)
    if wanted.cause is not None and wanted.cause.endswith("*"):
        conditions.append("substr(w.cause, 1, ?) = ?")
        parameters += [len(wanted.cause) - 1, wanted.cause[:-1]]
    return " and ".join(conditions), parameters


async def edge(
    tx: Tx, inner: str, parameters: list[Any], *, newest: bool, rows: int | None = None
) -> Position | None:
    """The last place of a window that is full; None when it holds all there is."""
    order = ORDER.format("w", "desc" if newest else "asc")
    sql = (
        f"select {_W_PLACE} from ({inner}) as w "  # noqa: S608 - fixed fragments
        f"order by {order} limit 1 offset {(rows or SCANNED) - 1:d}"
    )
    found = await tx.composed(sql, parameters)
    return place(found[0]) if found else None


def place(row: Row) -> Position:
    """The first seven columns of a row as a position."""
    return (row[0], row[1], row[2], row[3], row[4], row[5], row[6])

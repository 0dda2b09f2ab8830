"""`clarion audit`: recount the ledger from its rows."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.table import Table

from clarion.cli.failing import WRONG
from clarion.cli.options import AsJson
from clarion.cli.surroundings import store_here
from clarion.cli.terminal import complain, counted, progress, say, say_json
from clarion.clock import SECOND, Clock, SystemClock
from clarion.core.ids import event_name
from clarion.telemetry import (
    audit_events,
    audit_exposition,
    audit_timestamp_seconds,
    audit_unbalanced,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.store.contract.ledger import Imbalance, LedgerStore

PAGE_EVENTS = 200
EVENT_BYTES = 16
TOLD_SECONDS = 15.0


class Audited(msgspec.Struct, kw_only=True):
    """How much was recounted, and what differs. `environments` are names by number."""

    events: int = 0
    notifications: int = 0
    found: list[Any] = []
    environments: dict[int, str] = {}


class Told:
    """Says on stderr how far it is, every so often, where no terminal shows a bar."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._events = 0
        self._at = clock.monotonic_seconds()

    def step(self, events: int) -> None:
        """So many more were recounted."""
        self._events += events
        now = self._clock.monotonic_seconds()
        if now - self._at >= TOLD_SECONDS and not sys.stderr.isatty():
            self._at = now
            complain(f"{counted(self._events, 'event')} recounted so far")


TextFile = Annotated[
    Path | None,
    typer.Option(
        "--textfile",
        help="Also write the result here as metrics, for the text file collector of a node "
        "exporter (the name has to end with .prom).",
    ),
]


def audit(textfile: TextFile = None, as_json: AsJson = False) -> None:
    """Recount every event from its rows; exit 1 when the ledger does not balance."""
    told = Told(SystemClock())
    with progress() as bar:
        task = bar.add_task("events recounted", total=None)

        def step(events: int) -> None:
            bar.update(task, advance=events)
            told.step(events)

        audited = asyncio.run(_audit(step))
    if textfile is not None:
        _write_metrics(textfile, audited)
    if as_json:
        say_json(_document(audited))
    else:
        say(audited_in_words(audited))
        if audited.found:
            say(_table(audited))
    if audited.found:
        raise typer.Exit(WRONG)


async def audit_ledger(ledger: LedgerStore, step: Callable[[int], None]) -> Audited:
    """Recount everything, page by page; `step` hears of each page's events."""
    audited = Audited()
    cursor: tuple[int, bytes] | None = (0, b"")
    while cursor is not None:
        page = await ledger.audit(None, cursor, PAGE_EVENTS)
        audited.events += page.events
        audited.notifications += page.notifications
        audited.found += page.found
        cursor = page.cursor
        step(page.events)
    return audited


def audited_in_words(audited: Audited) -> str:
    """One line: what was recounted and whether it balances."""
    over = (
        f"{counted(audited.events, 'event')}, {counted(audited.notifications, 'notification')}"
        " recounted"
    )
    if not audited.found:
        return f"The ledger balances: {over}, every recipient is in exactly one bucket."
    return (
        f"The ledger does not balance: {over}, {counted(len(audited.found), 'count')} "
        "differ from the rows."
    )


async def _audit(step: Callable[[int], None]) -> Audited:
    async with store_here() as store:
        audited = await audit_ledger(store.ledger, step)
        names = await store.keys.environments()
        audited.environments = {number: name for name, number in names.items()}
        return audited


def _write_metrics(file: Path, audited: Audited) -> None:
    """Put in place whole, as whoever reads the folder may look at any time."""
    audit_unbalanced.set(len(audited.found))
    audit_events.set(audited.events)
    audit_timestamp_seconds.set(SystemClock().now() / SECOND)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_bytes(audit_exposition())
    beside.replace(file)


def _place(found: Imbalance) -> str:
    return event_name(found.event) if len(found.event) == EVENT_BYTES else "inboxes"


def _table(audited: Audited) -> Table:
    table = Table("environment", "where", "what", box=None, pad_edge=False)
    table.add_column("counted", justify="right")
    table.add_column("found", justify="right")
    for row in audited.found:
        name = audited.environments.get(row.env, str(row.env))
        table.add_row(name, _place(row), row.what, f"{row.counted:,}", f"{row.found:,}")
    return table


def _document(audited: Audited) -> dict[str, Any]:
    return {
        "balanced": not audited.found,
        "events": audited.events,
        "notifications": audited.notifications,
        "found": [
            {
                "environment": audited.environments.get(row.env, str(row.env)),
                "where": _place(row),
                "what": row.what,
                "counted": row.counted,
                "found": row.found,
            }
            for row in audited.found
        ],
    }

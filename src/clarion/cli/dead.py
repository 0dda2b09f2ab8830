"""`clarion dead`: deliveries that were given up."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from clarion.cli.client import Remote
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import counted, say, say_json

PAGE = 200

dead = typer.Typer(help="Look at what was given up.", no_args_is_help=True)


@dead.command("list")
def list_dead(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show the deliveries that were given up, newest first."""
    rows, more = _read(Remote(url, key), limit)
    if as_json:
        say_json(rows)
        return
    if not rows:
        say("Nothing was given up.")
        return
    say(_table(rows))
    tail = "the newest; there are more" if more else "in all"
    say("", f"{counted(len(rows), 'dead letter')}, {tail}.")


def _read(remote: Remote, limit: int) -> tuple[list[dict[str, Any]], bool]:
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        room = min(limit - len(rows), PAGE)
        page = remote.get("/v1/dead-letters", limit=room, after=after)
        rows += page["data"]
        more = bool(page["page_info"]["has_next"])
        if not more or len(rows) >= limit:
            return rows, more
        after = page["page_info"]["end_cursor"]


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("at", "event", "channel", "account", "cause"):
        table.add_column(name)
    table.add_column("tries", justify="right")
    for row in rows:
        at = str(row.get("at", ""))[:19].replace("T", " ")
        words = [row.get(name) for name in ("event_id", "channel", "account", "cause", "attempts")]
        table.add_row(at, *("" if word is None else str(word) for word in words))
    return table

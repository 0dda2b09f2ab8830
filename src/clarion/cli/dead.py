"""`clarion dead`: what was given up, and sending it on its way again."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer
from rich.table import Table

from clarion.cli.client import Remote
from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.instants import instant_in_option
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import counted, progress, say, say_json

PAGE = 200
LOOK_SECONDS = 0.5

dead = typer.Typer(help="Look at what was given up, and redrive it.", no_args_is_help=True)

Cause = Annotated[
    str | None, typer.Option("--cause", help="Why it was given up; 'ambiguous:*' is a beginning.")
]
Channel = Annotated[str | None, typer.Option("--channel", help="push, email, webhook ...")]
Account = Annotated[str | None, typer.Option("--account", help="The account it was given to.")]
Workflow = Annotated[str | None, typer.Option("--workflow", help="The workflow.")]
Event = Annotated[str | None, typer.Option("--event", help="The event (evt_...).")]
User = Annotated[str | None, typer.Option("--user", help="The user.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="The tenant.")]
Since = Annotated[str | None, typer.Option("--since", help="Not older: an instant, or PT1H, P7D.")]
Until = Annotated[str | None, typer.Option("--until", help="Older: an instant, or PT1H, P7D.")]


@dead.command("list")
def list_dead(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    cause: Cause = None,
    channel: Channel = None,
    account: Account = None,
    workflow: Workflow = None,
    event: Event = None,
    user: User = None,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
    redriven: Annotated[
        bool | None,
        typer.Option("--redriven/--not-redriven", help="Only what was redriven, or was not."),
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show the deliveries that were given up, newest first, and the tasks that were put aside."""
    wanted = _filter(
        cause=cause, channel=channel, account=account, workflow=workflow, event=event, user=user,
        tenant=tenant, since=since, until=until,
    )  # fmt: skip
    if redriven is not None:
        wanted["redriven"] = str(redriven).lower()
    remote = Remote(url, key)
    rows, more = _read(remote, limit, wanted)
    if as_json:
        say_json(rows)
        return
    tasks = remote.get("/v1/dead-letters/tasks", event=event)["data"] if _of_tasks(wanted) else []
    if rows:
        tail = "the newest; there are more" if more else "in all"
        say(_table(rows), "", f"{counted(len(rows), 'dead letter')}, {tail}.")
    elif not tasks:
        say("Nothing was given up.")
    for task in tasks:
        failed = counted(task["failures"], "time")
        say(
            f"put aside: a task of [bold]{task['event_id']}[/bold] ({task['lane']}) failed {failed}"
        )


@dead.command("redrive")
def redrive(
    cause: Cause = None,
    channel: Channel = None,
    account: Account = None,
    workflow: Workflow = None,
    event: Event = None,
    user: User = None,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--all", help="Without a filter.")] = False,
    rate: Annotated[
        int | None, typer.Option("--rate", min=1, help="Become due at so many a second.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Send dead letters on their way again, each once, spread over time."""
    wanted = _filter(
        cause=cause, channel=channel, account=account, workflow=workflow, event=event, user=user,
        tenant=tenant, since=since, until=until,
    )  # fmt: skip
    if not wanted and not everything:
        raise CommandError(
            "say which ones (--cause, --event, ...), or --all for everything", MISUSED
        )
    remote = Remote(url, key)
    body: dict[str, Any] = {"filter": wanted}
    asks = sys.stdin.isatty() and not (yes or as_json)
    if dry_run or asks:
        found, _ = remote.post("/v1/dead-letters/redrive", {**body, "dry_run": True})
        if dry_run:
            say_json(found) if as_json else say(*_told(found, "would go on"))
            return
        say(*_told(found, "would go on"))
        if found["count"] + found["tasks"] == 0 or not typer.confirm("Redrive them?"):
            return
    if rate is not None:
        body["rate_per_second"] = rate
    answer, _ = remote.post("/v1/dead-letters/redrive", body)
    answer = {**_finished(remote, answer), "tasks": answer["tasks"]}
    say_json(answer) if as_json else say(*_told(answer, "on the way again"))


def _filter(**asked: str | None) -> dict[str, Any]:
    wanted = {name: value for name, value in asked.items() if value is not None}
    for name in ("since", "until"):
        if name in wanted:
            wanted[name] = instant_in_option(wanted[name], f"--{name}")
    return wanted


def _of_tasks(wanted: dict[str, Any]) -> bool:
    """A task that was put aside is of an event and of no cause but its own."""
    return set(wanted) <= {"event", "cause"} and wanted.get("cause", "put_aside") == "put_aside"


def _finished(remote: Remote, answer: dict[str, Any]) -> dict[str, Any]:
    """The redrive at its end. On a terminal it is watched; elsewhere nobody waits for it."""
    if answer["status"] != "running" or not sys.stderr.isatty():
        return answer
    with progress() as bar:
        task = bar.add_task("redriving", total=None)
        while answer["status"] == "running":
            bar.update(task, completed=answer["count"])
            time.sleep(LOOK_SECONDS)
            answer = remote.get(f"/v1/dead-letters/redrives/{answer['id']}")
    return answer


def _told(answer: dict[str, Any], became: str) -> list[str]:
    counts = answer["counts"]
    lines = [f"{counted(answer['count'], 'dead letter')} {became}."]
    if answer["tasks"]:
        lines.append(f"{counted(answer['tasks'], 'task')} put aside {became}.")
    left = {name: counts[name] for name in counts if name not in ("ready", "decided_again")}
    said = [f"{count:,} {name.replace('_', ' ')}" for name, count in left.items() if count]
    if said:
        lines.append(f"[dim]not redriven: {', '.join(said)}[/dim]")
    if answer.get("error"):
        lines.append(f"[red]{answer['id']} ended before its time: {answer['error']}[/red]")
    if answer["status"] == "running":
        lines.append(f"[dim]it goes on in the background: {answer['id']}[/dim]")
    elif answer["due_until"] and answer["count"]:
        lines.append(f"[dim]the last of them is due at {answer['due_until'][:19]}Z[/dim]")
    return lines


def _read(remote: Remote, limit: int, wanted: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        room = min(limit - len(rows), PAGE)
        page = remote.get("/v1/dead-letters", limit=room, after=after, **wanted)
        rows += page["data"]
        more = bool(page["page_info"]["has_next"])
        if not more or len(rows) >= limit:
            return rows, more
        after = page["page_info"]["end_cursor"]


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("at", "event", "user", "channel", "account", "cause"):
        table.add_column(name)
    table.add_column("tries", justify="right")
    table.add_column("")
    for row in rows:
        at = str(row.get("at", ""))[:19].replace("T", " ")
        names = ("event_id", "user", "channel", "account", "cause", "attempts")
        words = ["" if (word := row.get(name)) is None else str(word) for name in names]
        under_way = row.get("redriven_at") and not row.get("closed_at")
        table.add_row(at, *words, "on its way again" if under_way else "")
    return table

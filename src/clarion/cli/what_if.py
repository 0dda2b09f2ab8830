"""`clarion what-if`: what other rules would have decided about the past, or about one event."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from clarion.cli.client import Remote
from clarion.cli.documents import object_in_file, object_in_option
from clarion.cli.failing import MISUSED, WRONG, CommandError
from clarion.cli.instants import instant_in_option
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import counted, progress, say, say_json
from clarion.cli.why import RESULT_COLOURS

LOOK_SECONDS = 0.2
SHOWN_REASONS = 20


def what_if(
    change: Annotated[
        Path | None,
        typer.Option("--change", metavar="FILE", help="The other rules, as YAML or JSON."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="An instant (RFC 3339), or so long ago: PT1H, P7D."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Up to then; now without it.")
    ] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="Only this workflow.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="Only this category.")] = None,
    event: Annotated[
        str | None, typer.Option("--event", metavar="TYPE", help="Try one event of this type.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="Whom it is about.")] = None,
    data: Annotated[str, typer.Option("--data", help="The event's data, as JSON.")] = "{}",
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Decide again what was decided since then, under other rules; nothing is sent."""
    supposed = object_in_file(change, "workflows: {...}") if change is not None else {}
    remote = Remote(url, key)
    if event is not None:
        if user is None:
            raise CommandError("say whom the event is about with --user", MISUSED)
        body = {
            "event": {"type": event, "data": object_in_option(data)},
            "user": user,
            "change": supposed,
        }
        answer, _ = remote.post("/v1/simulations/event", body)
        say_json(answer) if as_json else say(*_tried(answer))
        return
    if since is None:
        raise CommandError("say from when on with --since, e.g. --since P7D", MISUSED)
    part = {
        "since": instant_in_option(since, "--since"),
        "until": None if until is None else instant_in_option(until, "--until"),
        "workflow": workflow, "category": category, "users": None if user is None else [user],
    }  # fmt: skip
    chosen = {name: value for name, value in part.items() if value is not None}
    begun, _ = remote.post("/v1/simulations", {"slice": chosen, "change": supposed})
    answer = _finished(remote, begun)
    say_json(answer) if as_json else say(*_told(answer))
    if answer["state"] != "done":
        raise CommandError(f"{answer['id']} {answer['state']}: {answer['error'] or ''}", WRONG)


def _finished(remote: Remote, answer: dict[str, Any]) -> dict[str, Any]:
    """The simulation at its end; on a terminal with a bar."""
    with progress() as bar:
        task = bar.add_task("deciding again", total=None)
        while answer["state"] in ("queued", "running"):
            time.sleep(LOOK_SECONDS)  # the server works on; it is only looked at
            answer = remote.get(f"/v1/simulations/{answer['id']}")
            stands = answer["progress"]
            bar.update(task, completed=stands["done"], total=stands["total"] or None)
    return answer


def _told(answer: dict[str, Any]) -> list[Any]:
    found = answer["answer"]
    if found is None:
        return []
    decisions = counted(found["decisions"], "decision")
    lines: list[Any] = [
        f"{decisions} made again: [bold]{found['changed']:,}[/bold] changed, "
        f"{found['unchanged']:,} as before{_unknown(found['not_known'])}.",
        f"{counted(found['users_gaining'], 'user')} would have been sent more, "
        f"{counted(found['users_losing'], 'user')} less.",
    ]
    if found["by_channel"]:
        lines += ["", _channels(found["by_channel"])]
    if found["by_reason"]:
        lines += ["", _reasons(found["by_reason"])]
    for example in found["examples"][:3]:
        lines.append(f"[dim]{_example(example)}[/dim]")
    for fact in found["facts"]["missing"]:
        lines.append(f"[yellow]not known: {escape(fact['fact'])} ({fact['count']:,})[/yellow]")
    lines.append(f"[dim]all of it: GET /v1/simulations/{answer['id']}[/dim]")
    return lines


def _unknown(count: int) -> str:
    return f", [yellow]{count:,} not known[/yellow]" if count else ""


def _channels(by_channel: dict[str, dict[str, int]]) -> Table:
    table = _table("channel")
    for name in ("sent", "would be", "gained", "lost", "held", "would be", "digested", "would be",
                 "not known"):  # fmt: skip
        table.add_column(name, justify="right")
    fields = ("sent_before", "sent_after", "gained", "lost", "held_before", "held_after",
              "digested_before", "digested_after", "not_known")  # fmt: skip
    for channel, counts in by_channel.items():
        table.add_row(channel, *[f"{counts[name]:,}" for name in fields])
    return table


def _reasons(rows: list[dict[str, Any]]) -> Table:
    table = _table("channel", "was", "would be")
    table.add_column("", justify="right")
    for row in sorted(rows, key=lambda row: -row["count"])[:SHOWN_REASONS]:
        table.add_row(
            row["channel"], _side(row["before"]), _side(row["after"]), f"{row['count']:,}"
        )
    return table


def _side(side: dict[str, Any]) -> str:
    colour = RESULT_COLOURS.get(side["result"], "white")
    reason = f" ({escape(side['reason'])})" if side["reason"] else ""
    return f"[{colour}]{side['result']}[/{colour}]{reason}"


def _example(example: dict[str, Any]) -> str:
    who, where = example["user"] or "an erased user", example["notification_id"]
    before, after = example["before"]["result"], example["after"]["result"]
    return f"e.g. {escape(who)}, {example['channel']}: {before} -> {after}, see {where}"


def _tried(answer: dict[str, Any]) -> list[Any]:
    table = _table("workflow", "channel", "decided", "reason", "decided by")
    for workflow in answer["workflows"]:
        for step in workflow["channels"]:
            until = f" until {step['until'][:16]}" if step["until"] else ""
            colour = RESULT_COLOURS.get(step["result"], "white")
            table.add_row(
                escape(workflow["workflow"]), step["channel"] or "",
                f"[{colour}]{step['result']}{until}[/{colour}]", escape(step["reason"]),
                escape(step["scope"] or ""),
            )  # fmt: skip
    notes = [f"[dim]{escape(note)}[/dim]" for note in answer["notes"]]
    return [escape(answer["because"]), *(["", table] if answer["workflows"] else []), *notes]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name)
    return table

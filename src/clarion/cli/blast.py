"""`clarion blast`: prepare an event for many, try it, fire it, and keep it in hand."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape
from rich.table import Table

from clarion.cli.client import Remote
from clarion.cli.documents import object_in_file, object_in_option
from clarion.cli.failing import MISUSED, WRONG, CommandError
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import counted, progress, say, say_json

LOOK_SECONDS = 0.3
COLOURS = {"armed": "green", "complete": "green", "refused": "red", "paused": "yellow"}

blast = typer.Typer(
    help="Prepare an event for many, fire it by one flip, pause, resume, cancel.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(metavar="BLAST", help="Its id: blt_7")]
Wait = Annotated[bool, typer.Option("--wait", help="Watch it until it is over.")]


@blast.command("prepare")
def prepare(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The event, as YAML or JSON.")
    ] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Type of event.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="A name for people.")] = None,
    to: Annotated[list[str] | None, typer.Option("--to", help="A user who is told.")] = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="All subscribers of a topic.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="All users.")] = False,
    data: Annotated[str | None, typer.Option("--data", help="As a JSON object.")] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="The tenant.")] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="Only this one.")] = None,
    expires_in: Annotated[
        str | None, typer.Option("--expires-in", help="After firing, e.g. PT24H.")
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", help="Your own id: the same again changes nothing.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Until it is armed or refused.")
    ] = True,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Cut the audience and decide it dry; nothing is sent."""
    recipients: list[Any] = [*(to or ()), *({"topic": one} for one in topic or ())]
    recipients += [{"all": True}] if everybody else []
    given = {
        "type": type_, "name": name, "recipients": recipients or None, "tenant": tenant,
        "data": None if data is None else object_in_option(data), "workflow": workflow,
        "expires_in": expires_in, "id": id_,
    }  # fmt: skip
    body = (object_in_file(file, "type: sale.began") if file is not None else {}) | {
        field: value for field, value in given.items() if value is not None
    }
    if "type" not in body:
        raise CommandError("name the type of event with --type, or a FILE that does", MISUSED)
    remote = Remote(url, key)
    answer, _ = remote.post("/v1/blasts", body)
    if wait:
        answer = _prepared(remote, answer)
    _tell(answer, as_json=as_json)
    if answer["state"] == "refused":
        raise typer.Exit(WRONG)


@blast.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many.")] = 20,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show the newest."""
    page = Remote(url, key).get("/v1/blasts", limit=limit)
    if as_json:
        say_json(page["data"])
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("id", "name", "type", "state", "created"):
        table.add_column(column)
    table.add_column("recipients", justify="right")
    for row in page["data"]:
        table.add_row(
            row["id"], escape(row["name"]), escape(row["type"]), _coloured(row["state"]),
            row["created_at"][:16].replace("T", " "), f"{row['audience']['recipients']:,}",
        )  # fmt: skip
    say(table if page["data"] else "No blast was prepared yet.")


@blast.command("show")
def show(blast: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: AsJson = False) -> None:
    """Show how one stands."""
    _tell(Remote(url, key).get(_path(blast)), as_json=as_json)


@blast.command("test")
def try_(
    blast: Id,
    to: Annotated[list[str], typer.Option("--to", help="A user who gets it; up to 100.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Send it to these users only, now; as often as wanted."""
    answer, _ = Remote(url, key).post(_path(blast, "test"), {"users": to})
    if as_json:
        say_json(answer)
    else:
        say(f"[bold]{answer['event_id']}[/bold] accepted for {counted(len(to), 'user')}")


@blast.command("fire")
def fire(
    blast: Id,
    at: Annotated[str | None, typer.Option("--at", help="Not before this (RFC 3339).")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also when it is done after its expiry.")
    ] = False,
    wait: Wait = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Fire an armed one; twice is once."""
    remote = Remote(url, key)
    answer, _ = remote.post(_path(blast, "fire"), {"at": at, "force": force})
    if wait and answer["state"] != "armed":
        answer = _drained(remote, answer)
    _tell(answer, as_json=as_json)


@blast.command("watch")
def watch(blast: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: AsJson = False) -> None:
    """Watch it while it is prepared, and while it drains; an armed one is only shown."""
    remote = Remote(url, key)
    answer = _prepared(remote, remote.get(_path(blast)))
    if answer["state"] in ("fired", "paused"):
        answer = _drained(remote, answer)
    _tell(answer, as_json=as_json)


@blast.command("pause")
def pause(
    blast: Id,
    by: Annotated[str | None, typer.Option("--by", help="Who pauses it.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Let it stand still: nobody more is decided, nothing more is handed to providers."""
    answer, _ = Remote(url, key).post(_path(blast, "pause"), {"by": by})
    _tell(answer, as_json=as_json)


@blast.command("resume")
def resume(
    blast: Id,
    wait: Wait = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Let it go on where it stands."""
    remote = Remote(url, key)
    answer, _ = remote.post(_path(blast, "resume"), {})
    _tell(_drained(remote, answer) if wait else answer, as_json=as_json)


@blast.command("cancel")
def cancel(blast: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: AsJson = False) -> None:
    """End it; who was told before is said."""
    answer, _ = Remote(url, key).post(_path(blast, "cancel"), {})
    _tell(answer, as_json=as_json)


@blast.command("delete")
def delete(blast: Id, url: Url = DEFAULT_URL, key: Key = None, as_json: AsJson = False) -> None:
    """Remove one that was not fired."""
    Remote(url, key).delete(_path(blast))
    say_json({"deleted": blast}) if as_json else say(f"{escape(blast)} is gone.")


def _path(blast: str, what: str = "") -> str:
    return f"/v1/blasts/{quote(blast, safe='')}" + (f"/{what}" if what else "")


def _prepared(remote: Remote, answer: dict[str, Any]) -> dict[str, Any]:
    """The blast once it is prepared; on a terminal with a bar."""
    with progress() as bar:
        task = bar.add_task("preparing", total=100)
        while answer["state"] == "preparing":
            time.sleep(LOOK_SECONDS)  # the server works on; it is only looked at
            answer = remote.get(_path(answer["id"]))
            stands = answer["progress"]
            said = f"preparing ({stands['recipients']:,})"
            bar.update(task, completed=stands["percent"], description=said)
    return answer


def _drained(remote: Remote, answer: dict[str, Any]) -> dict[str, Any]:
    """The blast once it is over; on a terminal with a bar."""
    with progress() as bar:
        task = bar.add_task("draining", total=answer["audience"]["recipients"] or None)
        while answer["state"] in ("fired", "paused"):
            time.sleep(LOOK_SECONDS)
            answer = remote.get(_path(answer["id"]))
            if event := answer["event"]:
                counts = event["counts"]
                done = counts["recipients"] - counts["open"] - counts["held"]
                bar.update(task, completed=done, description=answer["state"])
            if event is None or (event["balanced"] and answer["state"] == "fired"):
                break
    return answer


def _tell(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(answer)
        return
    name = f" ({escape(answer['name'])})" if answer["name"] else ""
    audience = answer["audience"]
    say(f"[bold]{answer['id']}[/bold]{name}: {_coloured(answer['state'])}")
    if answer["state"] != "preparing":
        told = f"{audience['told']:,} would be told" if answer["event"] is None else ""
        say(", ".join(filter(None, [counted(audience["recipients"], "recipient"), told])))
    if answer["channels"] and answer["event"] is None:
        say(_channels(answer["channels"]))
    if answer["event"] is None:
        for line in _skipped(audience["skipped"], answer["channels"]):
            say(f"[dim]{escape(line)}[/dim]")
    for problem in answer["problems"]:
        say(f"[red]{_trouble(problem)}[/red]")
    for warning in answer["warnings"]:
        say(f"[yellow]{_trouble(warning)}[/yellow]")
    if answer["note"]:
        say(f"[yellow]it was not fired: {escape(answer['note'])}[/yellow]")
    if answer["event"]:
        say(_event(answer["event"]))
    for line in _instants(answer):
        say(f"[dim]{line}[/dim]")
    if answer["state"] == "armed" and not answer["fire_at"] and sys.stdout.isatty():
        say(f"[dim]clarion blast fire {answer['id']}[/dim]")


def _channels(channels: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("channel")
    for column in ("recipients", "destinations", "waits", "skipped", "a second"):
        table.add_column(column, justify="right")
    table.add_column("done at the earliest")
    for name, channel in channels.items():
        rate = channel["rate_per_second"]
        table.add_row(
            name, f"{channel['recipients']:,}", f"{channel['destinations']:,}",
            f"{channel['held'] + channel['gathered']:,}", f"{sum(channel['skipped'].values()):,}",
            "" if rate is None else f"{rate:,g}", (channel["earliest_finish"] or "")[:19],
        )  # fmt: skip
    return table


def _skipped(whole: dict[str, int], channels: dict[str, Any]) -> Iterator[str]:
    """`skipped email: no_consent 999`, and what to do where a file mends it."""
    found = {name: channel["skipped"] for name, channel in channels.items()}
    for name, reasons in {"on all channels": whole, **found}.items():
        most = sorted(reasons.items(), key=lambda one: -one[1])
        if most:
            yield f"skipped {name}: " + ", ".join(f"{reason} {n:,}" for reason, n in most)
    if any("no_consent" in reasons for reasons in found.values()):
        yield "no_consent: they never agreed to get this there; `clarion topics import` brings it"


def _event(event: dict[str, Any]) -> str:
    counts = event["counts"]
    parts = [
        f"{counts[name]:,} {name}"
        for name in ("sent", "skipped", "held", "open", "dead")
        if counts[name]
    ]
    if event["left"]:
        parts.append(f"{event['left']:,} not decided yet")
    ends = [at[:19] for at in (event["estimate"] or {}).values() if at]
    until = f"; until {max(ends)} at the earliest" if ends else ""
    return f"{event['id']} {event['status']}: {', '.join(parts) or 'nothing yet'}{until}"


def _trouble(trouble: dict[str, Any]) -> str:
    where = [
        f"{name} {trouble[name]}"
        for name in ("workflow", "step", "locale", "channel", "account")
        if trouble.get(name) not in (None, "")
    ]
    return escape(trouble["detail"] + (f" ({', '.join(where)})" if where else ""))


def _instants(answer: dict[str, Any]) -> list[str]:
    names = ("armed_at", "fire_at", "fired_at", "paused_at", "expires_at", "canceled_at")
    said = [f"{name[:-3]} {answer[name][:19]}" for name in names if answer[name]]
    if answer["paused_by"]:
        said.append(f"by {escape(answer['paused_by'])}")
    return [", ".join(said)] if said else []


def _coloured(state: str) -> str:
    colour = COLOURS.get(state, "white")
    return f"[{colour}]{state}[/{colour}]"

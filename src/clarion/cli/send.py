"""`clarion send`: send an event to a running server."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer
from rich.markup import escape

from clarion.cli.client import RefusedError, Remote
from clarion.cli.documents import object_in_option
from clarion.cli.failing import WRONG
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import counted, listed, say, say_json
from clarion.core.suggestion import nearest

LOOK_SECONDS = 0.1
WAIT_SECONDS = 60.0

TOLD_ORDER = ("sent", "skipped", "held", "open", "dead")


def send(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Type of event: order.created")],
    to: Annotated[list[str] | None, typer.Option("--to", help="A user who is told.")] = None,
    data: Annotated[str, typer.Option("--data", help="What happened, as a JSON object.")] = "{}",
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="All subscribers of a topic.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="All users.")] = False,
    workflow: Annotated[
        str | None, typer.Option("--workflow", help="Only this one of those that listen.")
    ] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="The tenant.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="The user who did it.")] = None,
    id_: Annotated[
        str | None, typer.Option("--id", help="Your own id: the same again changes nothing.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everybody is told.")] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Send an event."""
    recipients: list[Any] = [*(to or ()), *({"topic": name} for name in topic or ())]
    recipients += [{"all": True}] if everybody else []
    event = {
        "type": type_,
        "id": id_,
        "data": object_in_option(data),
        "recipients": recipients or None,
        "workflow": workflow,
        "tenant": tenant,
        "actor": actor,
    }
    remote = Remote(url, key)
    body = {name: value for name, value in event.items() if value is not None}
    answer, headers = remote.post("/v1/events", body)
    stands = _wait(remote, answer["event_id"]) if wait else None
    if as_json:
        say_json(stands or answer)
    else:
        near = "" if answer["workflows"] else _meant(remote, type_)
        _tell(type_, answer, stands, near, replayed="idempotency-replayed" in headers)
        if stands is not None and stands["counts"]["skipped"] + stands["counts"]["dead"]:
            user = to[0] if to and len(to) == 1 else "USER"
            say(f"[dim]why not? clarion why {answer['event_id']} {escape(user)}[/dim]")
    if stands is not None and stands["status"] not in ("complete", "canceled"):
        raise typer.Exit(WRONG)


def _wait(remote: Remote, event: str) -> dict[str, Any]:
    """How the event stands once it is complete, or when the time is up."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        stands: dict[str, Any] = remote.get(f"/v1/events/{event}")
        if stands["status"] in ("complete", "canceled") or time.monotonic() > until:
            return stands
        time.sleep(LOOK_SECONDS)


def _meant(remote: Remote, type_: str) -> str:
    """The type like this one that a workflow listens to; nothing where the key may not look."""
    try:
        rows = remote.get("/v1/workflows")["data"]
    except RefusedError:
        return ""
    return nearest(type_, [str(row["document"].get("on", "")) for row in rows]) or ""


def _tell(
    type_: str, answer: dict[str, Any], stands: dict[str, Any] | None, near: str, *, replayed: bool
) -> None:
    event = answer["event_id"]
    if replayed:
        say(f"[bold]{event}[/bold] was sent before; nothing was sent again")
    elif not answer["workflows"]:
        hint = f"; did you mean {near}?" if near else ""
        said = f"accepted, but no workflow listens to {type_}: nobody is told{hint}"
        say(f"[bold]{event}[/bold] {escape(said)}")
    else:
        say(f"[bold]{event}[/bold] accepted for {listed(answer['workflows'])}")
    if stands is not None:
        say(in_words(stands))


def in_words(stands: dict[str, Any]) -> str:
    """How an event stands: `complete: 5 recipients, 4 sent, 1 skipped`."""
    counts = stands["counts"]
    parts = [f"{counts[name]:,} {name}" for name in TOLD_ORDER if counts.get(name)]
    recipients = counted(counts["recipients"], "recipient")
    return f"{stands['status']}: {', '.join([recipients, *parts])}"

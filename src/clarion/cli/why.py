"""`clarion why`: why somebody was told, or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape
from rich.table import Table

from clarion.cli.client import Remote
from clarion.cli.options import DEFAULT_URL, AsJson, Key, Url
from clarion.cli.terminal import say, say_json

VERDICTS = {
    "told": ("green", "was told"),
    "partly_told": ("yellow", "was told in part"),
    "waiting": ("cyan", "is still to be told"),
    "silent": ("yellow", "has it in the inbox, silently"),
    "not_known": ("yellow", "may or may not have been told"),
    "not_told": ("red", "was not told"),
    "not_in_audience": ("red", "was not in the audience"),
}
"""Colour and words for each verdict."""

CAPTURED = "captured"
"""The code of a message that was kept here and sent to nobody."""

RESULT_COLOURS = {"send": "green", "skip": "red", "hold": "cyan", "digest": "cyan"}
GATE_COLOURS = {"pass": "green", "skip": "red", "off": "dim", "hold": "cyan", "digest": "cyan"}


def why(
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="evt_..., or the id that you sent it with.")
    ],
    user: Annotated[str, typer.Argument(metavar="USER", help="Whom it is about.")],
    trace: Annotated[bool, typer.Option("--trace", help="Show every gate that was asked.")] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say why a user was told about an event (or a digest), or was not, and what comes next."""
    answer = Remote(url, key).get(f"/v1/events/{quote(event, safe='')}/why", user=user)
    if as_json:
        say_json(answer)
        return
    say(verdict_line(answer), escape(answer["because"]))
    if answer["channels"]:
        say("", _steps(answer))
    if told := list(_provider_words(answer["deliveries"])):
        say("", *told)
    if lines := answer.get("timeline"):
        say("", _timeline(lines))
    if trace:
        for title, lines in _traces(answer["channels"]):
            say("", _trace(title, lines))


def verdict_line(answer: dict[str, Any]) -> str:
    """`ana was told in part`, in the colour of the verdict."""
    colour, words = VERDICTS.get(answer["verdict"], ("white", answer["verdict"]))
    return f"[bold]{escape(answer['user'])}[/bold] [{colour}]{words}[/{colour}]"


def _steps(answer: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("step", "decided", "reason", "decided by", "what became of it"):
        table.add_column(name)
    outcomes = {delivery["id"]: delivery for delivery in answer["deliveries"]}
    for step in answer["channels"]:
        colour = RESULT_COLOURS.get(step["result"], "white")
        until = f" until {step['until_local']}" if step.get("until_local") else ""
        table.add_row(
            _step_name(step),
            f"[{colour}]{escape(step['result'] + until)}[/{colour}]",
            escape(step["reason"]),
            escape(step.get("scope") or ""),
            escape(", ".join(_outcomes(step, outcomes))),
        )
    return table


def _step_name(step: dict[str, Any]) -> str:
    return str(step["channel"] or step.get("wait") or "")


def _outcomes(step: dict[str, Any], outcomes: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What became of a step: of its deliveries, its inbox item, its wait, its digest."""
    if step.get("over"):
        yield "over"
    if digest := step.get("digest"):
        events = "1 event" if digest["count"] == 1 else f"{digest['count']} events"
        yield f"told with {events}" if digest["told_by"] else f"{events} so far"
    if step.get("taken_back_at"):
        yield "taken back"
    if step["channel"] == "inbox" and step["result"] == "send":
        yield "in the inbox" if step.get("alert", True) else "there, without an alert"
    for row in step.get("deliveries", ()):
        yield _became(outcomes.get(row["id"], row))


def _timeline(lines: list[dict[str, Any]]) -> Table:
    """Instants in UTC; what is still to come is marked."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("what happened")
    for line in lines:
        at, text = line["at"][:19].replace("T", " "), escape(line["text"])
        table.add_row(at, f"[cyan]to come: {text}[/cyan]" if line.get("future") else text)
    return table


def _became(delivery: dict[str, Any]) -> str:
    if delivery.get("code") == CAPTURED and delivery["status"] == "sent":
        return CAPTURED
    outcome = delivery.get("outcome")
    told = outcome and outcome != "accepted"
    return f"{delivery['status']} ({outcome})" if told else str(delivery["status"])


def _provider_words(deliveries: list[dict[str, Any]]) -> Iterator[str]:
    """`webhook by hooks: plain http is not allowed ...`, for what was not accepted."""
    for row in deliveries:
        if row.get("detail") and row.get("outcome") != "accepted":
            yield escape(f"{row['channel']} by {row['account']}: {row['detail']}")


def _traces(channels: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Title and lines; steps of a workflow that went the same way share one."""
    found: list[tuple[str, str, list[dict[str, Any]]]] = []
    for channel in channels:
        step = f"step {channel['step']} ({_step_name(channel)})"
        if found and found[-1][0] == channel["workflow"] and found[-1][2] == channel["trace"]:
            found[-1] = (found[-1][0], f"{found[-1][1]}, {step}", channel["trace"])
        else:
            found.append((channel["workflow"], step, channel["trace"]))
    return [(f"{workflow}: {steps}", lines) for workflow, steps, lines in found]


def _trace(title: str, lines: list[dict[str, Any]]) -> Table:
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for name in ("gate", "verdict", "detail"):
        table.add_column(name)
    for line in lines:
        colour = GATE_COLOURS.get(line["verdict"], "white")
        verdict = f"[{colour}]{escape(line['verdict'])}[/{colour}]"
        scope = f" ({line['scope']})" if line.get("scope") else ""
        until = f" until {line['until'][:16]}Z" if line.get("until") else ""
        detail = f"{line['detail']}{scope}{until}"
        table.add_row(line["gate"], verdict, escape(detail))
    return table

"""After the story: who was told what and why not, in the API's own words, and what to try next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from clarion.cli.demo.played import Played
from clarion.cli.terminal import counted
from clarion.cli.why import VERDICTS

SHORT = {
    "told": "told",
    "partly_told": "told in part",
    "silent": "silently",
    "not_known": "not known",
    "not_told": "not told",
    "not_in_audience": "not meant",
    "waiting": "waiting",
}
"""Verdicts in a word or two."""

BUCKETS = ("recipients", "sent", "skipped", "held")
"""What the table of numbers sums of the counts of events."""

_CURL = """\
api() { curl -s "$URL$1" -H "Authorization: Bearer $KEY" \\
        -H 'Content-Type: application/json' "${@:2}"; echo; }"""

_ORDER = """\
api /v1/events -d '{"type": "order.created", "data":
  {"order_number": "2000", "store_id": "42", "items": 3, "deliver_by": "15:10"}}'"""


def told_table(story: Sequence[Played], width: int) -> Table:
    """Who was told what, and why not."""
    table = Table(
        title="Who was told, who was not, and why", title_style="bold", title_justify="left",
        box=None, pad_edge=False, padding=(0, 2, 0, 0), width=width, header_style="dim",
    )  # fmt: skip
    table.add_column("event", no_wrap=True)
    table.add_column("user", no_wrap=True)
    table.add_column("was", no_wrap=True)
    table.add_column("because", ratio=1)
    for played in story:
        for answer in played.answers:
            colour = VERDICTS.get(answer.verdict, ("white", ""))[0]
            verdict = SHORT.get(answer.verdict, answer.verdict)
            mark = "" if answer.as_told else " [red]✗[/red]"
            table.add_row(
                answer.label,
                f"[bold]{escape(answer.user)}[/bold]",
                f"[{colour}]{verdict}[/{colour}]{mark}",
                escape(answer.because),
            )
    return table


def totals_table(story: Sequence[Played], width: int) -> Table:
    """The counts of each act, and of its deliveries by channel."""
    table = Table(
        title="In numbers", title_style="bold", title_justify="left",
        box=None, pad_edge=False, padding=(0, 2, 0, 0), width=width, header_style="dim",
    )  # fmt: skip
    table.add_column("act", ratio=1)
    for name in ("meant", "told", "not", "held", "inbox", "push", "e-mail", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    for played in story:
        counts = [event["counts"] for event in played.stands.values()]
        told = [*played.stands.values(), *played.told_as.values()]
        numbers = [
            *(sum(c.get(name, 0) for c in counts) for name in BUCKETS),
            *(
                sum(e["deliveries"].get(channel, {}).get("sent", 0) for e in told)
                for channel in ("inbox", "push", "email")
            ),
            sum(channel["dead"] for e in told for channel in e["deliveries"].values()),
        ]
        table.add_row(played.title, *(f"{number:,}" if number else "-" for number in numbers))
    return table


def verdict(story: Sequence[Played], audited: str) -> Iterator[str]:
    """The audit's result, the urgent ones' latency, and whether all came out as told."""
    for played in story:
        if played.waited_ms:
            yield (
                f"The slowest one-time password was with its provider after "
                f"[bold]{max(played.waited_ms.values())} ms[/bold], beside a blast that took "
                f"{played.took_ms / 1000:.1f} s."
            )
        if played.note:
            yield f"{played.title}: {played.note}"
    yield audited
    wrong = [miss for played in story for miss in played.misses]
    if not wrong:
        yield "[green]Every act came out as told.[/green]"
        return
    yield f"[red]{counted(len(wrong), 'thing')} came out otherwise than told:[/red]"
    yield from (f"  {escape(miss)}" for miss in wrong)


def watching(link: str, key: str) -> Iterator[str]:
    """Lines that say where the story is seen in a browser: by a link that signs in once, and later
    with the key, to be pasted there."""
    yield "Who is told, who is not, and why; in your browser, by a link that signs in once:"
    yield f"  [bold]{escape(link)}[/bold]"
    yield f"[dim]To sign in again, paste this key: {escape(key)}[/dim]"


def next_steps(url: str, key: str, link: str, story: Sequence[Played]) -> Iterator[str]:
    """Lines with commands to copy: an event, a why, an inbox. They must not be wrapped."""
    muted = next(a for played in story for a in played.answers if a.user == "tomas")
    yield "[bold]Your turn[/bold]"
    yield from watching(link, key)
    yield ""
    yield "The server stays up. In another terminal:"
    yield ""
    yield f"export KEY={key} URL={url}"
    yield escape(_CURL)
    yield ""
    yield "[dim]# send an event: all pickers of store 42 are told[/dim]"
    yield escape(_ORDER)
    yield "[dim]# why was Tomás not told?[/dim]"
    yield f"api '/v1/events/{muted.event_id}/why?user=tomas'"
    yield "[dim]# Mia's inbox, as her browser would read it[/dim]"
    yield escape("TOKEN=$(api /v1/users/mia/token -d '{}' | cut -d'\"' -f4)")
    yield "KEY=$TOKEN api /v1/inbox"
    yield "[dim]# everything else the API can do[/dim]"
    yield "api /openapi.json"
    yield ""
    yield "Nothing has left this machine. Ctrl-C ends the demo and removes all of it."

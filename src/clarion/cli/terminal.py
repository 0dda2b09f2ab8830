"""What commands say: words and tables on stdout, complaints on stderr, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

PLAIN_WIDTH = 100
"""Columns of tables when there is no terminal."""

MOST_WIDTH = 98
"""Columns of a table that would take all there are; longer lines are hard to read."""

NAME = "clarion"


def console() -> Console:
    """Where words go; made anew each time, as stdout may have been replaced."""
    there = sys.stdout.isatty()
    return Console(
        file=sys.stdout, highlight=False, width=None if there else PLAIN_WIDTH, soft_wrap=not there
    )


def fitting(out: Console) -> int:
    """Columns for a table that takes what there is, up to a readable width."""
    return min(MOST_WIDTH, out.width)


def say(*things: RenderableType) -> None:
    """Words (rich markup) and tables, one after the other."""
    out = console()
    for thing in things:
        out.print(thing)


def say_unwrapped(*lines: str) -> None:
    """Lines that stay whole however narrow the terminal is: commands to copy."""
    out = console()
    for line in lines:
        out.print(line, soft_wrap=True)


def say_json(value: Any) -> None:
    """A value as JSON, indented, nothing else on stdout."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def complain(text: str) -> None:
    """Lines on stderr, each led by the program's name."""
    for line in text.splitlines():
        typer.echo(f"{NAME}: {line}", err=True)


def counted(number: int, one: str, many: str = "") -> str:
    """`1 event`, `2,000 events`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sized(size: int) -> str:
    """Bytes as people say them: `812 bytes`, `4.2 MB`."""
    if size < 1000:
        return counted(size, "byte")
    power = min(len(f"{size}") - 1, 9) // 3
    return f"{size / 1000**power:,.1f} {('kB', 'MB', 'GB')[power - 1]}"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = list(words) or [""]
    return f"{', '.join(head)} {joint} {last}" if head else last


def progress() -> Progress:
    """A bar on stderr; shown only on a terminal, and gone when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(file=sys.stderr, highlight=False),
        transient=True,
        disable=not sys.stderr.isatty(),
    )

"""What is seen while the story plays: a live picture on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from clarion.cli.demo.act import Act
from clarion.cli.demo.played import Played
from clarion.cli.demo.stage import LaneLook
from clarion.cli.demo.story import SCENES
from clarion.cli.terminal import MOST_WIDTH, fitting

RATE_SECONDS = 0.4
DRAWINGS_PER_SECOND = 10

BUCKET_WORDS = {"sent": "told", "skipped": "not", "held": "held"}
"""What became of recipients, in a word each."""


class Screen(Protocol):
    """Where the player shows how far it is."""

    def preparing(self, done: int, total: int) -> None:
        """The stage is being set."""
        ...

    def begins(self, number: int, act: Act) -> None:
        """An act begins; the first is number 1."""
        ...

    def looks(self, lanes: Sequence[LaneLook]) -> None:
        """The lanes at this moment."""
        ...

    def tells(self, line: str) -> None:
        """Something happened in the middle of the act."""
        ...

    def ends(self, played: Played) -> None:
        """An act is over."""
        ...

    def close(self) -> None:
        """The story is over."""
        ...


class QuietScreen:
    """Shows nothing."""

    def preparing(self, done: int, total: int) -> None: ...

    def begins(self, number: int, act: Act) -> None: ...

    def looks(self, lanes: Sequence[LaneLook]) -> None: ...

    def tells(self, line: str) -> None: ...

    def ends(self, played: Played) -> None: ...

    def close(self) -> None: ...


class PlainScreen(QuietScreen):
    """A few lines per act."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begins(self, number: int, act: Act) -> None:
        self._console.print(f"\nAct {number} of {SCENES}: {act.title}")
        self._console.print(act.scene)

    def tells(self, line: str) -> None:
        self._console.print(f"  {line}")

    def ends(self, played: Played) -> None:
        self._console.print(summary(played))


class LiveScreen:
    """The acts so far, the one that plays, and the lanes as they fill and drain."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._done: list[RenderableType] = []
        self._now: RenderableType = Text("Setting the stage…")
        self._scene = Text()
        self._lanes: Sequence[LaneLook] = ()
        self._rates: dict[str, tuple[float, int, float]] = {}
        self._live = Live(
            console=console, refresh_per_second=DRAWINGS_PER_SECOND, transient=True,
            get_renderable=self._picture,
        )  # fmt: skip
        self._live.start()

    def preparing(self, done: int, total: int) -> None:
        self._now = Text(f"Setting the stage… {done * 100 // max(total, 1)} %")

    def begins(self, number: int, act: Act) -> None:
        self._scene = Text(act.scene)
        title = f"[bold]Act {number} of {SCENES}: {act.title}[/bold]"
        self._now = Panel(
            self._scene, title=title, title_align="left", width=MOST_WIDTH, padding=(1, 2)
        )

    def tells(self, line: str) -> None:
        self._scene.append(f"\n{line}", style="bold")

    def looks(self, lanes: Sequence[LaneLook]) -> None:
        self._lanes = lanes
        now = time.monotonic()
        for lane in lanes:
            then, taken, rate = self._rates.get(lane.lane, (now - 1, lane.taken, 0.0))
            if lane.taken < taken:
                # Another server counts from zero.
                self._rates[lane.lane] = now, lane.taken, 0.0
            elif now - then >= RATE_SECONDS:
                rate = (lane.taken - taken) / (now - then)
                self._rates[lane.lane] = now, lane.taken, rate
            else:
                self._rates.setdefault(lane.lane, (then, taken, rate))

    def ends(self, played: Played) -> None:
        self._done.append(Text.from_markup(summary(played)))

    def close(self) -> None:
        self._live.stop()

    def _picture(self) -> RenderableType:
        lanes = (Text(), self._lane_table()) if self._lanes else ()
        tail = (Text(), self._now, *lanes, Text())
        return Group(Text(), *self._latest(sum(map(self._height, tail)) + 1), *tail)

    def _latest(self, taken: int) -> list[RenderableType]:
        """The acts that are over, as far as there is room beside `taken` lines; the last ones."""
        room = self._console.height - taken
        found: list[RenderableType] = []
        for one in reversed(self._done):
            room -= self._height(one)
            if room < 0:
                break
            found.append(one)
        return found[::-1]

    def _height(self, thing: RenderableType) -> int:
        return len(self._console.render_lines(thing, pad=False))

    def _lane_table(self) -> Table:
        width = fitting(self._console)
        table = Table(box=None, width=width, header_style="dim", padding=(0, 1))
        table.add_column("lane", width=14)
        for name in ("waiting", "being sent", "sent", "a second", "oldest"):
            table.add_column(name, justify="right", ratio=1)
        for lane in self._lanes:
            rate = self._rates.get(lane.lane, (0, 0, 0.0))[2]
            busy = lane.waiting + lane.sending + lane.tasks > 0
            style = "bold" if busy else "dim"
            oldest = f"{lane.oldest_seconds:.1f} s" if lane.oldest_seconds else "-"
            cells = (lane.waiting, lane.sending, lane.taken, round(rate))
            table.add_row(
                lane.lane, *(f"{cell:,}" if cell else "-" for cell in cells), oldest, style=style
            )
        return table


def summary(played: Played) -> str:
    """A line or two about an act that is over: `✓ An offer … 2,013 told, 126 not, in 1.2 s`."""
    counts = [stands["counts"] for stands in played.stands.values()]
    mark = "[red]✗[/red]" if played.misses else "[green]✓[/green]"
    sums = {name: sum(count.get(name, 0) for count in counts) for name in BUCKET_WORDS}
    parts = [f"{number:,} {BUCKET_WORDS[name]}" for name, number in sums.items() if number]
    line = f"{mark} {played.title}: {', '.join(parts)}, in {played.took_ms / 1000:.1f} s"
    if played.waited_ms:
        slowest = max(played.waited_ms.values())
        line += f"; [bold]the slowest code took {slowest} ms[/bold]"
    if played.note:
        line += f"\n  {played.note}"
    return line

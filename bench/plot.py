"""Bar charts as SVG, readable on light and on dark ground."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

import msgspec

from bench.report import shown

WIDTH = 760
MARGIN = 24
LABELS = 210
VALUES = 96
BAR, GAP, BETWEEN = 18, 6, 16
HEAD, FOOT = 84, 24
DECADES = 3
"""A chart is logarithmic when its values differ by more than so many tens."""
COLOURS = 5

_STYLE = """
  .ground { fill: #ffffff; stroke: #d5dae1; }
  text { font: 13px -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
  text { fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; }
  .faint { fill: #57606a; font-size: 12px; }
  .group { font-weight: 600; }
  .grid { stroke: #e4e8ed; }
  .spread { stroke: #24292f; stroke-width: 1.5; opacity: .55; }
  .target { stroke: #bc2f32; stroke-width: 1.5; stroke-dasharray: 4 3; }
  .mark { fill: #bc2f32; font-size: 12px; }
  .c0 { fill: #2f6feb; } .c1 { fill: #8a94a3; } .c2 { fill: #c27803; }
  .c3 { fill: #6f5bb5; } .c4 { fill: #2c8c6a; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0f1620; stroke: #2f3a48; }
    text { fill: #e6edf3; } .faint { fill: #9aa7b5; }
    .grid { stroke: #253040; } .spread { stroke: #e6edf3; }
    .target { stroke: #ff7b72; } .mark { fill: #ff7b72; }
    .c0 { fill: #5b9bff; } .c1 { fill: #7d8896; } .c2 { fill: #e0a03a; }
    .c3 { fill: #a492ee; } .c4 { fill: #4fbd94; }
  }
"""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One value; `colour` 0 (ours) to 4, `spread` the smallest and largest round. Without a value
    `why` stands in its place."""

    label: str
    value: float | None
    colour: int = 0
    spread: tuple[float, float] | None = None
    why: str = ""


class Group(msgspec.Struct, frozen=True):
    """Bars below a common label (may be empty)."""

    label: str
    bars: tuple[Bar, ...]


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """`note` stands below the title: unit, and which way is better. `target` is a dashed line."""

    title: str
    note: str
    groups: tuple[Group, ...]
    target: float | None = None

    def values_measured(self) -> list[float]:
        """Of all bars."""
        bars = (bar for group in self.groups for bar in group.bars)
        return [bar.value for bar in bars if bar.value is not None]

    def values(self) -> list[float]:
        """All that are to be seen, the target included."""
        found = self.values_measured()
        bars = (bar for group in self.groups for bar in group.bars)
        found += [value for bar in bars if bar.spread for value in bar.spread]
        return [*found, *([self.target] if self.target is not None else [])]


def drawn(chart: Chart) -> str:
    """The chart as a whole SVG document."""
    scale = _Scale(chart.values())
    rows = list(_rows(chart))
    height = HEAD + (rows[-1][0] + BAR if rows else 0) + FOOT
    body = [
        f'<rect class="ground" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        _text(MARGIN, 32, chart.title, "title"),
        _text(MARGIN, 52, chart.note + (", logarithmic" if scale.logarithmic else ""), "faint"),
        *_grid(scale, height),
        *(part for top, one in rows for part in _row(scale, HEAD + top, one)),
        *_target(scale, chart.target, height),
    ]
    lines = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{escape(chart.title, quote=True)}">\n'
        f"<style>{_STYLE}</style>\n{lines}\n</svg>\n"
    )


class _Scale:
    """From a value to a place between the labels and the right margin."""

    def __init__(self, values: list[float]) -> None:
        positive = [value for value in values if value > 0] or [1.0]
        self.most = max(positive)
        self.logarithmic = self.most / min(positive) > 10**DECADES
        self.least = 10 ** math.floor(math.log10(min(positive))) if self.logarithmic else 0.0

    def at(self, value: float) -> float:
        room = WIDTH - 2 * MARGIN - LABELS - VALUES
        if not self.logarithmic:
            return MARGIN + LABELS + room * max(value, 0) / self.most
        span = math.log(self.most / self.least)
        return MARGIN + LABELS + room * math.log(max(value, self.least) / self.least) / span

    def ticks(self) -> list[float]:
        if self.logarithmic:
            first = round(math.log10(self.least))
            return [10.0**n for n in range(first, math.floor(math.log10(self.most)) + 1)]
        step: float = 10 ** math.floor(math.log10(self.most))
        while self.most / step < 3:
            step /= 2
        return [step * n for n in range(int(self.most / step) + 1)]


def _rows(chart: Chart) -> Iterator[tuple[int, Bar | str]]:
    """Heads of groups and bars with how far down they begin."""
    top = 0
    for number, group in enumerate(chart.groups):
        top += BETWEEN if number else 0
        if group.label:
            yield top, group.label
            top += BAR + GAP
        for bar in group.bars:
            yield top, bar
            top += BAR + GAP


def _row(scale: _Scale, top: int, one: Bar | str) -> Iterator[str]:
    line = top + BAR - 5
    if isinstance(one, str):
        yield _text(MARGIN, line, one, "group")
        return
    start = MARGIN + LABELS
    yield _text(start - 10, line, one.label, anchor="end")
    if one.value is None:
        yield _text(start + 6, line, one.why or "not measured", "faint")
        return
    end = scale.at(one.value)
    colour = f"c{one.colour % COLOURS}"
    yield (
        f'<rect class="{colour}" x="{start}" y="{top}" width="{max(end - start, 1):.1f}" '
        f'height="{BAR}" rx="2"/>'
    )
    if one.spread:
        low, high = (scale.at(value) for value in one.spread)
        middle = top + BAR / 2
        yield _line("spread", low, middle, high, middle)
        end = max(end, high)
    yield _text(end + 7, line, shown(one.value))


def _grid(scale: _Scale, height: int) -> Iterator[str]:
    for tick in scale.ticks():
        x = scale.at(tick)
        yield _line("grid", x, HEAD - 8, x, height - FOOT + 4)
        yield _text(x, HEAD - 14, _tick(tick), "faint", anchor="middle")


def _tick(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _target(scale: _Scale, target: float | None, height: int) -> Iterator[str]:
    if target is None:
        return
    x = scale.at(target)
    yield _line("target", x, HEAD - 8, x, height - FOOT + 4)
    words = f"target {shown(target)}"
    yield _text(x, height - FOOT + 16, words, "mark", anchor="middle")


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'

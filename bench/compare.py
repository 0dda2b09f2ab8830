"""Two results of one benchmark beside each other."""

from __future__ import annotations

from bench.report import Report, shown


def compared(first: Report, second: Report) -> str:
    """Lines with each figure of both and the second over the first, and what else differs. `~`
    stands where the rounds of both overlap, so that the difference may be chance."""
    lines = [_differs(first, second)] if _differs(first, second) else []
    lines.append(f"{'figure':44} {'first':>14} {'second':>14} {'ratio':>8}")
    before, after = ({**report.figures, **report.ratios} for report in (first, second))
    for name in (name for name in before if name in after):
        one, other = before[name], after[name]
        ratio = f"{other / one:.2f}" if one else "-"
        mark = " ~" if _overlap(first, second, name) else ""
        lines.append(f"{name:44} {shown(one):>14} {shown(other):>14} {ratio:>8}{mark}")
    for title, names in (
        ("only in the first", before.keys() - after.keys()),
        ("only in the second", after.keys() - before.keys()),
    ):
        if names:
            lines.append(f"{title}: {', '.join(sorted(names))}")
    return "\n".join(lines)


def _differs(first: Report, second: Report) -> str:
    """What makes them hard to compare, as one line; empty when nothing does."""
    found = []
    if first.bench != second.bench:
        found.append(f"benchmark {first.bench} and {second.bench}")
    names = [*first.settings, *(name for name in second.settings if name not in first.settings)]
    for name in names:
        one, other = first.settings.get(name), second.settings.get(name)
        if one != other:
            found.append(f"{name} {one} and {other}")
    if first.machine and second.machine:
        if first.machine.words() != second.machine.words():
            found.append("the machine")
        found += [f"busy: load {m.load}" for m in (first.machine, second.machine) if m.warning()]
    return f"different: {'; '.join(found)}" if found else ""


def _overlap(first: Report, second: Report, name: str) -> bool:
    one, other = first.spread.get(name), second.spread.get(name)
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]

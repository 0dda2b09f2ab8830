"""From results to pages: tables between markers, plots as files, and README's headline."""

from __future__ import annotations

from pathlib import Path

from bench.catalog import runs
from bench.charts import charts
from bench.plot import drawn
from bench.report import Report, decoded
from bench.tables import headline, results_page, targets_table

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "docs" / "benchmarks"
TRIED = ROOT / "build" / "benchmarks"
"""Where short runs go, which are not published."""

BEGIN, END = "<!-- {name}: begin; made by `python -m bench publish` -->", "<!-- {name}: end -->"
_PAGE = f"""# Results of the benchmarks

{BEGIN.format(name="results")}
{END.format(name="results")}
"""


def publish(to: Path | None = None) -> None:
    """Write what `pages` says; plots that have no values any more go."""
    folder = to or PUBLISHED
    made = pages(folder)
    for path in folder.glob("*.svg"):
        if path not in made:
            path.unlink()
    for path, text in made.items():
        path.write_text(text, "utf-8")


def pages(folder: Path) -> dict[Path, str]:
    """Every file that follows from the results in `folder`, as it should be. Those outside are
    among them only for the published folder."""
    results = read(folder / "results")
    plots = charts(results)
    made = {folder / f"{name}.svg": drawn(chart) for name, chart in plots.items()}
    page = folder / "README.md"
    before = page.read_text("utf-8") if page.exists() else _PAGE
    made[page] = between(before, "results", results_page(results, plots))
    if folder == PUBLISHED:
        for path, name, text in (
            (ROOT / "README.md", "headline", headline(results)),
            (ROOT / "docs" / "performance.md", "targets", targets_table(results)),
        ):
            made[path] = between(path.read_text("utf-8"), name, text)
    return made


def read(folder: Path) -> dict[str, Report]:
    """Results that are there, by name of the run, in the order in which they are told."""
    found = {run.name: folder / f"{run.name}.json" for run in runs()}
    return {name: decoded(path.read_bytes()) for name, path in found.items() if path.exists()}


def between(text: str, name: str, inner: str) -> str:
    """The text with `inner` between the markers of that name; ValueError without them."""
    begin, end = (mark.format(name=name) for mark in (BEGIN, END))
    head, found, rest = text.partition(begin)
    _, also, tail = rest.partition(end)
    if not found or not also:
        raise ValueError(f"no place for `{name}`: put {begin} and {end} on lines of their own")
    return f"{head}{begin}\n{inner.strip()}\n{end}{tail}"

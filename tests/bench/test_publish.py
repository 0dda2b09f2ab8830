from pathlib import Path

import pytest

from bench.publish import PUBLISHED, between, pages, publish
from tests.bench.builders import a_report

MENDED_BY = "run `python -m bench publish` and commit what it writes"


def test_readme_and_docs_say_what_the_results_say() -> None:
    made = pages(PUBLISHED)
    stale = [path.name for path, text in made.items() if not path.exists() or _read(path) != text]
    assert stale == [], MENDED_BY


def test_there_is_no_plot_without_results() -> None:
    drawn = {path.name for path in pages(PUBLISHED) if path.suffix == ".svg"}
    assert {path.name for path in PUBLISHED.glob("*.svg")} == drawn, MENDED_BY


def _read(path: Path) -> str:
    return path.read_text("utf-8")


def test_text_between_markers_is_replaced_and_nothing_else() -> None:
    marks = ("<!-- x: begin; made by `python -m bench publish` -->", "<!-- x: end -->")
    text = f"before\n{marks[0]}\nold\n{marks[1]}\nafter\n"
    new = between(text, "x", "new\n")
    assert new == f"before\n{marks[0]}\nnew\n{marks[1]}\nafter\n"
    assert between(new, "x", "new") == new


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for `x`"):
        between("nothing here", "x", "new")


def test_results_elsewhere_make_a_page_there_and_touch_nothing_else(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    report = a_report("decide", figures={"all_gates_us_median": 9.5})
    (results / "decide.json").write_bytes(report.encoded())
    (tmp_path / "old.svg").write_text("a plot of nothing")
    publish(tmp_path)
    assert {path.name for path in tmp_path.glob("*.*")} == {"README.md", "decide.svg"}
    assert "**9.50 µs**, reached" in (tmp_path / "README.md").read_text()
    assert "![One decision](decide.svg)" in (tmp_path / "README.md").read_text()

"""The dashboard that is shipped: about metrics that there are, on any data source."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.promql import mistakes, selected

FILE = Path(__file__).parents[2] / "deploy" / "grafana" / "clarion.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
PANELS: list[dict[str, Any]] = DOCUMENT["panels"]
SHOWN = [panel for panel in PANELS if panel["type"] != "row"]
COLUMNS = 24


@pytest.mark.parametrize("panel", SHOWN, ids=lambda panel: panel["title"])
def test_a_panel_asks_for_metrics_and_labels_that_there_are(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == "${datasource}"
        assert mistakes(target["expr"], {}) == []
        shown = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))
        assert all(label in target["expr"] for label in shown)


@pytest.mark.parametrize("panel", SHOWN, ids=lambda panel: panel["title"])
def test_a_panel_explains_itself(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_the_rows_tell_what_is_wrong_first() -> None:
    rows = [panel["title"] for panel in PANELS if panel["type"] == "row"]
    assert rows == [
        "What is wrong now", "Lanes", "Providers", "Decisions", "Delivery latency", "Store",
        "Realtime",
    ]  # fmt: skip


def test_panels_fill_the_page_and_none_covers_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    bottom = max(y for _, y in taken) + 1
    assert len(taken) == COLUMNS * bottom
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_data_source_job_and_account_are_chosen_above() -> None:
    variables = {variable["name"]: variable for variable in DOCUMENT["templating"]["list"]}
    assert list(variables) == ["datasource", "job", "provider"]
    assert variables["datasource"]["query"] == "prometheus"
    for name in ("job", "provider"):
        query = variables[name]["query"]["query"].partition("(")[2].partition(",")[0]
        assert mistakes(query, {}) == []
        assert f"${name}" in FILE.read_text("utf-8")
    for annotation in DOCUMENT["annotations"]["list"]:
        named = selected(annotation["expr"])
        assert all(mistakes(one.metric, {}) == [] for one in named)

"""The rules that are shipped: sound, and about metrics that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.promql import grouped_by, labels_of, mistakes, selected
from tests.test_tidy import anchors_of

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "prometheus" / "clarion-rules.yml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
RULES: list[dict[str, Any]] = [rule for group in DOCUMENT["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {
    rule["record"]: frozenset(grouped_by(rule["expr"])) - {"le"}
    for rule in RULES
    if "record" in rule
}


def test_a_reader_of_expressions_finds_what_is_wrong() -> None:
    queue = "clarion_queue_depth"
    assert mistakes(f'max by (lane) ({queue}{{queue="held"}})', {}) == []
    assert mistakes(f"sum by (lane) ({queue})", {}) == [
        f"{queue} is told by every process; take max, not sum"
    ]
    assert mistakes(f"max by (user) ({queue})", {}) == ["grouped by user, which nothing has"]
    assert mistakes(f'max({queue}{{user="a"}})', {}) == [f"{queue} has no label user"]
    assert mistakes("rate(clarion_gone_total[5m])", {}) == ["clarion_gone_total is no metric"]
    assert mistakes("sum(max by (lane) (clarion_queue_depth))", {}) == []
    names = [one.metric for one in selected("a:b:c > 3 * time() and rate(x_bucket[5m])")]
    assert names == ["a:b:c", "x_bucket"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_an_expression_names_metrics_and_labels_that_there_are(rule: dict[str, Any]) -> None:
    assert selected(rule["expr"]) != []
    assert mistakes(rule["expr"], RECORDED) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_series_that_is_recorded_elsewhere_keeps_out_of_our_names(rule: dict[str, Any]) -> None:
    if "record" in rule:
        assert re.fullmatch(r"clarion:[a-z_]+:[a-z0-9_]+", rule["record"])
        assert labels_of(rule["record"]) is None
    else:
        assert re.fullmatch(r"Clarion[A-Z][A-Za-z]+", rule["alert"])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert told["summary"]
    assert told["description"].endswith(".")
    page, _, anchor = told["runbook_url"].partition("#")
    assert (ROOT / page).is_file()
    assert not anchor or anchor in anchors_of(ROOT / page)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_what_an_alert_shows_is_left_of_its_labels(rule: dict[str, Any]) -> None:
    shown = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
    kept = grouped_by(rule["expr"])
    for one in selected(rule["expr"]):
        kept |= RECORDED.get(one.metric, frozenset())
    assert shown - kept == set()


def test_names_are_given_once() -> None:
    names = [rule.get("alert") or rule["record"] for rule in RULES]
    assert len({*names}) == len(names)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", str(FILE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    cases = ROOT / "tests" / "deploy" / "clarion-rules-test.yml"
    done = subprocess.run(["promtool", "test", "rules", str(cases)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

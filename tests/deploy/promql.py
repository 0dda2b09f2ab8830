"""As much of PromQL as is needed to hold an expression against the list of metrics: which ones it
names, with which labels, below which aggregations."""

from __future__ import annotations

import re
from typing import NamedTuple

from clarion.telemetry import described

FUNCTIONS = frozenset(
    {
        "rate", "increase", "histogram_quantile", "absent", "time", "vector", "changes", "by",
        "without", "on", "ignoring", "and", "or", "unless", "bool", "offset", "group_left",
        "group_right", "sum", "max", "min", "avg", "count", "topk",
    }
)  # fmt: skip
AGGREGATIONS = frozenset({"sum", "max", "min", "avg", "count", "topk"})
OF_THE_SCRAPER = frozenset({"job", "instance", "process"})
"""Labels that every sample has, or may have."""

UP = "up"
"""The scraper's own: 1 where a target answered."""

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"(?<![\w:$])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"\s*(\w+)\s*(?:=~|!~|!=|=)")
_RANGE = re.compile(r"\[[^\]]*\]")


class Selected(NamedTuple):
    """A metric of an expression, the labels it is filtered by, and the innermost aggregation."""

    metric: str
    labels: frozenset[str]
    aggregation: str


def grouped_by(expression: str) -> set[str]:
    """Labels that anything is grouped or matched by."""
    found = _GROUPING.findall(_TEXT.sub('""', expression))
    return {label.strip() for text in found for label in text.split(",") if label.strip()}


def selected(expression: str) -> list[Selected]:
    """All metrics of an expression."""
    plain = _RANGE.sub("", _GROUPING.sub(_blank, _TEXT.sub('""', expression)))
    found = []
    for match in _SELECTOR.finditer(plain):
        name, matchers = match.groups()
        if name in FUNCTIONS or name == "ALERTS":
            continue
        labels = frozenset(_MATCHER.findall(matchers or ""))
        found.append(Selected(name, labels, _aggregation(plain[: match.start()])))
    return found


def labels_of(metric: str) -> frozenset[str] | None:
    """Labels of a metric as a sample has them; None when there is no such metric."""
    if metric == UP:
        return OF_THE_SCRAPER
    for known in described:
        suffixes = ("_bucket", "_sum", "_count") if known.kind == "histogram" else ("",)
        if metric in {known.name + suffix for suffix in suffixes}:
            more = {"le"} if metric.endswith("_bucket") else set()
            return frozenset(known.labels) | more | OF_THE_SCRAPER
    return None


def is_shared(metric: str) -> bool:
    """Whether every process tells the same of it."""
    return any(known.shared for known in described if known.name == metric)


def mistakes(expression: str, recorded: dict[str, frozenset[str]]) -> list[str]:
    """What is wrong with an expression; `recorded` are the labels of recorded series."""
    wrong, known = [], set[str]()
    for one in selected(expression):
        labels = recorded.get(one.metric, labels_of(one.metric))
        if labels is None:
            wrong.append(f"{one.metric} is no metric")
            continue
        known |= labels
        wrong += [f"{one.metric} has no label {label}" for label in sorted(one.labels - labels)]
        if is_shared(one.metric) and one.aggregation == "sum":
            wrong.append(f"{one.metric} is told by every process; take max, not sum")
    wrong += [f"grouped by {label}, which nothing has" for label in grouped_by(expression) - known]
    return wrong


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _aggregation(before: str) -> str:
    """The innermost aggregation whose bracket is still open."""
    depth = 0
    for place in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[place], 0)
        if depth < 0:
            word = re.search(r"(\w+)\s*$", before[:place])
            if word and word[1] in AGGREGATIONS:
                return word[1]
            depth = 0
    return ""

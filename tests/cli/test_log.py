from __future__ import annotations

import json
import logging
import sys

import pytest

from clarion.cli.log import JsonLines, PlainLines, logged


def _record(exc_info: bool = False) -> logging.LogRecord:
    info = sys.exc_info() if exc_info else None
    record = logging.LogRecord("clarion.deliver", 30, "x", 1, "%d waited", (3,), info)
    record.created = 1767323045.5
    return record


def test_json_lines_hold_instant_level_room_and_message() -> None:
    assert json.loads(JsonLines().format(_record())) == {
        "timestamp": "2026-01-02T03:04:05.500000Z",
        "severity": "warning",
        "room": "deliver",
        "message": "3 waited",
    }


def test_a_traceback_stays_on_one_json_line() -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        line = JsonLines().format(_record(exc_info=True))
    assert "\n" not in line
    assert "ValueError: odd" in json.loads(line)["traceback"]


def test_what_a_server_says_of_itself_is_a_line_of_a_json_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "clarion.server"):
        assert logged("json", "Clarion is up")
        assert not logged("console", "Clarion is up, said to people")
    assert [(row.name, row.getMessage()) for row in caplog.records] == [
        ("clarion.server", "Clarion is up")
    ]


def test_plain_lines_are_short() -> None:
    assert PlainLines().format(_record()).endswith(" warning deliver: 3 waited")

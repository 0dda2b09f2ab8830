from __future__ import annotations

import logging

import pytest

from clarion.errors import UnavailableError
from clarion.pipeline.outage import Outage

AWAY = UnavailableError("the database cannot be reached")


class Watch:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def seconds(self) -> float:
        return self.now


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    rows = [row for row in caplog.records if row.levelno >= logging.WARNING]
    caplog.clear()
    return [row.getMessage() for row in rows]


def test_an_outage_is_told_at_its_start_each_minute_and_at_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch = Watch()
    outage = Outage(watch.seconds)
    for who in ("fanout", "ready", "held"):
        outage.met(who, who, AWAY)
    assert told(caplog) == ["fanout waits for the store: the database cannot be reached"]
    for _ in range(100):
        watch.now += 1
        for who in ("fanout", "ready", "held"):
            outage.met(who, who, AWAY)
    (minute,) = told(caplog)
    assert minute.startswith("the store has been away for 60 s, fanout waits")
    outage.over("fanout")
    outage.over("ready")
    assert told(caplog) == []
    outage.over("held")
    assert told(caplog) == ["the store is back after 100 s"]


def test_what_never_waited_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(Watch().seconds)
    outage.over("fanout")
    assert told(caplog) == []


def test_a_second_outage_is_told_anew(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(Watch().seconds)
    for _ in range(2):
        outage.met("fanout", "fanout", AWAY)
        outage.over("fanout")
    assert [line.split()[0] for line in told(caplog)] == ["fanout", "the", "fanout", "the"]

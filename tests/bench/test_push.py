import os
from collections.abc import Mapping

import pytest

from bench.peers.contract import Cell
from bench.peers.ours import Clarion
from bench.provider import Provider
from bench.push import FULL, SHORT, Measured, everybody, folded, measure, report_of
from bench.report import DONE, FAILED, Report, Rounds


class _Vendor(Provider, frozen=True, kw_only=True):
    """A provider that was asked as often as its list is long."""

    asked: list[str]

    async def posts(self) -> int:
        return len(self.asked)

    def cpu_seconds(self) -> float:
        return 0.0


class _Told:
    """Posts so often for an event, then says that so many outcomes are recorded."""

    def __init__(self, vendor: _Vendor, *, posts: int, recorded: int) -> None:
        self._vendor = vendor
        self._posts = posts
        self._recorded = recorded

    async def send(self, event: str, recipients: int) -> None:
        self._vendor.asked.extend([event] * self._posts)

    async def recorded(self, event: str) -> int:
        return self._recorded

    def trees(self) -> Mapping[str, list[int]]:
        return {"app": [os.getpid()], "queue": []}


CELL = Cell(workers=1, latency_ms=0, recipients=50)


@pytest.fixture
def vendor() -> _Vendor:
    return _Vendor(port=1, pid=os.getpid(), asked=[])


async def test_the_work_is_done_when_the_provider_was_asked_and_all_is_recorded(
    vendor: _Vendor,
) -> None:
    told = _Told(vendor, posts=49, recorded=50)
    assert (await measure(told, CELL, vendor, os.getpid())).deliveries == 49


async def test_telling_somebody_twice_is_an_error(vendor: _Vendor) -> None:
    with pytest.raises(RuntimeError, match="50 posts where 49 were due"):
        await measure(_Told(vendor, posts=50, recorded=50), CELL, vendor, os.getpid())


@pytest.mark.parametrize(("posts", "recorded"), [(48, 50), (49, 48)])
async def test_what_is_not_done_in_time_is_an_error(
    vendor: _Vendor, posts: int, recorded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.push.LIMIT_SECONDS", 0.05)
    with pytest.raises(RuntimeError, match=r"48 .* of"):
        await measure(_Told(vendor, posts=posts, recorded=recorded), CELL, vendor, os.getpid())


def test_a_rate_is_of_deliveries_and_the_provider_is_no_part_of_the_sum() -> None:
    one = Measured(
        deliveries=1_000, seconds=2.0, app=0.1, queue=0.02, database=0.03, provider=0.5
    )  # fmt: skip
    figures = one.figures()
    assert figures["deliveries_per_second"] == 500
    assert figures["cpu_microseconds"] == pytest.approx(150)
    assert figures["provider_cpu_microseconds"] == pytest.approx(500)


def test_a_setting_that_holds_for_all_cells_is_told_once() -> None:
    told = {
        "workers_1_latency_0": {"queue": "on", "in_flight": "1"},
        "workers_2_latency_0": {"queue": "on", "in_flight": "2"},
    }
    assert folded(told) == {
        "queue": "on",
        "in_flight": "workers_1_latency_0: 1; workers_2_latency_0: 2",
    }


def test_everybody_who_is_planned_is_there() -> None:
    names = [one.name for one in everybody()]
    assert set(FULL.systems) == set(names)
    assert set(SHORT.systems) < set(names)
    assert names[0] == "clarion"


def _reported(missing: dict[str, str]) -> Report:
    rounds = Rounds()
    rounds.add({"clarion_workers_1_latency_0_deliveries_per_second": 10.0, "vs_bullmq": 2.0})
    return report_of(SHORT, [Clarion()], rounds, missing)


def test_ratios_are_told_apart_from_figures() -> None:
    report = _reported({})
    assert list(report.ratios) == ["vs_bullmq"]
    assert list(report.figures) == ["clarion_workers_1_latency_0_deliveries_per_second"]
    assert report.settings["clarion_bus"] == "inproc"


def test_a_peer_that_failed_is_left_out_and_our_own_failure_fails_the_run() -> None:
    peer = {"celery_workers_1_latency_0": "RuntimeError: 3 posts of 5 in time"}
    assert _reported(peer).status == DONE
    ours = {"clarion_workers_1_latency_0": "RuntimeError: 6 posts where 5 were due"}
    assert _reported(ours).status == FAILED
    assert "6 posts" in _reported(ours).why

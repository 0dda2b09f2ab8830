from collections.abc import Mapping

import pytest

from bench.peers.contract import Cell
from bench.provider import Provider, provider
from bench.push import FULL, SHORT, Measured, everybody, folded, measure


class _Careless:
    """Answers at once, whatever was asked: records `outcomes`, posts nothing."""

    def __init__(self, outcomes: int) -> None:
        self._outcomes = outcomes

    async def send(self, event: str, recipients: int) -> None:
        assert recipients

    async def recorded(self, event: str) -> int:
        return self._outcomes

    def trees(self) -> Mapping[str, list[int]]:
        return {"app": [], "queue": []}


class _Told(_Careless):
    """Posts so often, then says that everything is recorded."""

    def __init__(self, vendor: Provider, posts: int) -> None:
        super().__init__(50)
        self._vendor = vendor
        self._posts = posts

    async def send(self, event: str, recipients: int) -> None:
        client = self._vendor.client()
        for _ in range(self._posts):
            await client.ask("POST", "/v1/projects/bench/messages:send", {})


CELL = Cell(workers=1, latency_ms=0, recipients=50)


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


def test_the_work_is_done_when_the_provider_was_asked_and_all_is_recorded() -> None:
    ...

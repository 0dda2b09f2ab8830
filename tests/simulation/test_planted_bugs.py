"""The simulation is worth its time only if it finds what is wrong: mistakes planted one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from clarion.core.states import DeliveryStatus
from clarion.pipeline import drafts
from clarion.pipeline.deliver import Dispatcher
from clarion.pipeline.hindsight import Hindsight
from clarion.pipeline.keepers.rescuer import Rescuer
from clarion.pipeline.lease import Lease
from clarion.pipeline.material import Material
from clarion.store.contract.broadcasts import Broadcast
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.work import PageWrite, Task
from clarion.store.sql import blasts, people_erase
from clarion.store.sql import deliveries as sql_deliveries
from clarion.store.sql.tx import Tx
from clarion.store.sql.work import SqlWork
from clarion.store.sqlite import connection
from clarion.testing.simulation import play, weather
from clarion.testing.simulation.weather import Weather

SEEDS_LOOKED_AT = 5_000


def found(within: int, where: Callable[[Weather], bool]) -> set[str]:
    """What is violated in the first world of this weather where anything is."""
    for seed in _seeds(within, where):
        violated = {violation.name for violation in play(seed).violations}
        if violated:
            return violated
    return set()


def _seeds(count: int, where: Callable[[Weather], bool]) -> Iterator[int]:
    fitting = (seed for seed in range(SEEDS_LOOKED_AT) if where(weather(seed)))
    for seed, _ in zip(fitting, range(count), strict=False):
        yield seed


def test_a_finish_without_a_look_at_the_fence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = connection.query

    def unfenced(name: str) -> str:
        text = honest(name).replace("and r.fence = j.value ->> 1", "")
        return text.replace("and ready.fence = j.fence", "")

    monkeypatch.setattr(connection, "query", unfenced)
    assert found(60, lambda sky: sky.cluster and sky.freezes_long)


def test_a_rescuer_that_repeats_what_may_go_once_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Rescuer._finish

    def careless(self: Rescuer, material: Material) -> Finish:
        finish = honest(self, material)
        if finish.status is not DeliveryStatus.UNKNOWN:
            return finish
        return msgspec.structs.replace(finish, status=DeliveryStatus.READY, cause=None)

    monkeypatch.setattr(Rescuer, "_finish", careless)
    violated = found(40, lambda sky: sky.crash_at_vendor > 0.02)
    assert "at most once means it" in violated


def test_a_rescue_that_begins_a_task_anew_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgetful(self: SqlWork, dead: list[int]) -> int:
        async def work(tx: Tx) -> int:
            rows = await tx.composed(
                "update task set state = 0, worker = 0, cursor = 0 where state = 1 and worker in "
                f"({','.join(map(str, dead)) or 0}) returning task",
                [],
            )
            return len(rows)

        return await self._executor.write(work, 0)

    monkeypatch.setattr(SqlWork, "rescue_tasks", forgetful)
    violated = found(60, lambda sky: sky.crash_at_store > 0.004)
    assert "nothing goes back" in violated


@pytest.mark.timeout(240)
def test_a_send_under_a_claim_that_was_taken_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lease, "holds", lambda self, _worker: self.valid)
    assert found(150, lambda sky: sky.cluster and sky.freezes_long)


@pytest.mark.timeout(240)
def test_a_send_without_a_lease_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lease, "holds", lambda _self, _worker: True)
    assert found(150, lambda sky: sky.cluster and sky.freezes_long)


def test_a_claim_that_is_forgotten_with_its_answer_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Dispatcher, "_doubts", False)
    violated = found(30, lambda sky: sky.store_forgets > 0.02)
    assert "the queue drains" in violated


def test_an_id_that_is_not_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = drafts.draft

    def keyless(*arguments: Any, **options: Any) -> drafts.Draft:
        return msgspec.structs.replace(honest(*arguments, **options), keys=())

    monkeypatch.setattr("clarion.pipeline.accept.draft", keyless)
    violated = found(20, lambda sky: sky.answers_lost > 0.1)
    assert "an event is there once" in violated


def test_a_page_that_takes_the_last_one_for_the_end_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = SqlWork.audience

    async def short(self: SqlWork, task: Task, after: int, limit: int) -> list[int]:
        return (await honest(self, task, after, limit))[: limit - 1]

    monkeypatch.setattr(SqlWork, "audience", short)
    assert "everybody is considered once" in found(20, lambda _: True)


def test_a_claim_that_passes_over_its_expiry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = sql_deliveries._claim

    def timeless(row: tuple[Any, ...]) -> Claim:
        return msgspec.structs.replace(honest(row), expires_at=None)

    monkeypatch.setattr(sql_deliveries, "_claim", timeless)
    assert "nothing leaves after its expiry" in found(30, lambda sky: sky.vendor_trouble > 0.2)


def test_a_look_that_passes_by_what_it_did_not_decide_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = Hindsight.decided

    async def hasty(
        self: Hindsight, env: int, wanted: Sequence[tuple[Broadcast, Sequence[int]]]
    ) -> PageWrite:
        return await honest(self, env, wanted[:1])

    monkeypatch.setattr(Hindsight, "decided", hasty)
    assert "members are told" in found(40, lambda _: True)


def test_an_erasure_that_forgets_who_was_a_member_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def forgetful(_tx: Tx, _env: int, _user: int) -> None:
        return None

    monkeypatch.setattr(people_erase, "mark_erased", forgetful)
    assert "the ledger balances" in found(40, lambda _: True)


@pytest.mark.timeout(240)
def test_a_pause_that_nobody_looks_at_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Dispatcher._cannot_go

    def hasty(self: Dispatcher, material: Material) -> Finish | None:
        if material.event is not None:
            material.event = msgspec.structs.replace(material.event, paused_at=None)
        return honest(self, material)

    async def in_sight(tx: Tx, env: int, blast: int, limit: int, now: int) -> int:
        return 0

    monkeypatch.setattr(Dispatcher, "_cannot_go", hasty)
    monkeypatch.setattr(blasts, "_park", in_sight)
    violated = (violation.name for seed in range(176, 300) for violation in play(seed).violations)
    assert next(violated, None) == "nothing leaves while it stands still"

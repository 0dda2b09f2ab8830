from __future__ import annotations

import asyncio

import pytest

from clarion.errors import UnavailableError
from clarion.pipeline.gauges import Gauges
from clarion.store.contract.replica import GONE, EntityKind, StateWrite
from clarion.telemetry import exposition
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL, a_note


def told(name: str, **labels: str) -> float | None:
    """Value of a gauge as it is exposed."""
    tags = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    sample = f"{name}{{{tags}}} " if tags else f"{name} "
    for line in exposition().decode().splitlines():
        if line.startswith(sample):
            return float(line.rpartition(" ")[2])
    return None


async def test_the_gauges_tell_what_waits_and_how_long(embedded: Embedded) -> None:
    gauges = Gauges(embedded.server.store, embedded.clock)
    await embedded.workflow("mail", MAIL, category="social")
    await a_note(embedded, category="marketing")
    await embedded.user("ana", email="ana@example.org")
    await embedded.hold("ready")
    await embedded.hold("fanout")
    mail = await embedded.send("mail", "ana")
    note = await embedded.send("note", {"all": True})
    embedded.clock.advance(7)
    await gauges.set()
    assert told("clarion_queue_depth", queue="ready", lane="social") == 1
    assert told("clarion_queue_depth", queue="tasks", lane="bulk") == 1
    assert told("clarion_queue_oldest_age_seconds", lane="social") == 7.0
    assert told("clarion_queue_oldest_age_seconds", lane="critical") == 0.0
    embedded.release("ready")
    embedded.release("fanout")
    await embedded.settled(mail)
    await embedded.settled(note)
    await gauges.set()
    assert told("clarion_queue_depth", queue="ready", lane="social") == 0
    assert told("clarion_queue_depth", queue="tasks", lane="bulk") == 0
    assert told("clarion_queue_oldest_age_seconds", lane="social") == 0.0


async def test_the_gauges_tell_what_is_held_and_what_of_it_is_late(embedded: Embedded) -> None:
    gauges = Gauges(embedded.server.store, embedded.clock)
    await embedded.workflow("mail", {"delay": "PT1H"}, MAIL, category="social")
    await embedded.user("ana", email="ana@example.org")
    event = await embedded.send("mail", "ana")
    await embedded.quiet()
    await gauges.set()
    assert told("clarion_queue_depth", queue="held", lane="social") == 1
    assert told("clarion_queue_depth", queue="held", lane="bulk") == 0
    assert told("clarion_held_overdue_seconds", lane="social") == 0.0
    await embedded.hold("held")
    await embedded.advance(3605)
    await gauges.set()
    assert told("clarion_held_overdue_seconds", lane="social") == 5.0
    embedded.release("held")
    await embedded.settled(event)
    await gauges.set()
    assert told("clarion_queue_depth", queue="held", lane="social") == 0


async def test_the_gauges_tell_what_flows_in(embedded: Embedded) -> None:
    gauges = Gauges(embedded.server.store, embedded.clock)
    for loop in embedded.server.core.loops:
        if loop.name == "state":
            await loop.stop()
    state = StateWrite(kind=EntityKind.TOPIC, version=1, body=GONE, id="doc:9")
    await embedded.server.store.replica.accept(embedded.env, [state], embedded.clock.now())
    embedded.clock.advance(7)
    await gauges.set()
    assert told("clarion_states_waiting", entity="topic", state="waiting") == 1
    assert told("clarion_states_waiting", entity="user", state="waiting") == 0
    assert told("clarion_states_oldest_age_seconds", entity="topic") == 7.0


async def test_without_a_store_no_old_number_is_told(embedded: Embedded) -> None:
    gauges = Gauges(embedded.server.store, embedded.clock)
    await gauges.set()
    assert told("clarion_queue_depth", queue="ready", lane="bulk") == 0
    assert told("clarion_store_up") == told("clarion_ready") == 1
    await embedded.stop()
    await gauges.set()
    assert told("clarion_queue_depth", queue="ready", lane="bulk") is None
    assert told("clarion_store_up") == told("clarion_ready") == 0
    await embedded.restart()


async def test_a_store_that_is_read_but_takes_no_writes_is_up_and_not_ready(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(now: int) -> None:
        raise UnavailableError("the disk is full")

    store = embedded.server.store
    gauges = Gauges(store, embedded.clock)
    monkeypatch.setattr(store, "check", check)
    await gauges.set()
    assert (told("clarion_store_up"), told("clarion_ready")) == (1, 0)
    assert told("clarion_queue_depth", queue="ready", lane="bulk") == 0


async def test_a_store_that_does_not_answer_in_time_does_not_hold_up_the_metrics(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(now: int) -> None:
        await asyncio.Event().wait()

    store = embedded.server.store
    monkeypatch.setattr(store, "check", check)
    monkeypatch.setattr("clarion.pipeline.gauges.ANSWER_SECONDS", 0.2)
    await Gauges(store, embedded.clock).set()
    assert (told("clarion_store_up"), told("clarion_ready")) == (1, 0)

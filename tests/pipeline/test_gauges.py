from __future__ import annotations

from clarion.pipeline.gauges import Gauges
from clarion.store.contract.replica import GONE, EntityKind, StateWrite
from clarion.telemetry import exposition
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL, a_note


def told(name: str, **labels: str) -> float | None:
    """Value of a gauge as it is exposed."""
    tags = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    for line in exposition().decode().splitlines():
        if line.startswith(f"{name}{{{tags}}} "):
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
    await embedded.stop()
    await gauges.set()
    assert told("clarion_queue_depth", queue="ready", lane="bulk") is None
    await embedded.restart()

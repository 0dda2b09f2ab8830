import pytest

from clarion.clock import SECOND
from clarion.core.caps import CapAsk, CapScope
from clarion.core.workflow import Channel
from clarion.pipeline.keepers.pruner import IDLE_SECONDS, Pruner
from clarion.store.contract.law import SuppressionWrite
from clarion.store.contract.replica import GONE, EntityKind, StateWrite
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note


async def test_what_has_had_its_time_goes(embedded: Embedded) -> None:
    await embedded.hold("keeper")
    ada = await embedded.user("ada")
    dedupe = {"key": "data.comment", "window": "PT1M"}
    await a_note(embedded, dedupe=dedupe, expires_in="PT2M")
    await embedded.told("note", "ada")
    pruner = Pruner(embedded.server.store, embedded.server.bus, embedded.clock)
    assert await pruner.step(rang=False) == IDLE_SECONDS
    assert embedded.select("select count(*) from dedupe") == [(1,)]
    embedded.clock.advance(60)
    await pruner.step(rang=False)
    assert embedded.select("select count(*) from dedupe") == [(0,)]
    assert (await embedded.server.store.inbox.counts(embedded.env, ada, 0)).unread == 1
    embedded.clock.advance(60)
    await pruner.step(rang=False)
    assert (await embedded.server.store.inbox.counts(embedded.env, ada, 0)).unread == 0


async def test_a_suppression_ends_when_it_was_to_end(embedded: Embedded) -> None:
    await embedded.hold("keeper")
    law, now = embedded.server.store.law, embedded.clock.now()
    write = SuppressionWrite(
        channel=Channel.SMS, address="+431", reason="bounced", until=now + 60 * SECOND
    )
    await law.suppress(embedded.env, [write], now, b"f" * 32)
    pruner = Pruner(embedded.server.store, embedded.server.bus, embedded.clock)
    await pruner.step(rang=False)
    assert await law.suppression(embedded.env, Channel.SMS, "+431") is not None
    embedded.clock.advance(60)
    await pruner.step(rang=False)
    assert await law.suppression(embedded.env, Channel.SMS, "+431") is None


async def test_an_erasure_that_nobody_finished_is_finished(embedded: Embedded) -> None:
    await embedded.hold("keeper")
    ada = await embedded.user("ada")
    await a_note(embedded)
    await embedded.told("note", "ada")
    store = embedded.server.store
    gone = StateWrite(kind=EntityKind.USER, user_id="ada", version=1, body=GONE)
    await store.replica.accept(embedded.env, [gone], embedded.clock.now())
    worker = await store.work.start_worker([1], 60, embedded.clock.now())
    claims = await store.replica.claim(worker, 9, embedded.clock.now())
    await store.replica.apply(claims, embedded.clock.now())
    pruner = Pruner(store, embedded.server.bus, embedded.clock)
    await pruner.step(rang=False)
    assert (await store.inbox.counts(embedded.env, ada, 0)).unread == 1
    embedded.clock.advance(61)
    await pruner.step(rang=False)
    assert (await store.inbox.counts(embedded.env, ada, 0)).unread == 0


async def test_a_full_batch_asks_for_another_at_once(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.keepers.pruner.BATCH", 1)
    await embedded.hold("keeper")
    await embedded.users("ada", "bo")
    await a_note(embedded, expires_in="PT2M")
    await embedded.told("note", "ada", "bo")
    embedded.clock.advance(120)
    pruner = Pruner(embedded.server.store, embedded.server.bus, embedded.clock)
    assert [await pruner.step(rang=False) for _ in range(3)] == [0, 0, IDLE_SECONDS]


async def test_counters_of_caps_and_presence_go_when_they_are_over(embedded: Embedded) -> None:
    await embedded.hold("keeper")
    ada = await embedded.user("ada")
    store, now = embedded.server.store, embedded.clock.now()
    ask = CapAsk(CapScope.CATEGORY, 1, ada, 0, "", 3, 60_000_000, 1)
    await store.caps.reserve(embedded.env, [[ask]], now)
    await store.presence.write([(embedded.env, ada, now + 60_000_000)])
    pruner = Pruner(store, embedded.server.bus, embedded.clock)
    await pruner.step(rang=False)
    left = "select (select count(*) from cap), (select count(*) from presence)"
    assert embedded.select(left) == [(1, 1)]
    embedded.clock.advance(60)
    await pruner.step(rang=False)
    assert embedded.select(left)[0][1] == 0
    embedded.clock.advance(3600)
    await pruner.step(rang=False)
    assert embedded.select(left) == [(0, 0)]

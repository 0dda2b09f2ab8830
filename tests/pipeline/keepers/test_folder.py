import pytest

from clarion.pipeline.keepers.folder import IDLE_SECONDS, Folder
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note


async def test_deltas_are_folded_until_none_is_left(embedded: Embedded) -> None:
    await embedded.hold("keeper")
    await embedded.users(*(f"u{n:03}" for n in range(300)))
    await a_note(embedded)
    event = await embedded.told("note", {"all": True})
    before = await embedded.counts(event)
    deltas = embedded.select("select count(*) from event_delta where event = ?", event)
    assert deltas[0][0] > 1
    assert await Folder(embedded.server.store).step(rang=False) == IDLE_SECONDS
    assert embedded.select("select count(*) from event_delta") == [(0,)]
    assert await embedded.counts(event) == before


async def test_a_full_batch_asks_for_another_at_once(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.keepers.folder.BATCH", 2)
    await embedded.hold("keeper")
    await embedded.users(*(f"u{n:03}" for n in range(300)))
    await a_note(embedded)
    await embedded.told("note", {"all": True})
    assert await Folder(embedded.server.store).step(rang=False) == 0

"""What a store that was restored cannot know, settled before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarion.assemble import settle_restored
from clarion.core.workflow import InDoubt
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL


@pytest.fixture
def server(tmp_path: Path) -> Embedded:
    return Embedded(tmp_path / "clarion.db")


async def waiting(server: Embedded) -> dict[str, bytes]:
    """A store as a backup may hold it: a mail that waits for each policy, and an event that is not
    fanned out. Its server is stopped."""
    await server.start()
    await server.user("ada", email="ada@example.org")
    for key in ("at_most_once", "at_least_once"):
        await server.category(key, on_unknown=key)
        await server.workflow(key, MAIL, category=key)
    await server.topic("all", "ada")
    await server.workflow("wide", MAIL, audience='topic("all")')
    await server.hold("fanout")
    await server.hold("ready")
    events = {key: await server.send(key, "ada") for key in ("at_most_once", "at_least_once")}
    events["wide"] = await server.send("wide")
    assert len(server.select("select 1 from task")) == 1
    assert len(server.select("select 1 from ready")) == 2
    await server.crash()
    return events


ENDS = {
    InDoubt.POLICY: (1, 1, {"at_most_once": "unknown", "at_least_once": "sent", "wide": "sent"}),
    InDoubt.RESEND: (2, 0, {"at_most_once": "sent", "at_least_once": "sent", "wide": "sent"}),
    InDoubt.DROP: (0, 2, {"at_most_once": "unknown", "at_least_once": "unknown", "wide": None}),
}


@pytest.mark.parametrize("choice", InDoubt)
async def test_what_waited_goes_by_policy_or_as_told(choice: InDoubt, server: Embedded) -> None:
    events = await waiting(server)
    settled = await settle_restored(server.settings, server.clock, choice)
    again, unknown, ends = ENDS[choice]
    assert (settled.again, settled.unknown, settled.unfinished) == (again, unknown, 1)
    await server.restart()
    await server.quiet()
    found = {}
    for key, event in events.items():
        rows = server.rows(event).get("delivery")
        found[key] = rows[0]["status"] if rows else None
    assert found == ends
    assert await server.imbalances() == []
    await server.stop()


async def test_the_history_says_that_the_store_was_restored(server: Embedded) -> None:
    events = await waiting(server)
    await settle_restored(server.settings, server.clock, InDoubt.DROP)
    await server.start()
    answer = await server.why(events["at_most_once"], "ada")
    assert "the store was restored from a backup" in answer["because"]
    assert server.rows(events["at_most_once"])["dead_letter"][0]["cause"] == "ambiguous:restored"
    await server.stop()

"""What the recipients of an event share."""

from __future__ import annotations

import pytest

from clarion.clock import SECOND
from clarion.core.recipient import ScopeKind
from clarion.pipeline.flows import expiry_of, head_of, scopes_of
from clarion.testing.clock import START
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note


@pytest.mark.parametrize(
    ("own", "workflows", "seconds"),
    [(None, None, None), ("PT1M", None, 60), (None, "PT2M", 120), ("PT1M", "PT2M", 60)],
)
async def test_the_earlier_expiry_is_that_of_the_flow(
    embedded: Embedded, own: str | None, workflows: str | None, seconds: int | None
) -> None:
    await a_note(embedded, **({"expires_in": workflows} if workflows else {}))
    fields = {"expires_in": own} if own else {}
    event = await embedded.send("note", **fields)
    head = await head_of(await embedded.event(event), embedded.server.core.gatherer)
    compiled = (await embedded.server.catalogs.compiled(embedded.env)).by_key["note"]
    expected = None if seconds is None else START + seconds * SECOND
    assert expiry_of(head, compiled) == expected


async def test_a_flow_asks_for_the_settings_that_can_matter_and_no_others(
    embedded: Embedded,
) -> None:
    number = await a_note(embedded, category="social")
    folder = await embedded.topic("folder:1")
    doc = await embedded.topic("doc:9", parent="folder:1")
    await embedded.users("bo")
    event = await embedded.send("note", actor="bo", tenant="acme", about="doc:9")
    gatherer = embedded.server.core.gatherer
    head = await head_of(await embedded.event(event), gatherer)
    compiled = (await embedded.server.catalogs.compiled(embedded.env)).by_key["note"]
    shared = await gatherer.shared(
        embedded.env, topics={head.about}, tenants={head.tenant}, actors={head.actor}
    )
    flow = gatherer.flow(head, compiled, shared, about=head.about, paused=False, now=START)
    assert flow.facts.about_chain == (doc, folder)
    assert scopes_of([flow]) == {
        (ScopeKind.USER, 0),
        (ScopeKind.WORKFLOW, number),
        (ScopeKind.CATEGORY, compiled.category.number),
        (ScopeKind.TOPIC, doc),
        (ScopeKind.TOPIC, folder),
        (ScopeKind.USER_IN_TENANT, head.tenant),
        (ScopeKind.ACTOR, head.actor),
    }


async def test_a_topic_nobody_made_is_a_scope_of_its_own(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("ada")
    await embedded.prefer("ada", topics={"never:made": {"level": "none"}})
    event = await embedded.told("note", "ada", about="never:made")
    assert await embedded.reasons(event, "ada") == {"inbox": "level_none"}

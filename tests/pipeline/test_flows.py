"""What the recipients of an event share."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.clock import SECOND
from clarion.core.recipient import Consent, Mention, Recipient, ScopeKind, Standing
from clarion.core.workflow import Channel
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


OTHERS_SEEN: dict[str, Any] = {
    "standing": Standing.ERASED, "user_version": 7, "settings_version": 7, "locale": "de",
    "zone": "Asia/Tokyo", "destinations": {Channel.PUSH: (1, 2)}, "topic": 7,
    "mention": Mention.USER, "in_thread": False, "consents": (Consent(0, None, True),),
    "suppressed": frozenset({Channel.PUSH}), "active_until": 7,
}  # fmt: skip
"""Of each fact about a recipient another value than usual."""

OF_NOBODY_ELSE = {"user", "settings"}
"""Who has settings is like nobody; the number counts only for the actor."""

UNSEEN = {"roles", "platforms"}
"""`decide` sees what roles come to (`mention`), and no platform."""


async def test_whoever_differs_in_a_fact_is_not_alike(embedded: Embedded) -> None:
    await a_note(embedded)
    gatherer = embedded.server.core.gatherer
    head = await head_of(await embedded.event(await embedded.send("note")), gatherer)
    compiled = (await embedded.server.catalogs.compiled(embedded.env)).by_key["note"]
    shared = await gatherer.shared(embedded.env, topics=set(), tenants={0}, actors=set())
    flow = gatherer.flow(head, compiled, shared, about=0, paused=False, now=START)
    usual = Recipient(user=1)
    assert flow.likeness(usual) == flow.likeness(Recipient(user=2)) is not None
    tried = OTHERS_SEEN.keys() | OF_NOBODY_ELSE | UNSEEN
    assert {*Recipient.__struct_fields__} == tried, "say here what the likeness has to see"
    for name, value in OTHERS_SEEN.items():
        other = msgspec.structs.replace(usual, **{name: value})
        assert flow.likeness(other) != flow.likeness(usual), f"Flow.likeness leaves out {name}"

"""A digest as what it is told as."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.recipient import Mention
from clarion.pipeline.digesting import digest_head, gathered, strongest_mention
from clarion.store.contract.held import Digest, DigestEntryRow
from clarion.testing.clock import START
from clarion.testing.embedded import Embedded
from tests.store.holding import a_digest_id


def a_digest(*entries: DigestEntryRow, **changes: Any) -> Digest:
    values: dict[str, Any] = {
        "env": 1, "id": a_digest_id(1), "user": 1, "tenant": 0, "step": 0, "key": "", "about": 0,
        "pinned": (1, 1, 1, 1, 1), "opened_at": START, "closed_at": START + 5, "due": START + 9,
        "entries": entries, "count": len(entries),
    }  # fmt: skip
    return Digest(**(values | changes))


def an_entry(event: bytes, mention: Mention = Mention.NONE, actor: int = 0) -> DigestEntryRow:
    return DigestEntryRow(event, actor, mention.value, START)


@pytest.mark.parametrize(
    ("mentions", "strongest"),
    [
        ((), Mention.NONE),
        ((Mention.NONE, Mention.NONE), Mention.NONE),
        ((Mention.EVERYONE, Mention.NONE), Mention.EVERYONE),
        ((Mention.EVERYONE, Mention.USER, Mention.ROLE), Mention.USER),
    ],
)
def test_the_strongest_mention_of_what_was_gathered_counts(
    mentions: tuple[Mention, ...], strongest: Mention
) -> None:
    entries = [an_entry(bytes([n] * 16), mention) for n, mention in enumerate(mentions)]
    assert strongest_mention(a_digest(*entries)) is strongest


def test_it_is_told_as_an_event_of_the_instant_when_it_closed() -> None:
    head = digest_head(a_digest(an_entry(b"e" * 16), about=7), "acme")
    assert (head.id, head.about, head.tenant_name) == (a_digest_id(1), 7, "acme")
    assert head.accepted_at == START + 5
    assert not head.cancelled


def test_one_that_holds_nothing_any_more_counts_as_cancelled() -> None:
    assert digest_head(a_digest(), None).cancelled


async def test_templates_see_the_newest_entry_and_who_caused_it(embedded: Embedded) -> None:
    bob = await embedded.user("bob", name="Bob")
    await embedded.workflow("liked", {"channel": "inbox", "template": {"title": "Likes"}})
    await embedded.users("ada")
    first, second = [
        await embedded.told("liked", "ada", actor="bob", data={"post": post})
        for post in ("p1", "p2")
    ]
    digest = a_digest(an_entry(second, actor=bob), an_entry(first, actor=99), env=embedded.env)
    values = await gathered(embedded.server.store, digest)
    assert values.data == {"post": "p2"}
    assert values.actor["id"] == "bob"
    assert values.digest["count"] == 2

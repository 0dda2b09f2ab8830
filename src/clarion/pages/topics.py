"""The topics that a user follows, as the preference page shows them."""

from __future__ import annotations

import msgspec

from clarion.api.services import Services
from clarion.core.recipient import FOREVER, ScopeKind
from clarion.pages.seen import Seen
from clarion.pages.words import Words
from clarion.store.contract import Store
from clarion.store.contract.topics import TopicRow

SHOWN_AT_ONCE = 25
LONGEST_TITLE = 120
LEVELS = ("all", "mentions", "none")
TITLE_FIELDS = ("title", "name")


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One topic: `level` as the user chose it ("" for nothing), and its mute in words."""

    number: int
    key: str
    title: str
    level: str
    muted: bool
    mute: str


async def followed(
    services: Services, seen: Seen, after: int, words: Words
) -> tuple[list[Followed], int]:
    """A page of topics behind a number, and the number to go on behind (0: that was all)."""
    store, env = services.store, seen.link.env
    found = await store.topics.subscriptions(env, seen.link.user, after, SHOWN_AT_ONCE + 1)
    shown = []
    for number, _ in found[:SHOWN_AT_ONCE]:
        chain = await store.topics.chain(env, number)
        if chain and chain[0].number == number:
            shown.append(_followed(seen, number, chain[0].key, _title(chain[0]), words))
    more = found[SHOWN_AT_ONCE - 1][0] if len(found) > SHOWN_AT_ONCE else 0
    return shown, more


async def title_of(store: Store, env: int, topic: int) -> str | None:
    """What people call a topic; None for none."""
    chain = await store.topics.chain(env, topic) if topic else []
    return _title(chain[0]) if chain else None


def _title(row: TopicRow) -> str:
    for field in TITLE_FIELDS:
        text = row.data.get(field)
        if isinstance(text, str) and text.strip():
            return " ".join(text.split())[:LONGEST_TITLE]
    return row.key


def _followed(seen: Seen, number: int, key: str, title: str, words: Words) -> Followed:
    row = seen.row(ScopeKind.TOPIC, number)
    until = row.mute_until if row is not None else None
    muted = until is not None and until > seen.now
    mute = words("mute_not")
    if until is not None and muted:
        ends = until < FOREVER
        mute = (
            words("mute_until", until=words.instant(until, seen.zone)) if ends else words("mute_on")
        )
    level = row.level.value if row is not None and row.level is not None else ""
    return Followed(number=number, key=key, title=title, level=level, muted=muted, mute=mute)

"""All that is kept about one user. A new kind of personal data is a new section here."""

from __future__ import annotations

from typing import Any, NamedTuple

from clarion.store.contract.export import Place, Story
from clarion.store.sql.codec import plain
from clarion.store.sql.people_erase import own_events
from clarion.store.sql.tx import Executor, Rows, Tx, look


class Section(NamedTuple):
    """A statement over (env, user, place, limit) and its columns, of which the first `place` say
    where the next page begins. `json` columns hold JSON text."""

    statement: str
    place: int
    columns: tuple[str, ...]
    json: frozenset[str] = frozenset()


SECTIONS = {
    "user_history": Section(
        "export/user_history",
        1,
        (
            "version", "at", "locale", "timezone", "email", "phone", "name", "roles", "data",
            "erased_at",
        ),
        frozenset({"roles", "data"}),
    ),
    "destinations": Section(
        "export/destinations",
        1,
        (
            "destination", "channel", "platform", "app", "address", "keys", "confirmed_at",
            "disabled_at", "disabled_reason",
        ),
        frozenset({"keys"}),
    ),
    "preference_history": Section(
        "export/setting_history",
        3,
        ("kind", "scope", "version", "at", "setting", "source"),
        frozenset({"setting"}),
    ),
    "memberships": Section("export/memberships", 2, ("tenant", "since", "until")),
    "subscriptions": Section("export/subscriptions", 2, ("topic", "since", "until")),
    "inbox": Section(
        "export/items",
        2,
        (
            "tenant", "seq", "event", "workflow", "step", "content", "alert", "created_at",
            "expires_at", "seen_at", "read_at", "archived_at", "aggregation_key", "updated_at",
            "activities", "actors", "snoozed_until", "interacted_at",
        ),
        frozenset({"content"}),
    ),
    "captures": Section(
        "export/captures",
        1,
        ("id", "event", "workflow", "step", "channel", "account", "at", "message"),
        frozenset({"message"}),
    ),
}  # fmt: skip
"""In the order of the document. Notifications are read by the ledger's search, with `stories`."""


class SqlExport:
    """Member of the ExportStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(SECTIONS)

    async def page(
        self, env: int, user: int, section: str, after: Place | None, limit: int
    ) -> tuple[list[dict[str, Any]], Place | None]:
        asked = SECTIONS[section]
        place = after or (-1,) * asked.place
        rows = await self._executor.read(look(asked.statement, env, user, *place, limit))
        found = [
            {
                column: _value(value) if column in asked.json else value
                for column, value in zip(asked.columns, row, strict=True)
            }
            for row in rows
        ]
        return found, tuple(rows[-1][: asked.place]) if len(rows) == limit else None

    async def stories(
        self, env: int, user: int, keys: list[tuple[bytes, int]]
    ) -> dict[tuple[bytes, int], Story]:
        return await self._executor.read(lambda tx: _stories(tx, env, user, keys))

    async def own_events(self, env: int, user: int, events: list[bytes]) -> set[bytes]:
        ids = await self._executor.read(lambda tx: own_events(tx, env, user, events))
        return {bytes.fromhex(event) for event in ids}


def _value(text: str | None) -> Any:
    return plain(text) if text else None


async def _stories(
    tx: Tx, env: int, user: int, keys: list[tuple[bytes, int]]
) -> dict[tuple[bytes, int], Story]:
    found = {key: Story(contents=[], deliveries=[]) for key in keys}
    asked = Rows([[event.hex(), workflow] for event, workflow in found])
    for event, workflow, step, locale, body in await tx.rows("export/contents", env, user, asked):
        found[event, workflow].contents.append((step, locale, plain(body)))
    for event, workflow, step, channel, _, *rest in await tx.rows(
        "export/deliveries", env, user, asked
    ):
        status, created_at, updated_at = rest
        found[event, workflow].deliveries.append((step, channel, status, created_at, updated_at))
    return found

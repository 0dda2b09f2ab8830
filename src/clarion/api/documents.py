"""Rows of settings as documents, with the names of their scopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from clarion.api.choices import SECTIONS, Preferences, node_of, written_as
from clarion.api.owners import Owner
from clarion.core.preference import label_of
from clarion.core.recipient import ScopeKind, Setting
from clarion.store.contract import Store
from clarion.store.contract.names import NameKind

Key = tuple[ScopeKind, int]
"""A scope: its kind and its number."""

NAME_KINDS: dict[ScopeKind, NameKind] = {
    ScopeKind.CATEGORY: NameKind.CATEGORY,
    ScopeKind.WORKFLOW: NameKind.WORKFLOW,
    ScopeKind.TOPIC: NameKind.TOPIC,
    ScopeKind.ACTOR: NameKind.USER,
    ScopeKind.USER_IN_TENANT: NameKind.TENANT,
    ScopeKind.TENANT: NameKind.TENANT,
}
"""What the numbers of a kind of scope are numbers of; the other kinds have none."""


class NamedScope(msgspec.Struct, frozen=True, kw_only=True):
    """Where a choice holds: `topic`, `workflow`, `category`, `user_in_tenant`, `user`, `tenant`,
    `environment` or `actor`, with `_default` for what an operator set for a topic, workflow or
    category. `id` is missing where the kind says it all, or the name is gone.
    """

    kind: str
    id: str | None = None


async def scope_names(store: Store, env: int, keys: Iterable[Key]) -> dict[Key, str]:
    """Names of the scopes that (still) have one; one query for each kind."""
    numbers: dict[ScopeKind, set[int]] = {}
    for kind, scope in keys:
        if kind in NAME_KINDS:
            numbers.setdefault(kind, set()).add(scope)
    found: dict[Key, str] = {}
    for kind, scopes in numbers.items():
        names = await store.names.names(env, NAME_KINDS[kind], sorted(scopes))
        found |= {(kind, number): name for number, name in names.items()}
    return found


def named_scope(row: Setting, names: Mapping[Key, str]) -> NamedScope:
    """The scope of a row."""
    return NamedScope(kind=label_of(row), id=names.get((row.kind, row.scope)))


async def documents(store: Store, env: int, owned: list[tuple[Owner, list[Setting]]]) -> list[Any]:
    """The documents of owners, as plain values."""
    keys = [(row.kind, row.scope) for _, rows in owned for row in rows]
    names = await scope_names(store, env, keys)
    return [_document(owner, rows, names) for owner, rows in owned]


async def document(store: Store, owner: Owner, rows: list[Setting]) -> Preferences:
    """The document of one owner."""
    (plain,) = await documents(store, owner.env, [(owner, rows)])
    return msgspec.convert(plain, Preferences)


def _document(owner: Owner, rows: list[Setting], names: Mapping[Key, str]) -> dict[str, Any]:
    by_kind: dict[ScopeKind, list[Setting]] = {}
    for row in sorted(rows, key=lambda row: (row.kind, row.scope)):
        by_kind.setdefault(row.kind, []).append(row)
    whole: dict[str, Any] = {}
    for row in by_kind.get(owner.kind, ()):
        if row.scope == owner.scope:
            whole.update(node_of(row))
    for section in owner.sections:
        kind = SECTIONS[section]
        found = {
            name: written_as(section, node_of(row))
            for row in by_kind.get(kind, ())
            if (name := names.get((kind, row.scope))) is not None
        }
        if found:
            whole[section] = found
    return whole

"""Reads and changes the settings of one owner: a user, a tenant, or the environment."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from clarion.api.choices import (
    SECTIONS,
    Node,
    Preferences,
    Warned,
    node_from,
    node_of,
    setting_of,
    settled,
    top_of,
)
from clarion.api.documents import NAME_KINDS, Key, document
from clarion.api.merging import merged
from clarion.api.owners import Owner
from clarion.api.reading import check_id
from clarion.api.services import Services
from clarion.core.document import pointer_to
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.suggestion import did_you_mean
from clarion.errors import InvalidError

_IN_CATALOG = (ScopeKind.CATEGORY, ScopeKind.WORKFLOW)


MOST_ENTRIES = 1_000
"""Scopes of one kind in a document; others wait while it is written."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner's rows are after a change, whether it changed anything, and what of it was
    accepted and does nothing (yet)."""

    rows: list[Setting]
    changed: bool
    warnings: list[Warned]


class _Change(msgspec.Struct, frozen=True):
    key: Key
    patch: Node | None
    pointer: str


class Choosing:
    """Settings as documents. Changes of one owner go one after the other, as each reads before it
    writes.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._locks: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()

    async def document(self, owner: Owner, at: int | None = None) -> Preferences:
        """All choices of the owner, now or as they were at an instant."""
        settings = self._services.store.settings
        if at is None:
            _, rows = await settings.rows(owner.env, owner.user)
        else:
            _, rows = await settings.rows_at(owner.env, owner.user, at)
        return await document(self._services.store, owner, rows)

    async def change(
        self,
        owner: Owner,
        patch: dict[str, Any],
        *,
        replace: bool = False,
        at: str = "",
        source: str = "",
    ) -> tuple[Preferences, list[Warned]]:
        """As `apply`; what the choices are afterwards, and the warnings."""
        changed = await self.apply(owner, patch, replace=replace, at=at, source=source)
        return await document(self._services.store, owner, changed.rows), changed.warnings

    async def apply(
        self,
        owner: Owner,
        patch: dict[str, Any],
        *,
        replace: bool = False,
        at: str = "",
        source: str = "",
    ) -> Changed:
        """Apply a merge patch (or, with `replace`, make it the whole document). The same again
        changes nothing. `source`: where it was chosen or by whom, for the history.

        InvalidError with a pointer below `at` for a bad instant, duration or window, choices that
        contradict each other, or a section that this owner cannot have. A workflow or category
        that does not exist is taken with a warning: the choice holds once it does.
        """
        _refuse_sections(owner, patch, at)
        lock = self._locks.setdefault((owner.env, owner.user), asyncio.Lock())
        async with lock:
            return await self._apply(owner, patch, replace=replace, at=at, source=source)

    async def rows_of(self, owner: Owner, document: dict[str, Any], at: str = "") -> list[Setting]:
        """A whole document as rows; errors as of `change`. Nothing but names is written."""
        _refuse_sections(owner, document, at)
        now = self._services.clock.now()
        changes, _ = await self._changes(owner, document, {}, at)
        rows = []
        for change in changes:
            asked, _ = settled(change.patch or {}, now, change.pointer)
            node = merged({}, asked)
            rows.append(setting_of(owner.user, *change.key, node, change.pointer))
        return [row for row in rows if row is not None]

    async def _apply(
        self, owner: Owner, patch: dict[str, Any], *, replace: bool, at: str, source: str
    ) -> Changed:
        store, now = self._services.store, self._services.clock.now()
        _, rows = await store.settings.rows(owner.env, owner.user)
        before = {(row.kind, row.scope): row for row in rows}
        written: dict[Key, Setting | None] = {}
        if replace:
            written = {key: None for key in before if owner.owns(key)}
        changes, warnings = await self._changes(owner, patch, before, at)
        for change in changes:
            old = None if replace else before.get(change.key)
            new: Node = {}
            if change.patch is not None:
                asked, vain = settled(change.patch, now, change.pointer)
                warnings += vain
                new = merged(node_of(old) if old else {}, asked)
            written[change.key] = setting_of(owner.user, *change.key, new, change.pointer)
        written = {key: row for key, row in written.items() if row != before.get(key)}
        if written:
            kept = [setting for setting in written.values() if setting is not None]
            gone = [key for key, setting in written.items() if setting is None]
            await store.settings.write(owner.env, owner.user, kept, gone, now, source)
        left = {**before, **written}
        return Changed(
            rows=[row for row in left.values() if row is not None],
            changed=bool(written),
            warnings=warnings,
        )

    async def _changes(
        self, owner: Owner, patch: dict[str, Any], before: dict[Key, Setting], at: str
    ) -> tuple[list[_Change], list[Warned]]:
        changes = [_Change((owner.kind, owner.scope), top_of(patch), at)]
        warnings: list[Warned] = []
        for section in owner.sections:
            kind = SECTIONS[section]
            if section in patch and patch[section] is None:
                changes += [_Change(key, None, at) for key in before if key[0] is kind]
            scopes: dict[str, Any] = patch.get(section) or {}
            here = pointer_to(at, section)
            numbers = await self._numbers(owner.env, kind, scopes, here) if scopes else {}
            for name, number in numbers.items():
                node = None if scopes[name] is None else node_from(section, scopes[name])
                changes.append(_Change((kind, number), node, pointer_to(here, name)))
                if kind is ScopeKind.ACTOR and number == owner.user and node is not None:
                    warnings.append(_of_oneself(pointer_to(here, name)))
            if scopes and kind in _IN_CATALOG:
                warnings += await self._unknown(owner.env, kind, scopes, here)
        return changes, warnings

    async def _numbers(
        self, env: int, kind: ScopeKind, scopes: dict[str, Any], at: str
    ) -> dict[str, int]:
        """Numbers of the scopes that are written, or of which something could be removed."""
        for name in scopes:
            check_id(name, pointer_to(at, name))
        names, wanted = self._services.store.names, NAME_KINDS[kind]
        written = [name for name, node in scopes.items() if node is not None]
        found = await names.mint(env, wanted, written)
        removed = [name for name, node in scopes.items() if node is None]
        found |= await names.numbers(env, wanted, removed)
        return {name: found[name] for name in scopes if name in found}

    async def _unknown(
        self, env: int, kind: ScopeKind, scopes: dict[str, Any], at: str
    ) -> list[Warned]:
        catalog = await self._services.catalogs.current(env)
        if kind is ScopeKind.CATEGORY:
            what, known = "category", {row.category.key for row in catalog.categories}
        else:
            what, known = "workflow", {row.workflow.key for row in catalog.workflows}
        return [
            Warned(
                pointer=pointer_to(at, name),
                detail=f"there is no {what} {name!r} (yet), so nothing heeds this; "
                + did_you_mean(name, sorted(known)),
            )
            for name, node in scopes.items()
            if node is not None and name not in known
        ]


def _of_oneself(pointer: str) -> Warned:
    detail = "nobody is told of what they did themselves, so this mutes nothing; remove it"
    return Warned(pointer=pointer, detail=detail)


def _refuse_sections(owner: Owner, patch: dict[str, Any], at: str) -> None:
    for section in SECTIONS:
        if len(patch.get(section) or ()) > MOST_ENTRIES:
            mend = f"write at most {MOST_ENTRIES:,} at a time"
            raise InvalidError(
                f"{section!r} holds {len(patch[section]):,} entries; {mend}",
                pointer_to(at, section),
            )
        if patch.get(section) is not None and section not in owner.sections:
            detail = f"defaults have no {section!r} here; write them for each user, or leave it out"
            raise InvalidError(detail, pointer_to(at, section))

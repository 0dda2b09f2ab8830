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
    node_from,
    node_of,
    refuse_later,
    setting_of,
    top_of,
    written_as,
)
from clarion.api.merging import merged
from clarion.api.reading import check_id
from clarion.api.services import Services
from clarion.core.document import pointer_to
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.suggestion import did_you_mean
from clarion.errors import InvalidError
from clarion.store.contract.names import NameKind

_NAME_KINDS = {
    ScopeKind.CATEGORY: NameKind.CATEGORY,
    ScopeKind.WORKFLOW: NameKind.WORKFLOW,
    ScopeKind.TOPIC: NameKind.TOPIC,
    ScopeKind.ACTOR: NameKind.USER,
    ScopeKind.USER_IN_TENANT: NameKind.TENANT,
}
_FOUND_IN_CATALOG = (ScopeKind.CATEGORY, ScopeKind.WORKFLOW)

_Key = tuple[ScopeKind, int]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose document it is: the number of the user (0 for defaults), the scope of what stands at
    the top, and the sections the document may have.
    """

    env: int
    user: int
    kind: ScopeKind
    scope: int = 0
    sections: tuple[str, ...] = ()

    def owns(self, key: tuple[ScopeKind, int]) -> bool:
        """Whether a row of the user with this (kind, scope) belongs to the document."""
        if key == (self.kind, self.scope):
            return True
        return any(SECTIONS[section] is key[0] for section in self.sections)


def a_users(env: int, user: int) -> Owner:
    """A user's own choices."""
    return Owner(env=env, user=user, kind=ScopeKind.USER, sections=tuple(SECTIONS))


def a_tenants(env: int, tenant: int) -> Owner:
    """What holds in a tenant for those who chose nothing."""
    return Owner(env=env, user=0, kind=ScopeKind.TENANT, scope=tenant)


def the_environments(env: int) -> Owner:
    """What holds everywhere for those who chose nothing."""
    sections = ("categories", "workflows", "topics")
    return Owner(env=env, user=0, kind=ScopeKind.ENVIRONMENT, sections=sections)


class _Change(msgspec.Struct, frozen=True):
    key: _Key
    patch: Node | None
    pointer: str


class Choosing:
    """Settings as documents. Changes of one owner go one after the other, as each reads before it
    writes.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._locks: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()

    async def document(self, owner: Owner) -> Preferences:
        """All choices of the owner."""
        _, rows = await self._services.store.settings.rows(owner.env, owner.user)
        return await self._document(owner, rows)

    async def change(
        self, owner: Owner, patch: dict[str, Any], *, replace: bool = False, at: str = ""
    ) -> Preferences:
        """Apply a merge patch (or, with `replace`, make it the whole document); what the choices
        are afterwards.

        InvalidError with a pointer below `at` for an unknown category or workflow, a bad instant,
        or a section that this owner cannot have.
        """
        refuse_later(patch, at)
        _refuse_sections(owner, patch, at)
        lock = self._locks.setdefault((owner.env, owner.user), asyncio.Lock())
        async with lock:
            return await self._change(owner, patch, replace=replace, at=at)

    async def rows_of(self, owner: Owner, document: dict[str, Any], at: str = "") -> list[Setting]:
        """A whole document as rows; errors as of `change`. Nothing but names is written."""
        refuse_later(document, at)
        _refuse_sections(owner, document, at)
        rows = [
            setting_of(owner.user, *change.key, merged({}, change.patch or {}), change.pointer)
            for change in await self._changes(owner, document, {}, at)
        ]
        return [row for row in rows if row is not None]

    async def _change(
        self, owner: Owner, patch: dict[str, Any], *, replace: bool, at: str
    ) -> Preferences:
        store = self._services.store
        _, rows = await store.settings.rows(owner.env, owner.user)
        before = {(row.kind, row.scope): row for row in rows}
        written: dict[_Key, Setting | None] = {}
        if replace:
            written = {key: None for key in before if owner.owns(key)}
        for change in await self._changes(owner, patch, before, at):
            old = None if replace else before.get(change.key)
            new = {} if change.patch is None else merged(node_of(old) if old else {}, change.patch)
            written[change.key] = setting_of(owner.user, *change.key, new, change.pointer)
        written = {key: row for key, row in written.items() if row != before.get(key)}
        if written:
            kept = [setting for setting in written.values() if setting is not None]
            gone = [key for key, setting in written.items() if setting is None]
            now = self._services.clock.now()
            await store.settings.write(owner.env, owner.user, kept, gone, now)
        left = {**before, **written}
        return await self._document(owner, [row for row in left.values() if row is not None])

    async def _changes(
        self, owner: Owner, patch: dict[str, Any], before: dict[_Key, Setting], at: str
    ) -> list[_Change]:
        changes = [_Change((owner.kind, owner.scope), top_of(patch), at)]
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
        return changes

    async def _numbers(
        self, env: int, kind: ScopeKind, scopes: dict[str, Any], at: str
    ) -> dict[str, int]:
        for name in scopes:
            check_id(name, pointer_to(at, name))
        names = self._services.store.names
        if kind not in _FOUND_IN_CATALOG:
            return await names.mint(env, _NAME_KINDS[kind], scopes)
        await self._check_known(env, kind, scopes, at)
        return await names.numbers(env, _NAME_KINDS[kind], scopes)

    async def _check_known(
        self, env: int, kind: ScopeKind, scopes: dict[str, Any], at: str
    ) -> None:
        catalog = await self._services.catalogs.current(env)
        if kind is ScopeKind.CATEGORY:
            what, known = "category", [row.category.key for row in catalog.categories]
        else:
            what, known = "workflow", [row.workflow.key for row in catalog.workflows]
        for name, written in scopes.items():
            if name not in known and written is not None:
                detail = f"there is no {what} {name!r}; {did_you_mean(name, known)}"
                raise InvalidError(detail, pointer_to(at, name))

    async def _document(self, owner: Owner, rows: list[Setting]) -> Preferences:
        document: dict[str, Any] = {}
        by_kind: dict[ScopeKind, dict[int, Setting]] = {}
        for row in rows:
            by_kind.setdefault(row.kind, {})[row.scope] = row
        top = by_kind.get(owner.kind, {}).get(owner.scope)
        if top is not None:
            document.update(node_of(top))
        for section in owner.sections:
            kind = SECTIONS[section]
            found = by_kind.get(kind, {})
            if not found:
                continue
            names = await self._services.store.names.names(owner.env, _NAME_KINDS[kind], found)
            document[section] = {
                names[number]: written_as(section, node_of(row))
                for number, row in sorted(found.items())
                if number in names
            }
        return msgspec.convert(document, Preferences)


def _refuse_sections(owner: Owner, patch: dict[str, Any], at: str) -> None:
    for section in SECTIONS:
        if patch.get(section) is not None and section not in owner.sections:
            detail = f"defaults have no {section!r} here; write them for each user, or leave it out"
            raise InvalidError(detail, pointer_to(at, section))

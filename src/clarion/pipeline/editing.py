"""Drafts of workflows and template files: kept as they are, checked, and published whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clarion.clock import Clock
from clarion.core.workflow_reading import inspect_workflow
from clarion.errors import InvalidError, NotFoundError, StandingError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.contract import Edited, Published
from clarion.store.contract import Store
from clarion.store.contract.catalog import Catalog
from clarion.store.contract.drafts import (
    Clash,
    DraftKind,
    DraftRow,
    Publication,
    document_of,
)


class Editor:
    """Member of `Editing`. What is live follows a draft only once it is published."""

    def __init__(self, store: Store, catalogs: CatalogService, clock: Clock) -> None:
        self._store = store
        self._catalogs = catalogs
        self._clock = clock

    async def drafts(self, env: int) -> list[Edited]:
        """See `Editing.drafts`."""
        catalog = await self._catalogs.current(env)
        rows = await self._store.drafts.list(env)
        return [Edited(row=row, live=_live(catalog, row.kind, row.name)) for row in rows]

    async def find(self, env: int, kind: DraftKind, name: str) -> Edited:
        """See `Editing.find`."""
        return await self._inspected(env, await self._there(env, kind, name))

    async def save(
        self,
        env: int,
        kind: DraftKind,
        name: str,
        body: str,
        *,
        based_on: int | None,
        expected: int | None,
    ) -> Edited:
        """See `Editing.save`."""
        if based_on is None:
            there = await self._store.drafts.find(env, kind, name)
            catalog = await self._catalogs.current(env)
            based_on = there.based_on if there else _live(catalog, kind, name)
        row = await self._store.drafts.save(
            env, kind, name, body=body, based_on=based_on, expected=expected,
            now=self._clock.now(),
        )  # fmt: skip
        if row is None:
            raise await self._saved_elsewhere(env, kind, name)
        return await self._inspected(env, row)

    async def discard(self, env: int, kind: DraftKind, name: str, expected: int | None) -> None:
        """See `Editing.discard`."""
        await self._there(env, kind, name)
        if not await self._store.drafts.discard(env, kind, name, expected):
            raise await self._saved_elsewhere(env, kind, name)

    async def publish(
        self,
        env: int,
        kind: DraftKind,
        name: str,
        *,
        templates: Sequence[str] = (),
        expected: int | None,
    ) -> Published:
        """See `Editing.publish`."""
        first = await self._there(env, kind, name)
        if expected is not None and first.edition != expected:
            raise await self._saved_elsewhere(env, kind, name)
        beside = [
            await self._there(env, DraftKind.TEMPLATE, file) for file in dict.fromkeys(templates)
        ]
        drafts = (first, *beside)
        files = {row.name: row.body for row in drafts if row.kind is DraftKind.TEMPLATE}
        documents = {row.name: document_of(row) for row in drafts if row.kind is DraftKind.WORKFLOW}
        workflows = await self._catalogs.checked(env, documents, files)
        clash = await self._store.drafts.publish(
            env,
            Publication(drafts=drafts, workflows=tuple(workflows), templates=files),
            self._clock.now(),
        )
        if clash is not None:
            raise _clashed(clash)
        self._catalogs.changed(env)
        catalog = await self._catalogs.current(env)
        return Published(
            version=_live(catalog, kind, name),
            workflows=tuple(workflow.key for workflow in workflows),
        )

    async def _there(self, env: int, kind: DraftKind, name: str) -> DraftRow:
        row = await self._store.drafts.find(env, kind, name)
        if row is None:
            raise NotFoundError(f"there is no draft of {kind.label} {name!r}")
        return row

    async def _inspected(self, env: int, row: DraftRow) -> Edited:
        """With what is wrong with it, were it published beside the drafts of template files."""
        catalog = await self._catalogs.current(env)
        files = {
            draft.name: draft.body
            for draft in await self._store.drafts.list(env)
            if draft.kind is DraftKind.TEMPLATE
        }
        problems = await self._problems(env, row, catalog, files)
        return Edited(row=row, live=_live(catalog, row.kind, row.name), problems=tuple(problems))

    async def _problems(
        self, env: int, row: DraftRow, catalog: Catalog, files: dict[str, str]
    ) -> list[InvalidError]:
        documents: dict[str, dict[str, Any]] = {}
        if row.kind is DraftKind.WORKFLOW:
            documents = {row.name: document_of(row)}
            known = {template.name: template.body for template in catalog.templates} | files
            _, mistakes = inspect_workflow(documents[row.name], files=known, key=row.name)
            if mistakes:
                return mistakes
        else:
            files = {row.name: row.body}
        try:
            await self._catalogs.checked(env, documents, files)
        except InvalidError as error:
            return [error]
        return []

    async def _saved_elsewhere(self, env: int, kind: DraftKind, name: str) -> StandingError:
        there = await self._store.drafts.find(env, kind, name)
        what = f"the draft of {kind.label} {name!r}"
        if there is None:
            return StandingError(f"{what} was published or discarded meanwhile; read what is live")
        return StandingError(
            f"somebody saved {what} meanwhile (edition {there.edition}); read it, and save yours "
            "again if it should replace theirs"
        )


def _live(catalog: Catalog, kind: DraftKind, name: str) -> int:
    rows: dict[str, int]
    if kind is DraftKind.WORKFLOW:
        rows = {row.workflow.key: row.version for row in catalog.workflows}
    else:
        rows = {row.name: row.version for row in catalog.templates}
    return rows.get(name, 0)


def _clashed(clash: Clash) -> StandingError:
    what = f"{clash.kind.label} {clash.name!r}"
    if clash.saved:
        return StandingError(f"somebody saved or removed the draft of {what} meanwhile; read it")
    if clash.version == 0:
        return StandingError(
            f"{what} was deleted since the draft was begun; save the draft with based_on 0 to "
            "bring it back"
        )
    return StandingError(
        f"version {clash.version} of {what} was published since the draft was begun; compare the "
        f"two, and save the draft with based_on {clash.version} when it holds what both should say"
    )

"""Drafts of workflows and template files, and the versions that were live."""

from __future__ import annotations

import builtins

from clarion.errors import NotFoundError
from clarion.store.contract.drafts import (
    NEWEST,
    Clash,
    DraftKind,
    DraftRow,
    Publication,
    TemplateVersion,
    WorkflowVersion,
)
from clarion.store.contract.names import NameKind
from clarion.store.sql.catalog import put_templates, put_workflows, read_body
from clarion.store.sql.names import numbers_of
from clarion.store.sql.tx import Executor, Row, Tx, Values, look, look_one

URGENCY = 1


class SqlDrafts:
    """Member of the DraftStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def list(self, env: int) -> builtins.list[DraftRow]:
        """See `DraftStore.list`."""
        rows = await self._executor.read(look("drafts/select_drafts", env))
        return [_draft(DraftKind(row[0]), row[1], row[2:]) for row in rows]

    async def find(self, env: int, kind: DraftKind, name: str) -> DraftRow | None:
        """See `DraftStore.find`."""
        row = await self._executor.read(look_one("drafts/select_draft", env, kind, name))
        return _draft(kind, name, row) if row else None

    async def save(
        self,
        env: int,
        kind: DraftKind,
        name: str,
        *,
        body: str,
        based_on: int,
        expected: int | None,
        now: int,
    ) -> DraftRow | None:
        """See `DraftStore.save`."""

        async def saved(tx: Tx) -> DraftRow | None:
            await tx.hold("catalog", env)
            there = await tx.row("drafts/select_draft", env, kind, name)
            edition = there[0] if there else 0
            if expected is not None and expected != edition:
                return None
            await tx.run("drafts/upsert_draft", env, kind, name, edition + 1, based_on, now, body)
            return _draft(kind, name, (edition + 1, based_on, now, body))

        return await self._executor.write(saved, URGENCY)

    async def discard(self, env: int, kind: DraftKind, name: str, expected: int | None) -> bool:
        """See `DraftStore.discard`."""

        async def discarded(tx: Tx) -> bool:
            await tx.hold("catalog", env)
            there = await tx.row("drafts/select_draft", env, kind, name)
            if there is None or expected not in (None, there[0]):
                return False
            return await tx.run("drafts/delete_draft", env, kind, name) > 0

        return await self._executor.write(discarded, URGENCY)

    async def publish(self, env: int, publication: Publication, now: int) -> Clash | None:
        """See `DraftStore.publish`."""
        found = await self._executor.write(lambda tx: _publish(tx, env, publication, now), URGENCY)
        if isinstance(found, NotFoundError):
            raise found
        return found

    async def workflow_versions(
        self, env: int, workflow: int, *, before: int = NEWEST, limit: int
    ) -> builtins.list[WorkflowVersion]:
        """See `DraftStore.workflow_versions`."""
        rows = await self._executor.read(
            look("drafts/workflow_versions", env, workflow, before, limit)
        )
        return [
            WorkflowVersion(version=version, at=at, workflow=read_body(body))
            for version, at, body in rows
        ]

    async def template_versions(
        self, env: int, name: str, *, before: int = NEWEST, limit: int
    ) -> builtins.list[TemplateVersion]:
        """See `DraftStore.template_versions`."""
        rows = await self._executor.read(look("drafts/template_versions", env, name, before, limit))
        return [
            TemplateVersion(version=version, at=at, body=body, deleted=deleted_at is not None)
            for version, at, body, deleted_at in rows
        ]


async def _publish(
    tx: Tx, env: int, publication: Publication, now: int
) -> Clash | NotFoundError | None:
    """Errors and clashes are answered, not raised: the transaction may hold other work. Nothing is
    written before the last question, but by `put_workflows`, which asks before it writes."""
    await tx.hold("catalog", env)
    for draft in publication.drafts:
        clash = await _clash(tx, env, draft)
        if clash is not None:
            return clash
    rows = await put_workflows(tx, env, [*publication.workflows], now)
    if isinstance(rows, NotFoundError):
        return rows
    await put_templates(tx, env, publication.templates, now)
    for draft in publication.drafts:
        await tx.run("drafts/delete_draft", env, draft.kind, draft.name)
    await tx.run("catalog/stamp", env)
    return None


async def _clash(tx: Tx, env: int, draft: DraftRow) -> Clash | None:
    there = await tx.row("drafts/select_draft", env, draft.kind, draft.name)
    if there is None or there[0] != draft.edition:
        return Clash(kind=draft.kind, name=draft.name, saved=True)
    live = await _live(tx, env, draft)
    if live != draft.based_on:
        return Clash(kind=draft.kind, name=draft.name, version=live)
    return None


async def _live(tx: Tx, env: int, draft: DraftRow) -> int:
    """The version that is live, 0 for none."""
    if draft.kind is DraftKind.TEMPLATE:
        rows = await tx.rows("catalog/select_template_states", Values([draft.name]), env)
        return rows[0][1] if rows and rows[0][4] is None else 0
    numbers = await numbers_of(tx, env, NameKind.WORKFLOW, [draft.name])
    rows = await tx.rows("catalog/select_workflow_states", Values([*numbers.values()]), env)
    return rows[0][1] if rows and rows[0][2] else 0


def _draft(kind: DraftKind, name: str, row: Row) -> DraftRow:
    edition, based_on, at, body = row
    return DraftRow(kind=kind, name=name, edition=edition, based_on=based_on, at=at, body=body)

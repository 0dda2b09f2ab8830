"""Workflows, categories and templates."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import msgspec

from clarion.core.workflow import Category, Workflow
from clarion.errors import NotFoundError
from clarion.store.contract.catalog import Catalog, CategoryRow, TemplateRow, WorkflowRow
from clarion.store.contract.names import NameKind
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.names import mint_names
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values, look

URGENCY = 1

T = TypeVar("T")

_WORKFLOW = msgspec.json.Decoder(Workflow)
_CATEGORY = msgspec.json.Decoder(Category)


class SqlCatalog:
    """Member of the CatalogStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def _change(self, env: int, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Every change moves the stamp, so that other processes see it."""

        async def stamped(tx: Tx) -> T:
            result = await work(tx)
            await tx.run("catalog/stamp", env)
            return result

        return await self._executor.write(stamped, URGENCY)

    async def stamps(self) -> dict[int, int]:
        return dict(await self._executor.read(look("catalog/stamps")))

    async def load(self, env: int) -> Catalog:
        """By key and name."""
        return await self._executor.read(lambda tx: _load(tx, env))

    async def put_categories(
        self, env: int, categories: list[Category], now: int
    ) -> list[CategoryRow]:
        return await self._change(env, lambda tx: _put_categories(tx, env, categories, now))

    async def put_workflows(
        self, env: int, workflows: list[Workflow], now: int
    ) -> list[WorkflowRow]:
        rows = await self._change(env, lambda tx: put_workflows(tx, env, workflows, now))
        if isinstance(rows, NotFoundError):
            raise rows
        return rows

    async def put_templates(
        self, env: int, templates: dict[str, str], now: int
    ) -> list[TemplateRow]:
        return await self._change(env, lambda tx: put_templates(tx, env, templates, now))

    async def pause(self, env: int, workflow: int, paused: bool, now: int) -> None:
        """NotFoundError when there is no such workflow."""
        changed = await self._change(
            env,
            lambda tx: (
                tx.run("catalog/pause_workflow", now, env, workflow)
                if paused
                else tx.run("catalog/resume_workflow", env, workflow)
            ),
        )
        if not changed:
            raise NotFoundError(f"workflow number {workflow} does not exist")

    async def delete_workflow(self, env: int, workflow: int, now: int) -> bool:
        changed = await self._change(
            env, lambda tx: tx.run("catalog/delete_workflow", now, env, workflow)
        )
        return changed > 0

    async def delete_category(self, env: int, category: int, now: int) -> bool:
        changed = await self._change(
            env, lambda tx: tx.run("catalog/delete_category", now, env, category)
        )
        return changed > 0

    async def delete_template(self, env: int, name: str, now: int) -> bool:
        return await self._change(env, lambda tx: _end_template(tx, env, name, now))

    async def workflow_versions(
        self, env: int, wanted: list[tuple[int, int]]
    ) -> dict[tuple[int, int], WorkflowRow]:
        rows = await self._executor.read(
            look("catalog/select_workflow_versions", Rows(wanted), env)
        )
        return {(row[0], row[1]): _workflow(row) for row in rows}

    async def category_versions(
        self, env: int, wanted: list[tuple[int, int]]
    ) -> dict[tuple[int, int], CategoryRow]:
        rows = await self._executor.read(
            look("catalog/select_category_versions", Rows(wanted), env)
        )
        return {(row[0], row[1]): _category(row) for row in rows}


async def _load(tx: Tx, env: int) -> Catalog:
    return Catalog(
        workflows=tuple(_workflow(row) for row in await tx.rows("catalog/select_workflows", env)),
        categories=tuple(
            _category(row[1:]) for row in await tx.rows("catalog/select_categories", env)
        ),
        templates=tuple(
            TemplateRow(name=name, version=version, body=body, at=at)
            for name, version, body, at in await tx.rows("catalog/select_templates", env)
        ),
    )


async def _put_categories(
    tx: Tx, env: int, categories: list[Category], now: int
) -> list[CategoryRow]:
    await tx.hold("catalog", env)
    bodies = {category.key: _body(category) for category in categories}
    numbers = await mint_names(tx, env, NameKind.CATEGORY, bodies)
    states = await tx.rows("catalog/select_category_states", Values([*numbers.values()]), env)
    versions, changed = _next_versions(numbers, bodies, states)
    await tx.run("catalog/upsert_categories", env, Rows(changed))
    await tx.run("catalog/insert_category_history", env, now, Rows(changed))
    wanted = [(numbers[key], versions[key]) for key in bodies]
    rows = await tx.rows("catalog/select_category_versions", Rows(wanted), env)
    return [_category(row) for row in rows]


async def put_workflows(
    tx: Tx, env: int, workflows: list[Workflow], now: int
) -> list[WorkflowRow] | NotFoundError:
    """See `CatalogStore.put_workflows`, inside another's transaction. An error is answered, not
    raised: the transaction may hold other work."""
    await tx.hold("catalog", env)
    by_key = {workflow.key: workflow for workflow in workflows}
    categories = {
        row[0]: (row[1], row[2]) for row in await tx.rows("catalog/select_categories", env)
    }
    for workflow in by_key.values():
        if workflow.category not in categories:
            return NotFoundError(
                f"workflow {workflow.key!r} names category {workflow.category!r}, which does not "
                "exist; put the category first"
            )
    bodies = {key: _body(workflow) for key, workflow in by_key.items()}
    numbers = await mint_names(tx, env, NameKind.WORKFLOW, bodies)
    states = await tx.rows("catalog/select_workflow_states", Values([*numbers.values()]), env)
    versions, bumped = _next_versions(numbers, bodies, states)
    keys = {number: key for key, number in numbers.items()}
    changed = [
        (*row, *categories[by_key[keys[row[0]]].category], by_key[keys[row[0]]].on)
        for row in bumped
    ]
    await tx.run("catalog/upsert_workflows", env, Rows(changed))
    await tx.run("catalog/insert_workflow_history", env, now, Rows(changed))
    wanted = [(numbers[key], versions[key]) for key in bodies]
    rows = await tx.rows("catalog/select_workflow_versions", Rows(wanted), env)
    return [_workflow(row) for row in rows]


def _next_versions(
    numbers: dict[str, int], bodies: dict[str, str], states: list[Row]
) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    """Versions by key after the put, and (number, version, body) of those that change.

    Bodies are compared as values: the order of keys is kept but makes no difference.
    """
    held = {number: (version, body) for number, version, body in states}
    versions = {}
    changed = []
    for key, body in bodies.items():
        version, now_body = held.get(numbers[key], (0, ""))
        if not now_body or plain(body) != plain(now_body):
            version += 1
            changed.append((numbers[key], version, body))
        versions[key] = version
    return versions, changed


async def put_templates(tx: Tx, env: int, templates: dict[str, str], now: int) -> list[TemplateRow]:
    """See `CatalogStore.put_templates`, inside another's transaction."""
    await tx.hold("catalog", env)
    held = {
        row[0]: row
        for row in await tx.rows("catalog/select_template_states", Values([*templates]), env)
    }
    rows = []
    changed = []
    for name, body in templates.items():
        _, version, held_body, at, deleted_at = held.get(name, (name, 0, None, 0, None))
        if body != held_body or deleted_at is not None:
            version, at = version + 1, now
            changed.append((name, version, body))
        rows.append(TemplateRow(name=name, version=version, body=body, at=at))
    await tx.run("catalog/upsert_templates", env, now, Rows(changed))
    await tx.run("catalog/insert_template_history", env, now, Rows(changed))
    return rows


async def _end_template(tx: Tx, env: int, name: str, now: int) -> bool:
    await tx.hold("catalog", env)
    if not await tx.run("catalog/delete_template", now, env, name):
        return False
    await tx.run("catalog/insert_template_end", env, name)
    return True


def _body(record: Workflow | Category) -> str:
    return text_json(record)


def read_body(body: str) -> Workflow:
    """A workflow as it is kept. Earlier versions had one kind of step, and did not say which."""
    try:
        return _WORKFLOW.decode(body)
    except msgspec.ValidationError:
        found = msgspec.json.decode(body)
        for step in found["steps"]:
            step.setdefault("step", "send")
        return msgspec.convert(found, Workflow)


def _workflow(row: Row) -> WorkflowRow:
    number, version, category, at, body, paused_at = row
    return WorkflowRow(
        number=number,
        version=version,
        workflow=read_body(body),
        category_number=category,
        paused=paused_at is not None,
        at=at,
    )


def _category(row: Row) -> CategoryRow:
    number, version, body = row
    return CategoryRow(number=number, version=version, category=_CATEGORY.decode(body))

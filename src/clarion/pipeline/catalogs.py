"""The catalogue of an environment, compiled once and kept until it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from clarion.clock import Clock
from clarion.conditions.contract import ConditionCompiler
from clarion.content.contract import Compiler
from clarion.core.document import pointer_to
from clarion.core.suggestion import did_you_mean
from clarion.core.workflow import BUILT_IN_CATEGORIES, Category, Workflow
from clarion.core.workflow_reading import read_category, read_workflow
from clarion.errors import InvalidError, NotFoundError
from clarion.pipeline.compiled import CompiledWorkflow, Pin
from clarion.pipeline.locales import default_locales
from clarion.pipeline.previewing import PreviewAsked, previewed, values_for
from clarion.store.contract import Store
from clarion.store.contract.catalog import Catalog, CategoryRow, WorkflowRow

PINNED_LIMIT = 1000

T = TypeVar("T")


class CompiledCatalog:
    """All current workflows of an environment by key and by the type of event they listen to."""

    def __init__(self, catalog: Catalog, workflows: list[CompiledWorkflow]) -> None:
        self.catalog = catalog
        self.by_key = {compiled.workflow.key: compiled for compiled in workflows}
        self.by_number = {compiled.row.number: compiled for compiled in workflows}
        self.by_type: dict[str, list[CompiledWorkflow]] = {}
        for compiled in workflows:
            self.by_type.setdefault(compiled.workflow.on, []).append(compiled)

    def paused(self, workflow: int) -> bool:
        """Whether the off-switch of a workflow is set (or the workflow was deleted: then it is
        not)."""
        found = self.by_number.get(workflow)
        return found is not None and found.row.paused


class Supposed(msgspec.Struct, frozen=True, kw_only=True):
    """Workflows and categories by key as they would be after a change."""

    workflows: dict[str, CompiledWorkflow]
    categories: dict[str, CategoryRow]


def _nobody() -> None:
    return None


class CatalogService:
    """The catalogue: put, read back, tried out, compiled. `announce` is called after a change."""

    def __init__(
        self, store: Store, compiler: Compiler, conditions: ConditionCompiler, clock: Clock
    ) -> None:
        self._store = store
        self._compiler = compiler
        self._conditions = conditions
        self._clock = clock
        self.announce: Callable[[], None] = _nobody
        self._compiled: dict[int, CompiledCatalog] = {}
        self._changes: Counter[int] = Counter()
        self._pinned: dict[tuple[int, Pin], CompiledWorkflow] = {}

    async def compiled(self, env: int) -> CompiledCatalog:
        """The current catalogue, compiled."""
        found = self._compiled.get(env)
        while found is None:
            change = self._changes[env]
            loaded = await self._load(env)
            if change == self._changes[env]:  # else it may be from before the change
                found = self._compiled[env] = loaded
        return found

    async def pinned(self, env: int, pins: list[Pin]) -> dict[Pin, CompiledWorkflow]:
        """Workflows at the versions that events remember."""
        if len(self._pinned) > PINNED_LIMIT:
            self._pinned.clear()
        missing = [pin for pin in dict.fromkeys(pins) if (env, pin) not in self._pinned]
        if missing:
            await self._load_pinned(env, missing)
        return {pin: self._pinned[env, pin] for pin in pins}

    async def current(self, env: int) -> Catalog:
        return (await self.compiled(env)).catalog

    async def put_workflow(
        self, env: int, document: dict[str, Any], key: str | None
    ) -> WorkflowRow:
        catalog = await self.current(env)
        files = {template.name: template.body for template in catalog.templates}
        workflow = self._read(document, files, key)
        category = next(
            (row for row in catalog.categories if row.category.key == workflow.category), None
        )
        if category is None:
            known = [row.category.key for row in catalog.categories]
            raise InvalidError(_unknown("category", workflow.category, known), "/category")
        self._try(workflow, category.category)
        rows = await self._store.catalog.put_workflows(env, [workflow], self._clock.now())
        self._changed(env)
        return rows[0]

    async def supposed(
        self, env: int, workflows: dict[str, Any], categories: dict[str, Any]
    ) -> Supposed:
        """Documents read and compiled as if they were put, and kept nowhere. InvalidError with a
        pointer into `/workflows` or `/categories`."""
        catalog = await self.current(env)
        files = {template.name: template.body for template in catalog.templates}
        known = {row.category.key: row for row in catalog.categories}
        numbers = {row.workflow.key: row for row in catalog.workflows}
        rows = dict(known)
        for key, document in categories.items():
            read = _below(pointer_to("/categories", key), read_category, document, key)
            there = known.get(key) or CategoryRow(number=0, version=0, category=read)
            rows[key] = msgspec.structs.replace(there, category=read)
        found = {}
        for key, document in workflows.items():
            at = pointer_to("/workflows", key)
            workflow = _below(at, self._read, document, files, key)
            if workflow.category not in rows:
                detail = _unknown("category", workflow.category, list(rows))
                raise InvalidError(detail, at + "/category")
            under = rows[workflow.category]
            number = numbers[key].number if key in numbers else 0
            row = WorkflowRow(
                number=number, version=0, workflow=workflow, category_number=under.number
            )
            found[key] = _below(at, self.compile, row, under)
        return Supposed(workflows=found, categories={key: rows[key] for key in categories})

    def compile(self, row: WorkflowRow, category: CategoryRow) -> CompiledWorkflow:
        """A workflow under a category, kept nowhere; InvalidError says what is wrong."""
        return CompiledWorkflow(row, category, self._compiler, self._conditions)

    async def put_category(
        self, env: int, document: dict[str, Any], key: str | None
    ) -> CategoryRow:
        category = read_category(document, key)
        rows = await self._store.catalog.put_categories(env, [category], self._clock.now())
        self._changed(env)
        return rows[0]

    async def put_template(self, env: int, name: str, source: str) -> tuple[int, list[str]]:
        catalog = await self.current(env)
        files = {template.name: template.body for template in catalog.templates} | {name: source}
        changed = self._reread(catalog, files, {})
        now = self._clock.now()
        rows = await self._store.catalog.put_templates(env, {name: source}, now)
        if changed:
            await self._store.catalog.put_workflows(env, changed, now)
        self._changed(env)
        return rows[0].version, [workflow.key for workflow in changed]

    async def apply(
        self,
        env: int,
        *,
        templates: dict[str, str],
        categories: list[dict[str, Any]],
        workflows: list[dict[str, Any]],
    ) -> None:
        """Put a whole workspace: all of it is read and compiled before any of it is stored."""
        catalog = await self.current(env)
        files = {t.name: t.body for t in catalog.templates} | templates
        new_categories = [read_category(document, None) for document in categories]
        by_key = {row.category.key: row.category for row in catalog.categories}
        by_key |= {category.key: category for category in new_categories}
        new_workflows = [self._read(document, files, None) for document in workflows]
        for workflow in new_workflows:
            if workflow.category not in by_key:
                raise InvalidError(_unknown("category", workflow.category, list(by_key)))
            self._try(workflow, by_key[workflow.category])
        now = self._clock.now()
        if templates:
            await self._store.catalog.put_templates(env, templates, now)
        if new_categories:
            await self._store.catalog.put_categories(env, new_categories, now)
        if new_workflows:
            await self._store.catalog.put_workflows(env, new_workflows, now)
        self._changed(env)

    async def pause(self, env: int, key: str, paused: bool) -> WorkflowRow:
        compiled = await self._known(env, key)
        await self._store.catalog.pause(env, compiled.row.number, paused, self._clock.now())
        self._changed(env)
        return msgspec.structs.replace(compiled.row, paused=paused)

    async def delete(self, env: int, kind: str, key: str) -> bool:
        catalog = await self.current(env)
        now = self._clock.now()
        gone = False
        if kind == "workflow":
            numbers = [w.number for w in catalog.workflows if w.workflow.key == key]
            gone = bool(numbers) and await self._store.catalog.delete_workflow(env, numbers[0], now)
        elif kind == "category":
            used = [w.workflow.key for w in catalog.workflows if w.workflow.category == key]
            _refuse_in_use("category", key, used)
            numbers = [c.number for c in catalog.categories if c.category.key == key]
            gone = bool(numbers) and await self._store.catalog.delete_category(env, numbers[0], now)
        else:
            _refuse_in_use("template", key, self._users_of(catalog, key))
            gone = await self._store.catalog.delete_template(env, key, now)
        self._changed(env)
        return gone

    async def _known(self, env: int, key: str) -> CompiledWorkflow:
        by_key = (await self.compiled(env)).by_key
        if key not in by_key:
            raise NotFoundError(f"there is no workflow {key!r}; {did_you_mean(key, by_key)}")
        return by_key[key]

    async def preview(self, env: int, key: str, asked: PreviewAsked) -> list[dict[str, Any]]:
        """See `Catalogs.preview`."""
        compiled = await self._previewed(env, key, asked)
        wanted = [id_ for id_ in (asked.user, asked.actor) if id_ is not None]
        found = await self._store.people.users(env, wanted) if wanted else {}
        for id_ in wanted:
            if id_ not in found:
                raise NotFoundError(f"there is no user {id_!r}")
        row, actor = found.get(asked.user or ""), found.get(asked.actor or "")
        defaults = (await default_locales(self._store, env, {0}))[0]
        values = values_for(compiled, row, actor, asked.data, self._clock.now())
        locales = (asked.locale, row.locale if row else None, compiled.workflow.locale, *defaults)
        return [
            previewed(compiled, step, values, locales, keep_going=asked.keep_going)
            for step in compiled.workflow.sends
        ]

    async def _previewed(self, env: int, key: str, asked: PreviewAsked) -> CompiledWorkflow:
        """The workflow as it is live, or as it would be with the document and files given."""
        if asked.document is None and not asked.templates:
            return await self._known(env, key)
        catalog = await self.current(env)
        document = asked.document
        if document is None:
            document = (await self._known(env, key)).workflow.document
        files = {t.name: t.body for t in catalog.templates} | asked.templates
        at = "/document" if asked.document is not None else ""
        workflow = _below(at, self._read, document, files, key)
        rows = {row.category.key: row for row in catalog.categories}
        if workflow.category not in rows:
            raise InvalidError(_unknown("category", workflow.category, [*rows]), at + "/category")
        under = rows[workflow.category]
        row = WorkflowRow(number=0, version=0, workflow=workflow, category_number=under.number)
        return _below(at, self.compile, row, under)

    async def checked(
        self, env: int, documents: dict[str, dict[str, Any]], templates: dict[str, str]
    ) -> list[Workflow]:
        """The workflows that would get a new version by these documents and template files, read
        and compiled; InvalidError says what would break. Nothing is kept."""
        catalog = await self.current(env)
        files = {t.name: t.body for t in catalog.templates} | templates
        return self._reread(catalog, files, documents)

    def changed(self, env: int) -> None:
        """Somebody wrote to the catalogue past this service: load it again, and say so."""
        self._changed(env)

    def _changed(self, env: int) -> None:
        self.forget(env)
        self.announce()

    def forget(self, env: int) -> None:
        """Load the catalogue again at next use."""
        self._changes[env] += 1
        self._compiled.pop(env, None)

    def _read(self, document: dict[str, Any], files: dict[str, str], key: str | None) -> Workflow:
        workflow = read_workflow(document, files=files, key=key)
        return msgspec.structs.replace(workflow, document={**document, "key": workflow.key})

    def _try(self, workflow: Workflow, category: Category) -> None:
        """Compile without keeping; InvalidError says what is wrong."""
        row = WorkflowRow(number=0, version=0, workflow=workflow, category_number=0)
        under = CategoryRow(number=0, version=0, category=category)
        CompiledWorkflow(row, under, self._compiler, self._conditions)

    def _reread(
        self, catalog: Catalog, files: dict[str, str], documents: dict[str, dict[str, Any]]
    ) -> list[Workflow]:
        """Workflows that read otherwise with these files and documents, compiled as a check."""
        categories = {row.category.key: row.category for row in catalog.categories}
        held = {row.workflow.key: row.workflow for row in catalog.workflows}
        changed = []
        for key, document in documents.items():
            again = self._read(document, files, key)
            if again.category not in categories:
                raise InvalidError(_unknown("category", again.category, [*categories]), "/category")
            self._try(again, categories[again.category])
            if again != held.pop(key, None):
                changed.append(again)
        for key, workflow in held.items():
            try:
                again = self._read(workflow.document, files, key)
                if again == workflow:
                    continue
                self._try(again, categories[again.category])
            except InvalidError as error:
                raise InvalidError(
                    f"workflow {key!r} would break at {error.pointer}: {error.detail}"
                ) from error
            changed.append(again)
        return changed

    def _users_of(self, catalog: Catalog, template: str) -> list[str]:
        files = {t.name: t.body for t in catalog.templates if t.name != template}
        used = []
        for row in catalog.workflows:
            try:
                if self._read(row.workflow.document, files, row.workflow.key) != row.workflow:
                    used.append(row.workflow.key)
            except InvalidError:
                used.append(row.workflow.key)
        return used

    async def _load(self, env: int) -> CompiledCatalog:
        catalog = await self._store.catalog.load(env)
        known = {row.category.key for row in catalog.categories}
        missing = [category for category in BUILT_IN_CATEGORIES if category.key not in known]
        if missing:
            await self._store.catalog.put_categories(env, missing, self._clock.now())
            catalog = await self._store.catalog.load(env)
        categories = {row.number: row for row in catalog.categories}
        return CompiledCatalog(
            catalog,
            [
                CompiledWorkflow(
                    row, categories[row.category_number], self._compiler, self._conditions
                )
                for row in catalog.workflows
            ],
        )

    async def _load_pinned(self, env: int, pins: list[Pin]) -> None:
        workflows = await self._store.catalog.workflow_versions(env, [pin[:2] for pin in pins])
        categories = await self._store.catalog.category_versions(env, [pin[2:] for pin in pins])
        for pin in pins:
            self._pinned[env, pin] = CompiledWorkflow(
                workflows[pin[:2]], categories[pin[2:]], self._compiler, self._conditions
            )


def _unknown(kind: str, name: str, known: list[str]) -> str:
    return f"there is no {kind} {name!r}; {did_you_mean(name, sorted(known))}"


def _below(pointer: str, read: Callable[..., T], *parts: Any) -> T:
    """Read; what is wrong is told with the pointer before its own."""
    try:
        return read(*parts)
    except InvalidError as error:
        raise InvalidError(error.detail, pointer + error.pointer, error.code) from error


def _refuse_in_use(kind: str, key: str, used: list[str]) -> None:
    if used:
        raise InvalidError(
            f"{kind} {key!r} is used by {', '.join(sorted(used))}; change these workflows first"
        )

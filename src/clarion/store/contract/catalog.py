"""Workflows, categories and templates with their append-only versions."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.core.workflow import Category, Workflow


class WorkflowRow(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow at one version. `category_number`/`category_version` pin the category it was
    written under."""

    number: int
    version: int
    workflow: Workflow
    category_number: int
    paused: bool = False
    at: int = 0


class CategoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A category at one version."""

    number: int
    version: int
    category: Category


class TemplateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A template file at one version; `body` is its source."""

    name: str
    version: int
    body: str
    at: int


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """All current rows of an environment."""

    workflows: tuple[WorkflowRow, ...] = ()
    categories: tuple[CategoryRow, ...] = ()
    templates: tuple[TemplateRow, ...] = ()


class CatalogStore(Protocol):
    """Each put is a new version, also when the body is the same as before only if it differs (an
    equal body
    keeps its version)."""

    async def load(self, env: int) -> Catalog:
        """All current workflows, categories and templates."""
        ...

    async def stamps(self) -> dict[int, int]:
        """A number by environment that grows with every change of its catalogue."""
        ...

    async def put_categories(
        self, env: int, categories: list[Category], now: int
    ) -> list[CategoryRow]: ...

    async def put_workflows(
        self, env: int, workflows: list[Workflow], now: int
    ) -> list[WorkflowRow]:
        """NotFoundError when a category is not there."""
        ...

    async def put_templates(
        self, env: int, templates: dict[str, str], now: int
    ) -> list[TemplateRow]: ...

    async def pause(self, env: int, workflow: int, paused: bool, now: int) -> None:
        """The off-switch; takes effect with the next decision."""
        ...

    async def delete_workflow(self, env: int, workflow: int, now: int) -> bool: ...

    async def delete_category(self, env: int, category: int, now: int) -> bool: ...

    async def delete_template(self, env: int, name: str, now: int) -> bool: ...

    async def workflow_versions(
        self, env: int, wanted: list[tuple[int, int]]
    ) -> dict[tuple[int, int], WorkflowRow]:
        """Rows of (workflow number, version), also of deleted ones."""
        ...

    async def category_versions(
        self, env: int, wanted: list[tuple[int, int]]
    ) -> dict[tuple[int, int], CategoryRow]:
        """Rows of (category number, version), also of deleted ones."""
        ...

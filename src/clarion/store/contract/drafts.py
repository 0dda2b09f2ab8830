"""Drafts of workflows and template files, and the versions that were live."""

from __future__ import annotations

import builtins
from enum import IntEnum
from typing import Any, Protocol

import msgspec

from clarion.core.workflow import Workflow

NEWEST = 2**62
"""Beyond every version."""


class DraftKind(IntEnum):
    """What a draft is of."""

    WORKFLOW = 0
    TEMPLATE = 1

    @property
    def label(self) -> str:
        """The name outside: `workflow`, `template`."""
        return self.name.lower()


class DraftRow(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it was saved last. `edition` counts the saves from 1 on; `based_on` is the version
    that was live when it was begun, 0 for none. `body` is a template's source, or a workflow's
    document as JSON."""

    kind: DraftKind
    name: str
    edition: int
    based_on: int
    at: int
    body: str


class WorkflowVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow as it was live from `at` on."""

    version: int
    at: int
    workflow: Workflow


class TemplateVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A template file as it was live from `at` on; `deleted`: from then on there was none."""

    version: int
    at: int
    body: str
    deleted: bool = False


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """Drafts that go live together. `drafts`: as they were read when they were compiled;
    `workflows`: all whose record changes by them; `templates`: name -> source."""

    drafts: tuple[DraftRow, ...]
    workflows: tuple[Workflow, ...]
    templates: dict[str, str]


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was faster. `saved`: the draft was saved again or is gone; otherwise `version` is
    live now, which is not the one that the draft was based on."""

    kind: DraftKind
    name: str
    saved: bool = False
    version: int = 0


class DraftStore(Protocol):
    """At most one draft of each thing; nothing follows it until it is published."""

    async def list(self, env: int) -> builtins.list[DraftRow]:
        """All drafts, workflows first, by name."""
        ...

    async def find(self, env: int, kind: DraftKind, name: str) -> DraftRow | None: ...

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
        """The draft at its next edition. None when `expected` is not the edition that is there (0:
        none); nothing was written then."""
        ...

    async def discard(self, env: int, kind: DraftKind, name: str, expected: int | None) -> bool:
        """Remove it; False when it is not there, or not at the edition expected."""
        ...

    async def publish(self, env: int, publication: Publication, now: int) -> Clash | None:
        """Write the new versions and remove the drafts, all or nothing. The clash that was in the
        way; NotFoundError when a category is gone."""
        ...

    async def workflow_versions(
        self, env: int, workflow: int, *, before: int = NEWEST, limit: int
    ) -> builtins.list[WorkflowVersion]:
        """Newest first, those below `before`."""
        ...

    async def template_versions(
        self, env: int, name: str, *, before: int = NEWEST, limit: int
    ) -> builtins.list[TemplateVersion]:
        """Newest first, those below `before`."""
        ...


def document_of(row: DraftRow) -> dict[str, Any]:
    """The document that a draft of a workflow holds."""
    return msgspec.json.decode(row.body, type=dict[str, Any])

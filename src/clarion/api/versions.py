"""Versions of workflows and template files: listed, read, made live again."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.naming import number_of
from clarion.api.services import Services
from clarion.api.templates import TemplateWritten
from clarion.api.workflows import WORKFLOW_EXAMPLE, WorkflowAnswer, workflow_answer
from clarion.core.workflow_reading import workflow_document
from clarion.errors import NotFoundError
from clarion.store.contract.drafts import NEWEST, TemplateVersion, WorkflowVersion
from clarion.store.contract.names import NameKind


class WorkflowVersionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A version in a list. `by_template`: its document is that of the version before, and a
    template file that it names had changed. `same_as`: the latest earlier version that is the same,
    as after it was restored; looked for in the same page."""

    version: int
    at: str
    by_template: bool
    same_as: int | None = None


class WorkflowVersions(msgspec.Struct, frozen=True):
    """A page of versions, newest first."""

    data: list[WorkflowVersionSummary]
    page_info: PageInfo


class WorkflowVersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow as it was. `document` is what its author wrote, `whole` the same with the words of
    the template files of then in place of their names."""

    key: str
    version: int
    at: str
    document: dict[str, Any]
    whole: dict[str, Any]


class TemplateVersionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A version in a list. `deleted`: from then on there was no such file. `same_as`: the latest
    earlier version with the same source; looked for in the same page."""

    version: int
    at: str
    deleted: bool
    same_as: int | None = None


class TemplateVersions(msgspec.Struct, frozen=True):
    """A page of versions, newest first."""

    data: list[TemplateVersionSummary]
    page_info: PageInfo


class TemplateVersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A template file as it was."""

    name: str
    version: int
    at: str
    deleted: bool
    source: str


_AT = "2026-01-02T03:04:05.678901Z"
_NO_MORE = {"has_next": False, "end_cursor": None}
_DOCUMENT = WORKFLOW_EXAMPLE["document"]


@get(
    "/v1/workflows/{workflow:str}/versions",
    **route(
        "List versions of a workflow",
        refuses=(404,),
        example={
            "data": [{"version": 3, "at": _AT, "by_template": False, "same_as": 1}],
            "page_info": _NO_MORE,
        },
        tag="workflows",
    ),
)
async def list_workflow_versions(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    workflow: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> WorkflowVersions:
    """Newest first, those of a deleted workflow as well."""
    number = await _number(services, asker, workflow)
    filters = {"list": "workflow-versions", "env": asker.env, "workflow": workflow}
    before = _before(cursors, filters, after)
    rows = await services.store.drafts.workflow_versions(
        asker.env, number, before=before, limit=limit + 1
    )
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.version])
    follows = dict(zip((row.version for row in rows), rows[1:], strict=False))
    same = _same_as([(row.version, workflow_document(row.workflow)) for row in rows])
    data = [
        WorkflowVersionSummary(
            version=row.version,
            at=when(row.at) or "",
            by_template=_by_template(row, follows.get(row.version)),
            same_as=same.get(row.version),
        )
        for row in shown
    ]
    return WorkflowVersions(data, info)


@get(
    "/v1/workflows/{workflow:str}/versions/{version:str}",
    **route(
        "Read a version of a workflow",
        refuses=(404,),
        example={"key": "comment-added", "version": 2, "at": _AT, "document": _DOCUMENT,
                 "whole": _DOCUMENT},
        tag="workflows",
    ),
)  # fmt: skip
async def get_workflow_version(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    version: FromPath[str],
) -> WorkflowVersionAnswer:
    """To compare it with another."""
    row = await _workflow_version(services, asker, workflow, version)
    return WorkflowVersionAnswer(
        key=workflow,
        version=row.version,
        at=when(row.at) or "",
        document=_document(row),
        whole=workflow_document(row.workflow),
    )


@post(
    "/v1/workflows/{workflow:str}/versions/{version:str}/restore",
    status_code=200,
    **route(
        "Restore a version of a workflow", "admin", refuses=(404, 422), example=WORKFLOW_EXAMPLE,
        tag="workflows",
    ),
)  # fmt: skip
async def restore_workflow_version(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    version: FromPath[str],
) -> WorkflowAnswer:
    """Its document is put again, as a new version. Template files that it names stay as they are
    now; they have versions of their own."""
    row = await _workflow_version(services, asker, workflow, version)
    put = await services.catalogs.put_workflow(asker.env, _document(row), workflow)
    return workflow_answer(put)


@get(
    "/v1/templates/{template:str}/versions",
    **route(
        "List versions of a template file",
        refuses=(404,),
        example={
            "data": [{"version": 3, "at": _AT, "deleted": False, "same_as": 1}],
            "page_info": _NO_MORE,
        },
        tag="workflows",
    ),
)
async def list_template_versions(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    template: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> TemplateVersions:
    """Newest first, those of a deleted file as well."""
    filters = {"list": "template-versions", "env": asker.env, "template": template}
    before = _before(cursors, filters, after)
    rows = await services.store.drafts.template_versions(
        asker.env, template, before=before, limit=limit + 1
    )
    if not rows and before == NEWEST:
        raise NotFoundError(f"there is no template {template!r}")
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.version])
    same = _same_as([(row.version, row.body) for row in rows if not row.deleted])
    data = [
        TemplateVersionSummary(
            version=row.version, at=when(row.at) or "", deleted=row.deleted,
            same_as=same.get(row.version),
        )
        for row in shown
    ]  # fmt: skip
    return TemplateVersions(data, info)


@get(
    "/v1/templates/{template:str}/versions/{version:str}",
    **route(
        "Read a version of a template file",
        refuses=(404,),
        example={"name": "welcome.mjml", "version": 2, "at": _AT, "deleted": False,
                 "source": "<mjml>...</mjml>"},
        tag="workflows",
    ),
)  # fmt: skip
async def get_template_version(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    template: FromPath[str],
    version: FromPath[str],
) -> TemplateVersionAnswer:
    """To compare it with another."""
    row = await _template_version(services, asker, template, version)
    return TemplateVersionAnswer(
        name=template, version=row.version, at=when(row.at) or "", deleted=row.deleted,
        source=row.body,
    )  # fmt: skip


@post(
    "/v1/templates/{template:str}/versions/{version:str}/restore",
    status_code=200,
    **route(
        "Restore a version of a template file", "admin", refuses=(404, 422),
        example={"name": "welcome.mjml", "version": 4, "workflows": ["welcome"]},
        tag="workflows",
    ),
)  # fmt: skip
async def restore_template_version(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    template: FromPath[str],
    version: FromPath[str],
) -> TemplateWritten:
    """Its source is put again, as a new version; the workflows that use it follow."""
    row = await _template_version(services, asker, template, version)
    if row.deleted:
        raise NotFoundError(f"at version {row.version} there was no template {template!r}")
    written, flows = await services.catalogs.put_template(asker.env, template, row.body)
    return TemplateWritten(template, written, flows)


ROUTES = (
    list_workflow_versions,
    get_workflow_version,
    restore_workflow_version,
    list_template_versions,
    get_template_version,
    restore_template_version,
)


async def _number(services: Services, asker: Asker, workflow: str) -> int:
    number = await number_of(services, asker.env, NameKind.WORKFLOW, workflow)
    if number is None:
        raise NotFoundError(f"there is no workflow {workflow!r}")
    return number


async def _workflow_version(
    services: Services, asker: Asker, workflow: str, version: str
) -> WorkflowVersion:
    number, wanted = await _number(services, asker, workflow), _whole(version)
    rows = await services.store.drafts.workflow_versions(
        asker.env, number, before=wanted + 1, limit=1
    )
    if not rows or rows[0].version != wanted:
        raise NotFoundError(f"workflow {workflow!r} has no version {version}")
    return rows[0]


async def _template_version(
    services: Services, asker: Asker, template: str, version: str
) -> TemplateVersion:
    wanted = _whole(version)
    rows = await services.store.drafts.template_versions(
        asker.env, template, before=wanted + 1, limit=1
    )
    if not rows or rows[0].version != wanted:
        raise NotFoundError(f"template {template!r} has no version {version}")
    return rows[0]


def _whole(version: str) -> int:
    if not (version.isascii() and version.isdecimal() and len(version) <= 15):
        raise NotFoundError(f"there is no version {version!r}; versions are numbers from 1 on")
    return int(version)


def _before(cursors: Cursors, filters: dict[str, Any], after: str | None) -> int:
    return msgspec.convert(cursors.open(filters, after)[0], int) if after else NEWEST


def _document(row: WorkflowVersion) -> dict[str, Any]:
    return row.workflow.document or workflow_document(row.workflow)


def _by_template(row: WorkflowVersion, before: WorkflowVersion | None) -> bool:
    return before is not None and _document(row) == _document(before)


def _same_as(versions: list[tuple[int, Any]]) -> dict[int, int]:
    """By version the latest earlier one with the same contents; newest first as they come."""
    last: dict[bytes, int] = {}
    found = {}
    for version, contents in reversed(versions):
        key = msgspec.json.encode(contents, order="deterministic")
        if key in last:
            found[version] = last[key]
        last[key] = version
    return found

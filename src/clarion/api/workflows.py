"""Workflows and categories: put, read, switched off, tried out."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import example_of, route
from clarion.api.reading import check_depth, check_id
from clarion.api.services import Services
from clarion.core.suggestion import did_you_mean
from clarion.core.workflow_reading import category_document, workflow_document
from clarion.errors import NotFoundError
from clarion.pipeline.contract import PreviewAsked
from clarion.store.contract.catalog import CategoryRow, WorkflowRow


class WorkflowAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow at its current version; `document` is what PUT takes."""

    key: str
    version: int
    paused: bool
    updated_at: str | None
    document: dict[str, Any]


class Workflows(msgspec.Struct, frozen=True):
    """All workflows of the environment."""

    data: list[WorkflowAnswer]


class CategoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A category at its current version; `document` is what PUT takes."""

    key: str
    version: int
    document: dict[str, Any]


class Categories(msgspec.Struct, frozen=True):
    """All categories of the environment, those built in too."""

    data: list[CategoryAnswer]


class PauseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The off-switch of a workflow."""

    paused: bool


class PreviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to try a workflow with. `actor` caused the event; without one, the user did. `document`
    and `templates` (name -> source) stand in for what is live. `keep_going`: a step that cannot be
    rendered has a `problem` (`pointer` into the workflow, `detail`), and the others are rendered.
    """

    user: str | None = None
    actor: str | None = None
    data: dict[str, Any] = {}
    locale: str | None = None
    document: dict[str, Any] | None = None
    templates: Annotated[dict[str, str], msgspec.Meta(max_length=100)] = {}
    keep_going: bool = False


class PreviewAnswer(msgspec.Struct, frozen=True):
    """Rendered content per step: `step`, `channel`, `locale`, `content`, `warnings`, `problem`."""

    steps: list[dict[str, Any]]


WORKFLOW_DOCUMENT = {
    "on": "comment.added",
    "category": "social",
    "steps": [{"send": {"channel": "inbox", "template": {"title": "New comment", "body": "..."}}}],
}
WORKFLOW_EXAMPLE = {
    "key": "comment-added",
    "version": 3,
    "paused": False,
    "updated_at": "2026-01-02T03:04:05.678901Z",
    "document": {"key": "comment-added", **WORKFLOW_DOCUMENT},
}
CATEGORY_DOCUMENT = {"lane": "social", "mandatory": False, "attempts": 4}
CATEGORY_EXAMPLE = {
    "key": "live",
    "version": 1,
    "document": {"key": "live", **CATEGORY_DOCUMENT},
}


@put(
    "/v1/workflows/{workflow:str}",
    **route(
        "Write a workflow", "admin", refuses=(415, 422), example=WORKFLOW_EXAMPLE, tag="workflows"
    ),
)
async def put_workflow(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    data: Annotated[dict[str, Any], Body(examples=example_of(WORKFLOW_DOCUMENT))],
) -> WorkflowAnswer:
    """Each change is a new version; events keep the version they were accepted under. The body is a
    workflow file as JSON.
    """
    check_depth(data, "")
    return workflow_answer(await services.catalogs.put_workflow(asker.env, data, workflow))


@get(
    "/v1/workflows/{workflow:str}",
    **route("Read a workflow", refuses=(404,), example=WORKFLOW_EXAMPLE, tag="workflows"),
)
async def get_workflow(
    services: NamedDependency[Services], asker: NamedDependency[Asker], workflow: FromPath[str]
) -> WorkflowAnswer:
    """The current version."""
    catalog = await services.catalogs.current(asker.env)
    for row in catalog.workflows:
        if row.workflow.key == workflow:
            return workflow_answer(row)
    raise _missing("workflow", workflow, [row.workflow.key for row in catalog.workflows])


@get(
    "/v1/workflows",
    **route("List workflows", example={"data": [WORKFLOW_EXAMPLE]}, tag="workflows"),
)
async def list_workflows(
    services: NamedDependency[Services], asker: NamedDependency[Asker]
) -> Workflows:
    """All current versions."""
    catalog = await services.catalogs.current(asker.env)
    return Workflows([workflow_answer(row) for row in catalog.workflows])


@patch(
    "/v1/workflows/{workflow:str}",
    **route(
        "Switch a workflow off or on",
        "admin",
        refuses=(404, 415),
        example={**WORKFLOW_EXAMPLE, "paused": True},
        tag="workflows",
    ),
)
async def patch_workflow(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    data: Annotated[PauseBody, Body(examples=example_of({"paused": True}))],
) -> WorkflowAnswer:
    """Takes effect at once: while it is paused, new events are skipped as `workflow_paused`."""
    return workflow_answer(await services.catalogs.pause(asker.env, workflow, data.paused))


@delete(
    "/v1/workflows/{workflow:str}",
    status_code=204,
    **route("Delete a workflow", "admin", refuses=(404,), tag="workflows"),
)
async def delete_workflow(
    services: NamedDependency[Services], asker: NamedDependency[Asker], workflow: FromPath[str]
) -> None:
    """Events that were accepted before go on."""
    if not await services.catalogs.delete(asker.env, "workflow", workflow):
        raise NotFoundError(f"there is no workflow {workflow!r}")


@post(
    "/v1/workflows/{workflow:str}/preview",
    status_code=200,
    **route(
        "Try a workflow out",
        "admin",
        refuses=(404, 415, 422),
        tag="workflows",
        example={
            "steps": [
                {
                    "step": 0,
                    "channel": "inbox",
                    "locale": "en",
                    "content": {"title": "New comment"},
                    "warnings": [],
                }
            ]
        },
    ),
)
async def post_preview(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    data: Annotated[PreviewBody, Body(examples=example_of({"user": "u1", "data": {"text": "Hi"}}))],
) -> PreviewAnswer:
    """Renders each step strictly: what a template names must be there. Nothing is sent or kept.
    With a `document` the workflow need not exist yet."""
    check_depth(data.data, "/data")
    check_depth(data.document, "/document")
    for name in ("user", "actor"):
        who = getattr(data, name)
        if who is not None:
            check_id(who, f"/{name}")
    asked = PreviewAsked(**msgspec.structs.asdict(data))
    return PreviewAnswer(await services.catalogs.preview(asker.env, workflow, asked))


@put(
    "/v1/categories/{category:str}",
    **route(
        "Write a category", "admin", refuses=(415, 422), example=CATEGORY_EXAMPLE, tag="workflows"
    ),
)
async def put_category(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    category: FromPath[str],
    data: Annotated[dict[str, Any], Body(examples=example_of(CATEGORY_DOCUMENT))],
) -> CategoryAnswer:
    """Each change is a new version. What a document of a built-in category leaves out stays as it
    is built in.
    """
    check_depth(data, "")
    return _category(await services.catalogs.put_category(asker.env, data, category))


@get(
    "/v1/categories/{category:str}",
    **route("Read a category", refuses=(404,), example=CATEGORY_EXAMPLE, tag="workflows"),
)
async def get_category(
    services: NamedDependency[Services], asker: NamedDependency[Asker], category: FromPath[str]
) -> CategoryAnswer:
    """The current version."""
    catalog = await services.catalogs.current(asker.env)
    for row in catalog.categories:
        if row.category.key == category:
            return _category(row)
    raise _missing("category", category, [row.category.key for row in catalog.categories])


@get(
    "/v1/categories",
    **route("List categories", example={"data": [CATEGORY_EXAMPLE]}, tag="workflows"),
)
async def list_categories(
    services: NamedDependency[Services], asker: NamedDependency[Asker]
) -> Categories:
    """All current versions."""
    catalog = await services.catalogs.current(asker.env)
    return Categories([_category(row) for row in catalog.categories])


@delete(
    "/v1/categories/{category:str}",
    status_code=204,
    **route("Delete a category", "admin", refuses=(404, 422), tag="workflows"),
)
async def delete_category(
    services: NamedDependency[Services], asker: NamedDependency[Asker], category: FromPath[str]
) -> None:
    """Refused while a workflow uses it."""
    if not await services.catalogs.delete(asker.env, "category", category):
        raise NotFoundError(f"there is no category {category!r}")


ROUTES = (
    put_workflow,
    get_workflow,
    list_workflows,
    patch_workflow,
    delete_workflow,
    post_preview,
    put_category,
    get_category,
    list_categories,
    delete_category,
)


def _missing(what: str, key: str, known: list[str]) -> NotFoundError:
    return NotFoundError(f"there is no {what} {key!r}; {did_you_mean(key, known)}")


def workflow_answer(row: WorkflowRow) -> WorkflowAnswer:
    """A workflow as it is answered."""
    return WorkflowAnswer(
        key=row.workflow.key,
        version=row.version,
        paused=row.paused,
        updated_at=when(row.at) if row.at else None,
        document=row.workflow.document or workflow_document(row.workflow),
    )


def _category(row: CategoryRow) -> CategoryAnswer:
    return CategoryAnswer(
        key=row.category.key, version=row.version, document=category_document(row.category)
    )

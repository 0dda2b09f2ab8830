"""Drafts of workflows and template files: saved, read, discarded, published."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, HeaderParameter
from litestar.response import Response

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import example_of, route
from clarion.api.problems import FieldError, RefusedError
from clarion.api.reading import check_depth, check_id
from clarion.api.services import Services
from clarion.api.templates import TEMPLATE_LIMIT_BYTES
from clarion.api.workflows import WORKFLOW_DOCUMENT
from clarion.errors import TooLargeError
from clarion.pipeline.contract import Edited
from clarion.store.contract.drafts import DraftKind, document_of

_EDITION = re.compile(r'(?:W/)?"?(\d{1,18})"?')

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="The edition that was read; when the draft is at another, 409. `0`: only if "
        "there is no draft yet.",
    ),
]


class WorkflowDraftBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A workflow as it is to be. `based_on`: the version it was made of; left out, that of the
    draft that is there, else the one that is live."""

    document: dict[str, Any]
    based_on: Annotated[int, msgspec.Meta(ge=0)] | None = None


class TemplateDraftBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template file as it is to be. `based_on` as of a workflow's draft."""

    source: str
    based_on: Annotated[int, msgspec.Meta(ge=0)] | None = None


class PublishBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Template files whose drafts go live together with the workflow's."""

    templates: Annotated[list[str], msgspec.Meta(max_length=100)] = []


class DraftSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in a list. `kind`: workflow or template; `live`: the version that is live, 0 for
    none."""

    kind: str
    name: str
    edition: int
    based_on: int
    live: int
    updated_at: str


class Drafts(msgspec.Struct, frozen=True):
    """All drafts of the environment."""

    data: list[DraftSummary]


class WorkflowDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow's draft. `problems` is what would refuse it, with pointers into the document;
    `live` differs from `based_on` when somebody published since."""

    key: str
    edition: int
    based_on: int
    live: int
    updated_at: str
    document: dict[str, Any]
    problems: list[FieldError]


class TemplateDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A template file's draft, as a workflow's."""

    name: str
    edition: int
    based_on: int
    live: int
    updated_at: str
    source: str
    problems: list[FieldError]


class PublishedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is live now, and all workflows that got a new one."""

    version: int
    workflows: list[str]


_STANDS = {"edition": 2, "based_on": 3, "live": 3, "updated_at": "2026-01-02T03:04:05.678901Z"}
_WORKFLOW_EXAMPLE = {
    "key": "comment-added", **_STANDS, "document": WORKFLOW_DOCUMENT, "problems": []
}  # fmt: skip
_TEMPLATE_EXAMPLE = {"name": "welcome.mjml", **_STANDS, "source": "<mjml>...</mjml>",
                     "problems": []}  # fmt: skip
_PUBLISHED = {"version": 4, "workflows": ["comment-added"]}


@get(
    "/v1/drafts",
    **route(
        "List drafts",
        example={"data": [{"kind": "workflow", "name": "comment-added", **_STANDS}]},
        tag="workflows",
    ),
)
async def list_drafts(services: NamedDependency[Services], asker: NamedDependency[Asker]) -> Drafts:
    """What somebody works on: workflows first, by name."""
    return Drafts(
        [
            DraftSummary(kind=edited.row.kind.label, name=edited.row.name, **_stands(edited))
            for edited in await services.editing.drafts(asker.env)
        ]
    )


@put(
    "/v1/workflows/{workflow:str}/draft",
    **route(
        "Save a draft of a workflow", "admin", refuses=(409, 415), example=_WORKFLOW_EXAMPLE,
        tag="workflows",
    ),
)  # fmt: skip
async def put_workflow_draft(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    data: Annotated[WorkflowDraftBody, Body(examples=example_of({"document": WORKFLOW_DOCUMENT}))],
    edition: IfMatch = None,
) -> Response[WorkflowDraft]:
    """It is kept even where something is wrong, which `problems` then tells. Nothing follows it
    until it is published; the workflow need not exist yet."""
    check_depth(data.document, "/document")
    body = msgspec.json.encode(data.document)
    if len(body) > TEMPLATE_LIMIT_BYTES:
        raise TooLargeError("a workflow has up to 1 MiB")
    edited = await services.editing.save(
        asker.env, DraftKind.WORKFLOW, workflow, body.decode(), based_on=data.based_on,
        expected=_edition(edition),
    )  # fmt: skip
    return _tagged(_workflow(edited))


@get(
    "/v1/workflows/{workflow:str}/draft",
    **route(
        "Read the draft of a workflow", refuses=(404,), example=_WORKFLOW_EXAMPLE, tag="workflows"
    ),
)
async def get_workflow_draft(
    services: NamedDependency[Services], asker: NamedDependency[Asker], workflow: FromPath[str]
) -> Response[WorkflowDraft]:
    """With what is wrong with it now; its edition is the ETag as well."""
    found = await services.editing.find(asker.env, DraftKind.WORKFLOW, workflow)
    return _tagged(_workflow(found))


@delete(
    "/v1/workflows/{workflow:str}/draft",
    status_code=204,
    **route("Discard the draft of a workflow", "admin", refuses=(404, 409), tag="workflows"),
)
async def delete_workflow_draft(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    edition: IfMatch = None,
) -> None:
    """What is live stays as it is."""
    await services.editing.discard(asker.env, DraftKind.WORKFLOW, workflow, _edition(edition))


@post(
    "/v1/workflows/{workflow:str}/publish",
    status_code=200,
    **route(
        "Publish the draft of a workflow", "admin", refuses=(404, 409, 415, 422),
        example=_PUBLISHED, tag="workflows",
    ),
)  # fmt: skip
async def publish_workflow(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    data: Annotated[PublishBody, Body(examples=example_of({"templates": ["welcome.mjml"]}))],
    edition: IfMatch = None,
) -> PublishedAnswer:
    """All of it or nothing: the workflow's draft and those of the template files named. 422 when
    anything would break, 409 when a version was published since a draft was begun."""
    for place, name in enumerate(data.templates):
        check_id(name, f"/templates/{place}")
    published = await services.editing.publish(
        asker.env, DraftKind.WORKFLOW, workflow, templates=data.templates,
        expected=_edition(edition),
    )  # fmt: skip
    return PublishedAnswer(version=published.version, workflows=list(published.workflows))


@put(
    "/v1/templates/{template:str}/draft",
    **route(
        "Save a draft of a template file", "admin", refuses=(409, 413, 415),
        example=_TEMPLATE_EXAMPLE, tag="workflows",
    ),
)  # fmt: skip
async def put_template_draft(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    template: FromPath[str],
    data: Annotated[TemplateDraftBody, Body(examples=example_of({"source": "<mjml>...</mjml>"}))],
    edition: IfMatch = None,
) -> Response[TemplateDraft]:
    """It is kept even where a workflow that uses it would break, which `problems` then tells."""
    if len(data.source.encode()) > TEMPLATE_LIMIT_BYTES:
        raise TooLargeError("a template file has up to 1 MiB")
    edited = await services.editing.save(
        asker.env, DraftKind.TEMPLATE, template, data.source, based_on=data.based_on,
        expected=_edition(edition),
    )  # fmt: skip
    return _tagged(_template(edited))


@get(
    "/v1/templates/{template:str}/draft",
    **route(
        "Read the draft of a template file", refuses=(404,), example=_TEMPLATE_EXAMPLE,
        tag="workflows",
    ),
)  # fmt: skip
async def get_template_draft(
    services: NamedDependency[Services], asker: NamedDependency[Asker], template: FromPath[str]
) -> Response[TemplateDraft]:
    """With what is wrong with it now; its edition is the ETag as well."""
    found = await services.editing.find(asker.env, DraftKind.TEMPLATE, template)
    return _tagged(_template(found))


@delete(
    "/v1/templates/{template:str}/draft",
    status_code=204,
    **route("Discard the draft of a template file", "admin", refuses=(404, 409), tag="workflows"),
)
async def delete_template_draft(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    template: FromPath[str],
    edition: IfMatch = None,
) -> None:
    """What is live stays as it is."""
    await services.editing.discard(asker.env, DraftKind.TEMPLATE, template, _edition(edition))


@post(
    "/v1/templates/{template:str}/publish",
    status_code=200,
    **route(
        "Publish the draft of a template file", "admin", refuses=(404, 409, 422),
        example=_PUBLISHED, tag="workflows",
    ),
)  # fmt: skip
async def publish_template(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    template: FromPath[str],
    edition: IfMatch = None,
) -> PublishedAnswer:
    """Workflows that use it are compiled with it first, and get a new version; one that would break
    refuses it."""
    published = await services.editing.publish(
        asker.env, DraftKind.TEMPLATE, template, expected=_edition(edition)
    )
    return PublishedAnswer(version=published.version, workflows=list(published.workflows))


ROUTES = (
    list_drafts,
    put_workflow_draft,
    get_workflow_draft,
    delete_workflow_draft,
    publish_workflow,
    put_template_draft,
    get_template_draft,
    delete_template_draft,
    publish_template,
)


def _edition(header: str | None) -> int | None:
    if header is None or header.strip() == "*":
        return None
    found = _EDITION.fullmatch(header.strip())
    if found is None:
        raise RefusedError(
            400, 'If-Match takes the edition of the draft, e.g. "3"', parameter="If-Match"
        )
    return int(found[1])


def _stands(edited: Edited) -> dict[str, Any]:
    row = edited.row
    return {
        "edition": row.edition,
        "based_on": row.based_on,
        "live": edited.live,
        "updated_at": when(row.at) or "",
    }


def _problems(edited: Edited) -> list[FieldError]:
    return [FieldError(pointer=error.pointer, detail=error.detail) for error in edited.problems]


def _workflow(edited: Edited) -> WorkflowDraft:
    return WorkflowDraft(
        key=edited.row.name, document=document_of(edited.row), problems=_problems(edited),
        **_stands(edited),
    )  # fmt: skip


def _template(edited: Edited) -> TemplateDraft:
    return TemplateDraft(
        name=edited.row.name, source=edited.row.body, problems=_problems(edited),
        **_stands(edited),
    )  # fmt: skip


def _tagged(answer: Any) -> Response[Any]:
    return Response(answer, headers={"ETag": f'"{answer.edition}"'})

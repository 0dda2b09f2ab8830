"""Template files: what workflows name, and the layouts they extend."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)
from litestar.params import FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.describing import route
from clarion.api.problems import RefusedError
from clarion.api.reading import decoded
from clarion.api.services import Services
from clarion.errors import NotFoundError, TooLargeError

TEMPLATE_LIMIT_BYTES = 1024 * 1024


class TemplateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A template file as JSON; the same as plain text is taken too."""

    source: str


class TemplateWritten(msgspec.Struct, frozen=True):
    """The template's version, and the workflows that got a new version by it."""

    name: str
    version: int
    workflows: list[str]


class TemplateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A template file at its current version."""

    name: str
    version: int
    updated_at: str
    source: str


class TemplateSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A template file in a list."""

    name: str
    version: int
    updated_at: str


class Templates(msgspec.Struct, frozen=True):
    """All template files of the environment."""

    data: list[TemplateSummary]


_BODY = msgspec.json.Decoder(TemplateBody)


def _amend_put(operation: Operation) -> None:
    """The body is read by hand, so the signature does not say what it is."""
    source = Schema(type=OpenAPIType.STRING)
    document = Schema(
        type=OpenAPIType.OBJECT,
        properties={"source": source},
        required=["source"],
        additional_properties=False,
    )
    operation.request_body = RequestBody(
        content={
            "application/json": OpenAPIMediaType(
                schema=document, example={"source": "<mjml>...</mjml>"}
            ),
            "text/plain": OpenAPIMediaType(schema=source, example="<mjml>...</mjml>"),
        },
        required=True,
    )


TEMPLATE_EXAMPLE = {
    "name": "welcome.mjml",
    "version": 2,
    "updated_at": "2026-01-02T03:04:05.678901Z",
}


@put(
    "/v1/templates/{template:str}",
    takes_text=True,
    **route(
        "Write a template file",
        "admin",
        amend=_amend_put,
        refuses=(413, 415, 422),
        tag="workflows",
        example={"name": "welcome.mjml", "version": 3, "workflows": ["welcome"]},
    ),
)
async def put_template(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    request: Request[Any, Any, Any],
    template: FromPath[str],
) -> TemplateWritten:
    """Takes `{"source": "..."}`, or the file itself as `text/plain` or another text type. Workflows
    that use it are compiled again first; one that would break refuses it.
    """
    raw = await request.body()
    if len(raw) > TEMPLATE_LIMIT_BYTES:
        raise TooLargeError("a template file has up to 1 MiB")
    if request.headers.get("content-type", "").startswith("text/"):
        source = _text(raw)
    else:
        source = decoded(_BODY, raw).source
    version, flows = await services.catalogs.put_template(asker.env, template, source)
    return TemplateWritten(template, version, flows)


@get(
    "/v1/templates/{template:str}",
    **route(
        "Read a template file",
        refuses=(404,),
        example={**TEMPLATE_EXAMPLE, "source": "<mjml>...</mjml>"},
        tag="workflows",
    ),
)
async def get_template(
    services: NamedDependency[Services], asker: NamedDependency[Asker], template: FromPath[str]
) -> TemplateAnswer:
    """The current version."""
    catalog = await services.catalogs.current(asker.env)
    for row in catalog.templates:
        if row.name == template:
            return TemplateAnswer(
                name=row.name, version=row.version, updated_at=when(row.at) or "", source=row.body
            )
    raise NotFoundError(f"there is no template {template!r}")


@get(
    "/v1/templates",
    **route("List template files", example={"data": [TEMPLATE_EXAMPLE]}, tag="workflows"),
)
async def list_templates(
    services: NamedDependency[Services], asker: NamedDependency[Asker]
) -> Templates:
    """Without their sources."""
    catalog = await services.catalogs.current(asker.env)
    return Templates(
        [
            TemplateSummary(name=row.name, version=row.version, updated_at=when(row.at) or "")
            for row in catalog.templates
        ]
    )


@delete(
    "/v1/templates/{template:str}",
    status_code=204,
    **route("Delete a template file", "admin", refuses=(404, 422), tag="workflows"),
)
async def delete_template(
    services: NamedDependency[Services], asker: NamedDependency[Asker], template: FromPath[str]
) -> None:
    """Refused while a workflow uses it."""
    if not await services.catalogs.delete(asker.env, "template", template):
        raise NotFoundError(f"there is no template {template!r}")


ROUTES = (put_template, get_template, list_templates, delete_template)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "the file is not UTF-8", pointer="") from None

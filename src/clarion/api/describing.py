"""How a route describes itself: what it refuses, an example of its answer, who may call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.connection import Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPIHeader,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    Schema,
    SecurityScheme,
    Tag,
)

from clarion.api.auth import Scope, may, own_inbox
from clarion.api.problems import CODE_OF_STATUS, MEDIA_TYPE, TITLES, Problem

USUAL_REFUSALS = (400, 401, 403, 408, 413, 415, 429, 503)

TAGS = {
    "events": "What happened, and who was told.",
    "blasts": "Events whose audience is cut beforehand, fired by one flip.",
    "people": "Users, their devices and preferences, tenants, topics.",
    "workflows": "What to do about an event: workflows, categories, templates.",
    "what happened": "Notifications, dead letters, lanes, providers.",
    "inbox": "A user's own inbox; these routes take a user token.",
    "keys": "The API keys of the environment.",
    "server": "Whether the server is well.",
}

_DESCRIPTION = (
    "Programs authenticate with an API key, browsers and apps with a user token for one inbox. "
    "Every refusal is `application/problem+json` (RFC 9457). Instants are RFC 3339 in UTC. "
    "Ids in addresses are percent-encoded, `/` included."
)


Amend = Callable[[Operation], None]
"""Changes an operation of the description."""


def refusals(statuses: Iterable[int]) -> dict[int, ResponseSpec]:
    """Problem responses by status, for a route's description."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            description=TITLES[CODE_OF_STATUS[status]] + ".",
            media_type=MEDIA_TYPE,
        )
        for status in sorted(statuses)
    }


LIMIT_HEADERS = {
    "Retry-After": "Seconds to wait before the next try.",
    "RateLimit-Policy": "The bounds: name, quota `q`, window `w` in seconds.",
    "RateLimit": "How a bound stands: `r` is left, more comes in `t` seconds.",
}
"""What an answer 429 carries (IETF draft "RateLimit header fields for HTTP")."""


def headers_of(described: Mapping[str, str]) -> dict[str, OpenAPIHeader | Reference]:
    """Headers of an answer, all of them text."""
    text = Schema(type=OpenAPIType.STRING)
    return {
        name: OpenAPIHeader(schema=text, description=words) for name, words in described.items()
    }


def route(
    summary: str,
    scope: Scope | None = "read",
    *,
    refuses: Iterable[int] = (),
    example: Any = None,
    tag: str,
    amend: Amend | None = None,
) -> dict[str, Any]:
    """Keyword arguments of a route that takes an API key with `scope` (None: any).

    `amend` may change the operation of the description once the router has made it.
    """
    return {
        "summary": summary,
        "guards": [may(scope)],
        "security": [{"apiKey": []}],
        "responses": refusals({*USUAL_REFUSALS, *refuses}),
        "operation_class": _operation_with(example, amend),
        "tags": [tag],
    }


def inbox_route(
    summary: str, *, refuses: Iterable[int] = (), example: Any = None
) -> dict[str, Any]:
    """Keyword arguments of a route that takes a user token."""
    described = route(summary, refuses=refuses, example=example, tag="inbox")
    return {**described, "guards": [own_inbox], "security": [{"userToken": []}]}


def open_route(
    summary: str, *, refuses: Iterable[int] = (), example: Any = None, tag: str = "server"
) -> dict[str, Any]:
    """Keyword arguments of a route that anybody may call."""
    described = route(summary, example=example, tag=tag)
    return {**described, "guards": [], "security": [], "responses": refusals(set(refuses))}


def openapi_config(version: str) -> OpenAPIConfig:
    """Where the description is served (`/openapi.json`) and what it says of the whole."""
    return OpenAPIConfig(
        title="Clarion",
        version=version,
        description=_DESCRIPTION,
        path="/openapi.json",
        render_plugins=[_Document(path=["/", "/openapi.json"])],
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(
                    type="http", scheme="bearer", description="An API key (`clk_...`)."
                ),
                "userToken": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="JWT",
                    description="A token of `POST /v1/users/{user}/token`, for one user's inbox.",
                ),
            }
        ),
    )


class _Document(JsonRenderPlugin):
    """The description as JSON, encoded once."""

    _encoded: bytes | None = None

    def render(self, _: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._encoded is None:
            self._encoded = msgspec.json.encode(openapi_schema)
        return self._encoded


def _operation_id(handler: HTTPRouteHandler, _method: Any, _path: Any) -> str:
    return handler.handler_name.rsplit(".", 1)[-1]


def _operation_with(example: Any, amend: Amend | None) -> type[Operation]:
    @dataclass
    class DescribedOperation(Operation):
        def __post_init__(self) -> None:
            for status, response in (self.responses or {}).items():
                content = getattr(response, "content", None) or {}
                for media in content.values():
                    media.example = example if status.startswith("2") else _problem(int(status))
                if status == "429" and isinstance(response, OpenAPIResponse):
                    response.headers = headers_of(LIMIT_HEADERS)
            if amend is not None:
                amend(self)

    return DescribedOperation


def _problem(status: int) -> dict[str, Any]:
    code = CODE_OF_STATUS[status]
    return {
        "type": f"/problems/{code}",
        "title": TITLES[code],
        "status": status,
        "detail": "what is wrong, and how to mend it",
        "code": code,
        "request_id": "req_0a1321c6e2b691ab",
    }


def example_of(value: Any) -> list[Example]:
    """One example of a body."""
    return [Example(value=value)]

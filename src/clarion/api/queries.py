"""Query parameters that no route knows are refused: a filter with a slip in it must not be taken
for no filter at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.routes import BaseRoute, HTTPRoute

from clarion.api.problems import RefusedError
from clarion.core.suggestion import did_you_mean

Known = dict[str, frozenset[str]]
"""Names of the query parameters of each GET route below `/v1`, by the name of its handler."""


def known_queries(routes: Iterable[BaseRoute]) -> Known:
    """What the routes themselves declare."""
    known: Known = {}
    for route in routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/v1/"):
            continue
        handler, model = route.route_handler_map.get("GET", (None, None))
        if handler is not None and model is not None:
            names = frozenset(found.field_alias for found in model.expected_query_params)
            known[handler.handler_name] = names
    return known


def check_query(request: Request[Any, Any, Any], known: Known) -> None:
    """RefusedError 400 with what was probably meant."""
    if not request.url.query:
        return
    names = known.get(request.route_handler.handler_name)
    if names is None:
        return
    for name in request.query_params:
        if name not in names:
            meant = did_you_mean(name, sorted(names)) if names else "this address takes none"
            raise RefusedError(
                400, f"{name[:64]}: there is no such parameter; {meant}", parameter=name
            )

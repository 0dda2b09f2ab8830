"""Query parameters that no route knows are refused, and those given twice: a filter with a slip in
it must not be taken for no filter at all, nor half of one for the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.routes import BaseRoute, HTTPRoute

from clarion.api.problems import RefusedError
from clarion.core.suggestion import did_you_mean

Known = dict[str, dict[str, bool]]
"""Query parameters of each GET route below `/v1`, by the name of its handler: whether they may be
given more than once."""


def known_queries(routes: Iterable[BaseRoute]) -> Known:
    """What the routes themselves declare."""
    known: Known = {}
    for route in routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/v1/"):
            continue
        handler, model = route.route_handler_map.get("GET", (None, None))
        if handler is not None and model is not None:
            known[handler.handler_name] = {
                found.field_alias: found.is_sequence for found in model.expected_query_params
            }
    return known


def check_query(request: Request[Any, Any, Any], known: Known) -> None:
    """RefusedError 400 with what was probably meant, or for the second of a single value."""
    if not request.url.query:
        return
    names = known.get(request.route_handler.handler_name)
    if names is None:
        return
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in names:
            meant = did_you_mean(name, sorted(names)) if names else "this address takes none"
            raise RefusedError(
                400, f"{name[:64]}: there is no such parameter; {meant}", parameter=name
            )
        if name in seen and not names[name]:
            raise RefusedError(400, f"{name}: it is given twice; give it once", parameter=name)
        seen.add(name)

"""The whole API as one ASGI application."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol

from litestar import Litestar, Request
from litestar.datastructures import CacheControlHeader, MutableScopeHeaders, State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from clarion.api import (
    addresses,
    blasts,
    captures,
    consent_bulk,
    consents,
    dead_letter_causes,
    dead_letters,
    devices,
    drafts,
    events,
    export,
    inbox,
    inbox_acts,
    inboxes,
    keys,
    lanes,
    meta,
    notifications,
    preference_bulk,
    preference_history,
    preference_links,
    preference_resolution,
    preferences,
    presence,
    redrives,
    send_again,
    sending,
    sign_in,
    simulations,
    states,
    suppressions,
    templates,
    tenants,
    topics,
    user_search,
    users,
    versions,
    why,
    workflow_counts,
    workflows,
)
from clarion.api.auth import Asker, Keyring, Reader
from clarion.api.bodies import Bodies
from clarion.api.choosing import Choosing
from clarion.api.cursors import Cursors
from clarion.api.describing import openapi_config
from clarion.api.discretion import Discretion
from clarion.api.intake import Intake, request_id_of
from clarion.api.origins import Origins
from clarion.api.presence import Presences
from clarion.api.problems import RefusedError, response_of
from clarion.api.queries import check_query, known_queries
from clarion.api.reading import LONGEST_ADDRESS, LONGEST_ID, path_id
from clarion.api.services import Services
from clarion.api.sign_in import Tries
from clarion.api.statics import NOSNIFF, Statics
from clarion.api.tickets import Tickets
from clarion.core.event import BATCH_LIMIT_BYTES
from clarion.pipeline.states import StateIntake

ROUTES: tuple[Any, ...] = (
    *sending.ROUTES,
    *events.ROUTES,
    *blasts.ROUTES,
    *why.ROUTES,
    *user_search.ROUTES,
    *users.ROUTES,
    *devices.ROUTES,
    *addresses.ROUTES,
    *inboxes.ROUTES,
    *export.ROUTES,
    *tenants.ROUTES,
    *preferences.ROUTES,
    *preference_history.ROUTES,
    *preference_links.ROUTES,
    *preference_bulk.ROUTES,
    *preference_resolution.ROUTES,
    *consents.ROUTES,
    *consent_bulk.ROUTES,
    *suppressions.ROUTES,
    *topics.ROUTES,
    *states.ROUTES,
    *workflows.ROUTES,
    *workflow_counts.ROUTES,
    *templates.ROUTES,
    *drafts.ROUTES,
    *versions.ROUTES,
    *notifications.ROUTES,
    *send_again.ROUTES,
    *dead_letters.ROUTES,
    *dead_letter_causes.ROUTES,
    *redrives.ROUTES,
    *simulations.ROUTES,
    *lanes.ROUTES,
    *captures.ROUTES,
    *presence.ROUTES,
    *keys.ROUTES,
    *sign_in.ROUTES,
    *inbox_acts.ROUTES,
    *inbox.ROUTES,
    *meta.ROUTES,
)

OF_PEOPLE: tuple[Any, ...] = (
    *presence.OWN_ROUTES,
    *inbox_acts.ROUTES,
    *inbox.ROUTES,
    *meta.ROUTES,
)
"""What a gateway serves: nothing that takes an API key, but metrics from afar."""

WATCHED_ONLY: tuple[Any, ...] = meta.ROUTES
"""What a process without an API answers."""

WITH_BODY = ("POST", "PUT", "PATCH")

LONG_PARAMETERS = frozenset({"token"})
"""Path parameters that hold an address rather than an id."""


class PeoplesPages(Protocol):
    """Pages for people's browsers, which open by a link."""

    def serves(self, path: str) -> bool:
        """Whether the path is one of a page."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


MakePages = Callable[[Services, Choosing, Bodies], PeoplesPages]


def create_app(
    services: Services,
    routes: tuple[Any, ...] = ROUTES,
    statics: Statics | None = None,
    live: Mapping[str, ASGIApp] | None = None,
    pages: MakePages | None = None,
) -> ASGIApp:
    """Everything under `/v1`, `/openapi.json`, and what watches over the server; or `routes`, a
    part of it, which takes no events. `statics`: the files to serve, by default those built.
    `live`: what answers at addresses of its own, beside the router. `pages` makes those that
    people open by a link."""
    choosing = Choosing(services)
    keyring = Keyring(services)
    cursors = Cursors(services.secret)
    router = Litestar(
        routes,
        openapi_config=openapi_config(services.version),
        before_request=_check_request,
        before_send=[_tell_limit],
        dependencies={
            "services": _always(services),
            "cursors": _always(cursors),
            "keyring": _always(keyring),
            "choosing": _always(choosing),
            "tickets": _always(Tickets(services)),
            "tries": _always(Tries(services.clock)),
            "presences": _always(Presences(services.store)),
            "intake": _always(_state_intake(services)),
            "asker": Provide(_asker, sync_to_thread=False),
            "reader": Provide(_reader, sync_to_thread=False),
        },
        exception_handlers={Exception: _refuse},
        request_max_body_size=BATCH_LIMIT_BYTES,
        state=State(
            {
                "keyring": keyring,
                "services": services,
                "queries": {},
                "discretion": Discretion(services.clock),
            }
        ),
        cache_control=CacheControlHeader(no_store=True),
        logging_config=None,
    )
    router.state.queries = known_queries(router.routes)
    bodies = Bodies()
    intake = Intake(services, keyring, bodies) if routes is ROUTES else None
    if statics is None and routes is not WATCHED_ONLY:
        statics = Statics()
    opened = None
    if pages is not None and routes is not WATCHED_ONLY:
        opened = pages(services, choosing, bodies)
    origins = Origins(services.inbox_origins)
    return Front(router, intake, bodies, statics, origins, live, opened)


class Front:
    """Takes events the short way; hands the rest to the router, with addresses as they were sent.

    Servers undo the percent-encoding of `scope["path"]`, which would cut an id with a slash in two.
    The router gets the encoded path, and each parameter is decoded once, after routing. Bodies that
    the router reads share the room of those of events.
    """

    def __init__(
        self,
        router: Litestar,
        intake: Intake | None,
        bodies: Bodies | None = None,
        statics: Statics | None = None,
        origins: Origins | None = None,
        live: Mapping[str, ASGIApp] | None = None,
        pages: PeoplesPages | None = None,
    ) -> None:
        self.router = router
        self._origins = origins or Origins(())
        self._live = live or {}
        self._pages = pages
        self._statics = statics
        self._bodies = bodies or Bodies()
        self._short: dict[str, ASGIApp] = {}
        if intake is not None:
            self._short = {"/v1/events": intake.event, "/v1/events/batch": intake.batch}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in (ScopeType.HTTP, ScopeType.WEBSOCKET):
            live = self._live.get(scope["path"])
            if live is not None and scope.get("method") != "OPTIONS":
                await live(scope, receive, send)
                return
        if scope["type"] == ScopeType.HTTP and self._origins.concern(scope):
            if scope["method"] == "OPTIONS":
                await self._origins.preflight(scope, send)
            else:
                await self._origins.around(self._answer, scope, receive, send)
            return
        await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            if scope["method"] == "POST":
                taker = self._short.get(scope["path"])
                if taker is not None:
                    await taker(scope, receive, send)
                    return
            file = self._statics.file(scope) if self._statics else None
            if self._statics and file is not None:
                await self._statics.send(file, scope, receive, send)
                return
            if self._pages is not None and self._pages.serves(scope["path"]):
                await self._pages(scope, receive, send)
                return
            raw_path = scope.get("raw_path") or b""
            if b"%" in raw_path:
                scope["path"] = raw_path.partition(b"?")[0].decode("latin-1")
            if scope["method"] in WITH_BODY:
                await self._with_body(scope, receive, send)
                return
        await self.router(scope, receive, _guarded(send))

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = self._bodies.place()
        try:
            counted = place.counted(receive, lambda: _owner_of(scope))
            await self.router(scope, counted, _guarded(send))
        finally:
            place.leave()


def _guarded(send: Send) -> Send:
    """Browsers take answers for what they say they are: what data made of one is no script."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], NOSNIFF]
        await send(message)

    return sent


def _owner_of(scope: Scope) -> Hashable:
    """Who sends a body: the key or the user, once a guard knew them, else the address."""
    asker = scope.get("auth")
    if isinstance(asker, Asker):
        return asker.key
    if isinstance(asker, Reader):
        return asker.env, asker.user
    client = scope.get("client")
    return client[0] if client else "nowhere"


def _always(value: Any) -> Provide:
    def provide() -> Any:
        return value

    return Provide(provide, sync_to_thread=False, use_cache=True)


def _state_intake(services: Services) -> StateIntake:
    return StateIntake(services.store, services.bus, services.clock, services.state_backlog)


def _asker(request: Request[Any, Asker, Any]) -> Asker:
    return request.auth


def _reader(request: Request[Any, Reader, Any]) -> Reader:
    return request.auth


async def _check_request(request: Request[Any, Any, Any]) -> None:
    """Decode the ids of the address, and refuse bodies of another type before they are read."""
    if request.scope["path_params"]:
        request.scope["path_params"] = {
            name: path_id(text, name, longest=_longest(name))
            for name, text in request.scope["path_params"].items()
        }
    if request.method in WITH_BODY:
        _check_media_type(request)
    elif request.method == "GET":
        check_query(request, request.app.state.queries)


async def _tell_limit(message: Message, scope: Scope) -> None:
    """The RateLimit fields of a key that has a limit, on whatever it is answered."""
    asker = scope.get("auth")
    if message["type"] != "http.response.start" or not isinstance(asker, Asker):
        return
    keyring: Keyring = scope["litestar_app"].state.keyring
    headers = MutableScopeHeaders.from_message(message)
    for name, text in keyring.fields(asker).items():
        headers.setdefault(name, text)


def _longest(parameter: str) -> int:
    return LONGEST_ADDRESS if parameter in LONG_PARAMETERS else LONGEST_ID


def _check_media_type(request: Request[Any, Any, Any]) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    plain = media_type.startswith("text/") and request.route_handler.opt.get("takes_text")
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        if plain or media_type in request.route_handler.opt.get("takes", ()):
            return
        raise RefusedError(
            415, f"send JSON with Content-Type: application/json, not {media_type!r}"
        )


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    services: Services = request.app.state.services
    request_id = request_id_of(request.headers.get("x-request-id"), services)
    handler = request.scope.get("route_handler")
    body = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    discretion: Discretion = request.app.state.discretion
    told = discretion.told(error, request.scope.get("auth"))
    return response_of(told, request_id, body.annotation if body else None)

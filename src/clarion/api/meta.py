"""What watches over the server: alive, ready, metrics; and a sign at the door."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Response

from clarion.api.auth import Keyring
from clarion.api.describing import open_route
from clarion.api.services import Services
from clarion.telemetry import TEXT, form_of

FORWARDED = ("forwarded", "via", "x-real-ip")
"""Headers of a proxy, besides those that begin with `x-forwarded-`."""


class Health(msgspec.Struct, frozen=True):
    """`ok`, when there is an answer at all."""

    status: str


class Ready(msgspec.Struct, frozen=True, omit_defaults=True):
    """`ok`. With `--processes`, how each process is: `starting`, `up`, or `waiting` to be started
    again; what it is for; and how often it came back. `bus` is `away` while this process does not
    hear the others, and left out else."""

    status: str
    processes: list[dict[str, Any]] = []
    bus: str = ""


class Landing(msgspec.Struct, frozen=True):
    """Where things are."""

    name: str
    version: str
    openapi: str
    events: str
    health: str
    metrics: str


LANDING_EXAMPLE = {
    "name": "Clarion",
    "version": "1.0.0",
    "openapi": "/openapi.json",
    "events": "/v1/events",
    "health": "/readyz",
    "metrics": "/metrics",
}

READY_EXAMPLE = {
    "status": "ok",
    "processes": [
        {
            "process": 1,
            "state": "up",
            "restarts": 0,
            "roles": ["api", "gateway", "worker"],
            "lanes": ["critical", "transactional"],
        },
        {
            "process": 2,
            "state": "waiting",
            "restarts": 3,
            "roles": ["keeper", "worker"],
            "lanes": ["social", "bulk"],
        },
    ],
}


@get("/", **open_route("Where things are", example=LANDING_EXAMPLE))
async def get_landing(services: NamedDependency[Services]) -> Landing:
    """A sign at the door."""
    return Landing(
        "Clarion", services.version, "/openapi.json", "/v1/events", "/readyz", "/metrics"
    )


@get("/livez", **open_route("Is the server alive?", example={"status": "ok"}))
async def get_livez() -> Health:
    """Answers as long as the process does; restart it when it does not."""
    return Health("ok")


@get(
    "/readyz",
    **open_route("Can the server take work?", refuses=(503,), example=READY_EXAMPLE),
)
async def get_readyz(services: NamedDependency[Services]) -> Ready:
    """Answers ok when the store can be read and, as far as was tried, written; else 503. A process
    beside this one that is started again is told of, and so is a bus that is away; neither is a
    reason for 503.
    """
    await services.store.check(services.clock.now())
    return Ready("ok", services.siblings(), "" if services.bus.connected else "away")


@get(
    "/metrics",
    media_type=TEXT,
    **open_route("Metrics", refuses=(401, 403), example="clarion_up 1\n"),
)
async def get_metrics(
    services: NamedDependency[Services],
    keyring: NamedDependency[Keyring],
    request: Request[Any, Any, Any],
) -> Response[bytes]:
    """In Prometheus' text format, or in OpenMetrics with exemplars when `Accept` asks for it; with
    `--processes` those of all processes, each sample with the label `process`, but for what all of
    them read from the store. From the machine itself no key is needed; from elsewhere, and by way
    of any proxy, one with scope `read`.
    """
    if not _is_loopback(request):
        (await keyring.asker(request.headers.get("authorization"))).need("read")
    await services.gauge()
    form = form_of(request.headers.get("accept", ""))
    return Response(await services.gather(services.metrics, form), media_type=form)


ROUTES = (get_landing, get_livez, get_readyz, get_metrics)


def _is_loopback(request: Request[Any, Any, Any]) -> bool:
    """Whether it comes from this machine itself, and not by way of a proxy on it."""
    if any(name in FORWARDED or name.startswith("x-forwarded-") for name in request.headers):
        return False
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback

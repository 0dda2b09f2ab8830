"""How the notifications of a workflow stand, in numbers."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from clarion.api.answers import instant_of, when
from clarion.api.auth import Asker
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.core.suggestion import did_you_mean
from clarion.errors import NotFoundError

HOUR = 3600 * SECOND

COUNTS_EXAMPLE = {
    "since": "2026-01-02T02:04:05.678901Z",
    "whole": True,
    "events": 3,
    "counts": {"open": 0, "held": 1, "sent": 1204, "dead": 0, "skipped": 96},
}


class BucketCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications by status; each is in exactly one."""

    open: int
    held: int
    sent: int
    dead: int
    skipped: int


class WorkflowCounts(msgspec.Struct, frozen=True, kw_only=True):
    """All notifications of the workflow's `events` that were accepted `since`. `whole` is false
    where too many events came in that time; then `since` is how far back was counted."""

    since: str | None
    whole: bool
    events: int
    counts: BucketCounts


@get(
    "/v1/workflows/{workflow:str}/counts",
    **route("Count a workflow", refuses=(404,), example=COUNTS_EXAMPLE, tag="workflows"),
)
async def get_workflow_counts(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    workflow: FromPath[str],
    since: Annotated[
        str | None,
        QueryParameter(description="From this instant on (RFC 3339); without it, the last hour."),
    ] = None,
) -> WorkflowCounts:
    """How its notifications stand now, exactly, of the events since an instant. It looks at the
    newest 20,000 pairs of event and workflow of the environment, and says how far back they
    reach."""
    catalog = await services.catalogs.current(asker.env)
    known = {row.workflow.key: row.number for row in catalog.workflows}
    if workflow not in known:
        raise NotFoundError(f"there is no workflow {workflow!r}; {did_you_mean(workflow, known)}")
    asked = instant_of(since, "since")
    start = services.clock.now() - HOUR if asked is None else asked
    found = await services.store.ledger.flow_counts(asker.env, known[workflow], start)
    counts = found.counts
    return WorkflowCounts(
        since=when(found.since),
        whole=found.whole,
        events=found.events,
        counts=BucketCounts(
            open=counts.open, held=counts.held, sent=counts.sent, dead=counts.dead,
            skipped=counts.skipped,
        ),
    )  # fmt: skip


ROUTES = (get_workflow_counts,)

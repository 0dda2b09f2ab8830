"""One step of a workflow as it would read, for somebody who tries it out."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import to_rfc3339
from clarion.core.digest_values import DigestEntry, digest_values
from clarion.core.workflow import DigestStep, SendStep
from clarion.errors import InvalidError
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.values import person, preview_values
from clarion.store.contract.people import UserRow


class PreviewAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What to render a workflow with. `document` and `templates` (name -> source) stand in for what
    is live."""

    user: str | None = None
    actor: str | None = None
    data: dict[str, Any] = {}
    locale: str | None = None
    document: dict[str, Any] | None = None
    templates: dict[str, str] = {}
    keep_going: bool = False


def values_for(
    compiled: CompiledWorkflow,
    user: UserRow | None,
    actor: UserRow | None,
    data: dict[str, Any],
    now: int,
) -> dict[str, Any]:
    """What the templates of a workflow see in a preview. A digest holds the one event; without an
    actor the user stands for it."""
    values = preview_values(user, data, compiled.workflow.on, now)
    if actor is not None:
        values["actor"] = person(actor)
    if any(
        isinstance(step, DigestStep) or _told_together(step) for step in compiled.workflow.steps
    ):
        entry = DigestEntry(
            event=values["event"]["id"],
            type=compiled.workflow.on,
            accepted_at=now,
            data=data,
            actor=values["actor"],
        )
        values["digest"] = digest_values(
            [entry], key="", total=1, actors_total=1, written=to_rfc3339
        )
    return values


def _told_together(step: Any) -> bool:
    return isinstance(step, SendStep) and step.aggregate is not None


def previewed(
    compiled: CompiledWorkflow,
    step: SendStep,
    values: dict[str, Any],
    locales: tuple[str | None, ...],
    *,
    keep_going: bool,
) -> dict[str, Any]:
    """A step's entry of a preview, see `Catalogs.preview`. InvalidError when it cannot be rendered
    with these values, unless told to keep going."""
    words = compiled.steps[step.index]
    chosen = words.locale_for(*locales)
    said = {"step": step.index, "channel": step.channel.value}
    try:
        rendered = words.render(chosen, values, strict=True)
    except InvalidError as error:
        if not keep_going:
            raise
        return {
            **said,
            "locale": chosen or compiled.workflow.locale,
            "content": {},
            "warnings": [],
            "problem": {"pointer": error.pointer, "detail": error.detail},
        }
    return {
        **said,
        "locale": rendered.locale or compiled.workflow.locale,
        "content": rendered.fields,
        "warnings": list(rendered.warnings),
    }

"""Which workflows listen to an event, and whom each of them is for: the first look at a draft."""

from __future__ import annotations

import msgspec

from clarion.conditions.contract import AudiencePart
from clarion.core.suggestion import nearest
from clarion.errors import ClarionError, InvalidError
from clarion.pipeline.catalogs import CompiledCatalog
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.drafts import Audience, Draft, check_name
from clarion.pipeline.flow import Flow
from clarion.pipeline.values import event_values


class Part(msgspec.Struct, kw_only=True):
    """One workflow of one event with the audience it is for. `walked`: its users are decided by a
    task, however few they are. `broadcast`: it is stored once and decided
    when its members look."""

    compiled: CompiledWorkflow
    audience: Audience
    expression: str | None = None
    flow: Flow | None = None
    users: list[int] = []
    walked: bool = False
    broadcast: bool = False


class Sketch(msgspec.Struct, kw_only=True):
    """An event on its way from draft to rows."""

    id: bytes
    draft: Draft
    parts: list[Part] = []
    problem: ClarionError | None = None


def sketch_of(catalog: CompiledCatalog, id_: bytes, found: Draft, now: int) -> Sketch:
    """The sketch of a draft; what is wrong with the event itself becomes its problem."""
    try:
        return Sketch(id=id_, draft=found, parts=_parts(catalog, id_, found, now))
    except InvalidError as error:
        return Sketch(id=id_, draft=found, problem=error)


def _parts(catalog: CompiledCatalog, id_: bytes, found: Draft, now: int) -> list[Part]:
    """The workflows that listen, each with its audience: the event's, else the workflow's."""
    parts = []
    for compiled in _listening(catalog, found):
        if found.audience is not None:
            parts.append(Part(compiled=compiled, audience=found.audience))
        elif compiled.audience is not None:
            audience = _evaluated(compiled, id_, found, now)
            parts.append(
                Part(compiled=compiled, audience=audience, expression=compiled.workflow.audience)
            )
        else:
            parts.append(Part(compiled=compiled, audience=Audience()))
    return parts


def _listening(catalog: CompiledCatalog, found: Draft) -> list[CompiledWorkflow]:
    key = found.incoming.workflow
    if key is None:
        return catalog.by_type.get(found.incoming.type, [])
    compiled = catalog.by_key.get(key)
    if compiled is None:
        near = nearest(key, catalog.by_key)
        hint = f"; did you mean {near!r}?" if near else "; put it first, or leave it out"
        raise InvalidError(f"there is no workflow {key!r}{hint}", "/workflow")
    return [compiled]


def _evaluated(compiled: CompiledWorkflow, id_: bytes, found: Draft, now: int) -> Audience:
    incoming = found.incoming
    values = event_values(
        event=id_, type_=incoming.type, accepted_at=now, data=incoming.data,
        actor={"id": incoming.actor} if incoming.actor else {}, tenant=incoming.tenant, now=now,
    )  # fmt: skip
    audience = Audience()
    if compiled.audience is None:
        return audience
    for part in compiled.audience.audience(values):
        if part.kind != "all":
            _check_key(part, compiled)
        if part.kind == "topic":
            audience.topics.append((part.key, ()))
        elif part.kind == "user":
            audience.users.append(part.key)
        else:
            audience.everyone = True
    audience.users = list(dict.fromkeys(audience.users))
    return audience


def _check_key(part: AudiencePart, compiled: CompiledWorkflow) -> None:
    try:
        check_name(part.key, "")
    except InvalidError as error:
        key = compiled.workflow.key
        raise InvalidError(f"the audience of {key!r} gives a {part.kind}: {error}") from error

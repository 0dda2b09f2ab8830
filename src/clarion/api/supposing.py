"""What a request supposes, checked and in numbers: other workflows, categories, defaults, caps."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.api.choices import (
    Node,
    Preferences,
    node_from,
    setting_of,
    settled,
    top_of,
)
from clarion.api.documents import NAME_KINDS
from clarion.api.reading import check_depth, check_id
from clarion.api.services import Services
from clarion.core.caps_reading import read_cap_defaults
from clarion.core.document import Mistakes, pointer_to
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.workflow import Channel
from clarion.errors import InvalidError
from clarion.pipeline.changes import Asked, Override, Slice
from clarion.store.contract.names import NameKind

CHANGE = "/change"

_FIELD_OF = {
    "level": "level",
    "mute_until": "mute_until",
    "suppress": "suppress",
    "channels": "channels",
    "quiet_hours": "quiet",
    "pause_until": "pause_until",
    "cadence": "cadence",
}
_KIND_OF = {
    "categories": ScopeKind.CATEGORY,
    "workflows": ScopeKind.WORKFLOW,
    "topics": ScopeKind.TOPIC,
    "tenants": ScopeKind.TENANT,
}


class SupposedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules that would have held. `workflows` and `categories` are documents by key, as PUT takes
    them. `defaults` are put over those of the environment as a PATCH would, those below `tenants`
    over a tenant's. `quiet_hours` are windows for everybody who has none of their own. `caps` and
    `cap_total` stand for the environment's.
    """

    workflows: dict[str, dict[str, Any]] = {}
    categories: dict[str, dict[str, Any]] = {}
    defaults: Preferences | None = None
    quiet_hours: list[dict[str, Any]] | None = None
    caps: dict[str, dict[str, Any]] | None = None
    cap_total: dict[str, Any] | None = None


NO_CHANGE = SupposedChange()


async def asked_of(services: Services, env: int, change: SupposedChange, part: Slice) -> Asked:
    """The question as the pipeline takes it. InvalidError with a pointer below `/change`; workflows
    and categories are read by the pipeline."""
    for section, documents in (("workflows", change.workflows), ("categories", change.categories)):
        for key, document in documents.items():
            at = pointer_to(f"{CHANGE}/{section}", key)
            check_id(key, at)
            check_depth(document, at)
    return Asked(
        slice=part,
        workflows=change.workflows,
        categories=change.categories,
        overrides=tuple(await _overrides(services, env, change)),
        caps=_caps(change),
    )


async def _overrides(services: Services, env: int, change: SupposedChange) -> list[Override]:
    document = _plain(change.defaults)
    if change.quiet_hours is not None:
        if "quiet_hours" in document:
            detail = "'quiet_hours' stand in 'defaults' as well; write them once"
            raise InvalidError(detail, CHANGE + "/quiet_hours")
        document["quiet_hours"] = {"windows": change.quiet_hours}
    at, now = CHANGE + "/defaults", services.clock.now()
    if document.get("actors"):
        raise InvalidError("defaults have no 'actors'; leave it out", at + "/actors")
    found = []
    top = top_of(document)
    if top:
        found.append(_override(ScopeKind.ENVIRONMENT, 0, top, now, at))
    for section, kind in _KIND_OF.items():
        scopes = document.get(section) or {}
        here = pointer_to(at, section)
        numbers = await _numbers(services, env, kind, [*scopes], here)
        for name, node in scopes.items():
            node = node_from(section, node or {})
            found.append(_override(kind, numbers[name], node, now, pointer_to(here, name)))
    return found


async def _numbers(
    services: Services, env: int, kind: ScopeKind, names: list[str], at: str
) -> dict[str, int]:
    if not names:
        return {}
    found = await services.store.names.numbers(env, NAME_KINDS[kind], names)
    for name in names:
        if name not in found:
            detail = f"there is no {kind.label} {name!r}, so nothing could heed this"
            raise InvalidError(detail, pointer_to(at, name))
    return found


def _override(kind: ScopeKind, scope: int, node: Node, now: int, at: str) -> Override:
    asked, _ = settled(node, now, at)
    chosen = {name: value for name, value in asked.items() if value is not None}
    setting = setting_of(0, kind, scope, chosen, at) or Setting(user=0, kind=kind, scope=scope)
    switches: dict[str, Any] = asked.get("channels") or {}
    return Override(
        setting=setting,
        given=tuple(_FIELD_OF[name] for name in asked),
        inherits=tuple(Channel(name) for name, to in switches.items() if to not in ("on", "off")),
    )


def _caps(change: SupposedChange) -> dict[int, dict[str, Any]]:
    given = {"caps": change.caps, "cap_total": change.cap_total}
    document = {name: value for name, value in given.items() if value is not None}
    mistakes = Mistakes()
    read_cap_defaults(document, CHANGE, mistakes)
    if mistakes.found:
        raise mistakes.found[0]
    return {0: document} if document else {}


def _plain(defaults: Preferences | None) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(defaults) if defaults is not None else {}
    return document


async def numbers_of(
    services: Services, env: int, kind: NameKind, names: list[str], at: str
) -> dict[str, int]:
    """Numbers of names; InvalidError at the pointer when there is none."""
    found = await services.store.names.numbers(env, kind, names) if names else {}
    for name in names:
        if name not in found:
            raise InvalidError(f"there is no {kind.name.lower()} {name!r}", at)
    return found

"""The caps that hold for each step of a workflow, its category's, tenant's and environment's among
them."""

from __future__ import annotations

import msgspec

from clarion.core.cap_asks import Capped, caps_of_step
from clarion.core.caps import NO_CAPS, CapDefaults
from clarion.pipeline.compiled import CompiledWorkflow


class UsualCaps(msgspec.Struct, frozen=True):
    """What a tenant and the environment set."""

    of_tenant: CapDefaults = NO_CAPS
    of_environment: CapDefaults = NO_CAPS


NONE_SET = UsualCaps()


def rules_of(
    compiled: CompiledWorkflow, tenant: int, usual: UsualCaps
) -> dict[int, tuple[Capped, ...]]:
    """The caps of each step that has any. Mandatory categories are above those of tenant and
    environment."""
    category = compiled.category.category
    if category.mandatory or usual == NONE_SET:
        if not compiled.capped:
            return {}
        usual = NONE_SET
    found = {}
    for step in compiled.workflow.sends:
        caps = caps_of_step(
            step.channel,
            step.index,
            workflow=compiled.row.number,
            category=compiled.category.number,
            tenant=tenant,
            own=step.cap,
            throttle=compiled.workflow.throttle,
            of_category=category.cap,
            of_tenant=usual.of_tenant,
            of_environment=usual.of_environment,
        )
        if caps:
            found[step.index] = caps
    return found

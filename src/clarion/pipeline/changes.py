"""What a simulation is asked: a slice of the past, and the rules that would have held."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.caps import NO_CAPS, CapDefaults, CapRule
from clarion.core.caps_reading import read_cap_defaults
from clarion.core.document import Mistakes
from clarion.core.recipient import Setting
from clarion.core.replay_case import Pairs, pairs_of
from clarion.core.workflow import Channel, DigestStep, WhenQuiet
from clarion.pipeline.cap_rules import UsualCaps
from clarion.pipeline.catalogs import CatalogService, Supposed
from clarion.pipeline.compiled import CompiledWorkflow, Pin

LONGEST_WARM_UP_SECONDS = 31 * 24 * 3600


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A default that would have been chosen otherwise: of a row the fields named in `given`.
    Channels are put over those that are there; `inherits` are taken out."""

    setting: Setting
    given: tuple[str, ...]
    inherits: tuple[Channel, ...] = ()


class Slice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which decisions: of events accepted from `since` up to before `until` (microseconds), by the
    keys of workflow and category, type of event, number of tenant and users. `limit`: the walk ends
    with the user who reaches so many."""

    since: int
    until: int
    workflow: str | None = None
    category: str | None = None
    type: str | None = None
    tenant: int | None = None
    users: tuple[int, ...] = ()
    limit: int | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole question, as it is kept. `caps` are documents with `caps` and `cap_total` by the
    number of a tenant (0: the environment). `recount`: what caps said is counted anew."""

    slice: Slice
    workflows: dict[str, dict[str, Any]] = {}
    categories: dict[str, dict[str, Any]] = {}
    overrides: tuple[Override, ...] = ()
    caps: dict[int, dict[str, Any]] = {}
    recount: bool = False


class Flows(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow as it was pinned, and as it would have been. `timed`: what is decided depends on
    when; `gathers`: on what else the user was sent. `words`: on expressions that nobody evaluated
    then, or whose value was not kept; `own_words`: on such that look at the user."""

    old: CompiledWorkflow
    new: CompiledWorkflow
    pairs: Pairs
    timed: bool
    gathers: bool
    words: bool
    own_words: bool


class Change:
    """The rules that would have held, ready to be applied."""

    def __init__(self, asked: Asked, supposed: Supposed, catalogs: CatalogService) -> None:
        self.asked = asked
        self._supposed = supposed
        self._catalogs = catalogs
        self._flows: dict[Pin, Flows] = {}
        self._caps = {
            tenant: read_cap_defaults(document, "", Mistakes())
            for tenant, document in asked.caps.items()
        }
        self._caps_given = {tenant: set(document) for tenant, document in asked.caps.items()}

    def flows(self, old: CompiledWorkflow) -> Flows:
        """A pinned workflow beside what it would have been."""
        found = self._flows.get(old.pin)
        if found is None:
            new = self._new(old)
            pairs = pairs_of(old.workflow, new.workflow)
            dedupes = new.dedupe is not None and (new is not old or bool(self.asked.overrides))
            found = self._flows[old.pin] = Flows(
                old=old,
                new=new,
                pairs=pairs,
                words=_words(old, new, pairs) or dedupes,
                own_words=_own_words(new),
                timed=_timed(old) or _timed(new) or _resizes(old, new),
                gathers=_gathers(old) or _gathers(new) or dedupes,
            )
        return found

    def defaults(self, rows: tuple[Setting, ...]) -> tuple[Setting, ...]:
        """Rows of tenants and environment as they would have been."""
        if not self.asked.overrides:
            return rows
        found = {(row.kind, row.scope): row for row in rows}
        for override in self.asked.overrides:
            key = (override.setting.kind, override.setting.scope)
            empty = Setting(user=0, kind=override.setting.kind, scope=override.setting.scope)
            found[key] = _overridden(found.get(key, empty), override)
        return tuple(found.values())

    def caps(self, tenant: int, held: dict[int, CapDefaults]) -> UsualCaps:
        """Caps of a tenant and of the environment, as they would have been."""
        return UsualCaps(self._cap(tenant, held) if tenant else NO_CAPS, self._cap(0, held))

    def warm_up_seconds(self, compiled: list[CompiledWorkflow]) -> int:
        """The longest window that a decision may have to do with."""
        rules: list[CapRule | None] = []
        every = [*compiled, *self._supposed.workflows.values()]
        dedupes = [one.workflow.dedupe for one in every]
        longest = max((one.window_seconds for one in dedupes if one is not None), default=0)
        for one in every:
            rules += [one.workflow.throttle, one.category.category.cap]
            rules += [step.cap for step in one.workflow.sends]
        for row in self._supposed.categories.values():
            rules.append(row.category.cap)
        for defaults in self._caps.values():
            rules += [*defaults.channels.values(), defaults.total]
        for rule in rules:
            longest = max(longest, rule.window_seconds if rule is not None else 0)
        return min(longest, LONGEST_WARM_UP_SECONDS)

    def _new(self, old: CompiledWorkflow) -> CompiledWorkflow:
        changed = self._supposed.workflows.get(old.workflow.key)
        if changed is not None:
            return changed
        category = self._supposed.categories.get(old.category.category.key)
        return old if category is None else self._catalogs.compile(old.row, category)

    def _cap(self, tenant: int, held: dict[int, CapDefaults]) -> CapDefaults:
        there = held.get(tenant, CapDefaults())
        given = self._caps_given.get(tenant, set())
        mine = self._caps.get(tenant, there)
        return CapDefaults(
            channels=mine.channels if "caps" in given else there.channels,
            total=mine.total if "cap_total" in given else there.total,
        )


def is_timed(rows: tuple[Setting, ...]) -> bool:
    """Whether any of these choices holds only at times."""
    return any(
        row.mute_until is not None or row.pause_until is not None or row.quiet for row in rows
    )


def _overridden(row: Setting, override: Override) -> Setting:
    chosen = override.setting
    fields = {name: getattr(chosen, name) for name in override.given if name != "channels"}
    if "channels" in override.given:
        channels = {**row.channels, **chosen.channels}
        for channel in override.inherits:
            channels.pop(channel, None)
        fields["channels"] = channels
    return msgspec.structs.replace(row, **fields)


def _timed(compiled: CompiledWorkflow) -> bool:
    if len(compiled.workflow.sends) < len(compiled.workflow.steps):
        return True
    if compiled.category.category.consent == "required" and any(
        step.channel is Channel.SMS for step in compiled.workflow.sends
    ):
        return True
    return any(step.window or step.presence_seconds for step in compiled.workflow.sends)


def _resizes(old: CompiledWorkflow, new: CompiledWorkflow) -> bool:
    """Whether another size makes an audience a large one."""
    return old.category.category.push_up_to != new.category.category.push_up_to


def _words(old: CompiledWorkflow, new: CompiledWorkflow, pairs: Pairs) -> bool:
    digests = any(isinstance(step, DigestStep) and step.key for step in new.workflow.steps)
    return (
        digests
        or bool(old.cap_keys or new.cap_keys)
        or any(step not in pairs.whens for step in new.whens)
        or any(step not in pairs.untils for step in new.untils)
    )


def _own_words(new: CompiledWorkflow) -> bool:
    conditions = [*new.whens.values(), *new.untils.values()]
    conditions += [new.dedupe] if new.dedupe is not None else []
    return any("user" in condition.names for condition in conditions)


def _gathers(compiled: CompiledWorkflow) -> bool:
    """Whether there are caps of its own, digests, or sends that may be gathered."""
    steps = compiled.workflow.steps
    capped = any(step.cap is not None for step in compiled.workflow.sends)
    return (
        capped
        or compiled.workflow.throttle is not None
        or compiled.category.category.cap is not None
        or any(isinstance(step, DigestStep) for step in steps)
        or any(step.quiet is WhenQuiet.DIGEST for step in compiled.workflow.sends)
    )

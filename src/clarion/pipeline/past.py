"""The past as replay needs it: recorded notifications with their facts, read back in batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.clock import SECOND
from clarion.core.caps import NO_CAPS
from clarion.core.decide import decide
from clarion.core.decision import DECIDER, DecisionRecord, Result
from clarion.core.facts import EventFacts, Facts
from clarion.core.ids import instant_of, is_digest
from clarion.core.recipient import Consent, Setting, Standing
from clarion.core.record import facts_from
from clarion.core.replay_case import Case, Past
from clarion.pipeline.cap_rules import UsualCaps, rules_of
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.changes import Change, Flows
from clarion.pipeline.compiled import CompiledWorkflow, Pin
from clarion.pipeline.directory import Directory
from clarion.pipeline.past_words import PastWords, Rules, asking_of
from clarion.pipeline.undecidable import is_undecidable
from clarion.store.contract import Store
from clarion.store.contract.simulations import EventPin, Recorded, Stated
from clarion.store.contract.topics import TopicRow

HEADS_KEPT = 20_000
CHAINS_KEPT = 20_000
_RECORD = msgspec.json.Decoder(DecisionRecord)

Key = tuple[bytes, int, int]
"""(event, workflow, user)."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """An event under one workflow. `likeness` is the same number for events that give the same
    facts but for actor, instants and topics."""

    event: EventPin
    flows: Flows
    likeness: int
    expires_old: int | None
    expires_new: int | None
    counted: bool


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded notification that is to be replayed."""

    row: Recorded
    head: Head
    kept: DecisionRecord
    counted: bool

    @property
    def key(self) -> Key:
        return (self.row.event, self.row.workflow, self.row.user)


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch of them needs, looked up at once."""

    settings: dict[tuple[int, int], tuple[Setting, ...]]
    zones: dict[tuple[int, int], tuple[str | None, bool]]
    later: dict[Key, list[DecisionRecord]]
    gathered: dict[bytes, int]
    joined: dict[Key, dict[int, bytes]]
    words: PastWords
    consents: dict[Stated, tuple[Consent, ...]]


class PastReader:
    """Of one environment, beside one change. What events and rules share is kept between
    batches."""

    def __init__(
        self, env: int, store: Store, catalogs: CatalogService, directory: Directory, change: Change
    ) -> None:
        self._env = env
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._change = change
        self._heads: dict[tuple[bytes, int], Head] = {}
        self._likeness: dict[tuple[Any, ...], int] = {}
        self._defaults: dict[tuple[int, int, tuple[int, ...]], tuple[Setting, ...]] = {}
        self._new_defaults: dict[tuple[int, int, tuple[int, ...]], tuple[Setting, ...]] = {}
        self._caps: dict[tuple[int, int], tuple[UsualCaps, UsualCaps]] = {}
        self._rules: dict[tuple[Pin, int, int], tuple[Rules, Rules]] = {}
        self._chains: dict[int, tuple[int, list[TopicRow]]] = {}
        self._chains_at: dict[tuple[int, int], list[TopicRow]] = {}
        self._sizes: dict[tuple[int, int, int], bool] = {}
        self._told: dict[int, list[tuple[int, int, int, int, bytes]]] = {}

    async def heads(self, rows: Iterable[Recorded]) -> dict[tuple[bytes, int], Head]:
        """By (event, workflow) what is known of each; those that are gone are missing."""
        wanted = {row.event for row in rows if (row.event, row.workflow) not in self._heads}
        if wanted:
            if len(self._heads) > HEADS_KEPT:
                self._heads.clear()
                wanted = {row.event for row in rows}
            pins = await self._store.simulations.pins(self._env, sorted(wanted))
            versions = {_pin(pin) for pin in pins}
            compiled = await self._catalogs.pinned(self._env, sorted(versions))
            for pin in pins:
                self._heads[pin.event, pin.workflow] = self._head(pin, compiled[_pin(pin)])
        return self._heads

    async def gathers(self, seen: Head, defaults_version: int) -> bool:
        """Whether the outcome depends on what else the user was sent."""
        if seen.flows.gathers:
            return True
        before, after = await self.rules(seen, defaults_version)
        return bool(before or after)

    async def rules(self, head: Head, version: int) -> tuple[Rules, Rules]:
        """The caps of each step, then and under the change."""
        tenant, pin = head.event.tenant, head.flows.old.pin
        found = self._rules.get((pin, tenant, version))
        if found is None:
            then, now = await self._cap_defaults(tenant, version)
            found = rules_of(head.flows.old, tenant, then), rules_of(head.flows.new, tenant, now)
            self._rules[pin, tenant, version] = found
        return found

    async def defaults(
        self, tenant: int, version: int, topics: tuple[int, ...] = ()
    ) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
        """Rows of tenant and environment, then and under the change."""
        key = (tenant, version, topics)
        if key not in self._defaults:
            if len(self._defaults) > CHAINS_KEPT:
                self._defaults.clear()
            _, rows = await self._store.people.defaults(self._env, tenant, version, topics=topics)
            self._defaults[key] = rows
            self._new_defaults[key] = self._change.defaults(rows)
        return self._defaults[key], self._new_defaults[key]

    async def cases(self, batch: list[Seen]) -> list[Case]:
        """What replay is told of each, in the order given."""
        material = await self._material(batch)
        return [await self._case(seen, material) for seen in batch]

    def is_steady(self, topic: int) -> bool:
        """Whether a topic that was looked up is only a name, which nobody ever changed."""
        return not topic or self._chains.get(topic, (1, []))[0] == 0

    def forget_users(self) -> None:
        """The users that come next are others."""
        self._told.clear()

    async def _material(self, batch: list[Seen]) -> Material:
        store, env = self._store.simulations, self._env
        held = [one.key for one in batch if _answered(one.kept, Result.HOLD)]
        later: dict[Key, list[DecisionRecord]] = {}
        for found in await store.later(env, held):
            kept = _RECORD.decode(found.decided)
            later.setdefault((found.event, found.workflow, found.user), []).append(kept)
        records = [(one.row.user, one.kept) for one in batch]
        records += [(key[2], kept) for key, all_ in later.items() for kept in all_]
        settings = {(user, kept.settings_version) for user, kept in records}
        zones = {(user, kept.user_version) for user, kept in records}
        gathered = await self._tellings(batch)
        return Material(
            settings=await store.settings_at(env, sorted(key for key in settings if key[1])),
            zones=await store.zones_at(env, sorted(zones)),
            later=later,
            gathered=gathered,
            consents=await store.consents_at(env, _statements(batch, later)),
            joined=await self._joined(batch),
            words=await PastWords.read(
                self._store, self._directory, env,
                [(one.head.event, one.row.user) for one in batch if one.head.flows.words],
            ),
        )  # fmt: skip

    async def _tellings(self, batch: list[Seen]) -> dict[bytes, int]:
        """How many events each digest told of; where and when they were open is kept."""
        told = [one for one in batch if is_digest(one.row.event)]
        found = await self._store.simulations.tellings(
            self._env, sorted({one.row.event for one in told})
        )
        for one in told:
            digest = found.get(one.row.event)
            if digest is not None:
                self._told.setdefault(one.row.user, []).append(
                    (instant_of(digest.digest), one.kept.at, one.row.workflow, digest.step,
                     digest.digest)
                )  # fmt: skip
        return {digest: row.entries for digest, row in found.items()}

    async def _joined(self, batch: list[Seen]) -> dict[Key, dict[int, bytes]]:
        """By notification the digests that it joined, by step."""
        asked: dict[tuple[bytes, bytes], list[tuple[Key, int]]] = {}
        for one in batch:
            for answer in one.kept.steps:
                if answer.result is not Result.DIGEST:
                    continue
                for opened, closed, workflow, step, digest in self._told.get(one.row.user, ()):
                    here = (workflow, step) == (one.row.workflow, answer.step)
                    if here and opened <= one.kept.at <= closed:
                        place = (one.key, answer.step)
                        asked.setdefault((digest, one.row.event), []).append(place)
        joined: dict[Key, dict[int, bytes]] = {}
        for pair in await self._store.simulations.gathered(self._env, sorted(asked)):
            for key, step in asked[pair]:
                joined.setdefault(key, {})[step] = pair[0]
        return joined

    async def _case(self, seen: Seen, material: Material) -> Case:
        head, kept, user = seen.head, seen.kept, seen.row.user
        before, after = await self.rules(head, kept.defaults_version)
        first = await self._past(seen, kept, material)
        later = [await self._past(seen, one, material) for one in material.later.get(seen.key, ())]
        new = head.flows.new
        return Case(
            event=seen.row.event,
            workflow=seen.row.workflow,
            user=user,
            tenant=seen.row.tenant,
            first=first,
            later=tuple(later),
            flow=new.facts(kept.paused),
            expires_at=head.expires_new,
            pairs=head.flows.pairs,
            before=asking_of(head.event, head.flows.old, before, user, material.words),
            after=asking_of(head.event, new, after, user, material.words, head.flows.pairs.steps),
            answering=material.words.answering(head.event, new, user, kept.user_version, kept.at),
            joined=material.joined.get(seen.key, {}),
            gathered=material.gathered.get(seen.row.event, 0),
            counted=seen.counted,
            fixed=_is_fixed(seen, material),
        )

    async def _past(self, seen: Seen, kept: DecisionRecord, material: Material) -> Past:
        head, user = seen.head, seen.row.user
        about = head.event.about or kept.topic
        chain = await self._chain(about, kept.at)
        topics = tuple(row.number for row in chain) or ((about,) if about else ())
        then, now = await self.defaults(head.event.tenant, kept.defaults_version, topics)
        settings = material.settings.get((user, kept.settings_version), ())
        zone = material.zones.get((user, kept.user_version), (None, False))[0]
        event = EventFacts(
            tenant=head.event.tenant,
            actor=head.event.actor,
            silent=bool(head.event.silent),
            expires_at=head.expires_old,
            about_chain=topics,
            default_levels={
                row.number: row.default_level for row in chain if row.default_level is not None
            },
            thread=bool(chain) and chain[0].kind == "thread",
        )
        flow = head.flows.old.facts(kept.paused)
        facts = facts_from(kept, user, event, flow, settings, then, zone)
        steps = kept.steps if kept.decider == DECIDER else decide(facts).steps
        return Past(
            facts=facts,
            steps=steps,
            defaults=now,
            large=await self._is_large(head, about, facts),
            consents=_said(seen, kept, material),
        )

    async def _is_large(self, head: Head, about: int, facts: Facts) -> bool | None:
        """Whether the audience is a large one for the change; None: as it was then."""
        then = head.flows.old.category.category.push_up_to
        most = head.flows.new.category.category.push_up_to
        if most == then:
            return None
        if most is None or not about:
            return False
        if then is not None and (facts.event.large if most < then else not facts.event.large):
            return None
        place = (about, most, facts.now)
        if place not in self._sizes:
            if len(self._sizes) > CHAINS_KEPT:
                self._sizes.clear()
            self._sizes[place] = await self._store.simulations.had_more(self._env, *place)
        return self._sizes[place]

    async def _chain(self, about: int, at: int) -> list[TopicRow]:
        """The topic and its parents as they were; as they are, when they have not changed since."""
        if not about:
            return []
        found = self._chains.get(about)
        if found is None:
            rows = await self._store.topics.chain(self._env, about)
            numbers = {about, *(row.number for row in rows), *(row.parent for row in rows)}
            last = await self._store.simulations.topics_changed(self._env, sorted(numbers - {0}))
            if len(self._chains) > CHAINS_KEPT:
                self._chains.clear()
            found = self._chains[about] = (last, rows)
        if found[0] <= at:
            return found[1]
        if (about, at) not in self._chains_at:
            if len(self._chains_at) > CHAINS_KEPT:
                self._chains_at.clear()
            then = await self._store.topics.chain(self._env, about, at)
            self._chains_at[about, at] = then
        return self._chains_at[about, at]

    async def _cap_defaults(self, tenant: int, version: int) -> tuple[UsualCaps, UsualCaps]:
        found = self._caps.get((tenant, version))
        if found is None:
            wanted = sorted({0, tenant})
            rows = await self._store.caps.defaults(self._env, wanted, version)
            held = {owner: defaults for owner, (_, defaults) in rows.items()}
            then = UsualCaps(held.get(tenant, NO_CAPS) if tenant else NO_CAPS, held.get(0, NO_CAPS))
            found = self._caps[tenant, version] = (then, self._change.caps(tenant, held))
        return found

    def _head(self, pin: EventPin, compiled: CompiledWorkflow) -> Head:
        flows = self._change.flows(compiled)
        alike = (pin.tenant, pin.about, pin.silent, _pin(pin))
        return Head(
            event=pin,
            flows=flows,
            likeness=self._likeness.setdefault(alike, len(self._likeness)),
            expires_old=_expiry(pin, compiled),
            expires_new=_expiry(pin, flows.new),
            counted=self._counts(pin, compiled),
        )

    def _counts(self, pin: EventPin, compiled: CompiledWorkflow) -> bool:
        """Whether the slice is about it."""
        wanted = self._change.asked.slice
        return (
            wanted.workflow in (None, compiled.workflow.key)
            and wanted.category in (None, compiled.category.category.key)
            and wanted.type in (None, compiled.workflow.on)
            and wanted.tenant in (None, pin.tenant)
        )


def read_record(decided: str) -> DecisionRecord:
    """A record as it is kept."""
    return _RECORD.decode(decided)


def _pin(pin: EventPin) -> Pin:
    return (pin.workflow, pin.version, pin.category, pin.category_version)


def _expiry(pin: EventPin, compiled: CompiledWorkflow) -> int | None:
    seconds = compiled.workflow.expires_in_seconds
    if seconds is None:
        return pin.expires_at
    own = pin.accepted_at + seconds * SECOND
    return own if pin.expires_at is None else min(own, pin.expires_at)


def _answered(kept: DecisionRecord, result: Result) -> bool:
    return any(answer.result is result for answer in kept.steps)


def _moved_to(head: Head) -> int:
    """The category that the change puts the workflow into; 0 where it stays."""
    then, now = head.flows.old.category.number, head.flows.new.category.number
    return 0 if now == then else now


def _statements(batch: list[Seen], later: dict[Key, list[DecisionRecord]]) -> list[Stated]:
    """Whose consents about another category are asked for, and as of when."""
    wanted = set()
    for one in batch:
        if category := _moved_to(one.head):
            for kept in (one.kept, *later.get(one.key, ())):
                wanted.add((one.row.user, category, kept.at))
    return sorted(wanted)


def _said(seen: Seen, kept: DecisionRecord, material: Material) -> tuple[Consent, ...] | None:
    """What was said about the category of the change; None: as it was then."""
    category = _moved_to(seen.head)
    return material.consents.get((seen.row.user, category, kept.at), ()) if category else None


def _is_fixed(seen: Seen, material: Material) -> bool:
    """Whoever was erased since has no history, and a decision that failed has no facts."""
    if is_undecidable(seen.kept):
        return True
    _, erased = material.zones.get((seen.row.user, seen.kept.user_version), (None, False))
    return erased and seen.kept.standing != Standing.ERASED

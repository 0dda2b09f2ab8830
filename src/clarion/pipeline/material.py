"""What claimed deliveries need to be said in words, gathered for a whole claim at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.clock import Clock
from clarion.core.ids import is_digest
from clarion.core.workflow import Channel
from clarion.errors import InvalidError, UnavailableError
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, pin_of
from clarion.pipeline.digesting import Gathered, gathered
from clarion.pipeline.directory import Directory
from clarion.pipeline.linking import Linker, Linking, MessageLinks
from clarion.pipeline.locales import Locales, default_locales
from clarion.pipeline.redeciding import Again, Outgoing, Redecider
from clarion.pipeline.subjects import OfClaim
from clarion.pipeline.values import event_values, person
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim
from clarion.store.contract.events import EventRow
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DestinationRow, UserRow
from clarion.store.contract.work import ContentWrite
from clarion.telemetry import logger

_log = logger("material")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


Place = tuple[bytes, int, int, str, int]
"""Where content is kept: (event, workflow, step, locale, owner); owner 0: of all users."""

SAID = 256
"""So many of the last words for all users are kept at hand."""


class Words(msgspec.Struct, frozen=True):
    """Rendered fields, and the content row to keep when they were rendered just now."""

    fields: dict[str, Any]
    content: ContentWrite | None = None


class Said:
    """The last words that were said to many: the very same objects for each of them, so that what
    is made of them is made once."""

    def __init__(self) -> None:
        self._words: dict[Place, tuple[str, Words]] = {}

    def words(self, place: Place, body: str) -> Words:
        """The words of a content's body."""
        if place[-1]:
            return Words(_decode(body))
        known = self._words.get(place)
        if known is not None and known[0] == body:
            return known[1]
        if len(self._words) >= SAID:
            self._words.clear()
        words = Words(_decode(body))
        self._words[place] = (body, words)
        return words


class Material(msgspec.Struct, kw_only=True):
    """A claim with its event, workflow, person and destination. `gone`: the user was erased, or the
    destination is no more, disabled or suppressed. `locales` are the tenant's and the
    environment's. `gathered` is what the event is told of, when it is a digest. `again`: the
    user's choices changed, and it is not to leave now. `linker` makes its links."""

    claim: Claim
    event: EventRow | None
    compiled: CompiledWorkflow
    user: UserRow | None
    destination: DestinationRow | None
    gone: bool
    tenant: str | None
    locales: Locales
    actor: dict[str, Any]
    kept: dict[Place, str]
    now: int
    linker: Linker
    gathered: Gathered | None = None
    again: Again | None = None
    said: Said = msgspec.field(default_factory=Said)

    def log_fields(self) -> Mapping[str, str | int]:
        """See `telemetry.Subject`."""
        tenant = {} if self.tenant is None else {"tenant_id": self.tenant}
        return {**tenant, **OfClaim(self.claim, self.event).log_fields()}

    def words(self) -> Words:
        """The content as kept from an earlier try or for all users of the locale, else rendered
        now."""
        key = self.claim.key
        step = self.compiled.steps[key.step]
        locale = step.locale_for(
            self.user.locale if self.user else None, self.compiled.workflow.locale, *self.locales
        )
        owner = key.user if step.personal else 0
        place = (key.event, key.workflow, key.step, locale, owner)
        kept = self.kept.get(place)
        if kept is not None:
            return self.said.words(place, kept)
        if self.event is not None and not self.event.data_kept:
            raise InvalidError("the event's data is kept no longer, so there are no words to send")
        fields = step.render(locale, self._values()).fields
        content = ContentWrite(
            key.env, key.event.hex(), key.workflow, key.step, locale, owner,
            _encode(fields).decode(),
        )  # fmt: skip
        self.kept[place] = content.body
        return Words(fields, content)

    def links(self) -> MessageLinks:
        """The links of this message."""
        event = self.event
        tenant, topic = (event.tenant, event.about) if event is not None else (0, 0)
        return self.linker.of_message(
            self.claim.key, self.compiled.category, tenant=tenant, topic=topic, now=self.now
        )

    def headers(self) -> dict[str, str]:
        """What the message says of its way out beside its words."""
        if self.claim.key.channel is not Channel.EMAIL:
            return {}
        return self.linker.headers(self.links())

    def _values(self) -> dict[str, Any]:
        event = self.event
        if event is None:
            return {}
        if self.gathered is not None:
            values = {**self._event_values(event), **msgspec.to_builtins(self.gathered)}
        else:
            values = self._event_values(event)
        return {**values, **self.links().values(), "user": person(self.user)}

    def _event_values(self, event: EventRow) -> dict[str, Any]:
        return event_values(
            event=event.id, type_=event.type, accepted_at=event.accepted_at, data=event.data,
            actor=self.actor, tenant=self.tenant, now=self.now,
        )  # fmt: skip


class Materials:
    """Gathers material with one batch look-up a kind."""

    def __init__(
        self,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        redecider: Redecider,
        linking: Linking,
        clock: Clock,
    ) -> None:
        self._redecider = redecider
        self._linking = linking
        self._store = store
        self._catalogs = catalogs
        self._directory = directory
        self._clock = clock
        self._said = Said()

    async def gather(self, claims: list[Claim]) -> list[Material]:
        """Material of each claim, in order."""
        by_env: dict[int, list[Claim]] = {}
        for claim in claims:
            by_env.setdefault(claim.key.env, []).append(claim)
        found: list[Material] = []
        for env, mine in by_env.items():
            found.extend(await self._gather(env, mine))
        return found

    async def _gather(self, env: int, claims: list[Claim]) -> list[Material]:
        keys = [claim.key for claim in claims]
        store = self._store
        events, users, destinations, kept = await asyncio.gather(
            store.events.rows(env, list({key.event for key in keys})),
            store.people.users_by_number(env, sorted({key.user for key in keys} - {0})),
            store.people.destinations_by_number(
                env, sorted({key.destination for key in keys} - {0})
            ),
            store.deliveries.contents(keys),
        )
        actors = {event.actor for event in events.values()} - users.keys() - {0}
        if actors:
            users |= await store.people.users_by_number(env, sorted(actors))
        groups = {event.tenant for event in events.values()}
        tenants = await self._directory.names(env, NameKind.TENANT, groups)
        locales = await default_locales(store, env, groups)
        listened = {(key.event, key.workflow) for key in keys if key.event in events}
        pins = {(event, workflow): pin_of(events[event], workflow) for event, workflow in listened}
        compiled = await self._catalogs.pinned(env, sorted({*pins.values()}))
        now = self._clock.now()
        linker = await self._linking.linker()
        digests = await self._digests(env, {key.event for key in keys if is_digest(key.event)})
        found = [
            Material(
                claim=claim,
                event=(event := events[claim.key.event]),
                compiled=compiled[pins[claim.key.event, claim.key.workflow]],
                user=users.get(claim.key.user),
                destination=(destination := destinations.get(claim.key.destination)),
                gone=_is_gone(claim, users, destination),
                tenant=tenants.get(event.tenant),
                locales=locales[event.tenant],
                actor=person(users.get(event.actor)),
                kept=kept,
                said=self._said,
                now=now,
                linker=linker,
                gathered=digests.get(claim.key.event),
            )
            for claim in claims
        ]
        await self._decide_again(env, found)
        return found

    async def _decide_again(self, env: int, found: list[Material]) -> None:
        outgoing = [
            Outgoing(claim=one.claim, event=one.event, compiled=one.compiled, user=one.user)
            for one in found
            if one.user is not None and one.event is not None and not one.gone
        ]
        try:
            stopped = await self._redecider.stopped(env, outgoing)
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - what was decided stands
            _log.exception("deliveries could not be decided again and go as they were decided")
            return
        if stopped:
            for one in found:
                one.again = stopped.get(one.claim.seq)

    async def _digests(self, env: int, events: set[bytes]) -> dict[bytes, Gathered]:
        if not events:
            return {}
        found = await self._store.held.digests(env, sorted(events))
        return {event: await gathered(self._store, digest) for event, digest in found.items()}


def _is_gone(claim: Claim, users: dict[int, UserRow], destination: DestinationRow | None) -> bool:
    key = claim.key
    if key.user and key.user not in users:
        return True
    if key.channel is Channel.WEBHOOK and not key.destination:
        return False
    if destination is None or destination.suppression is not None:
        return True
    return destination.disabled_at is not None

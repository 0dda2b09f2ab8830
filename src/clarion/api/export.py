"""Everything that is kept about one user, in one document that is written as it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response import Stream

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.choices import Preferences
from clarion.api.choosing import Choosing
from clarion.api.consents import CONSENT_EXAMPLE, ConsentAnswer, consent_answers
from clarion.api.describing import route
from clarion.api.devices import DeviceAnswer, device_answer
from clarion.api.naming import Named, named
from clarion.api.owners import a_users
from clarion.api.services import Services
from clarion.api.summaries import NotificationSummary, summaries
from clarion.api.users import USER_ANSWER_EXAMPLE, UserAnswer, answer_of, known_user
from clarion.core.ids import event_name, item_name
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import CHANNELS, Channel
from clarion.pipeline.contract import KeptWords, Sent, Words
from clarion.store.contract.events import EventRow
from clarion.store.contract.export import Place, Story
from clarion.store.contract.inbox import ItemRow
from clarion.store.contract.ledger import NotificationKey, NotificationQuery, NotificationRow
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DestinationRow, UserRow

PAGE = 100
"""Rows in memory at once."""

_INSTANTS = frozenset({"at", "since", "until"})
_CHOICES = Setting.__struct_fields__[3:]
"""What a kept preference holds, in its order."""
_encode = msgspec.json.Encoder().encode


class SuppressedAddress(msgspec.Struct, frozen=True):
    """An address of the user that nothing is sent to, why and since when."""

    channel: str
    address: str
    reason: str
    since: str


class UserExport(msgspec.Struct, frozen=True, kw_only=True):
    """A user's profile with its history, destinations on every channel and which of them are
    suppressed, preferences with theirs, consents (newest first; all that was said), tenants,
    subscriptions, notifications (decision, deliveries, words; the event's data where nobody else
    was named), inbox and captured messages. `complete` stands at the end.
    """

    exported_at: str
    user: UserAnswer
    devices: list[DeviceAnswer]
    preferences: Preferences
    consents: list[ConsentAnswer]
    suppressed: list[SuppressedAddress]
    tenants: list[str]
    user_history: list[dict[str, Any]]
    destinations: list[dict[str, Any]]
    preference_history: list[dict[str, Any]]
    memberships: list[dict[str, Any]]
    subscriptions: list[dict[str, Any]]
    inbox: list[dict[str, Any]]
    captures: list[dict[str, Any]]
    notifications: list[dict[str, Any]]
    complete: bool


EXPORT_EXAMPLE = {
    "exported_at": "2026-01-02T03:04:05.678901Z",
    "user": USER_ANSWER_EXAMPLE,
    "devices": [],
    "preferences": {"channels": {"push": "off"}},
    "consents": [CONSENT_EXAMPLE],
    "suppressed": [
        {
            "channel": "email",
            "address": "ana@example.org",
            "reason": "complaint",
            "since": "2026-01-02T03:04:05.678901Z",
        }
    ],
    "tenants": ["acme"],
    "user_history": [],
    "destinations": [{"channel": "email", "address": "ana@example.org"}],
    "preference_history": [],
    "memberships": [{"tenant": "acme", "since": "2026-01-02T03:04:05.678901Z", "until": None}],
    "subscriptions": [{"topic": "doc:9", "since": "2026-01-02T03:04:05.678901Z", "until": None}],
    "inbox": [],
    "captures": [],
    "notifications": [],
    "complete": True,
}


def _described() -> dict[str, Any]:
    described = route(
        "Export a user", "admin", refuses=(404,), example=EXPORT_EXAMPLE, tag="people"
    )
    whole = ResponseSpec(
        data_container=UserExport, generate_examples=False, description="All of it."
    )
    return {**described, "responses": {**described["responses"], 200: whole}}


@get("/v1/users/{user:str}/export", media_type="application/json", **_described())
async def export_user(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    user: FromPath[str],
) -> Stream:
    """Everything that is kept about the user, in one document, sent as it is read."""
    row = await known_user(services, asker.env, user)
    for tenant in (0, *await _tenants(services, asker.env, row.tenants)):
        await services.looking.look(asker.env, row.number, tenant)
    destinations = await services.store.people.destinations(asker.env, row.number)
    head = {
        "exported_at": when(services.clock.now()),
        "user": answer_of(row),
        "devices": [device_answer(d) for d in destinations if d.channel is Channel.PUSH],
        "preferences": await choosing.document(a_users(asker.env, row.number)),
        "suppressed": await _suppressed(services, asker.env, destinations),
        "tenants": list(row.tenants),
    }
    return Stream(document_of(services, asker.env, row, head), media_type="application/json")


ROUTES = (export_user,)
_OF_ITEM = frozenset(ItemRow.__struct_fields__)


async def document_of(
    services: Services, env: int, row: UserRow, head: dict[str, Any]
) -> AsyncIterator[bytes]:
    """The document in pieces, each a page of rows."""
    yield _encode(head)[:-1]
    async for piece in _array("consents", _consents(services, env, row.number)):
        yield piece
    for section in services.store.export.sections:
        async for piece in _array(section, _section(services, env, row.number, section)):
            yield piece
    async for piece in _array("notifications", _notifications(services, env, row.number)):
        yield piece
    yield b',"complete":true}'


async def _tenants(services: Services, env: int, tenants: Sequence[str]) -> list[int]:
    found = await services.store.names.numbers(env, NameKind.TENANT, tenants)
    return sorted(found.values())


async def _array(name: str, pages: AsyncIterator[Sequence[Any]]) -> AsyncIterator[bytes]:
    yield b"," + _encode(name) + b":["
    first = True
    async for page in pages:
        if page:
            yield (b"" if first else b",") + _encode(page)[1:-1]
            first = False
    yield b"]"


async def _consents(services: Services, env: int, user: int) -> AsyncIterator[list[ConsentAnswer]]:
    """Newest first."""
    before: int | None = None
    while True:
        rows = await services.store.law.consent_history(env, user, before=before, limit=PAGE)
        yield await consent_answers(services, env, rows)
        if len(rows) < PAGE:
            return
        before = rows[-1].version


async def _section(
    services: Services, env: int, user: int, section: str
) -> AsyncIterator[list[dict[str, Any]]]:
    after: Place | None = None
    while True:
        rows, after = await services.store.export.page(env, user, section, after, PAGE)
        await _put_into_words(services, env, user, rows)
        names = await named(
            services,
            env,
            users=_numbers(rows, ScopeKind.ACTOR),
            workflows=_numbers(rows, ScopeKind.WORKFLOW) | {row.get("workflow", 0) for row in rows},
            tenants=_numbers(rows, ScopeKind.USER_IN_TENANT)
            | {row.get("tenant", 0) for row in rows},
            topics=_numbers(rows, ScopeKind.TOPIC) | {row.get("topic", 0) for row in rows},
        )
        yield [_told(row, names) for row in rows]
        if after is None:
            return


async def _put_into_words(
    services: Services, env: int, user: int, rows: list[dict[str, Any]]
) -> None:
    """Items that tell several events get the words they have now."""
    several = [row for row in rows if row.get("aggregation_key") is not None]
    items = [
        ItemRow(fields={}, version=0, **{name: row[name] for name in row if name in _OF_ITEM})
        for row in several
    ]
    told = await services.telling.tell(env, user, items) if items else []
    for row, one in zip(several, told, strict=True):
        row["content"] = one.row.fields


def _numbers(rows: list[dict[str, Any]], kind: ScopeKind) -> set[int]:
    """Numbers of the scopes of this kind."""
    return {row["scope"] for row in rows if row.get("kind") == kind}


def _told(row: dict[str, Any], names: Named) -> dict[str, Any]:
    """A row of the store with names for numbers, and instants as the API writes them."""
    told = dict(row)
    for column, value in row.items():
        if column in _INSTANTS or column.endswith("_at"):
            told[column] = when(value)
    if "channel" in row:
        told["channel"] = CHANNELS[row["channel"] - 1].value
    if "kind" in row:
        told |= _scope(ScopeKind(told.pop("kind")), told.pop("scope"), names)
    if "setting" in row:
        told["setting"] = row["setting"] and dict(zip(_CHOICES, row["setting"], strict=False))
    if "seq" in row:
        told["id"] = item_name(row["tenant"], told.pop("seq"))
        told["alert"] = bool(row["alert"])
    if "event" in row:
        told["event_id"] = event_name(told.pop("event"))
    for column, found in (
        ("tenant", names.tenants), ("topic", names.topics), ("workflow", names.workflows)
    ):  # fmt: skip
        if column in row:
            told[column] = found.get(row[column])
    told.pop("destination", None)
    return told


def _scope(kind: ScopeKind, scope: int, names: Named) -> dict[str, Any]:
    """Where a preference held. What was named once may have lost its name since."""
    found = {
        ScopeKind.TOPIC: names.topics,
        ScopeKind.WORKFLOW: names.workflows,
        ScopeKind.USER_IN_TENANT: names.tenants,
        ScopeKind.ACTOR: names.users,
    }
    return {"scope": kind.name.lower(), "of": found.get(kind, {}).get(scope)}


async def _suppressed(
    services: Services, env: int, destinations: list[DestinationRow]
) -> list[SuppressedAddress]:
    found = []
    for row in destinations:
        if row.suppression is None:
            continue
        held = await services.store.law.suppression(env, row.channel, row.address)
        if held is not None:
            since = when(held.at) or ""
            found.append(SuppressedAddress(row.channel.value, row.address, held.reason, since))
    return found


async def _notifications(
    services: Services, env: int, user: int
) -> AsyncIterator[list[dict[str, Any]]]:
    """Newest first."""
    before: tuple[bytes, int, int] | None = None
    while True:
        told, before = await _told_page(services, env, user, before)
        yield told
        del told
        if before is None:
            return


async def _told_page(
    services: Services, env: int, user: int, before: NotificationKey | None
) -> tuple[list[dict[str, Any]], NotificationKey | None]:
    """Notifications after a key, and the key to go on with: nothing of a page outlives it."""
    store = services.store
    page = await store.ledger.search(env, NotificationQuery(user=user, before=before, limit=PAGE))
    ids = list({row.event for row in page.rows})
    told = await summaries(services, env, page.rows)
    events = await store.events.rows(env, ids)
    own = await store.export.own_events(env, user, ids)
    stories = await store.export.stories(
        env, user, [(row.event, row.workflow) for row in page.rows]
    )
    words = await _words(services, user, stories, events)
    return [
        _story(summary, row, stories, words, events.get(row.event), own)
        for summary, row in zip(told, page.rows, strict=True)
    ], page.cursor


async def _words(
    services: Services,
    user: int,
    stories: Mapping[tuple[bytes, int], Story],
    events: Mapping[bytes, EventRow],
) -> dict[tuple[bytes, int], list[Words]]:
    """Of what is kept for all users of a locale, what was this one's."""
    asked = {
        key: KeptWords(
            event=events[key[0]],
            workflow=key[1],
            user=user,
            sent=[Sent(step, since, until) for step, _, _, since, until in story.deliveries],
            kept={(step, locale): fields for step, locale, fields in story.contents},
        )
        for key, story in stories.items()
        if key[0] in events
    }
    found = await services.explaining.words(list(asked.values()))
    return dict(zip(asked, found, strict=True))


def _story(
    summary: NotificationSummary,
    row: NotificationRow,
    stories: Mapping[tuple[bytes, int], Story],
    words: Mapping[tuple[bytes, int], list[Words]],
    event: EventRow | None,
    own: set[bytes],
) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(summary)
    key = row.event, row.workflow
    story = stories[key]
    told["content"] = [msgspec.to_builtins(one) for one in words.get(key, ())]
    told["deliveries"] = [
        {
            "step": step,
            "channel": CHANNELS[channel - 1].value,
            "status": DeliveryStatus(status).name.lower(),
            "created_at": when(created_at),
            "updated_at": when(updated_at),
        }
        for step, channel, status, created_at, updated_at in story.deliveries
    ]
    if event is not None and event.id in own and event.data_kept:
        told["data"] = event.data
    return told

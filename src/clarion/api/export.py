"""Everything that is kept about one user, in one document."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from clarion.api.answers import when
from clarion.api.auth import Asker
from clarion.api.choices import Preferences
from clarion.api.choosing import Choosing
from clarion.api.consents import CONSENT_EXAMPLE, ConsentAnswer, consent_answers
from clarion.api.describing import route
from clarion.api.devices import DeviceAnswer, device_answer
from clarion.api.naming import named
from clarion.api.owners import a_users
from clarion.api.services import Services
from clarion.api.users import USER_ANSWER_EXAMPLE, UserAnswer, answer_of, known_user
from clarion.core.ids import event_name, item_name, notification_name
from clarion.core.states import Bucket
from clarion.core.workflow import Channel
from clarion.store.contract.ledger import NotificationQuery
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DestinationRow, UserRow

NOTIFICATIONS_LIMIT = 10_000
"""Newest notifications in an export; older ones are counted by `truncated`."""

ITEMS_LIMIT = 10_000
SUBSCRIPTIONS_LIMIT = 10_000
CONSENTS_LIMIT = 10_000
_PAGE = 200


class Subscription(msgspec.Struct, frozen=True):
    """A topic that the user is subscribed to, and since when."""

    topic: str
    since: str


class SuppressedAddress(msgspec.Struct, frozen=True):
    """An address of the user that nothing is sent to, why and since when."""

    channel: str
    address: str
    reason: str
    since: str


class UserExport(msgspec.Struct, frozen=True, kw_only=True):
    """A user's profile, devices, preferences, consents (newest first; all that was said), which
    addresses are suppressed, tenants, subscriptions (topics with the instant they began),
    notifications and inbox. `truncated`: there was more than fits.
    """

    exported_at: str
    user: UserAnswer
    devices: list[DeviceAnswer]
    preferences: Preferences
    consents: list[ConsentAnswer]
    suppressed: list[SuppressedAddress]
    tenants: list[str]
    subscriptions: list[Subscription]
    notifications: list[dict[str, Any]]
    inbox: list[dict[str, Any]]
    truncated: bool


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
    "subscriptions": [{"topic": "doc:9", "since": "2026-01-02T03:04:05.678901Z"}],
    "notifications": [],
    "inbox": [],
    "truncated": False,
}


@get(
    "/v1/users/{user:str}/export",
    **route("Export a user", "admin", refuses=(404,), example=EXPORT_EXAMPLE, tag="people"),
)
async def export_user(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    user: FromPath[str],
) -> UserExport:
    """Everything that is kept about the user, in one document."""
    row = await known_user(services, asker.env, user)
    destinations = await services.store.people.destinations(asker.env, row.number)
    subscriptions, more_subscriptions = await _subscriptions(services, asker.env, row.number)
    notifications, more_notifications = await _notifications(services, asker.env, row.number)
    consents = await services.store.law.consent_history(
        asker.env, row.number, limit=CONSENTS_LIMIT + 1
    )
    items, more_items = await _items(services, asker.env, row)
    return UserExport(
        exported_at=when(services.clock.now()) or "",
        user=answer_of(row),
        devices=[device_answer(d) for d in destinations if d.channel is Channel.PUSH],
        preferences=await choosing.document(a_users(asker.env, row.number)),
        consents=await consent_answers(services, asker.env, consents[:CONSENTS_LIMIT]),
        suppressed=await _suppressed(services, asker.env, destinations),
        tenants=list(row.tenants),
        subscriptions=subscriptions,
        notifications=notifications,
        inbox=items,
        truncated=more_subscriptions
        or more_notifications
        or more_items
        or len(consents) > CONSENTS_LIMIT,
    )


ROUTES = (export_user,)


async def _subscriptions(
    services: Services, env: int, user: int
) -> tuple[list[Subscription], bool]:
    rows = await services.store.topics.subscriptions(env, user, 0, SUBSCRIPTIONS_LIMIT + 1)
    shown = rows[:SUBSCRIPTIONS_LIMIT]
    names = await named(services, env, topics={topic for topic, _ in shown})
    found = [
        Subscription(names.topics[topic], when(since) or "")
        for topic, since in shown
        if topic in names.topics
    ]
    return found, len(rows) > len(shown)


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
) -> tuple[list[dict[str, Any]], bool]:
    found: list[dict[str, Any]] = []
    before: tuple[bytes, int, int] | None = None
    while len(found) < NOTIFICATIONS_LIMIT:
        query = NotificationQuery(user=user, before=before, limit=_PAGE)
        page = await services.store.ledger.search(env, query)
        flows = await services.store.names.names(
            env, NameKind.WORKFLOW, {row.workflow for row in page.rows}
        )
        found += [
            {
                "id": notification_name(row.event, row.workflow, row.user),
                "event_id": event_name(row.event),
                "workflow": flows.get(row.workflow),
                "status": Bucket(row.bucket).name.lower(),
                "decided_at": when(row.decided.at),
            }
            for row in page.rows
        ]
        before = page.cursor
        if before is None:
            return found, False
    return found, True


async def _items(services: Services, env: int, row: UserRow) -> tuple[list[dict[str, Any]], bool]:
    numbers = await services.store.names.numbers(env, NameKind.TENANT, row.tenants)
    found: list[dict[str, Any]] = []
    for tenant in (0, *numbers.values()):
        before: int | None = None
        while len(found) < ITEMS_LIMIT:
            page = await services.store.inbox.page(
                env,
                row.number,
                tenant,
                status="all",
                archived="include",
                before=before,
                limit=_PAGE,
                now=services.clock.now(),
            )
            found += [
                {
                    "id": item_name(item.tenant, item.seq),
                    "event_id": event_name(item.event),
                    "content": item.fields,
                    "created_at": when(item.created_at),
                    "seen_at": when(item.seen_at),
                    "read_at": when(item.read_at),
                    "archived_at": when(item.archived_at),
                }
                for item in page[:_PAGE]
            ]
            if len(page) < _PAGE:
                break
            before = page[_PAGE - 1].seq
    return found, len(found) >= ITEMS_LIMIT

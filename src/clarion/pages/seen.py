"""What is known of the user whose page is opened."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from clarion.api.services import Services
from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.links import Link
from clarion.core.recipient import Mention, Recipient, ScopeKind, Setting
from clarion.core.resolved import Resolved, resolved
from clarion.core.schedule import first_zone
from clarion.core.workflow import Category, Channel, Workflow
from clarion.store.contract.catalog import Catalog, CategoryRow
from clarion.store.contract.people import UserRow

_ANY = Workflow(key="", on="")
_SOME = Category(key="")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The user, what he chose (`rows`) and what holds for those who did not (`defaults`), the
    catalogue, and the zone of his wall time."""

    link: Link
    user: UserRow
    recipient: Recipient
    rows: list[Setting]
    defaults: tuple[Setting, ...]
    catalog: Catalog
    zone: ZoneInfo
    now: int

    def facts(self, category: CategoryRow | None = None, workflow: int = 0) -> Facts:
        """The facts of a made-up event of a category that mentions the user."""
        flow = WorkflowFacts(
            workflow=_ANY,
            category=category.category if category else _SOME,
            workflow_number=workflow,
            category_number=category.number if category else 0,
        )
        return Facts(
            event=EventFacts(tenant=self.link.tenant, zone=self.zone.key),
            flow=flow,
            recipient=msgspec.structs.replace(self.recipient, mention=Mention.USER),
            defaults=self.defaults,
            now=self.now,
        )

    def answers(self, category: CategoryRow) -> dict[Channel, Resolved]:
        """What becomes of a message of a category, by channel, as the decision would have it."""
        return resolved(self.facts(category))

    def row(self, kind: ScopeKind, scope: int = 0) -> Setting | None:
        """What the user chose at one scope."""
        return next((row for row in self.rows if (row.kind, row.scope) == (kind, scope)), None)


async def look(services: Services, link: Link) -> Seen | None:
    """Everything about a link's user; None when there is no such user any more."""
    store, env = services.store, link.env
    user = (await store.people.users_by_number(env, [link.user])).get(link.user)
    if user is None:
        return None
    catalog = await services.catalogs.current(env)
    scopes = [(int(ScopeKind.USER), 0), (int(ScopeKind.USER_IN_TENANT), link.tenant)]
    scopes += [(int(ScopeKind.CATEGORY), row.number) for row in catalog.categories]
    found = await store.people.recipients(env, [link.user], sorted(scopes))
    _, defaults = await store.people.defaults(env, link.tenant)
    _, rows = await store.settings.rows(env, link.user)
    profiles = await store.settings.profiles(env, [link.tenant, 0])
    zones = [profiles[owner].timezone for owner in (link.tenant, 0) if owner in profiles]
    return Seen(
        link=link,
        user=user,
        recipient=found[link.user],
        rows=rows,
        defaults=defaults,
        catalog=catalog,
        zone=first_zone(user.timezone, *zones),
        now=services.clock.now(),
    )

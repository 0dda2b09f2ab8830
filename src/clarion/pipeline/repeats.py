"""Which earlier notification a duplicate repeats, as long as that is known."""

from __future__ import annotations

from clarion.core.ids import event_name, notification_name
from clarion.pipeline.flow import key_text
from clarion.pipeline.flows import Gatherer, head_of
from clarion.pipeline.remembered import Remembered
from clarion.pipeline.values import event_values, person
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow


class Repeats:
    """Looks up who holds the dedupe key of a notification."""

    def __init__(self, store: Store, gatherer: Gatherer) -> None:
        self._store = store
        self._gatherer = gatherer

    async def first(self, told: Remembered) -> dict[str, str] | None:
        """Of what had told the same before: `event_id` and `notification_id`. None for what is no
        duplicate, and when the key is free again, or a later event has it by now."""
        condition = told.compiled.dedupe
        if condition is None or not told.row.decided.duplicate or not told.event.data_kept:
            return None
        env, workflow, user = told.event.env, told.row.workflow, told.row.user
        key = key_text(condition, await self._values(told.event, user))
        holder = await self._store.ledger.dedupe_holder(env, workflow, user, key)
        if holder is None or holder >= told.event.id:
            return None
        return {
            "event_id": event_name(holder),
            "notification_id": notification_name(holder, workflow, user),
        }

    async def _values(self, event: EventRow, user: int) -> dict[str, object]:
        head = await head_of(event, self._gatherer)
        people = await self._store.people.users_by_number(event.env, [user, head.actor])
        values = event_values(
            event=head.id,
            type_=head.type,
            accepted_at=head.accepted_at,
            data=head.data,
            actor=person(people.get(head.actor), head.actor_name),
            tenant=head.tenant_name,
            now=head.accepted_at,
        )
        return {**values, "user": person(people.get(user))}

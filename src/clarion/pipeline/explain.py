"""Why somebody was told, or not: the decisions made again from what the ledger kept, in plain
words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.clock import Clock, to_rfc3339
from clarion.core.decision import DecisionRecord
from clarion.core.ids import event_name, is_digest, notification_name
from clarion.core.states import Bucket
from clarion.errors import NotFoundError
from clarion.pipeline.aggregating import Teller
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.contract import KeptWords, Sent, Stood, Words
from clarion.pipeline.digest_telling import DigestTelling, tells_words
from clarion.pipeline.directory import Directory
from clarion.pipeline.entries import delivery_entries, step_entries
from clarion.pipeline.flows import Gatherer
from clarion.pipeline.forthcoming import forthcoming, waits_json
from clarion.pipeline.hindsight import Hindsight
from clarion.pipeline.outsiders import Outsiders
from clarion.pipeline.own_words import OwnWords
from clarion.pipeline.recalling import Recaller
from clarion.pipeline.remembered import Remembered
from clarion.pipeline.repeats import Repeats
from clarion.pipeline.saying import because_of
from clarion.pipeline.standing import Standings
from clarion.pipeline.timeline import timeline
from clarion.pipeline.undecided import Ahead, Undecided, looked_ahead
from clarion.pipeline.verdict import verdict_of
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import BROADCAST, WRITTEN
from clarion.store.contract.events import EventRow
from clarion.store.contract.ledger import NotificationRow
from clarion.store.contract.names import NameKind


class Explainer:
    """Answers from the ledger."""

    def __init__(
        self,
        store: Store,
        catalogs: CatalogService,
        directory: Directory,
        gatherer: Gatherer,
        clock: Clock,
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._recaller = Recaller(store, catalogs, directory, gatherer)
        hindsight = Hindsight(store, catalogs, gatherer, clock)
        self._undecided = Undecided(store, hindsight, self._recaller, clock)
        self._outsiders = Outsiders(store, catalogs, directory)
        self._teller = Teller(store, catalogs, directory)
        self._digests = DigestTelling(store, directory)
        self._repeats = Repeats(store, gatherer)
        self._own_words = OwnWords(store, catalogs)
        self._standings = Standings(store, catalogs, self._own_words)

    async def why(self, env: int, event: bytes, user: str) -> dict[str, Any]:
        """The body of `GET /v1/events/{id}/why`; NotFoundError when the event does not exist."""
        row = (await self._store.events.rows(env, [event])).get(event)
        number = (await self._store.names.numbers(env, NameKind.USER, [user])).get(user)
        if row is None:
            return await self._digests.answer(env, event, user, number, self._clock.now())
        found = await self._store.ledger.of_event(env, event, number) if number is not None else []
        if not found and is_digest(event):
            return await self._digests.answer(env, event, user, number, self._clock.now())
        broadcasts = await self._store.broadcasts.of_event(env, event)
        ahead: list[Ahead] = []
        if number is not None and broadcasts:
            decided = {notification.workflow for notification in found}
            ahead = await self._undecided.of(row, broadcasts, number, decided)
        if not found and not ahead:
            return await self._outsiders.answer(row, user, number, broadcasts)
        told = [await self._recaller.recall(row, notification) for notification in found]
        answer = await self._answer(row, user, [*told, *(one.told for one in ahead)])
        if ahead:
            answer = looked_ahead(user, told, ahead, answer)
        looked_at = {one.workflow for one in broadcasts}
        forms = {
            one.compiled.workflow.key: BROADCAST if one.row.workflow in looked_at else WRITTEN
            for one in (*told, *(one.told for one in ahead))
        }
        return answer | {"forms": forms}

    async def notification(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> dict[str, Any]:
        """The body of `GET /v1/notifications/{id}`; NotFoundError when there is none."""
        found = await self._store.ledger.notification(env, event, workflow, user)
        row = (await self._store.events.rows(env, [event])).get(event)
        if found is None or row is None:
            raise NotFoundError(f"there is no {notification_name(event, workflow, user)}")
        told = await self._recaller.recall(row, found)
        content = await self._content(told)
        names = await self._directory.names(env, NameKind.USER, [user])
        answer = await self._answer(row, names.get(user, "an erased user"), [told])
        return {
            "id": notification_name(event, workflow, user),
            "event_id": event_name(event),
            "event_type": row.type,
            "user": names.get(user),
            "workflow": told.compiled.workflow.key,
            "status": Bucket(found.bucket).name.lower(),
            "correlation_id": row.correlation,
            "tags": row.tags,
            **{name: value for name, value in answer.items() if name not in ("event_id", "user")},
            "content": [msgspec.to_builtins(one) for one in content],
        }

    async def standings(
        self, env: int, rows: Sequence[NotificationRow], events: Mapping[bytes, EventRow]
    ) -> list[Stood]:
        """What became of each of the rows, in their order."""
        return await self._standings.of(env, rows, events)

    async def words(self, told: Sequence[KeptWords]) -> list[list[Words]]:
        """Of the words that are kept those that were the user's own, by notification."""
        return await self._own_words.of(told)

    async def _content(self, told: Remembered) -> list[Words]:
        """By step and locale; an item that tells it with others has the words of now."""
        env, user, workflow = told.event.env, told.row.user, told.row.workflow
        sent = [
            *(Sent(row.key.step, row.created_at, row.updated_at) for row in told.deliveries),
            *(Sent(item.step, item.created_at, item.created_at) for item in told.items),
        ]
        kept = await self._store.ledger.contents(env, told.event.id, workflow, user)
        asked = KeptWords(event=told.event, workflow=workflow, user=user, sent=sent, kept=kept)
        (own,) = await self.words([asked])
        found = {(one.step, one.locale): one for one in own}
        several = [item for item in told.items if item.aggregation_key is not None]
        for one in await self._teller.tell(env, user, several):
            words = Words(
                step=one.row.step, locale=one.locale, fields=one.row.fields, certain=True,
                wanted=None,
            )  # fmt: skip
            found[one.row.step, one.locale] = words
        return [found[place] for place in sorted(found)]

    async def _answer(self, event: EventRow, user: str, told: list[Remembered]) -> dict[str, Any]:
        now = self._clock.now()
        first = told[0].row.decided
        forgotten = any(one.forgotten for one in told)
        coming = sorted(
            (each for one in told for each in forthcoming(user, one, now)),
            key=lambda each: each.due,
        )
        answer: dict[str, Any] = {
            "event_id": event_name(event.id),
            "user": user,
            "verdict": verdict_of(told).value,
            "because": because_of(user, told),
            "channels": [entry for one in told for entry in step_entries(user, one)],
            "waits": waits_json(coming),
            "facts": {} if forgotten else _facts_json(event, first),
            "deliveries": [entry for one in told for entry in delivery_entries(one)],
            "decided_at": to_rfc3339(first.at),
            "decision_kept": not forgotten,
            "zone": _zone_json(told[0]),
            "versions": {
                "user": first.user_version,
                "preferences": first.settings_version,
                "defaults": first.defaults_version,
                "decider": first.decider,
                "workflows": {one.compiled.workflow.key: one.compiled.row.version for one in told},
                "same_answer_today": all(each.same for one in told for each in one.judged),
            },
            "timeline": timeline(user, told, now),
            "repeats": [
                found for one in told if (found := await self._repeats.first(one)) is not None
            ],
        }
        if is_digest(event.id):
            tells = await self._digests.tells_of(event, user)
            answer |= {"because": tells_words(user, tells) + answer["because"], "tells_of": tells}
        return answer


def _zone_json(told: Remembered) -> dict[str, Any] | None:
    """By which clock it was decided, and whose that is."""
    if told.forgotten or told.first.zone_from is None:
        return None
    return {"name": told.first.zone.key, "from": told.first.zone_from}


def _facts_json(event: EventRow, kept: DecisionRecord) -> dict[str, Any]:
    return {
        "now": to_rfc3339(kept.at),
        "expires_at": to_rfc3339(event.expires_at) if event.expires_at else None,
        "silent": event.silent,
        "mention": kept.mention or None,
        "duplicate": kept.duplicate,
        "destinations": kept.destinations,
        "conditions": {str(step): answer for step, answer in kept.whens.items()},
        "paused": kept.paused,
        "cancelled": kept.cancelled,
    }

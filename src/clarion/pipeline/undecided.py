"""Why, for members of a broadcast who have not looked: what would be decided, unwritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from clarion.clock import Clock
from clarion.core.decision import DecisionRecord
from clarion.core.plain_words import Verdict
from clarion.pipeline.hindsight import Hindsight, was_in
from clarion.pipeline.recalling import Recaller
from clarion.pipeline.remembered import Remembered
from clarion.pipeline.saying import because_of
from clarion.pipeline.verdict import verdict_of
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import Broadcast
from clarion.store.contract.events import EventRow
from clarion.store.contract.ledger import NotificationRow

_decode = msgspec.json.Decoder(DecisionRecord).decode


class Ahead(msgspec.Struct, frozen=True):
    """A broadcast that a member has not decided, and what it would come to now. `over`: looking
    would tell nothing any more, as it has expired or was cancelled."""

    broadcast: Broadcast
    told: Remembered
    over: bool


class Undecided:
    """Looks ahead, for who has not looked."""

    def __init__(
        self, store: Store, hindsight: Hindsight, recaller: Recaller, clock: Clock
    ) -> None:
        self._store = store
        self._hindsight = hindsight
        self._recaller = recaller
        self._clock = clock

    async def of(
        self,
        event: EventRow,
        broadcasts: Sequence[Broadcast],
        user: int,
        decided: Collection[int],
    ) -> list[Ahead]:
        """The broadcasts of an event that a user is a member of, but for workflows that are decided
        already."""
        found = []
        for one in broadcasts:
            if one.workflow not in decided and await self.is_member(one, user):
                page = await self._hindsight.decided(event.env, [(one, [user])])
                for row in page.notifications:
                    notification = NotificationRow(
                        env=row.env, event=event.id, workflow=row.workflow, user=row.user,
                        tenant=row.tenant, bucket=row.bucket, decided=_decode(row.decided),
                    )  # fmt: skip
                    told = await self._recaller.recall(event, notification)
                    over = event.cancelled_at is not None or one.is_over(self._clock.now())
                    found.append(Ahead(one, told, over))
        return found

    async def is_member(self, one: Broadcast, user: int) -> bool:
        """Whether a user was subscribed when it was published, and not excepted."""
        spans = await self._store.broadcasts.spans(one.env, one.topic, user)
        return user not in one.excepted and was_in(spans, one.published_at)


def looked_ahead(
    user: str, decided: Sequence[Remembered], ahead: Sequence[Ahead], answer: dict[str, Any]
) -> dict[str, Any]:
    """The answer of `why` for a user who has decided some of an event and not looked at the rest:
    the latter is told as what is to come."""
    waiting = [one.told for one in ahead if not one.over]
    lost = [one.told for one in ahead if one.over]
    keys = {one.told.compiled.workflow.key for one in ahead}
    sentences = [because_of(user, decided)] if decided else []
    if lost:
        sentences.append(f"{user} had not looked at the inbox when it was over.")
        sentences.append(because_of(user, lost))
    if waiting:
        event = waiting[0].event.type
        sentences.append(
            f"{user} has not looked at the inbox since the event {event} was published to its "
            "topic, so it is not decided yet. By the choices of then a look would record: "
            f"{because_of(user, waiting)}"
        )
    verdict = Verdict.WAITING if waiting else verdict_of([*decided, *lost])
    return {
        **answer,
        "verdict": verdict.value,
        "because": " ".join(sentences),
        "channels": [
            {**entry, "undecided": True} if entry["workflow"] in keys else entry
            for entry in answer["channels"]
        ],
        "decided_at": answer["decided_at"] if decided else None,
        "timeline": [line for line in answer["timeline"] if line.get("workflow") not in keys],
    }

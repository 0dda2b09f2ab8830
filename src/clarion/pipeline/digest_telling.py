"""A digest asked about by itself: what it tells of, and how it stands while it is open."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from clarion.clock import to_rfc3339
from clarion.core.ids import event_name, is_digest
from clarion.core.plain_words import Verdict
from clarion.core.schedule import first_zone
from clarion.core.time_words import weekday_words
from clarion.errors import NotFoundError
from clarion.pipeline.directory import Directory
from clarion.pipeline.timeline import Line, line_json
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.held import Digest
from clarion.store.contract.names import NameKind


class DigestTelling:
    """Answers about digests."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def tells_of(self, event: EventRow, user: str) -> dict[str, Any]:
        """The events that a digest gathered, the newest first, with links; `count` is of all."""
        found = await self._store.held.digests(event.env, [event.id])
        digest = found.get(event.id)
        if digest is None:
            return {"count": 0, "events": []}
        return await self._events(digest, user)

    async def answer(
        self, env: int, event: bytes, user: str, number: int | None, now: int
    ) -> dict[str, Any]:
        """The body of `why` about a digest that tells this user nothing, or nothing yet;
        NotFoundError when there is none."""
        digest = None
        if is_digest(event):
            digest = (await self._store.held.digests(env, [event])).get(event)
        if digest is None:
            raise NotFoundError(f"there is no event {event_name(event)}")
        mine = digest.user == number
        because = f"The digest gathered events for somebody else, not for {user}."
        if mine:
            because = await self._words(digest, user, now)
        workflow = await self._directory.name(env, NameKind.WORKFLOW, digest.pinned[0])
        wait = {"workflow": workflow, "due": to_rfc3339(digest.due), "next": because}
        lines = [
            Line(at=digest.opened_at, what="digest opened", text="The digest was opened."),
            Line(at=max(digest.due, now), what="next", text=because, future=True),
        ]
        verdict = Verdict.WAITING if mine else Verdict.NOT_IN_AUDIENCE
        return {
            "event_id": event_name(event),
            "user": user,
            "verdict": verdict.value,
            "because": because,
            "channels": [],
            "waits": [wait] if mine else [],
            "facts": {},
            "deliveries": [],
            "decided_at": to_rfc3339(digest.opened_at),
            "decision_kept": True,
            "versions": {},
            "timeline": [line_json(line) for line in lines] if mine else [],
            "tells_of": await self._events(digest, user) if mine else {"count": 0, "events": []},
        }

    async def _words(self, digest: Digest, user: str, now: int) -> str:
        people = await self._store.people.users_by_number(digest.env, [digest.user])
        own = people.get(digest.user)
        profiles = await self._store.settings.profiles(digest.env, [0, digest.tenant])
        usual = [profiles[of].timezone for of in (digest.tenant, 0) if of in profiles]
        zone = first_zone(own.timezone if own is not None else None, *usual)
        if not digest.count:
            back = "All that the digest gathered was taken back"
            return f"{back}: {user} will be told nothing, unless more joins it."
        events = events_words(digest.count)
        when = weekday_words(digest.due, zone, now)
        return (
            f"The digest has gathered {events} so far, of which {user} will be told after {when},"
            " if nothing stands against it then."
        )

    async def _events(self, digest: Digest, user: str) -> dict[str, Any]:
        rows = await self._store.events.rows(digest.env, [one.event for one in digest.entries])
        actors = {row.actor for row in rows.values() if row.actor}
        names = await self._directory.names(digest.env, NameKind.USER, actors)
        asked = quote(user, safe="")
        return {
            "count": digest.count,
            "key": digest.key,
            "events": [
                {
                    "event_id": event_name(entry.event),
                    "type": rows[entry.event].type,
                    "actor": names.get(rows[entry.event].actor or 0),
                    "accepted_at": to_rfc3339(rows[entry.event].accepted_at),
                    "why": f"/v1/events/{event_name(entry.event)}/why?user={asked}",
                }
                for entry in digest.entries
                if entry.event in rows
            ],
        }


def tells_words(user: str, tells: dict[str, Any]) -> str:
    """How the answer about a closed digest begins; with nothing when it is kept no longer."""
    if "key" not in tells:
        return ""
    if not tells["count"]:
        return f"All that this digest gathered for {user} was taken back. "
    return f"This digest gathered {events_words(tells['count'])} for {user}. "


def events_words(count: int) -> str:
    """`1 event`, `3 events`."""
    return "1 event" if count == 1 else f"{count} events"

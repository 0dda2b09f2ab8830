"""The preference page: everything that a user may choose, and nothing that takes a script."""

from __future__ import annotations

from typing import Any

from clarion.api.choosing import Choosing
from clarion.api.owners import a_users
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.core.recipient import ScopeKind
from clarion.core.worded import plain_name
from clarion.errors import InvalidError, NotFoundError
from clarion.pages.answers import Page, notice, page, see
from clarion.pages.asked import Asked
from clarion.pages.cards import CADENCES, cards_of
from clarion.pages.changes import (
    Changes,
    exception_removed,
    heard_again,
    switched,
    topics_changed,
)
from clarion.pages.forms import Form
from clarion.pages.hours import (
    MORNING_MINUTE,
    pause_patch,
    pause_words,
    quiet_of,
    quiet_patch,
    tomorrow,
)
from clarion.pages.leaving import ALL, BY_PAGE, OUTSIDE, Leaving, Said
from clarion.pages.seen import Seen, look
from clarion.pages.topics import LEVELS, followed, title_of
from clarion.pages.words import Words, words_for
from clarion.store.contract.names import NameKind

SHOWN_EXCEPTIONS = 100
SHOWN_ACTORS = 100
_WHY = {"quiet": "why_times", "pause": "why_date"}


class PreferencePage:
    """Answers for the link of one user."""

    def __init__(self, services: Services, choosing: Choosing) -> None:
        self._services = services
        self._choosing = choosing
        self._leaving = Leaving(services)

    async def answer(self, asked: Asked) -> Page:
        """The page, or what became of one of its forms."""
        seen = await look(self._services, asked.link)
        words = words_for(seen.user.locale if seen else None, asked.accepts)
        if not asked.link.holds(self._services.clock.now()):
            return notice("expired", words, 410)
        if seen is None:
            return notice("gone", words, 410)
        if asked.form is None:
            return await self._shown(asked, seen, words)
        return await self._saved(asked, asked.form, seen, words)

    async def _saved(self, asked: Asked, form: Form, seen: Seen, words: Words) -> Page:
        what = form.one("do")
        try:
            await self._write(what, form, seen, words)
        except NotFoundError:
            return notice("gone", words, 410)
        except (InvalidError, RefusedError):
            why = words("not_saved", why=words(_WHY.get(what, "why_again")))
            return await self._shown(asked, seen, words, status=422, why=why)
        after = _after(asked)
        return see(f"?saved=1&after={after}#status" if after else "?saved=1#status")

    async def _write(self, what: str, form: Form, seen: Seen, words: Words) -> None:
        said = Said(env=seen.link.env, user=seen.link.user, source=BY_PAGE, locale=words.locale)
        if what == "all":
            await self._leaving.object(said, ALL, OUTSIDE)
            return
        changes = await self._changes(what, form, seen, words)
        owner = a_users(said.env, said.user)
        if changes.patch:
            await self._choosing.apply(owner, changes.patch, source=BY_PAGE)
        await self._leaving.grant(said, changes.granted)
        for purpose, channel in changes.objected:
            await self._leaving.object(said, purpose, [channel])
        for key in changes.left:
            topics = self._services.store.topics
            await topics.subscribe(said.env, key, [], [seen.user.id], self._services.clock.now())

    async def _changes(self, what: str, form: Form, seen: Seen, words: Words) -> Changes:
        services = self._services
        match what:
            case "what":
                return switched(form, seen, cards_of(seen, words))
            case "topics":
                return await topics_changed(form, seen, services)
            case "exceptions":
                return await exception_removed(form, seen, services)
            case "actors":
                return await heard_again(form, seen, services)
            case "quiet":
                return Changes(patch=quiet_patch(form))
            case "pause":
                return Changes(patch=pause_patch(form, seen))
            case _:
                raise InvalidError("there is no such form", "/do")

    async def _shown(
        self, asked: Asked, seen: Seen, words: Words, status: int = 200, why: str = ""
    ) -> Page:
        topics, more = await followed(self._services, seen, _after(asked), words)
        own = seen.row(ScopeKind.USER)
        return page(
            "preferences.html",
            words,
            status,
            name=seen.user.name or "",
            saved=asked.query.get("saved") == "1" and status == 200,
            why=why,
            paused=pause_words(seen, words),
            morning=words.clock(MORNING_MINUTE),
            tomorrow=tomorrow(seen),
            cards=cards_of(seen, words),
            level=own.level.value if own is not None and own.level is not None else "",
            levels=LEVELS,
            cadences=CADENCES,
            exceptions=await self._exceptions(seen, words),
            topics=topics,
            more=more,
            actors=await self._actors(seen),
            quiet=quiet_of(seen, words),
            days=words.days(),
            zone=seen.zone.key,
            until=words.instant(asked.link.expires_at, seen.zone) if asked.link.expires_at else "",
        )

    async def _exceptions(self, seen: Seen, words: Words) -> list[dict[str, Any]]:
        """Workflows and topics whose mails and messages the user switched off by themselves."""
        store, env = self._services.store, seen.link.env
        found = []
        kinds = (ScopeKind.WORKFLOW, ScopeKind.TOPIC)
        off = [
            (row.kind, row.scope, channel)
            for row in seen.rows
            if row.kind in kinds
            for channel, on in row.channels.items()
            if not on
        ]
        numbers = {scope for kind, scope, _ in off if kind is ScopeKind.WORKFLOW}
        workflows = await store.names.names(env, NameKind.WORKFLOW, numbers)
        for kind, scope, channel in off[:SHOWN_EXCEPTIONS]:
            if kind is ScopeKind.WORKFLOW:
                title = plain_name(workflows.get(scope, "")) or None
            else:
                title = await title_of(store, env, scope)
            if title is not None:
                text = words("exception", what=title, channel=words(channel.value))
                found.append({"value": f"{kind.label}.{scope}.{channel.value}", "text": text})
        return found

    async def _actors(self, seen: Seen) -> list[dict[str, Any]]:
        """People whom the user muted."""
        muted = [
            row.scope
            for row in seen.rows
            if row.kind is ScopeKind.ACTOR and (row.mute_until or 0) > seen.now
        ][:SHOWN_ACTORS]
        people = await self._services.store.people.users_by_number(seen.link.env, sorted(muted))
        return [
            {"number": number, "name": person.name or person.id}
            for number, person in sorted(people.items())
        ]


def _after(asked: Asked) -> int:
    text = asked.query.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

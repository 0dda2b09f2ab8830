"""The way out of a mail: a POST acts at once (RFC 8058), a GET shows a button and narrower
choices, and what was done can be undone."""

from __future__ import annotations

from clarion.api.choosing import Choosing
from clarion.api.owners import a_users
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.core.recipient import ScopeKind
from clarion.core.worded import plain_name
from clarion.core.workflow import Category, Channel
from clarion.pages.answers import Page, notice, page, see
from clarion.pages.asked import Asked
from clarion.pages.cards import name_of
from clarion.pages.forms import Form
from clarion.pages.leaving import ALL, BY_LINK, Leaving, Said
from clarion.pages.seen import Seen, look
from clarion.pages.topics import title_of
from clarion.pages.words import Words, words_for
from clarion.store.contract.names import NameKind

ONE_CLICK = ("List-Unsubscribe", "One-Click")
CHOICES = ("category", "workflow", "topic", "all")


class UnsubscribePage:
    """Answers for one link of a message."""

    def __init__(self, services: Services, choosing: Choosing) -> None:
        self._services = services
        self._choosing = choosing
        self._leaving = Leaving(services)

    async def answer(self, asked: Asked) -> Page:
        """The page, or what became of its form. RefusedError 400 for a choice that there is not."""
        link = asked.link
        words = words_for(None, asked.accepts)
        said = Said(env=link.env, user=link.user, source=BY_LINK, locale=words.locale)
        if asked.form is not None and is_one_click(asked.form):
            await self._leaving.object(said, link.category, [_channel(asked)])
            return page("unsubscribed.html", words, what="", undo="")
        seen = await look(self._services, link)
        if seen is None:
            return notice("gone", words)
        words = words_for(seen.user.locale, asked.accepts)
        if asked.form is not None:
            return await self._acted(asked, asked.form, seen, said)
        return await self._shown(asked, seen, said, words)

    async def _acted(self, asked: Asked, form: Form, seen: Seen, said: Said) -> Page:
        choice, undo = form.one("choice"), form.one("undo")
        if undo in CHOICES:
            done = await self._undo(undo, asked, seen, said)
            return see(f"?undone={undo}" if done else "?")
        if choice not in await self._choices(seen):
            raise RefusedError(400, "there is no such choice")
        await self._act(choice, asked, said)
        return see(f"?done={choice}")

    async def _act(self, choice: str, asked: Asked, said: Said) -> None:
        link, channel = asked.link, _channel(asked)
        if choice in ("workflow", "topic"):
            await self._switch(choice, asked, "off")
        else:
            purpose = link.category if choice == "category" else ALL
            await self._leaving.object(said, purpose, [channel])

    async def _undo(self, choice: str, asked: Asked, seen: Seen, said: Said) -> bool:
        link = asked.link
        if choice in ("workflow", "topic"):
            await self._switch(choice, asked, None)
            return True
        optional = _optional(seen)
        purpose = link.category if choice == "category" else ALL
        return await self._leaving.undo(said, purpose, _channel(asked), optional)

    async def _switch(self, choice: str, asked: Asked, switch: str | None) -> None:
        """Set or remove the user's own choice for the workflow or the topic of the link."""
        link, channel = asked.link, _channel(asked).value
        kind = NameKind.WORKFLOW if choice == "workflow" else NameKind.TOPIC
        number = link.workflow if choice == "workflow" else link.topic
        name = (await self._services.store.names.names(link.env, kind, [number])).get(number)
        if name is None:
            return
        node = {channel: switch} if choice == "workflow" else {"channels": {channel: switch}}
        section = "workflows" if choice == "workflow" else "topics"
        owner = a_users(link.env, link.user)
        await self._choosing.apply(owner, {section: {name: node}}, source=BY_LINK)

    async def _shown(self, asked: Asked, seen: Seen, said: Said, words: Words) -> Page:
        category = _category(seen)
        if category is not None and category.mandatory:
            text = words("un_mandatory", category=name_of(category, words))
            return page("notice.html", words, heading=words("un_title"), text=text)
        labels = await self._labels(seen, words)
        done = await self._done(asked, seen, said)
        if done in labels:
            undo = done if await self._undoable(done, asked, said) else ""
            return page("unsubscribed.html", words, what=labels[done], undo=undo)
        undone = asked.query.get("undone") in CHOICES
        return page("unsubscribe.html", words, choices=labels, undone=undone)

    async def _done(self, asked: Asked, seen: Seen, said: Said) -> str:
        """What the link already did, as things stand; "" when nothing."""
        link, channel = asked.link, _channel(asked)
        wanted = asked.query.get("done", "")
        for choice, kind, number in (
            ("workflow", ScopeKind.WORKFLOW, link.workflow),
            ("topic", ScopeKind.TOPIC, link.topic),
        ):
            row = seen.row(kind, number)
            if wanted == choice and row is not None and row.channels.get(channel) is False:
                return choice
        if wanted == "all" and await self._leaving.objected(said, ALL, channel):
            return "all"
        return "category" if await self._leaving.objected(said, link.category, channel) else ""

    async def _undoable(self, choice: str, asked: Asked, said: Said) -> bool:
        if choice in ("workflow", "topic"):
            return True
        purpose = asked.link.category if choice == "category" else ALL
        return await self._leaving.undoable(said, purpose, _channel(asked))

    async def _choices(self, seen: Seen) -> list[str]:
        return list(await self._labels(seen, words_for(None, "")))

    async def _labels(self, seen: Seen, words: Words) -> dict[str, str]:
        """The choices that the link offers, with their words."""
        link, store = seen.link, self._services.store
        channel = words.amid((link.on or Channel.EMAIL).value)
        category = _category(seen)
        called = name_of(category, words) if category else "?"
        labels = {"category": words("un_category", category=called, channel=channel)}
        workflows = await store.names.names(link.env, NameKind.WORKFLOW, {link.workflow} - {0})
        if name := workflows.get(link.workflow):
            labels["workflow"] = words("un_workflow", workflow=plain_name(name), channel=channel)
        if title := await title_of(store, link.env, link.topic):
            labels["topic"] = words("un_topic", topic=title, channel=channel)
        return {**labels, "all": words("un_all", channel=channel)}


def is_one_click(form: Form) -> bool:
    """Whether a mail program sent it (RFC 8058): nothing but the way out, however often."""
    name, value = ONE_CLICK
    if form.one(name).lower() == value.lower():
        return True
    return not form.has("choice") and not form.has("undo")


def _channel(asked: Asked) -> Channel:
    return asked.link.on or Channel.EMAIL


def _category(seen: Seen) -> Category | None:
    rows = seen.catalog.categories
    return next((row.category for row in rows if row.number == seen.link.category), None)


def _optional(seen: Seen) -> dict[int, Category]:
    rows = seen.catalog.categories
    return {row.number: row.category for row in rows if not row.category.mandatory}

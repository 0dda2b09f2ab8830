"""The links of messages: to the preference page, and out of what the message is about."""

from __future__ import annotations

import secrets

import msgspec

from clarion.clock import SECOND
from clarion.core.channel import CHANNEL_NUMBER
from clarion.core.delivery import DeliveryKey
from clarion.core.links import Link, Links, Purpose
from clarion.store.contract import Store
from clarion.store.contract.catalog import CategoryRow

SECRET = "links"  # noqa: S105 - the name of it
"""Name of the store's secret that seals links. Mails hold links for years, so it stays what it is
while other secrets of the store may change."""

SECRET_BYTES = 32
DAY_SECONDS = 24 * 60 * 60
USUAL_DAYS = 30


class MessageLinks(msgspec.Struct, frozen=True, kw_only=True):
    """The links of one message; "" where there is nobody to choose, or nothing to switch off."""

    unsubscribe_url: str = ""
    preferences_url: str = ""

    def values(self) -> dict[str, str]:
        """By the names that templates use."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]


class Linker:
    """Makes the links of messages. Those to the preference page hold for `days`; `mailto` is an
    address that takes unsubscribes by mail, or None."""

    def __init__(self, links: Links, days: int = USUAL_DAYS, mailto: str | None = None) -> None:
        self.links = links
        self.days = days
        self._mailto = mailto

    def page(self, env: int, user: int, tenant: int, now: int, seconds: int | None = None) -> Link:
        """A link to a user's preference page that holds for so long, by default `days`."""
        held = self.days * DAY_SECONDS if seconds is None else seconds
        return Link(env=env, user=user, tenant=tenant, expires_at=now + held * SECOND)

    def of_message(
        self, key: DeliveryKey, category: CategoryRow, *, tenant: int, topic: int, now: int
    ) -> MessageLinks:
        """The links of a delivery about a topic (0: none)."""
        if not key.user:
            return MessageLinks()
        page = self.page(key.env, key.user, tenant, now)
        preferences = self.links.url(Purpose.PREFERENCES, page)
        if category.category.mandatory:
            return MessageLinks(preferences_url=preferences)
        way_out = Link(
            env=key.env,
            user=key.user,
            tenant=tenant,
            category=category.number,
            channel=CHANNEL_NUMBER[key.channel],
            workflow=key.workflow,
            topic=topic,
        )
        unsubscribe = self.links.url(Purpose.UNSUBSCRIBE, way_out)
        return MessageLinks(unsubscribe_url=unsubscribe, preferences_url=preferences)

    def headers(self, found: MessageLinks) -> dict[str, str]:
        """What a mail says of its way out (RFC 2369, RFC 8058); nothing where nothing can be
        switched off. One click takes https, so plain http gets no -Post."""
        url = found.unsubscribe_url
        if not url:
            return {}
        ways = [f"<{url}>"]
        if self._mailto is not None:
            ways.append(f"<mailto:{self._mailto}?subject=unsubscribe%20{url.rpartition('/')[2]}>")
        headers = {"List-Unsubscribe": ", ".join(ways)}
        if url.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


class Linking:
    """The one maker of links of a process, as `linker` gives it."""

    def __init__(
        self, store: Store, public_url: str, *, days: int = USUAL_DAYS, mailto: str | None = None
    ) -> None:
        self._store = store
        self._public_url = public_url
        self._days = days
        self._mailto = mailto
        self._linker: Linker | None = None

    async def linker(self) -> Linker:
        """The maker of links; asks the store for the secret once."""
        if self._linker is None:
            secret = await self._store.keys.secret(SECRET, secrets.token_bytes(SECRET_BYTES))
            links = Links(self._public_url, (secret,))
            self._linker = Linker(links, self._days, self._mailto)
        return self._linker

"""Objections, and taking them back: entries in the user's ledger of consents.

A setting would not do: a more specific choice overrules it, and an objection has to hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.core.law import last_said
from clarion.core.recipient import Consent
from clarion.core.workflow import Category, Channel
from clarion.errors import NotFoundError
from clarion.store.contract.law import ConsentRow, ConsentWrite

BY_LINK = "unsubscribe link"
BY_PAGE = "preference page"
WORDING = "pages-1"
"""Version of the words that the pages show; it stands beside every entry."""

OUTSIDE = (Channel.PUSH, Channel.EMAIL, Channel.SMS, Channel.CHAT)
"""Channels that come to people; the inbox waits until they come."""

UNDO_SECONDS = 24 * 60 * 60
"""So long an objection by link can be undone by it: links hold for years, and granting again is
not theirs to do."""

ALL = 0


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Who says something, and where: the numbers, the source, and the locale of the words."""

    env: int
    user: int
    source: str
    locale: str


class Leaving:
    """Writes objections and grants of users."""

    def __init__(self, services: Services) -> None:
        self._law = services.store.law
        self._clock = services.clock

    async def object(self, said: Said, purpose: int, channels: Iterable[Channel]) -> bool:
        """Object to a category (ALL: to all of them) on channels; False when there is no such
        user. What was objected to before stays as it was said."""
        try:
            rows = await self._law.consents(said.env, said.user)
            writes = [w for one in channels for w in _objections(said, rows, purpose, one)]
            if writes:
                await self._law.append_consents(said.env, said.user, writes, self._clock.now())
        except NotFoundError:
            return False
        return True

    async def grant(self, said: Said, pairs: Iterable[tuple[int, Channel]]) -> None:
        """Grant categories on channels."""
        writes = [_entry(said, purpose, channel, granted=True) for purpose, channel in pairs]
        if writes:
            await self._law.append_consents(said.env, said.user, writes, self._clock.now())

    async def objected(self, said: Said, purpose: int, channel: Channel) -> bool:
        """Whether the last word on a category (ALL: on all of them) is an objection."""
        now = last_said(_about(await self._law.consents(said.env, said.user), purpose), channel)
        return now is not None and not now.granted

    async def undo(
        self, said: Said, purpose: int, channel: Channel, optional: dict[int, Category]
    ) -> bool:
        """Take back objections that came by link not long ago: those to one category, or to all of
        those in `optional`. Nothing is granted that was not, where consent is needed."""
        rows = await self._law.consents(said.env, said.user)
        first = self._undoable(rows, said, purpose, channel)
        if first is None:
            return False
        together = [
            row
            for row in rows
            if row.channel is channel and row.source == said.source and row.at == first.at
        ]
        back = {
            row.purpose: _was_granted(row)
            for row in together
            if row.purpose != ALL and not row.granted and purpose in (ALL, row.purpose)
        }
        if purpose == ALL:
            spoken = {row.purpose for row in rows if row.channel is channel}
            back |= dict.fromkeys(optional.keys() - spoken, False)
        granted = [
            (one, channel)
            for one, was in back.items()
            if one in optional and (was or optional[one].consent != "required")
        ]
        if purpose == ALL and _was_granted(first):
            granted.append((ALL, channel))
        await self.grant(said, granted)
        return bool(granted)

    async def undoable(self, said: Said, purpose: int, channel: Channel) -> bool:
        """Whether an objection came by link not long ago."""
        rows = await self._law.consents(said.env, said.user)
        return self._undoable(rows, said, purpose, channel) is not None

    def _undoable(
        self, rows: list[ConsentRow], said: Said, purpose: int, channel: Channel
    ) -> ConsentRow | None:
        since = self._clock.now() - UNDO_SECONDS * SECOND
        for row in rows:
            ours = row.source == said.source and not row.granted and row.at > since
            if ours and (row.purpose, row.channel) == (purpose, channel):
                return row
        return None


def _objections(
    said: Said, rows: list[ConsentRow], purpose: int, channel: Channel
) -> list[ConsentWrite]:
    """An objection, and one to each category that was granted by name when it is about all."""
    purposes = {purpose}
    if purpose == ALL:
        purposes |= {row.purpose for row in rows if row.granted and row.channel in (None, channel)}
    writes = []
    for one in sorted(purposes):
        now = last_said(_about(rows, one), channel)
        if now is None or now.granted:
            before = "granted" if now is not None and now.granted else "nothing"
            writes.append(_entry(said, one, channel, granted=False, before=before))
    return writes


def _about(rows: list[ConsentRow], purpose: int) -> list[Consent]:
    return [
        Consent(row.purpose, row.channel, row.granted)
        for row in rows
        if row.purpose in (ALL, purpose)
    ]


def _was_granted(row: ConsentRow) -> bool:
    return row.evidence.get("before") == "granted"


def _entry(
    said: Said, purpose: int, channel: Channel, *, granted: bool, before: str | None = None
) -> ConsentWrite:
    evidence: dict[str, Any] = {} if before is None else {"before": before}
    return ConsentWrite(
        purpose=purpose,
        channel=channel,
        granted=granted,
        source=said.source,
        wording=WORDING,
        locale=said.locale,
        evidence=evidence,
    )

"""Categories as the preference page shows them: a switch for each channel, and why it stands so."""

from __future__ import annotations

import msgspec

from clarion.core.preference import chain_of, switch_in
from clarion.core.reasons import Reason
from clarion.core.recipient import ScopeKind
from clarion.core.resolved import ChannelState, Resolved
from clarion.core.worded import plain_name, worded_for
from clarion.core.workflow import CHANNELS, Category, Channel, DigestStep, Rollout
from clarion.pages.seen import Seen
from clarion.pages.words import Words
from clarion.store.contract.catalog import CategoryRow

CADENCES = ("instant", "hourly", "daily", "weekly")

_NOTES = {
    Reason.NO_CONSENT: "note_consent",
    Reason.OPTED_OUT: "note_opted_out",
    Reason.NO_DESTINATION: "note_no_destination",
    Reason.SUPPRESSED: "note_suppressed",
    Reason.LEVEL_NONE: "note_level",
    Reason.NO_MENTION: "note_level",
    Reason.MUTED: "note_muted",
}
_UNREACHED = (Reason.NO_DESTINATION, Reason.SUPPRESSED)


class Switch(msgspec.Struct, frozen=True):
    """One channel of a category. `name` is that of its field, `note` why it is as it is."""

    name: str
    channel: Channel
    on: bool
    note: str = ""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One category. `locked`: it cannot be switched off. `cadence`: what the user chose of it, ""
    for nothing, None where no workflow tells digests so often as their user wants."""

    row: CategoryRow
    name: str
    description: str
    locked: bool
    switches: tuple[Switch, ...]
    cadence: str | None


def cards_of(seen: Seen, words: Words) -> list[Card]:
    """The categories of which there are workflows: those with a choice first."""
    cards = []
    for row in seen.catalog.categories:
        channels = _channels(seen, row.number)
        if channels:
            cards.append(_card(seen, row, channels, words))
    return sorted(cards, key=lambda card: card.locked)


def name_of(category: Category, words: Words) -> str:
    """What people call a category."""
    return worded_for(category.name, words.locale) or plain_name(category.key)


def _card(seen: Seen, row: CategoryRow, channels: list[Channel], words: Words) -> Card:
    category = row.category
    answers = seen.answers(row)
    chosen = seen.row(ScopeKind.CATEGORY, row.number)
    cadence = (chosen.cadence or "") if chosen else ""
    return Card(
        row=row,
        name=name_of(category, words),
        description=worded_for(category.description, words.locale) or "",
        locked=category.mandatory,
        switches=tuple(_switch(seen, row, one, answers[one], words) for one in channels),
        cadence=cadence if _asks_cadence(seen, row.number) else None,
    )


def _switch(
    seen: Seen, row: CategoryRow, channel: Channel, answer: Resolved, words: Words
) -> Switch:
    on = answer.state is not ChannelState.OFF
    reason = Reason(answer.reason)
    if reason in _UNREACHED:  # a switch can be on where nobody can be reached
        chosen = switch_in(chain_of(seen.facts(row)), channel)
        on = chosen is None or chosen.channels[channel]
    note = _NOTES.get(reason)
    return Switch(f"{row.number}.{channel.value}", channel, on, words(note) if note else "")


def _channels(seen: Seen, category: int) -> list[Channel]:
    """The channels on which its workflows send."""
    used = {
        step.channel
        for row in seen.catalog.workflows
        if row.category_number == category and row.workflow.rollout is not Rollout.OFF
        for step in row.workflow.sends
    }
    return [channel for channel in CHANNELS if channel in used and channel is not Channel.WEBHOOK]


def _asks_cadence(seen: Seen, category: int) -> bool:
    return any(
        isinstance(step, DigestStep) and step.timing.by_user
        for row in seen.catalog.workflows
        if row.category_number == category
        for step in row.workflow.steps
    )

"""What lists show of the words that each was told: the title, subject or first line.

Of words that are kept for all users of a locale those are shown that the user can only have had:
where titles differ by locale and the locale of then is not known for certain, none is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clarion.core.workflow import Channel
from clarion.pipeline.contract import KeptWords, Sent
from clarion.pipeline.own_words import OwnWords
from clarion.pipeline.remembered import Remembered
from clarion.store.contract import Store
from clarion.store.contract.ledger import NotificationKey, Standing

_Choice = dict[tuple[int, str], str]
"""Titles by (step, locale)."""

_NONE = Standing()


class Titles:
    """Looks them up for the rows of a page: by key, in one read."""

    def __init__(self, store: Store, own_words: OwnWords) -> None:
        self._store = store
        self._own_words = own_words

    async def of(
        self,
        env: int,
        told: Mapping[NotificationKey, Remembered],
        found: Mapping[NotificationKey, Standing],
    ) -> dict[NotificationKey, str]:
        """By notification; one to whom nothing went, or whose words are not certain, has none."""
        own = {
            key for key in told if found.get(key, _NONE).items or found.get(key, _NONE).deliveries
        }
        if not own:
            return {}
        shared = {(event, workflow, 0) for event, workflow, _ in own}
        kept = await self._store.ledger.titles(env, sorted(own | shared))
        choices = {
            key: list(
                _choices(told[key], found[key], kept.get((*key[:2], 0), {}) | kept.get(key, {}))
            )
            for key in own
        }
        sure = {key: title for key, some in choices.items() if (title := _only(some)) is not None}
        open_ = {key: some[0] for key, some in choices.items() if some and key not in sure}
        return sure | await self._chosen(told, found, open_)

    async def _chosen(
        self,
        told: Mapping[NotificationKey, Remembered],
        found: Mapping[NotificationKey, Standing],
        choices: Mapping[NotificationKey, _Choice],
    ) -> dict[NotificationKey, str]:
        """Of those whose title depends on the locale that was theirs."""
        asked = [
            KeptWords(
                event=told[key].event,
                workflow=key[1],
                user=key[2],
                sent=[Sent(row.step, row.since, row.until) for row in found[key].deliveries],
                kept={place: {"title": title} for place, title in choice.items()},
            )
            for key, choice in choices.items()
        ]
        said = await self._own_words.of(asked)
        return {
            key: words[0].fields["title"]
            for key, words in zip(choices, said, strict=True)
            if len(words) == 1 and words[0].certain
        }


def _choices(told: Remembered, standing: Standing, kept: _Choice) -> Iterator[_Choice]:
    """Of each step that something was told by, in their order, what it can have said."""
    sent = {row.step for row in standing.deliveries}
    for step in told.compiled.workflow.sends:
        locale = standing.locales.get(step.index)
        if step.channel is Channel.WEBHOOK or (locale is None and step.index not in sent):
            continue
        found = {
            (index, spoken): title
            for (index, spoken), title in kept.items()
            if index == step.index and locale in (None, spoken)
        }
        if found:
            yield found


def _only(choices: list[_Choice]) -> str | None:
    """The title of the first step that has only one."""
    return next(
        (title for some in choices if len(set(some.values())) == 1 for title in some.values()), None
    )

"""Which of the words that are kept of an event were one user's: those of the locale of then.

Words that name nobody are kept once for all users of a locale, and a delivery does not keep its
locale. So it is chosen again, from what the user's locale was while the message was to be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from clarion.content.contract import CompiledStep
from clarion.core.workflow import Channel
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.compiled import CompiledWorkflow, known_pin
from clarion.pipeline.contract import Kept, KeptWords, Sent, Words
from clarion.pipeline.locales import Locales, default_locales
from clarion.store.contract import Store
from clarion.store.contract.people import Spoken


class OwnWords:
    """Looks up what the choice depends on."""

    def __init__(self, store: Store, catalogs: CatalogService) -> None:
        self._store = store
        self._catalogs = catalogs

    async def of(self, told: Sequence[KeptWords]) -> list[list[Words]]:
        """Of notifications of one environment, in their order."""
        if not told:
            return []
        env = told[0].event.env
        history = await self._store.people.locales(env, sorted({one.user for one in told}))
        usual = await default_locales(self._store, env, {one.event.tenant for one in told})
        pins = [known_pin(one.event, one.workflow) for one in told]
        compiled = await self._catalogs.pinned(env, [pin for pin in pins if pin is not None])
        return [
            _all_of(one.kept)
            if pin is None
            else list(
                words_of(compiled[pin], history.get(one.user, ()), usual[one.event.tenant], one)
            )
            for pin, one in zip(pins, told, strict=True)
        ]


def _all_of(kept: Kept) -> list[Words]:
    """Whatever is kept, where nothing is known of the workflow."""
    return [
        Words(step=step, locale=locale, fields=fields, certain=False, wanted=None)
        for (step, locale), fields in sorted(kept.items())
    ]


def words_of(
    compiled: CompiledWorkflow,
    history: Sequence[Spoken],
    usual: Locales,
    told: KeptWords,
) -> Iterator[Words]:
    """By step and locale. Items keep their locale, and words that name somebody are that user's."""
    channels = {step.index: step.channel for step in compiled.workflow.sends}
    by_step: dict[int, dict[str, dict[str, Any]]] = {}
    for (index, locale), fields in sorted(told.kept.items()):
        by_step.setdefault(index, {})[locale] = fields
    for index, found in by_step.items():
        step = compiled.steps[index]
        wishes = {wish for one in told.sent if one.step == index for wish in _spoken(history, one)}
        chosen, certain = set(found), True
        if channels[index] is not Channel.INBOX and not step.personal:
            chosen, certain = _chosen(step, compiled.workflow.locale, wishes, usual, set(found))
        wanted = next(iter(wishes)) if len(wishes) == 1 else None
        for locale in sorted(chosen):
            yield Words(
                step=index, locale=locale, fields=found[locale], certain=certain, wanted=wanted
            )


def _spoken(history: Sequence[Spoken], sent: Sent) -> set[str | None]:
    """Every locale that was the user's at some time of a span; the first known one before it."""
    before = [row.locale for row in history if row.at <= sent.since] or [
        row.locale for row in history[:1]
    ]
    within = [row.locale for row in history if sent.since < row.at <= sent.until]
    return {*before[-1:], *within} or {None}


def _chosen(
    step: CompiledStep,
    workflow: str | None,
    wishes: Iterable[str | None],
    usual: Locales,
    found: set[str],
) -> tuple[set[str], bool]:
    """The locales that the wishes lead to, and whether nothing else can have. What tenants and
    environments speak is known as of now only: where it counts, any locale may have been it."""
    possible: set[str] = set()
    likely: set[str] = set()
    for wish in wishes:
        possible |= {other for other in found if step.locale_for(wish, workflow, other) == other}
        likely.add(step.locale_for(wish, workflow, *usual))
    certain = len(possible) == 1 and likely == possible
    return (likely & found or possible), certain

"""A page of an audience decided as it would be, counted, and forgotten: nothing is reserved and
nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.core.blast import ChannelTally, Tally, Tried, Trouble, one_more
from clarion.core.decide import decide
from clarion.core.decision import Result, StepDecision
from clarion.core.facts import Facts
from clarion.core.recipient import Recipient
from clarion.core.workflow import CHANNELS, Channel, DigestStep
from clarion.errors import InvalidError
from clarion.pipeline.aggregating import alone
from clarion.pipeline.capping import asks_of, outcome_of
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import Gatherer
from clarion.pipeline.paging import reached_by
from clarion.pipeline.planning import Planner, empty_page
from clarion.pipeline.routes import Route
from clarion.pipeline.values import SAMPLE_LINKS, person
from clarion.pipeline.writing import Writer
from clarion.store.contract import Store
from clarion.store.contract.people import UserRow
from clarion.store.contract.work import PageWrite

SAMPLES = 5
"""Words that name the user are tried for so many users of each locale."""

Answers = tuple[StepDecision, ...]


class Surveyor:
    """Counts what pages of recipients come to."""

    def __init__(self, store: Store, gatherer: Gatherer) -> None:
        self._store = store
        self._gatherer = gatherer

    async def survey(
        self, tally: Tally, flow: Flow, users: Sequence[int], topic: int, route: Route
    ) -> None:
        """Add these users, who were found by a topic (0: by none), to the tally."""
        found = await self._gatherer.recipients(flow.env, [*users], [flow])
        recipients = [reached_by(found.get(user), user, topic) for user in users]
        recipients = await self._gatherer.in_threads(flow.env, flow, recipients)
        recipients = await self._gatherer.present(flow, recipients)
        await self.count(tally, flow, recipients, route)

    async def count(
        self, tally: Tally, flow: Flow, recipients: list[Recipient], route: Route
    ) -> None:
        """Add recipients to the tally."""
        people = await self._gatherer.people(flow.env, [flow], recipients)
        planner, writer = Planner(route, bytes), Writer(route, bytes)
        answered = await self._answers(planner, flow, recipients, people)
        page = empty_page()
        for recipient, answers in answered:
            row = people.get(recipient.user)
            writer.write(page, flow, recipient, answers, row, 1, (), flow.now)
            _count(tally, flow, answers)
        _count_deliveries(tally, page)
        tally.recipients += len(answered)
        await self._try_words(tally, flow, answered)

    async def _answers(
        self,
        planner: Planner,
        flow: Flow,
        recipients: list[Recipient],
        people: dict[int, UserRow],
    ) -> list[tuple[Recipient, Answers]]:
        alike: dict[object, Answers] = {}
        answered: list[tuple[Recipient, Answers]] = []
        asking: list[tuple[int, Facts]] = []
        for recipient in recipients:
            if flow.mentions:
                mention = flow.mention_of(recipient)
                recipient = msgspec.structs.replace(recipient, mention=mention)
            likeness = flow.likeness(recipient)
            answers = alike.get(likeness) if likeness is not None else None
            if answers is None:
                (facts,) = planner.facts(flow, [recipient], people, flow.now)
                answers = decide(facts).steps
                if likeness is not None:
                    alike[likeness] = answers
                if flow.caps:
                    asking.append((len(answered), facts))
            answered.append((recipient, answers))
        for place, answers in await self._capped(flow, asking, answered, people):
            answered[place] = (answered[place][0], answers)
        return answered

    async def _capped(
        self,
        flow: Flow,
        asking: list[tuple[int, Facts]],
        answered: list[tuple[Recipient, Answers]],
        people: dict[int, UserRow],
    ) -> list[tuple[int, Answers]]:
        """Answers of those whose caps say no, by place. Caps are asked and nothing is counted."""
        wanted = [
            (place, facts, answer.step)
            for place, facts in asking
            for answer in answered[place][1]
            if answer.result is Result.SEND and answer.step in flow.caps
        ]
        if not wanted:
            return []
        asks = [
            asks_of(flow, facts.recipient.user, people.get(facts.recipient.user), step)
            for _, facts, step in wanted
        ]
        told = await self._store.caps.ask(flow.env, [ask for _, ask in asks], flow.now)
        outcomes: dict[int, dict[int, object]] = {}
        by_place = {place: facts for place, facts, _ in wanted}
        for (place, _, step), (caps, _), answer in zip(wanted, asks, told, strict=True):
            outcomes.setdefault(place, {})[step] = outcome_of(caps, answer)
        return [
            (place, decide(msgspec.structs.replace(facts, caps=outcomes[place])).steps)
            for place, facts in by_place.items()
        ]

    async def _try_words(
        self, tally: Tally, flow: Flow, answered: list[tuple[Recipient, Answers]]
    ) -> None:
        """Try the words of each step in each locale that was met."""
        wanted: list[tuple[int, str, int]] = []
        for step in _told_at_once(flow):
            personal = flow.compiled.steps[step].personal
            for recipient, answers in answered:
                if answers and answers[0].step < 0:
                    continue
                locale = flow.locale_of(step, recipient.locale)
                tried = tally.tried.setdefault(_key(flow, step, locale), Tried())
                if tried.times < (SAMPLES if personal else 1):
                    tried.times += 1
                    wanted.append((step, locale, recipient.user))
        if not wanted:
            return
        users = sorted({user for *_, user in wanted if user})
        people = await self._store.people.users_by_number(flow.env, users) if users else {}
        for step, locale, user in wanted:
            self._try(tally, flow, step, locale, people.get(user))

    def _try(self, tally: Tally, flow: Flow, step: int, locale: str, row: UserRow | None) -> None:
        values = {**flow.values, **SAMPLE_LINKS, "user": person(row)}
        if flow.compiled.sends[step].aggregate is not None:
            values = alone(values, flow.key_of(step, row))
        try:
            flow.compiled.steps[step].render(locale, values, strict=True)
        except InvalidError as error:
            tried = tally.tried[_key(flow, step, locale)]
            tried.failed += 1
            if not tried.detail:
                tried.detail, tried.personal = str(error), "`user." in str(error)


def words_troubles(tally: Tally) -> tuple[list[Trouble], list[Trouble]]:
    """Steps without words in a locale, or with words that name what is not there: what holds for
    all that were tried, and what for some or only for what is known of users."""
    problems: list[Trouble] = []
    warnings: list[Trouble] = []
    for key, tried in sorted(tally.tried.items()):
        if not tried.failed:
            continue
        workflow, step, locale = key.split("/", 2)
        never = tried.failed == tried.times and not tried.personal
        said = (
            tried.detail
            if never
            else (
                f"the words miss something for {tried.failed} of the {tried.times} users tried: "
                f"{tried.detail}"
            )
        )
        trouble = Trouble(detail=said, workflow=workflow, step=int(step), locale=locale)
        (problems if never else warnings).append(trouble)
    return problems, warnings


def _key(flow: Flow, step: int, locale: str) -> str:
    return f"{flow.compiled.workflow.key.replace('/', '_')}/{step}/{locale}"


def _told_at_once(flow: Flow) -> list[int]:
    """Send steps that need not know what a digest gathers."""
    steps = []
    for step in flow.compiled.workflow.steps:
        if isinstance(step, DigestStep):
            break
        if step.index in flow.compiled.sends:
            steps.append(step.index)
    return steps


def _count(tally: Tally, flow: Flow, answers: Answers) -> None:
    told = False
    for answer in answers:
        if answer.step < 0:
            one_more(tally.skipped, answer.reason)
            continue
        told = told or answer.result is not Result.SKIP
        send = flow.compiled.sends.get(answer.step)
        if send is not None:
            _count_step(_channel(tally, send.channel), answer)
    tally.told += told


def _count_step(channel: ChannelTally, answer: StepDecision) -> None:
    if answer.result is Result.SEND:
        channel.recipients += 1
    elif answer.result is Result.HOLD:
        channel.held += 1
    elif answer.result is Result.DIGEST:
        channel.gathered += 1
    else:
        one_more(channel.skipped, answer.reason)


def _channel(tally: Tally, channel: Channel) -> ChannelTally:
    return tally.channels.setdefault(channel.value, ChannelTally())


def _count_deliveries(tally: Tally, page: PageWrite) -> None:
    for delivery in page.deliveries:
        channel = CHANNELS[delivery.channel - 1]
        _channel(tally, channel).destinations += 1
        one_more(tally.accounts, f"{channel.value}/{delivery.lane}/{delivery.account}")
    items = len(page.items) + len(page.members)
    if items:
        _channel(tally, Channel.INBOX).destinations += items

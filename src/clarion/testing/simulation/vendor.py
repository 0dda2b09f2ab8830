"""Vendors of a simulated world. Each keeps a log of what it was asked and what it took; what it
answers, when, and whether the answer arrives, is for the seed to say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from clarion.channels.contract import Capabilities, NoAnswerError, Wire
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.workflow import Channel
from clarion.testing.simulation.process import Process

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

TIMEOUT_SECONDS = 30.0
DOWN_SECONDS = 20.0
SLOW_SECONDS = 60.0
RETRY_AFTER_SECONDS = 20.0

TROUBLE = (
    OutcomeClass.RETRY,
    OutcomeClass.RETRY,
    OutcomeClass.RETRY_AFTER,
    OutcomeClass.PERMANENT,
    OutcomeClass.DESTINATION_INVALID,
    OutcomeClass.OPTED_OUT,
    OutcomeClass.CREDENTIAL,
    OutcomeClass.CONFIG,
)


class Ask(msgspec.Struct, kw_only=True):
    """One request to a vendor. Instants are microseconds of the world; `local` is the asking
    process's clock. `code` names the request in the answer, so that the ledger tells which one it
    keeps. `took`: the vendor holds the message. `answered`: the class that arrived, None when
    nothing did.
    """

    code: str
    delivery: str
    account: str
    address: str
    process: Process
    at: int
    local: int
    took: bool = False
    repeat: bool = False
    answered: OutcomeClass | None = None
    answered_at: int | None = None
    lost: bool = False


class Vendor:
    """One account's vendor. `capabilities` say what a second request of one delivery does."""

    def __init__(self, world: World, name: str, capabilities: Capabilities) -> None:
        self.name = name
        self.capabilities = capabilities
        self.down_until = 0
        self._world = world
        self._held: set[str] = set()

    async def ask(self, message: Message, process: Process, local: int) -> Outcome:
        """One request as the caller sees it; NoAnswerError when none came."""
        world = self._world
        ask = Ask(
            code=f"r{len(world.asks) + 1}", delivery=message.delivery_id, account=self.name,
            address=message.address, process=process, at=world.loop.now, local=local,
        )  # fmt: skip
        world.asks.append(ask)
        world.note("ask", ask.code, process.name, self.name, ask.delivery[-16:])
        answer: asyncio.Future[Outcome] = world.loop.create_future()
        world.outside(self._hear(ask, answer))
        if world.happens(world.weather.crash_at_vendor):
            await world.die(process, "with a request under way")
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                outcome = await answer
        except TimeoutError:
            ask.answered, ask.lost = OutcomeClass.AMBIGUOUS, True
            ask.answered_at = world.loop.now
            raise NoAnswerError(True, ask.code) from None
        except NoAnswerError as silence:
            ask.answered = OutcomeClass.AMBIGUOUS if silence.sent else OutcomeClass.RETRY
            ask.answered_at, ask.lost = world.loop.now, silence.sent
            raise
        ask.answered, ask.answered_at = outcome.kind, world.loop.now
        ask.lost = outcome.kind is OutcomeClass.AMBIGUOUS
        return outcome

    async def _hear(self, ask: Ask, answer: asyncio.Future[Outcome]) -> None:
        """The vendor's side: goes on whatever becomes of the caller."""
        world, weather = self._world, self._world.weather
        await asyncio.sleep(world.chance.uniform(0.001, 0.05))
        if world.loop.now < self.down_until:
            _fail(answer, NoAnswerError(False, ask.code))
            return
        slow = world.happens(weather.vendor_slow)
        if slow:
            await asyncio.sleep(world.chance.uniform(0.1, SLOW_SECONDS))
        silent = world.happens(weather.vendor_silent)
        if silent and world.chance.random() < 0.5:
            kind = None
        elif world.happens(weather.vendor_trouble):
            kind = world.chance.choice(TROUBLE)
        else:
            kind = OutcomeClass.ACCEPTED
        if kind is OutcomeClass.ACCEPTED:
            self._take(ask)
        world.note("vendor", ask.code, str(kind), "silent" if silent else "")
        await asyncio.sleep(world.chance.uniform(0.001, 0.05))
        if silent:
            self._stay_silent(ask, answer)
        elif not answer.done() and kind is not None:
            answer.set_result(_outcome(world, ask, kind))

    def _take(self, ask: Ask) -> None:
        ask.took = True
        ask.repeat = ask.delivery in self._held
        self._held.add(ask.delivery)

    def _stay_silent(self, ask: Ask, answer: asyncio.Future[Outcome]) -> None:
        """No answer, a broken line, or one that nobody can read."""
        way = self._world.chance.choice(("hang", "broken", "garbage"))
        if way == "broken":
            _fail(answer, NoAnswerError(True, ask.code))
        elif way == "garbage" and not answer.done():
            answer.set_result(Outcome(kind=OutcomeClass.AMBIGUOUS, code=ask.code))


class SimulatedProvider:
    """A vendor's provider as one process has it."""

    def __init__(self, vendor: Vendor, process: Process) -> None:
        self.capabilities = vendor.capabilities
        self._vendor = vendor
        self._process = process

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """See `Provider.send`."""
        return await self._vendor.ask(message, self._process, wire.now())


def capabilities(kind: str, channel: Channel, *, repeat: str, in_flight: int) -> Capabilities:
    """Of a vendor that drops repeats (`dropped`), shows the last (`replaces`) or each (`twice`)."""
    return Capabilities(
        kind=kind, channel=channel, title=kind, idempotent=repeat == "dropped",
        replaces=repeat == "replaces", in_flight=in_flight,
    )  # fmt: skip


def _outcome(world: World, ask: Ask, kind: OutcomeClass) -> Outcome:
    wait = None
    if kind is OutcomeClass.RETRY_AFTER:
        wait = world.chance.uniform(0.0, RETRY_AFTER_SECONDS)
    provider_id = ask.code if kind is OutcomeClass.ACCEPTED else None
    return Outcome(kind=kind, code=ask.code, provider_id=provider_id, retry_after_seconds=wait)


def _fail(answer: asyncio.Future[Outcome], silence: NoAnswerError) -> None:
    if not answer.done():
        answer.set_exception(silence)
        answer.exception()  # its caller may be dead

"""The role `worker`: fan-out, delivery and settling of some lanes, each lane apart; and beside all
lanes what flows into the replica."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from clarion.assemble.core import Core
from clarion.channels.capture import CaptureProvider
from clarion.channels.conduct import Conductor
from clarion.core.workflow import Channel, Lane
from clarion.pipeline.deliver import Dispatcher
from clarion.pipeline.fanout import FanOut
from clarion.pipeline.judging import Judging
from clarion.pipeline.replicate import DOORBELL, Replicator
from clarion.pipeline.resume import Resume
from clarion.pipeline.retries import Retries
from clarion.pipeline.rooms import Rooms
from clarion.pipeline.routes import CAPTURE
from clarion.pipeline.settle import Settler
from clarion.store.contract.deliveries import Claim
from clarion.telemetry import logger

WALKERS = {Lane.SOCIAL: 2, Lane.BULK: 2}
"""Tasks of a lane that a process walks at once, where more than one: while the rows of one page are
written, another is looked up and decided."""

_log = logger("assemble")


class Worker:
    """The stages of the lanes that a process serves."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._dispatchers: list[Dispatcher] = []
        self._settlers: list[Settler] = []
        self._retries: dict[Lane, Retries] = {}

    async def start(self) -> None:
        """Start all stages."""
        for lane in self._core.lanes:
            await self._start_lane(lane)
        core = self._core
        core.loop(DOORBELL, Replicator(core.lease, core.store, core.clock).step)

    async def stop(self, drain_seconds: float) -> None:
        """Finish what is under way, write every outcome, give the rest back."""
        drains = [dispatcher.drain(drain_seconds) for dispatcher in self._dispatchers]
        broken_off = sum(await asyncio.gather(*drains))
        if broken_off:
            _log.warning(
                "%d sends had no outcome when the time was up; they go by on_unknown", broken_off
            )
        for settler in self._settlers:
            await settler.stop()

    async def abandon(self) -> None:
        """Drop everything."""
        for dispatcher in self._dispatchers:
            await dispatcher.abandon()
        for settler in self._settlers:
            await settler.abandon()

    async def _start_lane(self, lane: Lane) -> None:
        core = self._core
        settler = Settler(lane, core.lease, core.store, core.clock, core.rates, core.bus)
        settler.start()
        self._settlers.append(settler)
        self._retries[lane] = Retries(lane)
        await self._start_accounts(lane, settler)
        rooms = Rooms(core.store, core.clock, core.rates)
        for _ in range(WALKERS.get(lane, 1)):
            fanout = FanOut(
                lane, core.lease, core.store, core.catalogs, core.directory, core.gatherer,
                core.accounts.routes, core.bus, core.clock, core.rates, core.chance.randbytes,
                rooms, rest=core.yielding.rests(lane),
            )  # fmt: skip
            core.loop(f"fanout:{int(lane)}", fanout.step)
        resume = Resume(
            lane, core.lease, core.store, core.catalogs, core.directory, core.gatherer,
            core.accounts.routes, core.bus, core.clock, core.rates, core.chance.randbytes,
        )  # fmt: skip
        core.loop(f"held:{int(lane)}", resume.step)

    async def _start_accounts(self, lane: Lane, settler: Settler) -> None:
        accounts = self._core.accounts
        for account in accounts.configured:
            conductor = await accounts.conductor(
                accounts.providers[account.name], account.name, lane, account.in_flight
            )  # fmt: skip
            self._dispatch(lane, account.name, _always(conductor), settler)
        captures: dict[Channel, Conductor] = {
            channel: await accounts.conductor(CaptureProvider(channel), CAPTURE, lane, None)
            for channel in Channel
            if channel is not Channel.INBOX
        }
        self._dispatch(lane, CAPTURE, lambda claim: captures[claim.key.channel], settler)

    def _dispatch(
        self,
        lane: Lane,
        account: str,
        sender: Callable[[Claim], Conductor],
        settler: Settler,
    ) -> None:
        core = self._core
        admission = core.accounts.shared.admission(lane, account)
        budget = self._retries[lane]
        judging = Judging(lane, sender, admission, budget, core.clock, core.chance, core.rates)
        dispatcher = Dispatcher(
            lane, account, sender, admission, judging, core.lease, core.store, core.materials,
            settler, core.bus, core.clock, core.yielding.rests(lane),
        )  # fmt: skip
        self._dispatchers.append(dispatcher)
        core.loop(dispatcher.doorbell, dispatcher.step)


def _always(conductor: Conductor) -> Callable[[Claim], Conductor]:
    return lambda _claim: conductor

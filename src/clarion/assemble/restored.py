"""What a restored store cannot know, settled before a server starts on it."""

from __future__ import annotations

import random
from itertools import groupby
from operator import itemgetter

import msgspec

from clarion.assemble.core import Core, StandIns
from clarion.assemble.places import open_for_serving
from clarion.bus.inproc import InProcessBus
from clarion.channels.contract import Capabilities
from clarion.clock import Clock
from clarion.config import Settings
from clarion.core.workflow import InDoubt, OnUnknown
from clarion.errors import SettingsError
from clarion.pipeline.keepers.rescuer import RESTORED, Again, Rescuer
from clarion.store.contract import Store
from clarion.store.contract.work import Doubted


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """`again` messages are to be sent, `unknown` ended without being sent. `unfinished` events were
    being fanned out: the rest of their audience is told at the next start, or the event was
    canceled (`drop`)."""

    again: int
    unknown: int
    unfinished: int


async def settle_restored(settings: Settings, clock: Clock, choice: InDoubt) -> Settled:
    """Settle what is in doubt in the store of the settings, which nobody serves; before
    anything is sent from it. SettingsError when a server runs on it."""
    store = await open_for_serving(settings, clock)
    try:
        core = Core(settings, store, InProcessBus(), clock, random.SystemRandom(), (), StandIns())
        before = await store.work.start_worker([], 0, clock.now())
        doubted = await store.work.doubt(before, store.exclusive, clock.now())
        if doubted.living:
            raise SettingsError(
                "other processes work on this store, or did when it was backed up a "
                "moment ago; stop them, wait until their lease is over (30 s), then repeat"
            )
        await core.lease.start()
        rescuer = _Counting(core, choice)
        await rescuer.rescue()
        if choice is InDoubt.DROP:
            await _cancel(store, doubted, clock.now())
        await core.lease.stop()
    finally:
        await store.close()
    return Settled(again=rescuer.again, unknown=rescuer.unknown, unfinished=len(doubted.events))


class _Counting:
    """A rescuer that counts what it chose."""

    def __init__(self, core: Core, choice: InDoubt) -> None:
        self.again = 0
        self.unknown = 0
        self._chosen = CHOICES[choice]
        self._rescuer = Rescuer(
            core.lease, core.store, core.materials, core.accounts.capabilities_of, core.clock,
            died=RESTORED, again=self._choose,
        )  # fmt: skip

    async def rescue(self) -> None:
        await self._rescuer.rescue(alone=True)

    def _choose(self, policy: OnUnknown, can: Capabilities) -> bool:
        again = self._chosen(policy, can)
        self.again += again
        self.unknown += not again
        return again


CHOICES: dict[InDoubt, Again] = {
    # What a provider drops as a repeat it drops for hours; a backup may be older.
    InDoubt.POLICY: lambda policy, _can: policy is OnUnknown.AT_LEAST_ONCE,
    InDoubt.RESEND: lambda _policy, _can: True,
    InDoubt.DROP: lambda _policy, _can: False,
}


async def _cancel(store: Store, doubted: Doubted, now: int) -> None:
    for env, events in groupby(doubted.events, itemgetter(0)):
        await store.events.cancel(env, [event for _, event in events], None, now)

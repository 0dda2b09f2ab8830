"""What every process has, whatever its roles: store, bus, names, catalogue, accounts, its lease."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from clarion.assemble.accounts import Accounts, MakeProvider
from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.conditions.cel import CelCompiler
from clarion.conditions.contract import ConditionCompiler
from clarion.config import Settings
from clarion.content.compiler import TemplateCompiler
from clarion.content.contract import Compiler
from clarion.core.workflow import Lane
from clarion.pipeline.blasts.preparing import Preparer
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.directory import Directory
from clarion.pipeline.flows import Gatherer
from clarion.pipeline.lease import Lease
from clarion.pipeline.linking import Linking
from clarion.pipeline.loop import Loop
from clarion.pipeline.material import Materials
from clarion.pipeline.pace import Pacing
from clarion.pipeline.rates import Rates
from clarion.pipeline.redeciding import Redecider
from clarion.pipeline.redriving import Redriver
from clarion.pipeline.simulating import Simulator
from clarion.pipeline.yielding import Yielding
from clarion.store.contract import Store

Step = Callable[[bool], Awaitable[float]]


class StandIns(msgspec.Struct, frozen=True, kw_only=True):
    """What another program puts in the place of the usual parts; None is the usual one."""

    make_provider: MakeProvider | None = None
    templates: Compiler | None = None
    conditions: ConditionCompiler | None = None


class Core:
    """The parts that roles share, and the loops they run."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        bus: Bus,
        clock: Clock,
        chance: random.Random,
        lanes: Iterable[Lane],
        stand_ins: StandIns | None = None,
        *,
        hurries: bool = False,
    ) -> None:
        """`hurries`: urgent work is done here, so that bulk yields when it suffers."""
        stand_ins = stand_ins or StandIns()
        self.settings = settings
        self.store = store
        self.bus = bus
        self.clock = clock
        self.chance = chance
        self.lanes = tuple(lanes)
        self.rates = Rates()
        self.accounts = Accounts(settings, store, bus, clock, chance, stand_ins.make_provider)
        self.directory = Directory(store)
        self.catalogs = CatalogService(
            store,
            stand_ins.templates or TemplateCompiler(),
            stand_ins.conditions or CelCompiler(),
            clock,
        )
        self.gatherer = Gatherer(store, self.directory)
        redecider = Redecider(store, self.gatherer, clock)
        self.linking = Linking(
            store, settings.reached_at, days=settings.link_days, mailto=settings.unsubscribe_mailto
        )
        self.materials = Materials(
            store, self.catalogs, self.directory, redecider, self.linking, clock
        )
        self.redriver = Redriver(
            store, self.directory, self.accounts.routes, bus, clock, settings.redrive_per_second
        )
        self.preparer = Preparer(
            store, self.catalogs, self.directory, self.gatherer, self.accounts.routes,
            self.accounts.shared, clock,
        )  # fmt: skip
        self.simulator = Simulator(store, self.catalogs, self.directory, clock)
        self.lease = _lease(settings, store, clock, self.lanes)
        self.pacing = Pacing(store, self.rates, self.lease, clock, alone=store.exclusive)
        self.yielding = Yielding(bus, clock, measures=hurries)
        store.watch(self.yielding.committed)
        self.loops: list[Loop] = []

    def loop(self, name: str, step: Step) -> None:
        """Run a step again and again from now on."""
        loop = Loop(name, step, self.bus.doorbell(name))
        self.loops.append(loop)
        loop.start()


def _lease(settings: Settings, store: Store, clock: Clock, lanes: tuple[Lane, ...]) -> Lease:
    leases = settings.leases
    critical = Lane.CRITICAL in lanes
    return Lease(
        store,
        clock,
        lanes,
        seconds=leases.critical if critical else leases.usual,
        heartbeat_seconds=leases.heartbeat,
    )

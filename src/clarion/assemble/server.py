"""One process: what it shares, its roles, and how it starts and ends."""

from __future__ import annotations

import gc
import random
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from clarion import __version__, telemetry
from clarion.api.app import OF_PEOPLE, ROUTES, WATCHED_ONLY, create_app
from clarion.api.limits import Quota
from clarion.api.services import Services
from clarion.assemble.collecting import begin_traces, end_traces
from clarion.assemble.core import Core, StandIns
from clarion.assemble.environments import DEFAULT_ENVIRONMENT, admit, apply_workspace
from clarion.assemble.keeper import start_keepers
from clarion.assemble.places import INPROC, open_bus, open_for_serving
from clarion.assemble.roles import ALL_ROLES, Role
from clarion.assemble.shares import is_bulk
from clarion.assemble.siblings import Siblings
from clarion.assemble.worker import Worker
from clarion.assemble.zeros import begin_counting
from clarion.bus.contract import Bus
from clarion.clock import Clock, SystemClock
from clarion.config import Settings, load_workspace
from clarion.core.workflow import Lane
from clarion.pages import Pages
from clarion.pipeline.accept import Acceptor
from clarion.pipeline.aggregating import Teller
from clarion.pipeline.blasts.firing import Blasts
from clarion.pipeline.broadcasting import Forms
from clarion.pipeline.catalog_watch import CatalogWatch
from clarion.pipeline.composing import Composer
from clarion.pipeline.editing import Editor
from clarion.pipeline.exchange import DOORBELL
from clarion.pipeline.explain import Explainer
from clarion.pipeline.gauges import Gauges
from clarion.pipeline.hindsight import Hindsight
from clarion.pipeline.hypotheses import Hypotheses
from clarion.pipeline.keepers.rescuer import Rescuer
from clarion.pipeline.linking import Linker
from clarion.pipeline.looking import Looker
from clarion.pipeline.overload import Bounds, Overload
from clarion.pipeline.skew import warn_of_skew
from clarion.pipeline.yielding import PRESSURE
from clarion.realtime.live import Live
from clarion.store.contract import Store
from clarion.tracing import tracer

if TYPE_CHECKING:
    from clarion.tracing.otlp import Collector

SEALING = "tokens-and-cursors"
"""Name of the store's secret that seals user tokens and list cursors."""
COLLECTOR_THRESHOLDS = (200_000, 20, 20)


class Server:
    """Everything of one process: store, stages, keepers, and the API's application."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        bus: Bus,
        *,
        clock: Clock,
        chance: random.Random,
        roles: Iterable[Role] = ALL_ROLES,
        lanes: Iterable[Lane] = tuple(Lane),
        serves: bool = True,
        stand_ins: StandIns | None = None,
        siblings: Siblings | None = None,
    ) -> None:
        """`open` makes one from settings. Without `serves` there is no application to serve: the
        rest runs inside another program, whose collector is left as it is."""
        self.settings = settings
        self.roles = frozenset(roles)
        self.store, self.bus, self.clock, self.chance = store, bus, clock, chance
        self._serves = serves
        self._siblings = siblings
        works = Role.WORKER in self.roles
        self.core = core = Core(
            settings, store, bus, clock, chance, lanes if works else (), stand_ins,
            hurries=serves and not is_bulk(self.roles, lanes),
        )  # fmt: skip
        self.catalogs = core.catalogs
        self.loops = core.loops
        bounds = Bounds(lane_backlog=settings.lane_backlog)
        self.overload = Overload(store, clock, core.rates, bounds)
        composer = Composer(
            store, core.catalogs, core.directory, core.gatherer, core.accounts.routes,
            chance.randbytes, Forms(store, settings.broadcast_above),
        )  # fmt: skip
        self.blasts = Blasts(store, composer, core.catalogs, bus, clock, chance.randbytes)
        self.acceptor = Acceptor(
            store,
            composer,
            bus,
            clock,
            chance.randbytes,
            core.rates,
            self.overload,
        )
        self.explainer = Explainer(store, core.catalogs, core.directory, core.gatherer, clock)
        hindsight = Hindsight(store, core.catalogs, core.gatherer, clock)
        self.looker = Looker(store, hindsight, bus)
        self._worker = Worker(core)
        self._rescuer = Rescuer(
            core.lease, store, core.materials, core.accounts.capabilities_of, clock
        )
        self.services: Services | None = None
        self.app: Any = None
        self._collector: Collector | None = None
        self.live: Live | None = None

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        roles: Iterable[Role] = ALL_ROLES,
        lanes: Iterable[Lane] = tuple(Lane),
        serves: bool = True,
        migrate: bool = True,
        siblings: Siblings | None = None,
    ) -> Server:
        """A server on the store and the bus that the settings name, not started yet. Without
        `migrate` a schema that is behind is refused (SettingsError). `siblings` are the other
        processes of the same parent; without a bus that reaches further, theirs is used."""
        clock = clock or SystemClock()
        chance = chance or random.SystemRandom()
        store = await open_for_serving(settings, clock, migrate=migrate)
        try:
            if siblings is not None and settings.bus == INPROC:
                bus: Bus = siblings.bus()
            else:
                bus = await open_bus(settings, store, chance)
            return cls(
                settings, store, bus, clock=clock, chance=chance, roles=roles, lanes=lanes,
                serves=serves, siblings=siblings,
            )  # fmt: skip
        except BaseException:
            await store.close()
            raise

    async def start(self) -> None:
        """Take over what an earlier process left, apply the workspace, start all roles."""
        core = self.core
        await warn_of_skew(self.store, self.clock)
        await self.bus.start()
        await core.lease.start()
        core.loop("lease", core.lease.step)
        await core.accounts.shared.start(core.lease)
        core.loop(DOORBELL, core.accounts.shared.exchange.step)
        core.loop("pace", core.pacing.step)
        core.loop("catalog", CatalogWatch(core.store, core.catalogs, core.bus).step)
        core.loop("overload", self.overload.step)
        if self._serves:
            core.loop(PRESSURE, core.yielding.step)
        if self.settings.api_key is not None:
            await self.admit(self.settings.api_key, DEFAULT_ENVIRONMENT, "admin")
        secret = await self.store.keys.secret(SEALING, secrets.token_bytes(32))
        self._collector = begin_traces(self.settings, secret)
        self.services = self._services(secret, await core.linking.linker())
        telemetry.build_info.labels(__version__).set(1)
        if self._serves:
            begin_counting(self.roles, core.accounts.channels)
            if self.roles & {Role.API, Role.GATEWAY}:
                self.live = Live(self.services, self.chance)
                self.live.start()
            live = self.live.applications if self.live else None
            self.app = create_app(self.services, _routes(self.roles), live=live, pages=Pages)
        if self._siblings is not None:
            await self._siblings.start(telemetry.exposition)
        if self.store.exclusive:
            await self._rescuer.rescue(alone=True)
        if self.settings.workspace is not None:
            await apply_workspace(
                self.catalogs,
                await self.environment(DEFAULT_ENVIRONMENT),
                load_workspace(self.settings.workspace),
            )
        if Role.WORKER in self.roles:
            await self._worker.start()
        if Role.KEEPER in self.roles:
            await start_keepers(core, self._rescuer, self.blasts)
        if self._serves:
            calm_collector()

    async def part(self) -> None:
        """Send those who look at their inboxes live elsewhere, before nobody answers here."""
        if self.live is not None:
            await self.live.stop()

    async def stop(self) -> None:
        """Finish what is under way, write every outcome, give the rest back. The lease is kept
        until then."""
        await self.part()
        self.core.yielding.close()
        await self.acceptor.close()
        beating = [loop for loop in self.loops if loop.name == "lease"]
        for loop in self.loops:
            if loop not in beating:
                await loop.stop()
        await self._worker.stop(self.settings.drain_seconds)
        await self.core.accounts.close()
        for loop in beating:
            await loop.stop()
        await self.core.lease.stop()
        await end_traces(self._collector)
        await self.bus.close()
        if self._siblings is not None:
            await self._siblings.close()
        await self.store.close()

    async def abandon(self) -> None:
        """End as a killed process does: nothing is finished, written down or given back. The file
        is free for the next server."""
        await self.part()
        for loop in self.loops:
            await loop.stop()
        await self._worker.abandon()
        if self._collector is not None:
            tracer.end(self._collector)
        await self.core.accounts.close()
        await self.bus.close()
        await self.store.close()

    async def environment(self, name: str) -> int:
        """Number of an environment that exists."""
        return (await self.store.keys.environments())[name]

    async def admit(self, key: str, environment: str, scope: str) -> None:
        """Make a key valid."""
        await admit(self.store, key, environment, scope, self.clock.now())

    def _services(self, secret: bytes, linker: Linker) -> Services:
        core = self.core
        beside: dict[str, Any] = {}
        if self._siblings is not None:
            beside = {"gather": self._siblings.gathered, "siblings": self._siblings.documents}
        return Services(
            store=self.store,
            accepting=self.acceptor,
            catalogs=self.catalogs,
            editing=Editor(self.store, self.catalogs, self.clock),
            explaining=self.explainer,
            redriving=core.redriver,
            blasting=self.blasts,
            simulating=core.simulator,
            supposing=Hypotheses(self.store, core.catalogs, core.gatherer, self.clock),
            telling=Teller(self.store, core.catalogs, core.directory),
            looking=self.looker,
            clock=self.clock,
            bus=self.bus,
            secret=secret,
            linker=linker,
            chance=secrets.token_bytes,
            provider_states=core.accounts.shared.documents,
            headway=lambda: core.yielding.headway.share,
            pace=core.pacing.all,
            key_quota=_quota(self.settings),
            retention=self.settings.retention,
            state_backlog=self.settings.state_backlog,
            inbox_origins=self.settings.inbox_origins,
            inbox_connections=self.settings.inbox_connections,
            inbox_connections_per_user=self.settings.inbox_connections_per_user,
            gauge=Gauges(self.store, self.clock).set,
            metrics=telemetry.exposition,
            version=__version__,
            **beside,
        )


def _quota(settings: Settings) -> Quota | None:
    if settings.key_rate_per_second is None:
        return None
    rate = settings.key_rate_per_second
    return Quota(rate, settings.key_burst or rate)


def _routes(roles: frozenset[Role]) -> tuple[Any, ...]:
    if Role.API in roles:
        return ROUTES
    return OF_PEOPLE if Role.GATEWAY in roles else WATCHED_ONLY


def calm_collector() -> None:
    """Let the cycle collector look less often: rows come and go by the ten thousand, and nearly all
    of them are freed by their counts. What is loaded by now is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)

"""Which parts today: the only module that names concrete classes. Settings in, a running server
out."""

from __future__ import annotations

import asyncio
import gc
import random
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from clarion import __version__, telemetry
from clarion.alert_targets import alert_targets
from clarion.api.app import create_app
from clarion.api.auth import key_hash, key_hint
from clarion.api.services import Services
from clarion.bus.inproc import InProcessBus
from clarion.channels.account import AccountState
from clarion.channels.capture import CaptureProvider
from clarion.channels.conduct import Conductor
from clarion.channels.contract import Capabilities, Provider
from clarion.channels.guard import Guard, GuardPolicy
from clarion.channels.registry import make_provider
from clarion.clock import Clock, SystemClock
from clarion.conditions.cel import CelCompiler
from clarion.config import Settings, Workspace, load_workspace
from clarion.content.compiler import TemplateCompiler
from clarion.core.workflow import Channel, Lane
from clarion.errors import SettingsError
from clarion.pipeline.accept import Acceptor
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.composing import Composer
from clarion.pipeline.deliver import Dispatcher
from clarion.pipeline.directory import Directory
from clarion.pipeline.explain import Explainer
from clarion.pipeline.fanout import FanOut
from clarion.pipeline.flows import Gatherer
from clarion.pipeline.gauges import Gauges
from clarion.pipeline.keepers.alerter import Alerter
from clarion.pipeline.keepers.folder import Folder
from clarion.pipeline.keepers.pruner import Pruner
from clarion.pipeline.keepers.redriver import RedriveKeeper
from clarion.pipeline.keepers.rescuer import Rescuer
from clarion.pipeline.loop import Loop
from clarion.pipeline.material import Materials
from clarion.pipeline.rates import Rates
from clarion.pipeline.redriving import Redriver
from clarion.pipeline.routes import CAPTURE, Account, Routes
from clarion.pipeline.settle import Settler
from clarion.store.contract.deliveries import Claim
from clarion.store.sqlite.store import SqliteStore, open_store

DEFAULT_ENVIRONMENT = "default"
SEALING = "tokens-and-cursors"
"""Name of the store's secret that seals user tokens and list cursors."""
DRAIN_SECONDS = 10.0
COLLECTOR_THRESHOLDS = (200_000, 20, 20)


class Server:
    """Everything of one process: store, stages, keepers, and the API's application."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        api: bool = True,
    ) -> None:
        """Without `api` there is no application to serve: the rest runs inside another program,
        whose collector is left as it is."""
        self.settings = settings
        self._api = api
        self.clock: Clock = clock or SystemClock()
        self.chance = chance or random.SystemRandom()
        self.bus = InProcessBus()
        self.rates = Rates()
        self._providers = {
            account.name: _provider(account.name, account.kind, account.settings)
            for account in settings.accounts
        }
        self.store: SqliteStore = open_store(settings.sqlite_path, self.clock.now(), serve=True)
        self.directory = Directory(self.store)
        self.catalogs = CatalogService(self.store, TemplateCompiler(), CelCompiler(), self.clock)
        self.gatherer = Gatherer(self.store, self.directory)
        self._guard = _guard(settings)
        self.routes = _routes(settings, self._providers)
        self.redriver = Redriver(
            self.store, self.directory, self.routes, self.bus, self.clock,
            settings.redrive_per_second,
        )  # fmt: skip
        self.acceptor = Acceptor(
            self.store,
            Composer(self.store, self.catalogs, self.directory, self.gatherer, self.routes),
            self.bus,
            self.clock,
            self.chance.randbytes,
            self.rates,
        )
        self.materials = Materials(self.store, self.catalogs, self.directory, self.clock)
        self.explainer = Explainer(
            self.store, self.catalogs, self.directory, self.gatherer, self.clock
        )
        self._states: dict[str, AccountState] = {}
        self._conductors: list[Conductor] = []
        self._dispatchers: list[Dispatcher] = []
        self._settlers: list[Settler] = []
        self.loops: list[Loop] = []
        self._worker = 0
        self.services: Services | None = None
        self.app: Any = None

    async def start(self) -> None:
        """Take over what an earlier process left, apply the workspace, start all stages."""
        now = self.clock.now()
        self._worker = await self.store.work.start_worker([int(lane) for lane in Lane], now)
        await self._admit_configured_key()
        secret = await self.store.keys.secret(SEALING, secrets.token_bytes(32))
        self.services = self._services(secret)
        if self._api:
            self.app = create_app(self.services)
        await self._rescue()
        if self.settings.workspace is not None:
            await apply_workspace(
                self.catalogs,
                await self.environment(DEFAULT_ENVIRONMENT),
                load_workspace(self.settings.workspace),
            )
        for lane in Lane:
            await self._start_lane(lane)
        await self._start_keepers()
        if self._api:
            calm_collector()

    async def stop(self) -> None:
        """Finish what is under way, write every outcome, give the rest back."""
        await self.acceptor.close()
        for loop in self.loops:
            await loop.stop()
        drains = [dispatcher.drain(DRAIN_SECONDS) for dispatcher in self._dispatchers]
        broken_off = sum(await asyncio.gather(*drains))
        if broken_off:
            telemetry.logger("assemble").warning(
                "%d sends had no outcome when the time was up; they go by on_unknown", broken_off
            )
        for settler in self._settlers:
            await settler.stop()
        for conductor in self._conductors:
            await conductor.close()
        await self.store.work.stop_worker(self._worker, self.clock.now())
        await self.store.close()

    async def abandon(self) -> None:
        """End as a killed process does: nothing is finished, written down or given back. The file
        is free for the next server."""
        for loop in self.loops:
            await loop.stop()
        for dispatcher in self._dispatchers:
            await dispatcher.abandon()
        for settler in self._settlers:
            await settler.abandon()
        for conductor in self._conductors:
            await conductor.close()
        await self.store.close()

    async def environment(self, name: str) -> int:
        """Number of an environment that exists."""
        return (await self.store.keys.environments())[name]

    async def admit(self, key: str, environment: str, scope: str) -> None:
        """Make a key valid."""
        await self.store.keys.create(
            environment, key_hash(key), key_hint(key), scope, self.clock.now(), None
        )  # fmt: skip

    def provider_states(self) -> list[dict[str, Any]]:
        """The accounts with what they answered since the start."""
        return [state.document() for state in self._states.values()]

    async def _admit_configured_key(self) -> None:
        if self.settings.api_key is not None:
            await self.admit(self.settings.api_key, DEFAULT_ENVIRONMENT, "admin")

    def _services(self, secret: bytes) -> Services:
        return Services(
            store=self.store,
            accepting=self.acceptor,
            catalogs=self.catalogs,
            explaining=self.explainer,
            redriving=self.redriver,
            clock=self.clock,
            bus=self.bus,
            secret=secret,
            chance=secrets.token_bytes,
            provider_states=self.provider_states,
            lane_rates=lambda: self.rates.per_second(self.clock.now()),
            gauge=Gauges(self.store, self.clock).set,
            metrics=telemetry.exposition,
            version=__version__,
        )

    async def _rescue(self) -> None:
        rescuer = Rescuer(
            self._worker, self.store, self.materials, self._capabilities_of, self.clock
        )
        await rescuer.step()

    def _capabilities_of(self, claim: Claim) -> Capabilities:
        """Of the account that a stranded delivery was given to. One that is no longer in the
        settings promises nothing about repeats."""
        if claim.account == CAPTURE:
            return CaptureProvider(claim.key.channel).capabilities
        if claim.account in self._providers:
            return self._providers[claim.account].capabilities
        return Capabilities(kind=claim.account, channel=claim.key.channel, title=claim.account)

    async def _start_lane(self, lane: Lane) -> None:
        settler = Settler(lane, self._worker, self.store, self.clock, self.rates)
        settler.start()
        self._settlers.append(settler)
        for account in self.settings.accounts:
            conductor = await self._conductor(
                self._providers[account.name], account.name, account.kind, lane, account.in_flight
            )
            self._dispatch(lane, account.name, _always(conductor), conductor.free_slots, settler)
        captures: dict[Channel, Conductor] = {
            channel: await self._conductor(CaptureProvider(channel), CAPTURE, CAPTURE, lane, None)
            for channel in Channel
            if channel is not Channel.INBOX
        }
        slots = min(conductor.free_slots for conductor in captures.values())
        self._dispatch(lane, CAPTURE, lambda claim: captures[claim.key.channel], slots, settler)
        fanout = FanOut(
            lane, self._worker, self.store, self.catalogs, self.directory, self.gatherer,
            self.routes, self.bus, self.clock, self.rates,
        )  # fmt: skip
        self._loop(f"fanout:{int(lane)}", fanout.step)

    async def _conductor(
        self, provider: Provider, account: str, kind: str, lane: Lane, in_flight: int | None
    ) -> Conductor:
        state = self._states.get(account)
        slots = in_flight or provider.capabilities.in_flight
        if state is None:
            state = self._states[account] = AccountState(account, kind, [], slots)
        if provider.capabilities.channel.value not in state.channels:
            state.channels.append(provider.capabilities.channel.value)
        conductor = Conductor(
            provider,
            account=account,
            lane=lane,
            clock=self.clock,
            guard=self._guard,
            in_flight=in_flight,
            observe=lambda attempt: state.observe(attempt, self.clock.now()),
        )
        await conductor.start()
        self._conductors.append(conductor)
        return conductor

    def _dispatch(
        self,
        lane: Lane,
        account: str,
        sender: Callable[[Claim], Conductor],
        slots: int,
        settler: Settler,
    ) -> None:
        dispatcher = Dispatcher(
            lane, account, sender, slots, self._worker, self.store, self.materials, settler,
            self.bus, self.clock, self.chance,
        )  # fmt: skip
        self._dispatchers.append(dispatcher)
        self._loop(dispatcher.doorbell, dispatcher.step)

    async def _start_keepers(self) -> None:
        settings = self.settings
        targets = []
        for conductor, target in alert_targets(settings, self.clock, self._guard):
            await conductor.start()
            self._conductors.append(conductor)
            targets.append(target)
        alerter = Alerter(
            self.store, self.directory, targets, self.clock, self.chance,
            window_seconds=settings.alerts.window_seconds, min_count=settings.alerts.min_count,
            public_url=settings.public_url,
        )  # fmt: skip
        self._loop("keeper:alerter", alerter.step)
        keeper = RedriveKeeper(self.store, self.redriver, self.clock)
        self._loop("keeper:redriver", keeper.step)
        self._loop("keeper:folder", Folder(self.store).step)
        self._loop("keeper:pruner", Pruner(self.store, self.clock).step)

    def _loop(self, name: str, step: Callable[[bool], Awaitable[float]]) -> None:
        loop = Loop(name, step, self.bus.doorbell(name))
        self.loops.append(loop)
        loop.start()


def calm_collector() -> None:
    """Let the cycle collector look less often: rows come and go by the ten thousand, and nearly all
    of them are freed by their counts. What is loaded by now is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def _guard(settings: Settings) -> Guard:
    policy = GuardPolicy(
        allow=tuple(str(network) for network in settings.allow_networks),
        deny=tuple(str(network) for network in settings.deny_networks),
        allow_http=settings.allow_http,
    )
    return Guard(policy)


def _provider(account: str, kind: str, settings: dict[str, Any]) -> Provider:
    try:
        return make_provider(kind, settings)
    except SettingsError as error:
        raise SettingsError(f"[providers.{account}] {error}") from error


def _routes(settings: Settings, providers: dict[str, Provider]) -> Routes:
    return Routes(
        [
            Account(
                name=account.name,
                capabilities=providers[account.name].capabilities,
                environments=account.environments,
                order=account.order,
            )
            for account in settings.accounts
        ]
    )


def _always(conductor: Conductor) -> Callable[[Claim], Conductor]:
    return lambda _claim: conductor


async def apply_workspace(catalogs: CatalogService, env: int, workspace: Workspace) -> None:
    """Put a workspace's templates, categories and workflows as one."""
    await catalogs.apply(
        env,
        templates=workspace.files,
        categories=list(workspace.category_documents.values()),
        workflows=list(workspace.workflow_documents.values()),
    )


def open_beside(path: Path, clock: Clock) -> SqliteStore:
    """The store for a tool that works beside a running server."""
    return open_store(path, clock.now(), serve=False)

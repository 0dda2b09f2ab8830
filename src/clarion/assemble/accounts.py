"""Providers from the settings, the conductors around them, and how each account fares."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from clarion.bus.contract import Bus
from clarion.channels.account import AccountState
from clarion.channels.capture import CaptureProvider
from clarion.channels.conduct import Conductor
from clarion.channels.contract import Capabilities, Provider
from clarion.channels.guard import Guard, GuardPolicy
from clarion.channels.registry import make_provider
from clarion.clock import Clock
from clarion.config import Settings
from clarion.core.workflow import Channel, Lane
from clarion.errors import SettingsError
from clarion.pipeline.accounts import Known, SharedAccounts
from clarion.pipeline.routes import CAPTURE, Account
from clarion.pipeline.valve import Limits
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim

MakeProvider = Callable[[str, str, dict[str, Any]], Provider]
"""From an account's name, its kind and its settings."""


class Accounts:
    """The accounts of a process. Each lane that it serves has conductors of its own. `make` makes
    other providers than those of the registry."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        bus: Bus,
        clock: Clock,
        chance: random.Random,
        make: MakeProvider | None = None,
    ) -> None:
        self.configured = settings.accounts
        make = make or _provider
        self.providers = {
            account.name: make(account.name, account.kind, account.settings)
            for account in settings.accounts
        }
        self.shared = SharedAccounts(_known(settings, self.providers), store, bus, clock, chance)
        self.routes = self.shared.routes
        self._clock = clock
        self._guard = _guard(settings)
        self._states: dict[str, AccountState] = {}
        self._conductors: list[Conductor] = []

    def capabilities_of(self, claim: Claim) -> Capabilities:
        """Of the account that a stranded delivery was given to. One that is no longer in the
        settings promises nothing about repeats."""
        if claim.account == CAPTURE:
            return CaptureProvider(claim.key.channel).capabilities
        if claim.account in self.providers:
            return self.providers[claim.account].capabilities
        return Capabilities(kind=claim.account, channel=claim.key.channel, title=claim.account)

    @property
    def channels(self) -> dict[str, tuple[str, ...]]:
        """Of each account of the settings, by its name."""
        return {
            name: (provider.capabilities.channel.value,)
            for name, provider in self.providers.items()
        }

    async def conductor(
        self, provider: Provider, account: str, lane: Lane, in_flight: int | None
    ) -> Conductor:
        """A conductor that is open for business."""
        state = self._states.setdefault(account, AccountState(account))
        conductor = Conductor(
            provider,
            account=account,
            lane=lane,
            clock=self._clock,
            guard=self._guard,
            in_flight=in_flight,
            observe=lambda attempt: state.observe(attempt, self._clock.now()),
        )
        await conductor.start()
        self._conductors.append(conductor)
        return conductor

    async def close(self) -> None:
        """Close all connections; what is under way breaks off."""
        for conductor in self._conductors:
            await conductor.close()


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


def _known(settings: Settings, providers: dict[str, Provider]) -> list[Known]:
    known = [
        Known(
            account=Account(
                name=account.name,
                capabilities=(can := providers[account.name].capabilities),
                environments=account.environments,
                order=account.order,
            ),
            channels=(can.channel.value,),
            limits=Limits(
                in_flight=account.in_flight or can.in_flight,
                quota=account.quota,
                policy=account.breaker,
                channels=(can.channel.value,),
            ),
        )
        for account in settings.accounts
    ]
    captured = [channel for channel in Channel if channel is not Channel.INBOX]
    can = CaptureProvider(captured[0]).capabilities
    capture = Known(
        account=Account(name=CAPTURE, capabilities=can),
        channels=tuple(channel.value for channel in captured),
        limits=Limits(in_flight=can.in_flight),
        routed=False,
    )
    return [*known, capture]

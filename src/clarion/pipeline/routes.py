"""Which account a message of a channel is given to, by environment."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from clarion.channels.contract import Capabilities
from clarion.core.workflow import Channel

CAPTURE = "capture"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One set of credentials at a provider. `environments` are names; `order` ranks accounts of
    a channel."""

    name: str
    capabilities: Capabilities
    environments: tuple[str, ...] = ("default",)
    order: int = 0


class Routes:
    """Accounts in their order; a channel without one goes to `capture`."""

    def __init__(self, accounts: list[Account]) -> None:
        self.accounts = sorted(accounts, key=lambda account: (account.order, account.name))

    def of(self, environment: str) -> Callable[[Channel, str], str]:
        """The route of one environment: (channel, platform) -> account."""
        mine = [account for account in self.accounts if environment in account.environments]

        def route(channel: Channel, platform: str) -> str:
            for account in mine:
                can = account.capabilities
                if can.channel is channel and (
                    not platform or not can.platforms or platform in can.platforms
                ):
                    return account.name
            return CAPTURE

        return route

    def all_of(self, environment: str, channels: set[Channel]) -> set[str]:
        """Accounts that messages of these channels may be given to, whatever their platform."""
        found = set()
        for channel in channels:
            mine = {
                account.name
                for account in self.accounts
                if environment in account.environments and account.capabilities.channel is channel
            }
            found |= mine or {CAPTURE}
        return found

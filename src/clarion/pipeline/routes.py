"""Which account a message of a channel is given to, by environment, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from clarion.channels.contract import Capabilities
from clarion.core.workflow import Channel

CAPTURE = "capture"

Share = Callable[[str], float]
"""How much of an account may be used: 1 all of it, 0 while it is out, between them on its ramp."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One set of credentials at a provider. `environments` are names; `order` ranks accounts of
    a channel."""

    name: str
    capabilities: Capabilities
    environments: tuple[str, ...] = ("default",)
    order: int = 0


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Another account of a route: the environments both serve, the platforms it takes (none: any),
    and those the first one takes, for the way back."""

    account: str
    environments: tuple[str, ...]
    platforms: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


def _whole(_account: str) -> float:
    return 1.0


class Routes:
    """Accounts in their order; a channel without one goes to `capture`."""

    def __init__(self, accounts: list[Account], share: Share = _whole) -> None:
        self.accounts = sorted(accounts, key=lambda account: (account.order, account.name))
        self._ranks = {account.name: rank for rank, account in enumerate(self.accounts)}
        self._ways = {account.name: self._ways_of(account) for account in self.accounts}
        self._share = share
        self._owed: dict[str, tuple[float, float]] = {}

    def of(self, environment: str) -> Callable[[Channel, str], str]:
        """The route of one environment: (channel, platform) -> the first account that is not out.
        On its ramp an account gets its share only, and the others the rest."""
        found: dict[tuple[Channel, str], tuple[str, ...]] = {}

        def route(channel: Channel, platform: str) -> str:
            names = found.get((channel, platform))
            if names is None:
                names = found[channel, platform] = self._serving(environment, channel, platform)
            return self._first(names)

        return route

    def ways(self, account: str) -> tuple[Way, ...]:
        """The other accounts of its routes, in their order."""
        return self._ways.get(account, ())

    def rank(self, account: str) -> int:
        """Place among all accounts, from 0."""
        return self._ranks[account]

    def _serving(self, environment: str, channel: Channel, platform: str) -> tuple[str, ...]:
        return tuple(
            account.name
            for account in self.accounts
            if environment in account.environments
            and (can := account.capabilities).channel is channel
            and (not platform or not can.platforms or platform in can.platforms)
        )

    def _first(self, names: tuple[str, ...]) -> str:
        if not names:
            return CAPTURE
        shares = [self._share(name) for name in names]
        last = max((n for n, share in enumerate(shares) if share), default=-1)
        for n, (name, share) in enumerate(zip(names, shares, strict=True)):
            if share >= 1 or n == last or (share and self._is_turn_of(name, share)):
                return name
        return names[0]

    def _is_turn_of(self, name: str, share: float) -> bool:
        """Every 1/share-th time, beginning with the first after the share has changed."""
        of, owed = self._owed.get(name, (0.0, 0.0))
        owed = owed + share if of == share else 1.0
        turn = owed >= 1
        self._owed[name] = (share, owed - turn)
        return turn

    def _ways_of(self, account: Account) -> tuple[Way, ...]:
        mine = account.capabilities
        ways = []
        for other in self.accounts:
            can = other.capabilities
            shared = tuple(name for name in account.environments if name in other.environments)
            apart = mine.platforms and can.platforms and not {*mine.platforms} & {*can.platforms}
            if other.name != account.name and can.channel is mine.channel and shared and not apart:
                way = Way(
                    account=other.name,
                    environments=shared,
                    platforms=can.platforms,
                    back=mine.platforms,
                )
                ways.append(way)
        return tuple(ways)

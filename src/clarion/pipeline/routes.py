"""Which account a message of a channel is given to, by environment, and who stands in for whom."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.channels.contract import Capabilities
from clarion.core.workflow import Channel, Lane

CAPTURE = "capture"


class Route(Protocol):
    """(channel, platform, lane) -> name of an account."""

    def __call__(self, channel: Channel, platform: str, lane: int = Lane.BULK) -> str: ...


class Standing(Protocol):
    """How the accounts are, as a route asks."""

    def share(self, account: str) -> float:
        """How much of it may be used: 1 all, 0 while it is out, between them on its ramp."""
        ...

    def wants_probe(self, account: str, lane: int) -> bool:
        """Whether one message of the lane may find out if it is still out; True once."""
        ...


class Sound:
    """Every account is whole."""

    def share(self, account: str) -> float:
        """See `Standing.share`."""
        return 1.0

    def wants_probe(self, account: str, lane: int) -> bool:
        """See `Standing.wants_probe`."""
        return False


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


class Routes:
    """Accounts in their order; a channel without one goes to `capture`."""

    def __init__(self, accounts: list[Account], standing: Standing | None = None) -> None:
        self.accounts = sorted(accounts, key=lambda account: (account.order, account.name))
        self._ranks = {account.name: rank for rank, account in enumerate(self.accounts)}
        self._ways = {account.name: self._ways_of(account) for account in self.accounts}
        self._standing = standing or Sound()
        self._owed: dict[str, tuple[float, float]] = {}

    def of(self, environment: str) -> Route:
        """The route of one environment: to the first account that is not out. On its ramp an
        account gets its share only, and the others the rest; one that is out gets a message now and
        then to be probed with."""
        found: dict[tuple[Channel, str], tuple[str, ...]] = {}

        def route(channel: Channel, platform: str, lane: int = Lane.BULK) -> str:
            names = found.get((channel, platform))
            if names is None:
                names = found[channel, platform] = self._serving(environment, channel, platform)
            return self._first(names, lane)

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

    def _first(self, names: tuple[str, ...], lane: int) -> str:
        if not names:
            return CAPTURE
        shares = [self._standing.share(name) for name in names]
        last = max((n for n, share in enumerate(shares) if share), default=-1)
        for n, (name, share) in enumerate(zip(names, shares, strict=True)):
            if share >= 1 or n == last or (share and self._is_turn_of(name, share)):
                return name
            if not share and n < last and self._standing.wants_probe(name, lane):
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


def no_account(channel: Channel, platform: str, lane: int = Lane.BULK) -> str:  # noqa: ARG001 - a Route
    """The route of those who only decide: nothing is delivered."""
    return ""

"""The settings of a process as frozen records. Their text never shows a secret."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import msgspec

from clarion.config.shown import without_query, without_secret
from clarion.core.breaker import BreakerPolicy
from clarion.core.quota import Quota
from clarion.core.retention import RetentionDays
from clarion.failpoint import FailPoint

Network = IPv4Network | IPv6Network

SHOWN_ACCOUNT_FIELDS = ("name", "kind", "order", "environments", "in_flight", "quota", "breaker")

_HERE = {str(IPv4Address(0)): "127.0.0.1", str(IPv6Address(0)): "::1"}
"""How what listens on all addresses is reached from its own machine."""


class Listen(msgspec.Struct, frozen=True):
    """Where the HTTP server listens; port 0 is any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """How it is reached from its own machine."""
        return f"http://{Listen(_HERE.get(self.host, self.host), self.port)}"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account at a provider, `[providers.<name>]`.

    Accounts of a channel are tried by `order`, the smallest first. `in_flight` bounds the sends
    under way at once in a lane (None: what the provider's kind allows), `quota` the messages a
    second (None: no bound), `breaker` says when the account is left alone. `settings` is the rest,
    with the contents of `*_file` under the plain name; it holds secrets.
    """

    name: str
    kind: str
    order: int = 100
    environments: tuple[str, ...] = ("default",)
    in_flight: int | None = None
    quota: Quota | None = None
    breaker: BreakerPolicy = BreakerPolicy()
    settings: dict[str, Any] = {}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in SHOWN_ACCOUNT_FIELDS)
        hidden = ", ".join(f"{name}=***" for name in sorted(self.settings))
        return f"Account({shown}, settings({hidden}))"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        shown: list[tuple[str, Any]] = [
            (name, getattr(self, name)) for name in SHOWN_ACCOUNT_FIELDS
        ]
        return [*shown, ("settings", dict.fromkeys(sorted(self.settings), "***"))]


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """What the operators are told, and where: `[alerts]`.

    One alert an (environment, account, cause) and window, of `min_count` dead letters or more.
    `slack_webhook` and `webhook` are URLs, `webhook_secrets` sign what goes to the latter. `email`
    are addresses, reached through the account `email_account` or, without one, through
    `email_server` (the settings of an smtp account).
    """

    window_seconds: int = 300
    min_count: int = 1
    slack_webhook: str | None = None
    email: tuple[str, ...] = ()
    email_account: str | None = None
    email_server: dict[str, Any] = {}
    webhook: str | None = None
    webhook_secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Alerts({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        hidden = ("slack_webhook", "email_server", "webhook", "webhook_secrets")
        shown = []
        for name in self.__struct_fields__:
            value = getattr(self, name)
            shown.append((name, "***" if name in hidden and value else value))
        return shown


class Leases(msgspec.Struct, frozen=True, kw_only=True):
    """How long a worker may be silent before others take its work over, in seconds.

    A worker says that it is alive every `heartbeat`. `critical` is the lease of a worker that
    serves the critical lane, `usual` that of others. One that could not say so for two thirds of
    its lease sends nothing more.
    """

    usual: float = 30.0
    critical: float = 15.0
    heartbeat: float = 5.0


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """Where spans go: `endpoint` is the whole address of a collector (OTLP over HTTP), None for
    nowhere; `headers` go with them and are secret. `ratio` is the share of events that are
    recorded, of those whose producer did not say."""

    endpoint: str | None = None
    headers: dict[str, str] = {}
    ratio: float = 1.0

    def __repr__(self) -> str:
        where = None if self.endpoint is None else without_query(self.endpoint)
        hidden = ", ".join(f"{name}=***" for name in sorted(self.headers))
        return f"Traces(endpoint={where!r}, headers({hidden}), ratio={self.ratio!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        where = None if self.endpoint is None else without_query(self.endpoint)
        hidden = dict.fromkeys(sorted(self.headers), "***")
        return [("endpoint", where), ("headers", hidden), ("ratio", self.ratio)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a process was told. Paths are absolute.

    `store` is the DSN, `sqlite_path` the file it names (None: PostgreSQL). `bus` is `inproc` or the
    addresses of NATS servers; `bus_credentials` is a file that `nsc` wrote, `bus_ca` one with the
    authority of their certificate (PEM). `drain_seconds` is how long a stopping server lets sends
    under way finish. `retention` says after how many days each kind of data is forgotten. `api_key`
    is an admin key of environment `default`, or None. `workspace` is a folder to apply at start, or
    None. `public_url` is how people's browsers reach this server (for links), without a slash at
    its end. Links in mails to the preference page hold for `link_days`; `unsubscribe_mailto` is an
    address that mails name beside the link that unsubscribes, or None.
    Webhooks go to public addresses over https only, plus `allow_networks`, minus
    `deny_networks`; `allow_http` permits plain http. A lane takes no more events while
    `lane_backlog` rows of it wait, and no more states are taken while `state_backlog` wait.
    Topics with more than `broadcast_above` subscribers are told in the inbox by a broadcast.
    Pages of `inbox_origins` (`*`: of all sites) may read inboxes from a browser; a process keeps
    `inbox_connections` live ones open, `inbox_connections_per_user` of one user.
    `key_rate_per_second` and `key_burst` bound what an API key without a limit of its own may send
    (None: nothing does). A process that serves bulk lanes alone lowers its priority by `bulk_nice`
    (0 to 19). Redriven dead letters become due `redrive_per_second` at most, unless who
    redrives says otherwise. `fail_points` are where the process ends by itself (tests only). `file`
    is the clarion.toml that was read, or None.
    """

    store: str
    sqlite_path: Path | None
    data_dir: Path
    bus: str = "inproc"
    bus_credentials: Path | None = None
    bus_ca: Path | None = None
    leases: Leases = Leases()
    drain_seconds: float = 10.0
    retention: RetentionDays = RetentionDays()
    listen: Listen = Listen("127.0.0.1", 8400)
    api_key: str | None = None
    workspace: Path | None = None
    public_url: str | None = None
    link_days: int = 30
    unsubscribe_mailto: str | None = None
    log_format: str = "auto"
    log_level: str = "info"
    allow_networks: tuple[Network, ...] = ()
    deny_networks: tuple[Network, ...] = ()
    allow_http: bool = False
    lane_backlog: int = 1_000_000
    state_backlog: int = 200_000
    broadcast_above: int = 10_000
    inbox_origins: tuple[str, ...] = ()
    inbox_connections: int = 20_000
    inbox_connections_per_user: int = 20
    key_rate_per_second: int | None = None
    key_burst: int | None = None
    fail_points: tuple[FailPoint, ...] = ()
    accounts: tuple[Account, ...] = ()
    redrive_per_second: int = 100
    bulk_nice: int = 10
    alerts: Alerts = Alerts()
    traces: Traces = Traces()
    file: Path | None = None

    @property
    def reached_at(self) -> str:
        """Where people's browsers reach this server: `public_url`, else where it listens."""
        return self.listen.url if self.public_url is None else self.public_url

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self._shown())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return list(self._shown())

    def _shown(self) -> Iterator[tuple[str, Any]]:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name in ("store", "bus"):
                value = without_secret(value)
            yield name, "***" if name == "api_key" and value is not None else value

"""Settings from the environment and `clarion.toml`; what is unknown or odd refuses to start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from clarion.config import addresses, stress, values
from clarion.config.addresses import StoreAddress
from clarion.config.alerts import read_alerts
from clarion.config.asking import Answers
from clarion.config.given import Given, given_by_environment, given_by_file, with_secret_files
from clarion.config.problem import Problem, refuse
from clarion.config.retention import OF_ENVIRONMENT, read_retention
from clarion.config.settings import Account, Alerts, Leases, Listen, Settings
from clarion.config.traces import NAMES as OF_TRACES
from clarion.config.traces import read_traces
from clarion.core.breaker import BreakerPolicy
from clarion.core.retention import RetentionDays
from clarion.core.suggestion import did_you_mean

NAMES = (
    "store", "bus", "listen", "api_key", "api_key_file", "workspace", "data_dir", "public_url",
    "log_format", "log_level", "lease_seconds", "critical_lease_seconds", "heartbeat_seconds",
    "drain_seconds", "bus_credentials", "bus_ca", "retention_days", "allow_networks",
    "deny_networks", "allow_http", "lane_backlog", "state_backlog", "broadcast_above",
    "inbox_origins", "inbox_connections", "inbox_connections_per_user",
    "key_rate_per_second", "key_burst", "redrive_per_second", "bulk_nice",
    "fail_point", "link_days", "unsubscribe_mailto", *OF_TRACES,
)  # fmt: skip
"""Settings by name: `store` in clarion.toml, CLARION_STORE in the environment."""

TABLES = ("providers", "alerts", "retention")

FILE_NAME = "clarion.toml"
LEAST_BEATS = 3
"""Heartbeats that have to fit into a lease: a worker stops at two thirds of it."""

_ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def load_settings(environ: Mapping[str, str], folder: Path, file: Path | None = None) -> Settings:
    """The settings of a process started in `folder`; SettingsError with every problem.

    The file is `file`, else the one CLARION_CONFIG names, else `clarion.toml` in the folder if it
    exists. The environment wins over the file. Relative paths start at the folder, those in the
    file at the file's folder.
    """
    problems: list[Problem] = []
    folder = folder.absolute()
    known = (*NAMES, *OF_ENVIRONMENT, "config")
    by_env = given_by_environment(environ, known, folder, problems)
    file = _settings_file(by_env.pop("config", None), folder, file, problems)
    by_file = given_by_file(file, problems) if file else {}
    table = _known(by_file, problems) | with_secret_files(by_env, problems)
    accounts = _accounts(by_file, problems)
    alerts = read_alerts(by_file, accounts, problems)
    answers = Answers(table, problems)
    retention = read_retention(by_file, answers, problems)
    traces = read_traces(answers, environ, problems)
    settings = _settings(answers, folder, file, accounts, alerts, retention)
    settings = msgspec.structs.replace(settings, traces=traces)
    refuse(problems)
    return settings


def _settings(
    answers: Answers,
    folder: Path,
    file: Path | None,
    accounts: tuple[Account, ...],
    alerts: Alerts,
    retention: RetentionDays,
) -> Settings:
    ask = answers.ask
    data_dir = ask("data_dir", values.folder_of, folder / "clarion-data")
    file_here = data_dir / "clarion.db"
    store = ask("store", addresses.store_of, StoreAddress(f"sqlite:///{file_here}", file_here))
    return Settings(
        store=store.dsn,
        sqlite_path=store.file,
        data_dir=data_dir,
        bus=ask("bus", addresses.bus_of, addresses.INPROC),
        bus_credentials=ask("bus_credentials", values.present_file_of, None),
        bus_ca=ask("bus_ca", values.present_file_of, None),
        leases=_leases(answers),
        drain_seconds=ask("drain_seconds", lambda given: values.seconds_of(given, 0, 3600), 10.0),
        listen=ask("listen", values.listen_of, Listen("127.0.0.1", 8400)),
        retention=retention,
        api_key=ask("api_key", values.key_of, None),
        workspace=ask("workspace", values.present_folder_of, None),
        public_url=ask("public_url", values.public_url_of, None),
        link_days=ask("link_days", values.between(1, 3_650), 30),
        unsubscribe_mailto=ask("unsubscribe_mailto", values.mail_address_of, None),
        log_format=ask("log_format", values.word_of("auto", "console", "json"), "auto"),
        log_level=ask("log_level", values.word_of("debug", "info", "warning", "error"), "info"),
        allow_networks=ask("allow_networks", values.networks_of, ()),
        deny_networks=ask("deny_networks", values.networks_of, ()),
        allow_http=ask("allow_http", values.flag_of, False),
        lane_backlog=ask("lane_backlog", values.between(1_000, 1_000_000_000), 1_000_000),
        state_backlog=ask("state_backlog", values.between(1_000, 1_000_000_000), 200_000),
        broadcast_above=ask("broadcast_above", values.between(0, 1_000_000_000), 10_000),
        inbox_origins=ask("inbox_origins", values.origins_of, ()),
        inbox_connections=ask("inbox_connections", values.between(1, 1_000_000), 20_000),
        inbox_connections_per_user=ask("inbox_connections_per_user", values.between(1, 10_000), 20),
        key_rate_per_second=ask("key_rate_per_second", values.between(1, 1_000_000), None),
        key_burst=ask("key_burst", values.between(1, 10_000_000), None),
        fail_points=ask("fail_point", values.fail_points_of, ()),
        accounts=accounts,
        redrive_per_second=ask("redrive_per_second", values.rate_of, 100),
        bulk_nice=ask("bulk_nice", values.between(0, 19), 10),
        alerts=alerts,
        file=file,
    )


def _leases(answers: Answers) -> Leases:
    usual = Leases()

    def lease_of(given: Given) -> float:
        seconds = values.seconds_of(given, 0.2, 3600)
        if seconds < LEAST_BEATS * heartbeat:
            raise values.OddError(
                f"is {seconds:g}; write at least {LEAST_BEATS} heartbeats "
                f"({LEAST_BEATS * heartbeat:g}), or lower heartbeat_seconds"
            )
        return seconds

    heartbeat = answers.ask(
        "heartbeat_seconds", lambda given: values.seconds_of(given, 0.05, 600), usual.heartbeat
    )
    return Leases(
        usual=answers.ask("lease_seconds", lease_of, max(usual.usual, LEAST_BEATS * heartbeat)),
        critical=answers.ask(
            "critical_lease_seconds", lease_of, max(usual.critical, LEAST_BEATS * heartbeat)
        ),
        heartbeat=heartbeat,
    )


def _settings_file(
    named: Given | None, folder: Path, file: Path | None, problems: list[Problem]
) -> Path | None:
    if file is not None:
        wanted = folder / file
        if not wanted.is_file():
            problems.append(Problem(str(wanted), 0, "there is no such file; check the path"))
            return None
        return wanted
    if named is not None:
        wanted = folder / str(named.value)
        if not wanted.is_file():
            detail = f"names {wanted}, which is not a file; check the path"
            problems.append(named.problem(detail))
            return None
        return wanted
    usual = folder / FILE_NAME
    return usual if usual.exists() else None


def _known(by_file: Mapping[tuple[str, ...], Given], problems: list[Problem]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for path, given in by_file.items():
        if path[0] in TABLES:
            continue
        if path[0] in NAMES:
            found[path[0]] = given
        else:
            near = did_you_mean(path[0], (*NAMES, *TABLES))
            problems.append(given.problem(f"is not a setting; {near}"))
    return with_secret_files(found, problems)


def _accounts(
    by_file: Mapping[tuple[str, ...], Given], problems: list[Problem]
) -> tuple[Account, ...]:
    accounts = []
    for path, given in by_file.items():
        if path[0] == "providers" and not isinstance(given.value, dict) and len(path) < 3:
            problems.append(given.problem("is not a table; write [providers.NAME] with kind = ..."))
        elif path[0] == "providers" and len(path) == 2:
            table = {p[2]: entry for p, entry in by_file.items() if p[:2] == path and len(p) == 3}
            accounts.append(_account(given, path[1], table, problems))
    return tuple(sorted(accounts, key=lambda account: (account.order, account.name)))


def _account(
    given: Given, name: str, table: Mapping[str, Given], problems: list[Problem]
) -> Account:
    if not _ACCOUNT_NAME.fullmatch(name):
        mend = "use lower-case letters, digits, '-' and '_', at most 64"
        problems.append(given.problem(f"is not a name for an account; {mend}"))
    if "kind" not in table:
        problems.append(given.problem('has no kind; add e.g. kind = "smtp"'))
    settled = with_secret_files(table, problems)
    ask = Answers(settled, problems).ask
    own = (
        "kind", "order", "environments", "in_flight", "rate_per_second", "burst", "breaker",
    )  # fmt: skip
    rate = ask("rate_per_second", stress.rate_of, None)
    burst = ask("burst", lambda entry: values.whole_of(entry, 1, 1_000_000), None)
    if burst is not None and "rate_per_second" not in settled:
        mend = "add rate_per_second, or remove it"
        problems.append(settled["burst"].problem(f"has no rate to go with; {mend}"))
    return Account(
        name=name,
        kind=ask("kind", values.text_of, ""),
        order=ask("order", lambda entry: values.whole_of(entry, 0, 1_000_000), 100),
        environments=ask("environments", values.environments_of, ("default",)),
        in_flight=ask("in_flight", lambda entry: values.whole_of(entry, 1, 100_000), None),
        quota=stress.quota_of(rate, burst),
        breaker=ask("breaker", stress.breaker_of, BreakerPolicy()),
        settings={key: entry.value for key, entry in settled.items() if key not in own},
    )

"""The table `[alerts]`: what the operators are told, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clarion.config import values
from clarion.config.asking import Answers
from clarion.config.given import Given, with_secret_files
from clarion.config.problem import Problem
from clarion.config.settings import Account, Alerts
from clarion.core.suggestion import did_you_mean

NAMES = (
    "window_seconds", "min_count", "slack_webhook", "email", "email_account", "email_server",
    "webhook", "webhook_secrets",
)  # fmt: skip
SECRETS = ("slack_webhook", "webhook", "webhook_secrets")
"""What may come from a file."""

LONGEST_WINDOW_SECONDS = 24 * 3600


def read_alerts(
    by_file: Mapping[tuple[str, ...], Given],
    accounts: Sequence[Account],
    problems: list[Problem],
) -> Alerts:
    """The table as a record; its defaults where there is none."""
    whole = by_file.get(("alerts",))
    if whole is not None and not isinstance(whole.value, Mapping):
        problems.append(whole.problem("is not a table; write [alerts] with its settings below"))
        return Alerts()
    table = {
        path[1]: given for path, given in by_file.items() if path[:1] == ("alerts",) and path[1:]
    }
    known = (*NAMES, *(f"{name}_file" for name in SECRETS))
    for name, given in table.items():
        if name not in known:
            problems.append(given.problem(f"is not a setting; {did_you_mean(name, NAMES)}"))
    settled = with_secret_files(table, problems)
    ask = Answers(settled, problems).ask
    alerts = Alerts(
        window_seconds=ask(
            "window_seconds", lambda given: values.whole_of(given, 1, LONGEST_WINDOW_SECONDS), 300
        ),
        min_count=ask("min_count", lambda given: values.whole_of(given, 1, 1_000_000), 1),
        slack_webhook=ask("slack_webhook", values.url_of, None),
        email=ask("email", _addresses, ()),
        email_account=ask("email_account", values.text_of, None),
        email_server=ask("email_server", _table, {}),
        webhook=ask("webhook", values.url_of, None),
        webhook_secrets=ask("webhook_secrets", _texts, ()),
    )
    return _together(alerts, settled, accounts, problems)


def _together(
    alerts: Alerts,
    table: Mapping[str, Given],
    accounts: Sequence[Account],
    problems: list[Problem],
) -> Alerts:
    """What one setting asks of another."""
    if alerts.webhook and not alerts.webhook_secrets:
        mend = "add webhook_secrets (or webhook_secrets_file)"
        problems.append(table["webhook"].problem(f"has no secret to sign with; {mend}"))
    mailing = [account.name for account in accounts if account.kind == "smtp"]
    if alerts.email_account is not None and alerts.email_account not in mailing:
        mend = did_you_mean(alerts.email_account, mailing) if mailing else "add a provider first"
        problems.append(table["email_account"].problem(f"is no account of kind smtp; {mend}"))
    if alerts.email and not (mailing or alerts.email_server):
        mend = 'name a server: email_server = { host = "...", from = "..." }'
        problems.append(table["email"].problem(f"has no account of kind smtp to go by; {mend}"))
    return alerts


def _texts(given: Given) -> tuple[str, ...]:
    return (given.value,) if isinstance(given.value, str) else values.texts_of(given)


def _addresses(given: Given) -> tuple[str, ...]:
    found = _texts(given)
    if not all("@" in address[1:-1] for address in found):
        raise values.OddError("holds something that is no mail address; write name@example.org")
    return found


def _table(given: Given) -> dict[str, Any]:
    if not isinstance(given.value, Mapping):
        raise values.OddError('is no table; write { host = "...", from = "..." }')
    return dict(given.value)

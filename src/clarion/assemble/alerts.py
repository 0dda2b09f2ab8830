"""Whom alerts are told to: the targets of the settings, each with a conductor of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clarion.assemble.accounts import Accounts
from clarion.channels.chat.slack_webhook import SlackWebhookProvider
from clarion.channels.contract import Provider
from clarion.channels.email.smtp import SMTP
from clarion.channels.registry import make_provider
from clarion.channels.webhook.standard import WEBHOOK
from clarion.config import Settings
from clarion.core.workflow import Channel, Lane
from clarion.errors import SettingsError
from clarion.pipeline.alerting import Target

ACCOUNT = "alerts"
IN_FLIGHT = 1


async def alert_targets(settings: Settings, accounts: Accounts) -> list[Target]:
    """The targets, ready to be told. SettingsError when a provider refuses what it was given."""
    targets = []
    for name, provider, address in _providers(settings):
        can = provider.capabilities
        conductor = await accounts.conductor(
            provider, f"{ACCOUNT}-{name}", Lane.CRITICAL, IN_FLIGHT
        )
        targets.append(Target(name=name, channel=can.channel, teller=conductor, address=address))
    return targets


def _providers(settings: Settings) -> Iterator[tuple[str, Provider, str]]:
    alerts = settings.alerts
    if alerts.slack_webhook:
        yield "slack", SlackWebhookProvider(), alerts.slack_webhook
    if alerts.webhook:
        secrets = {"secrets": list(alerts.webhook_secrets)}
        yield Channel.WEBHOOK.value, _made(WEBHOOK.kind, secrets), alerts.webhook
    if alerts.email:
        mailing = _made(SMTP.kind, _mail_settings(settings))
        for n, address in enumerate(alerts.email):
            # The name is kept and counted: it must not be the address.
            yield f"{Channel.EMAIL.value}-{n + 1}", mailing, address


def _mail_settings(settings: Settings) -> dict[str, Any]:
    """Of the server named for alerts, else of the account named, else of the first that mails."""
    alerts = settings.alerts
    if alerts.email_server and alerts.email_account is None:
        return alerts.email_server
    for account in settings.accounts:
        if account.kind == SMTP.kind and alerts.email_account in (None, account.name):
            return account.settings
    raise SettingsError("[alerts] email has no account of kind smtp to go by; add one")


def _made(kind: str, settings: dict[str, Any]) -> Provider:
    try:
        return make_provider(kind, settings)
    except SettingsError as error:
        raise SettingsError(f"[alerts] {error}") from error

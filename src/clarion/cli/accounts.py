"""Accounts at providers, made as a check: what is wrong with their settings, by their table."""

from __future__ import annotations

from clarion.config import Account, Settings
from clarion.errors import ClarionError, SettingsError


def mistake_in(account: Account) -> str:
    """What keeps an account from being made; "" when nothing does."""
    from clarion.channels.registry import make_provider

    try:
        make_provider(account.kind, account.settings)
    except ClarionError as error:
        return f"[providers.{account.name}]: {error}"
    return ""


def refuse_unsound(settings: Settings) -> None:
    """SettingsError with a line for each account that cannot be made."""
    mistakes = [f"{settings.file}: {m}" for a in settings.accounts if (m := mistake_in(a))]
    if mistakes:
        raise SettingsError("\n".join(mistakes))

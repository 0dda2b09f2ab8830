"""The table `[alerts]`: read strictly, shown without its secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarion.config import Alerts, load_settings
from tests.config.test_settings import refusal, toml

MAIL = '[providers.mail]\nkind = "smtp"\nhost = "h"\nfrom = "a@example.org"\n'
HOOK = 'webhook = "https://ops.example.org/in"\n'


def alerts_of(folder: Path, text: str) -> Alerts:
    toml(folder, text)
    return load_settings({}, folder).alerts


def test_nothing_said_is_a_window_of_five_minutes_and_nobody_told(tmp_path: Path) -> None:
    assert alerts_of(tmp_path, "") == Alerts(window_seconds=300, min_count=1)


def test_targets_are_read_and_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "slack").write_text("https://hooks.slack.example/T/B/x\n")
    (tmp_path / "key").write_text("whsec_abc\n")
    text = (
        f'[alerts]\nwindow_seconds = 60\nmin_count = 3\nslack_webhook_file = "slack"\n{HOOK}'
        f'webhook_secrets_file = ["key"]\nemail = "ops@example.org"\n{MAIL}'
    )
    alerts = alerts_of(tmp_path, text)
    assert alerts == Alerts(
        window_seconds=60,
        min_count=3,
        slack_webhook="https://hooks.slack.example/T/B/x",
        webhook="https://ops.example.org/in",
        webhook_secrets=("whsec_abc",),
        email=("ops@example.org",),
    )
    shown = repr(load_settings({}, tmp_path))
    assert "whsec_abc" not in shown
    assert "hooks.slack" not in shown


def test_a_mail_server_of_its_own_needs_no_account(tmp_path: Path) -> None:
    text = '[alerts]\nemail = ["a@example.org"]\nemail_server = { host = "h", from = "b@x.org" }\n'
    assert alerts_of(tmp_path, text).email_server == {"host": "h", "from": "b@x.org"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("windw_seconds = 5", "did you mean 'window_seconds'"),
        ("window_seconds = 0", "write a whole number from 1"),
        ('slack_webhook = "hooks.slack.com"', "is no address to call"),
        (HOOK, "has no secret to sign with"),
        ('email = ["ops"]', "no mail address"),
        ('email = ["ops@example.org"]', "has no account of kind smtp"),
        ('email_account = "mail"', "is no account of kind smtp"),
    ],
)
def test_what_cannot_be_is_refused_with_its_mend(tmp_path: Path, line: str, words: str) -> None:
    toml(tmp_path, f"[alerts]\n{line}\n")
    assert words in refusal(tmp_path)


def test_alerts_are_a_table(tmp_path: Path) -> None:
    toml(tmp_path, "alerts = 5\n")
    assert "write [alerts]" in refusal(tmp_path)


def test_how_fast_dead_letters_become_due_is_a_setting(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path).redrive_per_second == 100
    environ = {"CLARION_REDRIVE_PER_SECOND": "7"}
    assert load_settings(environ, tmp_path).redrive_per_second == 7
    assert "whole number" in refusal(tmp_path, CLARION_REDRIVE_PER_SECOND="fast")

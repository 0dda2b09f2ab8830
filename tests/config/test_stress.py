"""What may be said of an account's rate and breaker, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarion.core.breaker import BreakerPolicy
from clarion.core.quota import Quota
from tests.config.test_settings import accounts_of, refusal, toml

MAIL = '[providers.mail]\nkind = "smtp"\n'


def test_unless_said_there_is_no_quota_and_the_usual_breaker(tmp_path: Path) -> None:
    (account,) = accounts_of(tmp_path, MAIL)
    assert (account.quota, account.breaker) == (None, BreakerPolicy())


def test_a_rate_alone_lets_a_second_s_worth_leave_at_once(tmp_path: Path) -> None:
    (account,) = accounts_of(tmp_path, f"{MAIL}rate_per_second = 12.5\n")
    assert account.quota == Quota(rate_per_second=12.5, burst=13)
    assert account.settings == {}


def test_a_burst_may_be_set(tmp_path: Path) -> None:
    (account,) = accounts_of(tmp_path, f"{MAIL}rate_per_second = 0.5\nburst = 30\n")
    assert account.quota == Quota(rate_per_second=0.5, burst=30)


@pytest.mark.parametrize(
    "text",
    [
        f"{MAIL}breaker = {{ failures = 20, open_seconds = 30 }}\n",
        f"{MAIL}[providers.mail.breaker]\nfailures = 20\nopen_seconds = 30\n",
    ],
    ids=["inline", "table"],
)
def test_a_breaker_says_what_is_unusual(tmp_path: Path, text: str) -> None:
    (account,) = accounts_of(tmp_path, text)
    assert account.breaker == BreakerPolicy(failures=20, open_seconds=30)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rate_per_second = 0", "is 0; write a number from 0.01 to 100000"),
        ('rate_per_second = "9"', "write a number from 0.01 to 100000, without quotes"),
        ("rate_per_second = nan", "is nan; write a number"),
        ("burst = 5", "has no rate to go with; add rate_per_second, or remove it"),
        ("rate_per_second = 5\nburst = 0", "is 0; write a whole number from 1"),
        ("breaker = true", "write breaker = { failures = 20 }"),
        ("breaker = { failure = 3 }", "did you mean 'failures'?"),
        ("breaker = { rate = 2 }", "has a rate that is 2; write a number from 0.01 to 1"),
        ("breaker = { failures = 2.5 }", "has failures that are 2.5; write a whole number"),
        ("breaker = { rate = true }", "has a rate that is"),
        ("breaker = { open_seconds = 600 }", "a longest_open_seconds below its open_seconds"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(tmp_path: Path, line: str, said: str) -> None:
    toml(tmp_path, f"{MAIL}{line}\n")
    refused = refusal(tmp_path)
    assert said in refused
    assert "clarion.toml:3" in refused or "clarion.toml:4" in refused

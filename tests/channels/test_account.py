from __future__ import annotations

import pytest

from clarion.channels.account import CALM_SECONDS, SAID_AGAIN_SECONDS, AccountState
from clarion.channels.conduct import Conducted
from clarion.clock import SECOND
from clarion.core.delivery import About, OutcomeClass
from clarion.core.workflow import Channel, Lane

START = 1_767_323_045_000_000


class Watched:
    """An account to which things happen at seconds after the start."""

    def __init__(self) -> None:
        self.state = AccountState("mail")

    def saw(self, outcome: OutcomeClass, second: float, about: About = About.ACCOUNT) -> None:
        attempt = Conducted(
            account="mail", lane=Lane.SOCIAL, channel=Channel.EMAIL, provider="smtp",
            outcome=outcome, code="450", seconds=0.1, about=about,
        )  # fmt: skip
        self.state.observe(attempt, START + int(second * SECOND))


def test_an_outage_is_one_line_a_minute_and_one_at_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mail = Watched()
    mail.saw(OutcomeClass.ACCEPTED, 0)
    for second in range(SAID_AGAIN_SECONDS + 1):
        mail.saw(OutcomeClass.RETRY, 1 + second)
    over = 2 + SAID_AGAIN_SECONDS
    mail.saw(OutcomeClass.ACCEPTED, over)
    mail.saw(OutcomeClass.ACCEPTED, over + CALM_SECONDS)
    mail.saw(OutcomeClass.ACCEPTED, over + CALM_SECONDS + 1)
    assert caplog.messages == [
        "account mail does not take messages: retry (450), 1 since the last line",
        "account mail does not take messages: retry (450), 60 since the last line",
        "account mail takes messages again",
    ]


def test_what_is_wrong_with_one_address_is_no_trouble_of_the_account(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mail = Watched()
    mail.saw(OutcomeClass.DESTINATION_INVALID, 0)
    mail.saw(OutcomeClass.PERMANENT, 1)
    assert caplog.messages == []


def test_one_receiver_that_fails_is_told_of_as_one_and_not_as_the_account(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mail = Watched()
    for second in range(SAID_AGAIN_SECONDS + 1):
        mail.saw(OutcomeClass.ACCEPTED, second)
        mail.saw(OutcomeClass.RETRY, second, About.DESTINATION)
    tail = "since the last line; the others do not wait for them"
    assert caplog.messages == [
        f"single destinations of account mail fail: retry (450), 1 {tail}",
        f"single destinations of account mail fail: retry (450), {SAID_AGAIN_SECONDS} {tail}",
    ]

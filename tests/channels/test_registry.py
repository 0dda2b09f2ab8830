from pathlib import Path
from typing import Any

import pytest

from clarion.channels.registry import (
    ROWS,
    capabilities_of,
    capability_matrix,
    make_provider,
    providers_page,
)
from clarion.core.workflow import Channel
from clarion.errors import SettingsError
from clarion.testing.fakes.fcm import fake_service_account

PAGE = Path(__file__).parents[2] / "docs/providers.md"


def test_an_account_becomes_a_provider() -> None:
    account = fake_service_account("http://127.0.0.1:1")
    made = make_provider("fcm", {"service_account": account})
    assert made.capabilities is capabilities_of("fcm")


def test_capture_is_made_for_any_channel() -> None:
    made = make_provider("capture", {"channel": "sms"})
    assert made.capabilities.channel is Channel.SMS


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("fmc", {}, r"did you mean 'fcm'\?$"),
        ("carrier-pigeon", {}, f"there are {', '.join(ROWS)}"),
        ("smtp", {"hosst": "x", "from": "a@b.example"}, "did you mean 'host'"),
        ("smtp", {"host": "x"}, "needs `from`"),
        ("smtp", {}, "needs `host` and `from`"),
        ("webhook", {"secrets": []}, "needs `secrets`"),
        ("fcm", {"service_account": "{}"}, "service account key"),
        ("fcm", {"service_account": {"project_id": "p"}}, "service account key"),
        ("capture", {"channel": "smoke"}, "`channel` is one of inbox"),
    ],
)
def test_wrong_settings_are_refused_with_the_mend(
    kind: str, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        make_provider(kind, settings)


def test_a_refusal_never_quotes_a_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        make_provider("webhook", {"secrets": ["whsec_hunter2"]})
    assert "hunter2" not in str(caught.value)


def test_the_matrix_has_a_line_for_every_provider() -> None:
    lines = capability_matrix().splitlines()
    assert [line.split("`")[1] for line in lines[2:]] == list(ROWS)


def test_the_page_in_the_docs_is_current() -> None:
    mend = "python -m clarion.channels.registry > docs/providers.md"
    assert PAGE.read_text() == providers_page(), mend

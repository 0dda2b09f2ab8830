"""`[retention]`: kinds that are named, those that are not, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarion.config import load_settings
from clarion.core.retention import RetentionDays
from clarion.errors import SettingsError


def read(folder: Path, text: str, **environ: str) -> RetentionDays:
    (folder / "clarion.toml").write_text(text, "utf-8")
    variables = {f"CLARION_{name.upper()}": value for name, value in environ.items()}
    return load_settings(variables, folder).retention


def test_content_is_kept_for_30_days_and_the_rest_for_90(tmp_path: Path) -> None:
    assert read(tmp_path, "") == RetentionDays()


def test_kinds_that_are_not_named_follow_the_whole(tmp_path: Path) -> None:
    kept = read(tmp_path, "retention_days = 20\n[retention]\ncontent_days = 5\n")
    assert kept == RetentionDays(
        content_days=5, notifications_days=20, decisions_days=20, attempts_days=20, inbox_days=20
    )
    assert read(tmp_path, "retention_days = 0").content_days == 0
    shorter = read(tmp_path, "[retention]\nnotifications_days = 10\n")
    assert set(map(int, (shorter.content_days, shorter.inbox_days))) == {10}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    text = "[retention]\nattempts_days = 7\ninbox_days = 60\n"
    kept = read(tmp_path, text, retention_attempts_days="3")
    assert (kept.attempts_days, kept.inbox_days) == (3, 60)


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[retention]\ncontent_days = 91", {}, "content_days keeps for 91 days what belongs to"),
        ("[retention]\ninbox_days = 0", {}, "inbox_days keeps for ever what belongs to"),
        ("", {"retention_decisions_days": "100"}, "CLARION_RETENTION_DECISIONS_DAYS keeps for 100"),
        ("[retention]\ndecision_days = 9", {}, "did you mean 'decisions_days'"),
        ("[retention]\ninbox_days = -1", {}, "write a whole number from 0 to 36500"),
        ("retention = 9", {}, "retention is not a table"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, text: str, environ: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        read(tmp_path, text, **environ)

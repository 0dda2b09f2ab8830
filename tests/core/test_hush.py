from __future__ import annotations

import pytest

from clarion.core.hush import hush
from clarion.core.preference import chain_of
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, ScopeKind
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.workflow import Category, Channel, SendStep
from clarion.testing.builders import NOW, TENANT, a_category, a_setting, some_facts

INBOX = SendStep(index=0, channel=Channel.INBOX)


def hushed(until: int, category: Category | None = None) -> Ruling | None:
    row = a_setting(ScopeKind.USER_IN_TENANT, TENANT, pause_until=until)
    facts = some_facts(row, category=category)
    return hush(INBOX, facts, chain_of(facts))


@pytest.mark.parametrize("until", [NOW + 1, FOREVER])
def test_a_pause_takes_the_alert_from_the_inbox(until: int) -> None:
    assert hushed(until) == Ruling(GateVerdict.SILENT, Reason.PAUSED, "user_in_tenant")


def test_a_pause_that_is_over_takes_nothing() -> None:
    assert hushed(NOW) is None
    facts = some_facts()
    assert hush(INBOX, facts, chain_of(facts)) is None


def test_categories_that_ignore_quiet_hours_ring_all_the_same() -> None:
    assert hushed(FOREVER, a_category(mandatory=True)) is None
    assert hushed(FOREVER, a_category(quiet_hours="ignore")) is None

from __future__ import annotations

from clarion.assemble.roles import Role
from clarion.assemble.zeros import begin_counting
from clarion.telemetry import exposition, retries


def told() -> str:
    return exposition().decode()


def test_what_an_alert_counts_is_there_before_it_happens_first() -> None:
    begin_counting(frozenset({Role.WORKER}), {"zero-mail": ("email",)})
    account = 'channel="email",'
    for sample in (
        f'clarion_deliveries_total{{{account}outcome="credential",provider="zero-mail"}} 0.0',
        f'clarion_deliveries_total{{{account}outcome="accepted",provider="zero-mail"}} 0.0',
        f'clarion_dead_letters_total{{{account}provider="zero-mail",reason="retry"}} 0.0',
        f'clarion_dead_letters_total{{{account}provider="zero-mail",reason="quarantined"}} 0.0',
        'clarion_lease_lost_total{worker_kind="worker"}',
        'clarion_retries_put_off_total{lane="bulk"}',
        'clarion_throttled_seconds_total{bucket_kind="quota",provider="zero-mail"} 0.0',
    ):
        assert sample in told()


def test_a_process_shows_nothing_that_it_cannot_come_to_count() -> None:
    begin_counting(frozenset({Role.API}), {"zero-push": ("push",)})
    assert "zero-push" not in told()
    sample = 'clarion_events_shed_total{bound="backlog-critical",lane="bulk"}'
    assert sample in told()


def test_counting_is_begun_once() -> None:
    begin_counting(frozenset({Role.KEEPER}), {"zero-sms": ("sms",)})
    retries.labels("sms", "zero-sms", "retry").inc(3)
    begin_counting(frozenset({Role.KEEPER}), {"zero-sms": ("sms",)})
    begun = 'provider="zero-sms",reason="retry"} 3.0'
    assert begun in told()

"""A finished delivery as rows: its key, what is recorded of it, its end."""

from __future__ import annotations

from typing import Any

from clarion.core.delivery import DeliveryKey
from clarion.store.contract.deliveries import Finish
from clarion.store.sql.codec import number_of
from clarion.store.sql.settling import End

DETAIL_LIMIT = 300


def key_row(key: DeliveryKey) -> list[Any]:
    """A key as the first seven columns of a row."""
    return [
        key.env, key.event.hex(), key.workflow, key.user, key.step, number_of(key.channel),
        key.destination,
    ]  # fmt: skip


def record_of(f: Finish, now: int) -> list[Any]:
    """The row of `deliveries/record`."""
    outcome = f.outcome
    words: list[Any] = [None, None, None, None, None]
    if outcome is not None:
        words = [
            outcome.provider_id, outcome.kind.value, outcome.code, outcome.detail[:DETAIL_LIMIT],
            f.ms,
        ]  # fmt: skip
    return [*key_row(f.claim.key), f.status, now, f.claim.made + f.attempted, *words]


def end_of(f: Finish) -> End:
    """The end of a delivery that was being sent."""
    key = f.claim.key
    return End(
        seq=f.claim.seq, env=key.env, event=key.event, workflow=key.workflow, user=key.user,
        step=key.step, channel=number_of(key.channel), destination=key.destination,
        status=f.status,
    )  # fmt: skip

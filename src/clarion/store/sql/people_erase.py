"""Erasing a user: what says who it was goes, the ledger's numbers and counts stay."""

from __future__ import annotations

from clarion.core.states import DeliveryStatus
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import Erased
from clarion.store.sql.names import numbers_of
from clarion.store.sql.settling import End, end_deliveries
from clarion.store.sql.tx import Tx

_REMOVED = {
    "history": "people/erase_user_history",
    "destinations": "people/erase_destination",
    "settings": "people/erase_setting",
    "setting_history": "people/erase_setting_history",
    "subscriptions": "people/erase_subscription",
    "memberships": "people/erase_tenant_member",
    "items": "people/erase_item",
    "inboxes": "people/erase_inbox_counter",
    "contents": "people/erase_content",
    "captures": "people/erase_capture",
    "consents": "people/erase_consent",
    "consent_states": "people/erase_consent_state",
    "dedupe_keys": "people/erase_dedupe",
    "caps": "people/erase_cap",
    "presence": "people/erase_presence",
}

ALL_STATES = 2**62


async def erase(
    tx: Tx, env: int, name: str, now: int, *, states_before: int | None = None
) -> Erased | None:
    """Erase who has this name; None when nobody has it. `deliveries` counts the canceled ones,
    `states` what came in and waits no more: all of it, or what came before an instant.

    The user's row comes first: who writes settings beside it waits there and finds nobody.
    """
    await tx.hold("people", env)
    states = await _drop_states(tx, env, name, states_before or ALL_STATES)
    user = (await numbers_of(tx, env, NameKind.USER, [name])).get(name)
    if user is None:
        return Erased(removed={"states": states}, at=now) if states else None
    removed = {"deliveries": await _cancel_ready(tx, env, user, now), "states": states}
    await tx.run("held/hasten_user", env, user, now)
    ((suppressions,),) = await tx.rows("law/count_kept", env, user)
    with tx.shredding():
        await tx.run("people/erase_user", env, user, now)
        for kind, query in _REMOVED.items():
            removed[kind] = await tx.run(query, env, user)
        await tx.run("names/delete_name", env, NameKind.USER, name)
    return Erased(removed=removed, at=now, kept={"suppressions": suppressions})


async def _drop_states(tx: Tx, env: int, name: str, before: int) -> int:
    """Their versions are kept, so that the same again does not bring the user back."""
    await tx.run("replica/keep_versions", env, name, before)
    return await tx.run("replica/erase_states", env, name, before)


async def _cancel_ready(tx: Tx, env: int, user: int, now: int) -> int:
    """End what is ready to be sent; what is being sent right now is settled as usual."""
    ends = [
        End(
            seq=seq,
            env=env,
            event=event,
            workflow=workflow,
            user=user,
            step=step,
            channel=channel,
            destination=destination,
            status=DeliveryStatus.CANCELED,
        )
        for seq, event, workflow, step, channel, destination in await tx.rows(
            "people/select_ready", env, user
        )
    ]
    await end_deliveries(tx, ends, now)
    return len(ends)

"""Which caps a send step stands under, what it asks of them for one recipient, and what their
answers come to.

The caps of a step are the same for all recipients of a flow: `caps_of_step` is asked once, `ask_of`
for each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec

from clarion.core.caps import (
    NO_CAPS,
    OVER_WORDS,
    CapAnswer,
    CapAsk,
    CapDefaults,
    CapRule,
    CapScope,
)
from clarion.core.workflow import CHANNEL_NUMBER, Channel

SECOND = 1_000_000

NOTIFICATION = -1
"""The step of what a notification uses once, however many steps it has."""


class Capped(msgspec.Struct, frozen=True, kw_only=True):
    """One cap over one step: its rule, the label of who made it (`step`, `workflow`, `category`,
    `tenant`, `environment`), and the part of its counter that all recipients share."""

    label: str
    rule: CapRule
    scope: CapScope
    number: int = 0
    tenant: int = 0
    channel: int = 0
    step: int = NOTIFICATION


class CapRefusal(msgspec.Struct, frozen=True):
    """What the refusing rules come to: `over` as of a rule, the label of the rule that says so, and
    the instant from which all of them may grant again."""

    over: str
    label: str
    frees_at: int


def caps_of_step(
    channel: Channel,
    step: int,
    *,
    workflow: int,
    category: int,
    tenant: int,
    own: CapRule | None = None,
    throttle: CapRule | None = None,
    of_category: CapRule | None = None,
    of_tenant: CapDefaults = NO_CAPS,
    of_environment: CapDefaults = NO_CAPS,
) -> tuple[Capped, ...]:
    """The caps over one send step; `workflow`, `category` and `tenant` are numbers.

    A throttle counts notifications, every other cap messages: one for each send step, however many
    devices it reaches. Of tenant and environment the nearer one's rule counts.
    """
    found = []
    for label, rule, scope, number, counted in (
        ("step", own, CapScope.STEP, workflow, step),
        ("workflow", throttle, CapScope.WORKFLOW, workflow, NOTIFICATION),
        ("category", of_category, CapScope.CATEGORY, category, step),
    ):
        if rule is not None and covers(rule, channel):
            apart = tenant if rule.per == "tenant" else 0
            found.append(
                Capped(
                    label=label, rule=rule, scope=scope, number=number, tenant=apart, step=counted
                )
            )
    return (*found, *_defaults(channel, step, tenant, of_tenant, of_environment))


def covers(rule: CapRule, channel: Channel) -> bool:
    """Whether a rule is about a channel. The inbox has to be named."""
    return channel in rule.channels if rule.channels else channel is not Channel.INBOX


def ask_of(
    capped: Capped, *, event: bytes, workflow: int, user: int, key: str = ""
) -> CapAsk | None:
    """What one recipient asks of a cap; `event` is the id of the event (or of the digest), `key`
    the value of the rule's key. None where a person is counted and the recipient is nobody."""
    rule = capped.rule
    if rule.per == "user" and not user:
        return None
    if capped.scope is CapScope.STEP:
        key = f"{capped.step}:{key}"
    return CapAsk(
        scope=capped.scope,
        number=capped.number,
        user=user if rule.per == "user" else 0,
        channel=capped.channel,
        key=key,
        limit=rule.limit,
        window_us=rule.window_seconds * SECOND,
        holder=holder_of(event, workflow, user, capped.step),
        tenant=capped.tenant,
    )


def holder_of(event: bytes, workflow: int, user: int, step: int) -> int:
    """The number under which a step (or NOTIFICATION) holds its uses: 1 to 2**63 - 1, the same
    whenever it asks again."""
    text = event + b":%d:%d:%d" % (workflow, user, step)
    return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1 or 1


def refusal_of(caps: Sequence[Capped], answers: Iterable[CapAnswer]) -> CapRefusal | None:
    """None when all were granted. Else the most definite of what the refusing rules want (in the
    order of OVER_WORDS), and the instant when the last of them frees."""
    refusing = [
        (capped, answer) for capped, answer in zip(caps, answers, strict=True) if not answer.granted
    ]
    if not refusing:
        return None
    first = min(refusing, key=lambda pair: OVER_WORDS.index(pair[0].rule.over))[0]
    frees_at = max(answer.frees_at for _, answer in refusing)
    return CapRefusal(first.rule.over, first.label, frees_at)


def _defaults(
    channel: Channel, step: int, tenant: int, nearer: CapDefaults, farther: CapDefaults
) -> list[Capped]:
    """A tenant's rule counts what its own events send; the environment's, whatever they send."""
    found = []
    for label, number, defaults in (("tenant", tenant, nearer), ("environment", 0, farther)):
        rule = _of_channel(defaults, channel)
        if rule is not None:
            found.append(
                Capped(
                    label=label, rule=rule, scope=CapScope.USER_CHANNEL, number=number,
                    channel=CHANNEL_NUMBER[channel], step=step,
                )
            )  # fmt: skip
            break
    for label, defaults in (("tenant", nearer), ("environment", farther)):
        if defaults.total is not None:
            if covers(defaults.total, channel):
                found.append(
                    Capped(
                        label=label, rule=defaults.total, scope=CapScope.TENANT, number=tenant,
                        step=step,
                    )
                )  # fmt: skip
            break
    return found


def _of_channel(defaults: CapDefaults, channel: Channel) -> CapRule | None:
    """The inbox stands under no `*`."""
    rule = defaults.channels.get(channel.value)
    if rule is None and channel is not Channel.INBOX:
        rule = defaults.channels.get("*")
    return rule

"""Builders of the core's records, with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import Level, Mention, Recipient, ScopeKind, Setting, Standing, Window
from clarion.core.workflow import Category, Channel, Rollout, SendStep, Workflow

NOW = 1_750_000_000_000_000
"""The instant of `some_facts`, in microseconds."""

MINUTE = 60_000_000
"""In microseconds."""

USER, ACTOR, TENANT = 1, 2, 3
WORKFLOW, CATEGORY = 10, 20

EVERY_DESTINATION: dict[Channel, tuple[int, ...]] = {
    Channel.PUSH: (1,),
    Channel.EMAIL: (2,),
    Channel.SMS: (3,),
    Channel.CHAT: (4,),
}


def a_workflow(*channels: Channel, **changes: Any) -> Workflow:
    """A workflow with one send step per channel (inbox and push when none is named)."""
    wanted = channels or (Channel.INBOX, Channel.PUSH)
    steps = tuple(SendStep(index=i, channel=channel) for i, channel in enumerate(wanted))
    return Workflow(**{"key": "comment", "on": "comment.created", "steps": steps, **changes})


def a_category(*, mandatory: bool = False, **changes: Any) -> Category:
    """A category that users may switch off, unless `mandatory`."""
    return Category(**{"key": "social", "mandatory": mandatory, **changes})


def a_setting(
    kind: ScopeKind = ScopeKind.USER,
    scope: int = 0,
    *,
    user: int = USER,
    level: Level | None = None,
    mute_until: int | None = None,
    suppress: tuple[str, ...] = (),
    channels: dict[Channel, bool] | None = None,
    quiet: tuple[Window, ...] | None = None,
    pause_until: int | None = None,
    cadence: str | None = None,
) -> Setting:
    """One row that chooses nothing until told to; `user` 0 makes it a default for everybody."""
    chosen = (level, mute_until, suppress, channels or {}, quiet, pause_until, cadence)
    return Setting(user, kind, scope, *chosen)


def a_recipient(
    *settings: Setting,
    user: int = USER,
    mention: Mention = Mention.NONE,
    standing: Standing = Standing.KNOWN,
    destinations: dict[Channel, tuple[int, ...]] | None = None,
    **changes: Any,
) -> Recipient:
    """A known user with one destination on every channel that needs one."""
    return Recipient(
        user=user,
        standing=standing,
        mention=mention,
        settings=settings,
        destinations=EVERY_DESTINATION if destinations is None else destinations,
        **changes,
    )


def an_event(**changes: Any) -> EventFacts:
    """The facts of an event of ACTOR in TENANT, about no topic."""
    return EventFacts(**{"tenant": TENANT, "actor": ACTOR, **changes})


def some_facts(
    *settings: Setting,
    event: EventFacts | None = None,
    workflow: Workflow | None = None,
    category: Category | None = None,
    recipient: Recipient | None = None,
    mention: Mention = Mention.NONE,
    rollout: Rollout | None = None,
    paused: bool = False,
    defaults: tuple[Setting, ...] = (),
    duplicate: bool = False,
    whens: dict[int, bool] | None = None,
    now: int = NOW,
    **more: Any,
) -> Facts:
    """Facts under which every step is sent; `settings` and `mention` are the recipient's.

    A `recipient` that is given is taken as it is; `rollout` is that of the default workflow;
    `more` are other fields of Facts.
    """
    flow = WorkflowFacts(
        workflow=workflow or a_workflow(rollout=rollout or Rollout.ON),
        category=category or a_category(),
        workflow_number=WORKFLOW,
        category_number=CATEGORY,
        paused=paused,
    )
    return Facts(
        event=event or an_event(),
        flow=flow,
        recipient=recipient or a_recipient(*settings, mention=mention),
        defaults=defaults,
        duplicate=duplicate,
        whens=whens or {},
        now=now,
        **more,
    )

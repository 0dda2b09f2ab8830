"""Everything `decide` sees. Built by the pipeline (live) or from the ledger (to explain); a
plain value."""

from __future__ import annotations

import msgspec

from clarion.core.recipient import Recipient, Setting
from clarion.core.workflow import Category, Workflow


class EventFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The event as far as it matters for deciding. Numbers stand for names; 0 is none.

    `about_chain` is the topic the event is about and its parents, nearest first.
    `default_levels` are the levels
    that the owners of those topics gave them (topic number -> level text), asked where nobody
    else chose.
    `thread` is True when the nearest topic of the chain is of kind `thread`. `large`: the audience
    of that topic is so large that level `all` does not push. `zone`: the IANA zone of recipients
    who have none of their own, None for UTC.
    """

    tenant: int = 0
    actor: int = 0
    silent: bool = False
    expires_at: int | None = None
    cancelled: bool = False
    about_chain: tuple[int, ...] = ()
    default_levels: dict[int, str] = {}
    thread: bool = False
    large: bool = False
    zone: str | None = None


class WorkflowFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The pinned workflow and category with their numbers, and the switch that stops it."""

    workflow: Workflow
    category: Category
    workflow_number: int
    category_number: int
    paused: bool = False


WHOLE = (0, 2**31)
"""A span of steps that leaves none out."""


LEADS = 0
"""In place of the end of a digest's window: the event is the first, and goes on at once."""


class CapOutcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the caps of a step said: `over` (skip, hold or digest) and `scope` are those of the rule
    that refused, `frees_at` the instant from which it may grant again. Of that rule, for who asks
    why: `used` of `limit` uses `per` user, tenant or all in `window_seconds` (0: not known);
    `by_channel`: only those on the channel of the step count."""

    granted: bool
    over: str = ""
    scope: str = ""
    frees_at: int = 0
    used: int = 0
    limit: int = 0
    window_seconds: int = 0
    per: str = "user"
    by_channel: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One recipient of one event under one workflow, now.

    `defaults` are the rows of tenant and environment (user 0). `duplicate` is True when the
    dedupe key was taken
    by another event within its window. `whens` are the answers of conditions by step index
    (missing = no
    condition). `now` is an instant in microseconds.

    `span` are the steps that are decided, from the first up to before the second: those after a
    wait are decided when it is over. `waited`: the gates that held its first step before. `seen`:
    the inbox item of the notification was seen. `caps` are the answers of caps by step (missing:
    not capped, or not asked yet). `leads`, by digest step: LEADS when the event goes on at once,
    else until when those after such a one are gathered. `untils`: the instants of `until` steps
    (0: none that can be read).
    """

    event: EventFacts
    flow: WorkflowFacts
    recipient: Recipient
    defaults: tuple[Setting, ...] = ()
    duplicate: bool = False
    whens: dict[int, bool] = {}
    now: int = 0
    span: tuple[int, int] = WHOLE
    waited: tuple[str, ...] = ()
    seen: bool = False
    caps: dict[int, CapOutcome] = {}
    leads: dict[int, int] = {}
    untils: dict[int, int] = {}

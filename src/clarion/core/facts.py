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
    `thread` is True when the nearest topic of the chain is of kind `thread`.
    """

    tenant: int = 0
    actor: int = 0
    silent: bool = False
    expires_at: int | None = None
    cancelled: bool = False
    about_chain: tuple[int, ...] = ()
    default_levels: dict[int, str] = {}
    thread: bool = False


class WorkflowFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The pinned workflow and category with their numbers, and the switch that stops it."""

    workflow: Workflow
    category: Category
    workflow_number: int
    category_number: int
    paused: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One recipient of one event under one workflow, now.

    `defaults` are the rows of tenant and environment (user 0). `duplicate` is True when the
    dedupe key was taken
    by another event within its window. `whens` are the answers of conditions by step index
    (missing = no
    condition). `now` is an instant in microseconds.
    """

    event: EventFacts
    flow: WorkflowFacts
    recipient: Recipient
    defaults: tuple[Setting, ...] = ()
    duplicate: bool = False
    whens: dict[int, bool] = {}
    now: int = 0

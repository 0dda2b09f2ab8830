"""The clauses that plain words are made of, by reason and by who decided.

Each fits before ", so the push was not sent."; what stands in braces is filled in by
`clarion.core.plain_words`.
"""

from __future__ import annotations

from clarion.core.decision import Gate
from clarion.core.reasons import Reason
from clarion.core.recipient import Mention
from clarion.core.workflow import Channel

OWN_CLAUSES: dict[str, str] = {
    Reason.LEVEL_ALL: "{user} gets everything from {scope}",
    Reason.THREAD_LEVEL_ALL: "{user} follows everything in {scope}",
    Reason.MENTION: "{event} {mentioned}",
    Reason.MANDATORY: "{category} is mandatory",
    Reason.NO_PREFERENCES: "nobody's settings apply to this destination",
    Reason.EXPIRED: "{event} had expired before {user} could be told",
    Reason.CANCELLED: "{event} was cancelled",
    Reason.WORKFLOW_PAUSED: "{workflow} was paused",
    Reason.ROLLOUT_OFF: "{workflow} was switched off",
    Reason.ROLLOUT_SHADOW: "{workflow} was only being tried out (shadow mode)",
    Reason.UNKNOWN_USER: "no user called {user} was known",
    Reason.ERASED_USER: "{user} had been erased",
    Reason.DUPLICATE: "{workflow} had already handled the same for {user}",
    Reason.OWN_EVENT: "{user} caused {event}",
    Reason.ACTOR_MUTED: "{user} muted {scope}",
    Reason.MUTED: "{user} muted {scope}",
    Reason.THREAD_MUTED: "{user} muted {scope}",
    Reason.LEVEL_NONE: "{user} turned off notifications for {scope}",
    Reason.NO_MENTION: "{user} wants only mentions from {scope}, and {event} {held_none}",
    Reason.MENTION_SUPPRESSED: "{user} ignores {kind} in {scope}",
    Reason.NOT_IN_THREAD: "{user} had not joined {scope}",
    Reason.SILENT: "{event} was sent silently",
    Reason.WHEN_FALSE: "the condition for it was not met{as_seen}",
    Reason.SUPPRESSED: (
        "no address of {user} for {channel} may be used any more, as each is on the suppression"
        " list (after a bounce, a complaint or an opt-out)"
    ),
    Reason.OPTED_OUT: "{user} opted out of {only}{category}",
    Reason.NO_CONSENT: (
        "{category} may only reach people who agreed to it, and {user} had not agreed to get it"
        " by {channel}"
    ),
    Reason.CHANNEL_OFF: "{user} switched off {channel} for {scope}",
    Reason.NO_DESTINATION: "{user} had no {place}",
    Reason.LARGE_AUDIENCE: (
        "{event} went to a very large audience, of which only those who are mentioned get a push,"
        " and {unmentioned}"
    ),
    Reason.OUTSIDE_WINDOW: (
        "whoever wrote {workflow} set hours for this message, and it was outside of them"
    ),
    Reason.LEGAL_HOURS: (
        "the law allows advertising by SMS only from {legal} in the recipient's own time, and it"
        " was outside of these hours"
    ),
    Reason.ACTIVE_ON_DESKTOP: "{user} was active at a desktop and could see it there",
    Reason.SEEN: "{user} had seen it in the inbox meanwhile",
    Reason.PAUSED: "{user} had paused notifications for {scope}",
    Reason.QUIET_HOURS: "it was within the quiet hours that {user} set for {scope}",
    Reason.QUIET_IGNORED: "{category} is told in quiet hours, too",
    Reason.EXPIRES_WHILE_HELD: (
        "it had to wait{wait_end} {wait_cause}, and would have expired by then"
    ),
    Reason.CAPPED: "{cap}",
    Reason.DELAYED: "{workflow} waits at this point before it goes on",
    Reason.WAITS_UNTIL: "{workflow} goes on only at a set time",
    Reason.NO_INSTANT: "the event does not say until when {workflow} should wait, so it did not",
    Reason.DIGESTED: "{user} wants news from {scope} gathered into one message",
    Reason.LEADS_DIGEST: "the first of several such events is told at once",
    Reason.INSTANT: "{user} wants to be told of each event at once",
    Reason.RENDER_FAILED: "the template did not work with the data of {event}",
    Reason.UNDECIDABLE: (
        "deciding about {user} failed inside this server (a dead letter that can be redriven)"
    ),
}
"""How a reason is told when the user chose it, or where nobody has to choose."""

DEFAULT_CLAUSES: dict[str, str] = {
    Reason.LEVEL_ALL: "everything from {scope} is passed on unless somebody asks for less",
    Reason.THREAD_LEVEL_ALL: "everything in {scope} is passed on unless somebody asks for less",
    Reason.MUTED: "{scope} is muted for everybody",
    Reason.THREAD_MUTED: "{scope} is muted for everybody",
    Reason.LEVEL_NONE: "{scope} is off unless somebody asks for it",
    Reason.NO_MENTION: "{scope} passes on only mentions by default, and {event} {held_none}",
    Reason.MENTION_SUPPRESSED: "{scope} spares everybody {kind}",
    Reason.CHANNEL_OFF: "by default {channel} is off for {scope}",
    Reason.PAUSED: "notifications for {scope} were paused for everybody",
    Reason.QUIET_HOURS: "it was within the quiet hours that hold by default for {scope}",
    Reason.DIGESTED: "news from {scope} is gathered into one message by default",
}
"""How it is told when a default for everybody decided."""

EVERYWHERE_CLAUSES: dict[tuple[str, str], str] = {
    ("", Reason.LEVEL_ALL): "{user} has nothing set against it",
    ("", Reason.PAUSED): "notifications were paused",
    ("", Reason.QUIET_HOURS): "it was within quiet hours",
    ("", Reason.DIGESTED): "{workflow} gathers several such events into one message",
    ("user", Reason.OPTED_OUT): "{user} opted out of {only}everything that is not mandatory",
    ("user", Reason.PAUSED): "{user} had paused all notifications",
    ("user", Reason.QUIET_HOURS): "it was within the quiet hours that {user} set",
    ("user", Reason.DIGESTED): "{user} wants such news gathered into one message",
    ("user", Reason.LEVEL_ALL): "{user} gets all notifications",
    ("user", Reason.LEVEL_NONE): "{user} turned off all notifications",
    ("user", Reason.NO_MENTION): "{user} wants only mentions, and {event} {held_none}",
    ("user", Reason.MENTION_SUPPRESSED): "{user} ignores {kind}",
    ("environment", Reason.LEVEL_ALL): "everything is passed on unless somebody asks for less",
    ("environment", Reason.MUTED): "all notifications are muted for everybody",
    ("environment", Reason.THREAD_MUTED): "all notifications are muted for everybody",
    ("environment", Reason.LEVEL_NONE): "notifications are off unless somebody asks for them",
    ("environment", Reason.NO_MENTION): (
        "by default only mentions are passed on, and {event} {held_none}"
    ),
    ("environment", Reason.MENTION_SUPPRESSED): "everybody is spared {kind}",
    ("environment", Reason.CHANNEL_OFF): "by default {channel} is off",
    ("environment", Reason.PAUSED): "all notifications were paused for everybody",
    ("environment", Reason.QUIET_HOURS): (
        "it was within the quiet hours of everybody who set none of their own"
    ),
    ("environment", Reason.DIGESTED): "such news is gathered into one message by default",
}
"""By scope and reason: how it is told when it holds everywhere, or where no setting decided."""

CAP_CLAUSES: dict[str, str] = {
    "step": "this step of {workflow} sends at most {bound}",
    "workflow": "{workflow} sends at most {bound}",
    "category": "{category} allows at most {bound}",
    "tenant": "the organisation sends at most {bound}",
    "environment": "this service sends at most {bound}",
    "": "the limit is {bound}",
}
"""By scope: who set a cap, and how much it lets through."""

CAP_HOLDERS: dict[str, str] = {
    "user": "to {user}",
    "tenant": "in the organisation",
    "all": "in all",
}
"""By `per` of a cap: whose messages it counts together."""

UNKNOWN_BOUND = "a certain number of messages in a time"
"""Of a cap whose numbers were not kept."""

WAIT_CAUSES: dict[str, str] = {
    Gate.WINDOW: "for the hours that the sender set",
    Gate.LEGAL_HOURS: "for the hours in which the law allows it",
    Gate.PRESENCE: "because {user} was active at a desktop",
    Gate.PAUSE: "because notifications were paused",
    Gate.QUIET: "for the end of quiet hours",
    Gate.CAP: "because a limit was reached",
}
"""By gate: what a message had to wait for."""

MENTIONED: dict[Mention, str] = {
    Mention.NONE: "mentioned {user}",
    Mention.USER: "mentioned {user}",
    Mention.REPLY: "was a reply to {user}",
    Mention.ROLE: "mentioned a role of {user}",
    Mention.EVERYONE: "mentioned everyone",
}

KINDS: dict[Mention, str] = {
    Mention.ROLE: "mentions of a role",
    Mention.EVERYONE: "mentions of everyone",
}

SCOPES: dict[str, str] = {
    "": "this",
    "topic": "the topic",
    "workflow": "the workflow",
    "category": "the category",
    "user_in_tenant": "the organisation",
    "user": "all notifications",
    "actor": "whoever caused it",
    "topic_default": "the topic",
    "workflow_default": "the workflow",
    "category_default": "the category",
    "tenant": "the organisation",
    "environment": "the whole environment",
    "step": "the step",
}
"""What a scope is called when no name is given."""

OWN_SCOPES = frozenset({"topic", "workflow", "category", "user_in_tenant", "user", "actor"})

CHANNEL_WORDS: dict[Channel, str] = {
    Channel.INBOX: "the inbox item",
    Channel.PUSH: "the push",
    Channel.EMAIL: "the e-mail",
    Channel.SMS: "the SMS",
    Channel.CHAT: "the chat message",
    Channel.WEBHOOK: "the webhook",
}

CHANNEL_NAMES: dict[Channel, str] = {
    Channel.INBOX: "the inbox",
    Channel.PUSH: "push",
    Channel.EMAIL: "e-mail",
    Channel.SMS: "SMS",
    Channel.CHAT: "chat",
    Channel.WEBHOOK: "the webhook",
}
"""What is switched on and off."""

PLACES: dict[Channel, str] = {
    Channel.INBOX: "inbox",
    Channel.PUSH: "device that takes pushes",
    Channel.EMAIL: "working e-mail address",
    Channel.SMS: "working phone number",
    Channel.CHAT: "connected chat account",
    Channel.WEBHOOK: "webhook",
}

TOLD_BY: dict[Channel, str] = {
    Channel.INBOX: "in the inbox",
    Channel.PUSH: "by push",
    Channel.EMAIL: "by e-mail",
    Channel.SMS: "by SMS",
    Channel.CHAT: "by chat",
    Channel.WEBHOOK: "by webhook",
}
"""How somebody is told."""

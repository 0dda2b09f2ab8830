"""The scope chain: which settings count for one event and one user, and what they say.

A user's own rows come first over the whole chain (topics nearest first, workflow, category, user in
tenant, user); the rows of user 0 follow in the same order (topics, workflow, category, tenant,
environment). So a default never overrules a person's own choice, except that mutes and suppress
flags add up over the whole chain.
"""

from __future__ import annotations

from clarion.core.facts import Facts
from clarion.core.recipient import Level, Mention, ScopeKind, Setting
from clarion.core.workflow import Channel

Chain = tuple[Setting, ...]
"""Settings that count, most specific first."""

OWN_KINDS = frozenset(
    {
        ScopeKind.TOPIC,
        ScopeKind.WORKFLOW,
        ScopeKind.CATEGORY,
        ScopeKind.USER_IN_TENANT,
        ScopeKind.USER,
    }
)
DEFAULT_KINDS = frozenset(
    {
        ScopeKind.TOPIC,
        ScopeKind.WORKFLOW,
        ScopeKind.CATEGORY,
        ScopeKind.TENANT,
        ScopeKind.ENVIRONMENT,
    }
)

OWN_LABELS = {kind: kind.label for kind in OWN_KINDS}
DEFAULT_LABELS = {
    ScopeKind.TOPIC: "topic_default",
    ScopeKind.WORKFLOW: "workflow_default",
    ScopeKind.CATEGORY: "category_default",
    ScopeKind.TENANT: ScopeKind.TENANT.label,
    ScopeKind.ENVIRONMENT: ScopeKind.ENVIRONMENT.label,
}

SUPPRESS_FLAG = {Mention.EVERYONE: "everyone", Mention.ROLE: "roles"}
"""The flag that takes the force out of a mention; direct mentions and replies have none."""

_LEVELS = {level.value: level for level in Level}


def topics_of(facts: Facts) -> tuple[int, ...]:
    """Topics whose rows count, nearest first.

    They are the event's `about` and its parents, else the topic by which the user was reached.
    """
    if facts.event.about_chain:
        return facts.event.about_chain
    return (facts.recipient.topic,) if facts.recipient.topic else ()


def thread_of(facts: Facts) -> int:
    """Number of the thread the event is about, 0 when it is about none."""
    event = facts.event
    return event.about_chain[0] if event.thread and event.about_chain else 0


def chain_of(facts: Facts) -> Chain:
    """The settings that count, most specific first; rows of other scopes or people are left out."""
    own, defaults = facts.recipient.settings, facts.defaults
    if not own and not defaults:
        return ()
    topics = topics_of(facts)
    return (
        *_layer(own, facts.recipient.user, OWN_KINDS, facts, topics),
        *_layer(defaults, 0, DEFAULT_KINDS, facts, topics),
    )


def label_of(row: Setting) -> str:
    """The label of a row's scope; a default for a topic, workflow or category is `..._default`."""
    labels = OWN_LABELS if row.user else DEFAULT_LABELS
    return labels.get(row.kind) or row.kind.label


def mute_in(chain: Chain, now: int) -> Setting | None:
    """The most specific row with a mute that has not ended, whoever set it."""
    for row in chain:
        if _muted(row, now):
            return row
    return None


def mute_of_actor(facts: Facts) -> Setting | None:
    """The user's own unexpired mute of the person who caused the event."""
    actor, user = facts.event.actor, facts.recipient.user
    if not actor:
        return None
    for row in facts.recipient.settings:
        about = row.kind == ScopeKind.ACTOR and row.scope == actor and row.user == user
        if about and _muted(row, facts.now):
            return row
    return None


def level_in(chain: Chain, thread: int) -> Setting | None:
    """The row whose level counts: the first that has one.

    Inside a thread a `none` of the topics above it wins over the thread's own level, when both are
    the user's or both are defaults.
    """
    chosen = next((row for row in chain if row.level is not None), None)
    if chosen is None or not is_thread(chosen, thread):
        return chosen
    above = _level_above(chain, chosen)
    return above if above is not None and above.level is Level.NONE else chosen


def is_thread(row: Setting, thread: int) -> bool:
    """Whether the row is about the thread itself (`thread` 0: there is none)."""
    return bool(thread) and row.kind == ScopeKind.TOPIC and row.scope == thread


def default_level(facts: Facts) -> tuple[Level, str]:
    """Level and scope label where nobody chose: that of the nearest topic's owner, else `all`."""
    topic = default_topic(facts)
    if topic:
        return _LEVELS[facts.event.default_levels[topic]], DEFAULT_LABELS[ScopeKind.TOPIC]
    return Level.ALL, ""


def default_topic(facts: Facts) -> int:
    """The nearest topic whose owner gave it a default level; 0 when there is none."""
    given = facts.event.default_levels
    if not given:
        return 0
    return next((topic for topic in topics_of(facts) if given.get(topic) in _LEVELS), 0)


def quiet_in(chain: Chain) -> Setting | None:
    """The most specific row that says something about quiet hours, also that there are none."""
    for row in chain:
        if row.quiet is not None:
            return row
    return None


def pause_in(chain: Chain, now: int) -> Setting | None:
    """The row whose pause ends last, of those that have not ended; the most specific of equals.

    A pause holds for everything below its scope, whoever set it: nothing specific undoes it.
    """
    found: Setting | None = None
    for row in chain:
        end = row.pause_until
        if end is None or end <= now:
            continue
        if found is None or found.pause_until is None or end > found.pause_until:
            found = row
    return found


def cadence_in(chain: Chain) -> Setting | None:
    """The most specific row that chose how often digests come."""
    return next((row for row in chain if row.cadence is not None), None)


def switch_in(chain: Chain, channel: Channel) -> Setting | None:
    """The most specific row that switches the channel on or off."""
    for row in chain:
        if channel in row.channels:
            return row
    return None


def suppressing(chain: Chain, mention: Mention) -> Setting | None:
    """The most specific row that suppresses the mention; None for direct mentions and replies."""
    flag = SUPPRESS_FLAG.get(mention)
    if flag is None:
        return None
    return next((row for row in chain if flag in row.suppress), None)


def mention_counts(chain: Chain, mention: Mention) -> bool:
    """Whether the mention counts on the badge: there is one, and no scope suppresses it."""
    return mention is not Mention.NONE and suppressing(chain, mention) is None


def _layer(
    rows: tuple[Setting, ...],
    user: int,
    kinds: frozenset[ScopeKind],
    facts: Facts,
    topics: tuple[int, ...],
) -> list[Setting]:
    held = [
        row for row in rows if row.user == user and row.kind in kinds and _holds(row, facts, topics)
    ]
    if len(held) > 1:
        held.sort(key=lambda row: _place(row, topics))
    return held


def _holds(row: Setting, facts: Facts, topics: tuple[int, ...]) -> bool:
    kind, scope = row.kind, row.scope
    if kind == ScopeKind.TOPIC:
        return scope in topics
    if kind == ScopeKind.WORKFLOW:
        return scope == facts.flow.workflow_number
    if kind == ScopeKind.CATEGORY:
        return scope == facts.flow.category_number
    if kind in (ScopeKind.USER_IN_TENANT, ScopeKind.TENANT):
        return scope == facts.event.tenant != 0
    return True


def _place(row: Setting, topics: tuple[int, ...]) -> tuple[int, int]:
    # The numbers of the kinds are in the order of the chain.
    return row.kind, topics.index(row.scope) if row.kind == ScopeKind.TOPIC else 0


def _level_above(chain: Chain, own: Setting) -> Setting | None:
    for row in chain:
        above = row.kind == ScopeKind.TOPIC and row.user == own.user and row.scope != own.scope
        if above and row.level is not None:
            return row
    return None


def _muted(row: Setting, now: int) -> bool:
    return row.mute_until is not None and row.mute_until > now

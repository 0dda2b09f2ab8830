"""Large audiences: where everybody hears everything, a push for each message is too much.

The level `all` pushes nothing to topics with more than so many subscribers; a mention does, and
other channels are as they were (observed behaviour of Discord's clients: above 2,500 members).
"""

from __future__ import annotations

from clarion.core.preference import Chain, mention_counts, switch_in
from clarion.core.recipient import Mention, ScopeKind
from clarion.core.workflow import Channel


def withholds_push(channel: Channel, *, large: bool, mention: Mention, chain: Chain) -> bool:
    """Whether a message on `channel` is left out because of the size of the audience.

    Not for a mention that no scope suppresses, nor for somebody who switched push on for the topic
    itself: that was asked for.
    """
    if not large or channel is not Channel.PUSH or mention_counts(chain, mention):
        return False
    row = switch_in(chain, channel)
    asked = row is not None and row.user != 0 and row.kind is ScopeKind.TOPIC
    return not (asked and row is not None and row.channels[channel])

"""Gates of law: what may not be sent to somebody, whatever they or the sender chose. None means
passed, with nothing to tell.

Consents are about a purpose (a category) on a channel. The most specific one counts: purpose and
channel, then the purpose on all channels, then the channel for all purposes, then all of both.
Engineering defaults for GDPR art. 7 and 21, ePrivacy, CAN-SPAM, CASL and TCPA; no legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable

from clarion.core.facts import Facts
from clarion.core.reasons import Reason
from clarion.core.recipient import Consent, ScopeKind, Standing
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.workflow import Channel, SendStep

_SUPPRESSED = Ruling(GateVerdict.SKIP, Reason.SUPPRESSED)
_NO_CONSENT = Ruling(GateVerdict.SKIP, Reason.NO_CONSENT)
_OUT_OF_CATEGORY = Ruling(GateVerdict.SKIP, Reason.OPTED_OUT, ScopeKind.CATEGORY.label)
_OUT_OF_ALL = Ruling(GateVerdict.SKIP, Reason.OPTED_OUT, ScopeKind.USER.label)


def suppressed(step: SendStep, facts: Facts) -> Ruling | None:
    """Every address of the user on this channel is on the suppression list. Mandatory or not; the
    inbox has no address."""
    if step.channel is Channel.INBOX:
        return None
    return _SUPPRESSED if step.channel in facts.recipient.suppressed else None


def opted_out(step: SendStep, facts: Facts) -> Ruling | None:
    """The user took back what the step needs, or objected to it; mandatory categories go on.
    Objecting to a purpose on all channels is also about the inbox."""
    if not facts.recipient.consents or facts.flow.category.mandatory:
        return None
    said = last_said(_about(facts), step.channel)
    if said is None or said.granted:
        return None
    return _OUT_OF_CATEGORY if said.purpose else _OUT_OF_ALL


def consent(step: SendStep, facts: Facts) -> Ruling | None:
    """A category that requires consent is only sent to who granted it. The inbox needs none, and
    nobody's destinations have nobody to ask."""
    if facts.flow.category.consent != "required" or step.channel is Channel.INBOX:
        return None
    if facts.recipient.standing is Standing.NOBODY:
        return None
    said = last_said(_about(facts), step.channel)
    return None if said is not None and said.granted else _NO_CONSENT


def last_said(consents: Iterable[Consent], channel: Channel) -> Consent | None:
    """The most specific of the consents about one category on a channel."""
    found: Consent | None = None
    for row in consents:
        on_channel = row.channel is None or row.channel is channel
        if on_channel and (found is None or _specific(row) > _specific(found)):
            found = row
    return found


def _about(facts: Facts) -> list[Consent]:
    """The consents about the category of the workflow."""
    category = facts.flow.category_number
    return [row for row in facts.recipient.consents if row.purpose in (0, category)]


def _specific(row: Consent) -> tuple[bool, bool]:
    return row.purpose != 0, row.channel is not None

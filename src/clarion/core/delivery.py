"""One message to one destination: its key, its message, and the nine outcome classes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from clarion.core.workflow import Channel


class OutcomeClass(StrEnum):
    """What a provider's answer means for us; the only vocabulary outside a provider's own file."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    RETRY_AFTER = "retry_after"
    PERMANENT = "permanent"
    DESTINATION_INVALID = "destination_invalid"
    OPTED_OUT = "opted_out"
    CREDENTIAL = "credential"
    CONFIG = "config"
    AMBIGUOUS = "ambiguous"


class About(StrEnum):
    """Whose trouble an outcome is: of all that goes through the account, of what goes to this
    destination, or of this message alone."""

    ACCOUNT = "account"
    DESTINATION = "destination"
    MESSAGE = "message"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider said at once. `code` is the vendor's own code, for people; `detail`
    holds no secret. `about` says whose trouble it is, where it is one.

    `final`: never repeat, whatever the class says (a guarded address, say).
    `captured` is set by the capture provider only: the message as it would have left.
    """

    kind: OutcomeClass
    code: str = ""
    detail: str = ""
    provider_id: str | None = None
    retry_after_seconds: float | None = None
    captured: dict[str, Any] | None = None
    final: bool = False
    about: About = About.ACCOUNT

    @property
    def subject(self) -> About:
        """Whose trouble it is after its class: a refused address or message is never the
        account's, whatever `about` says."""
        return _SUBJECTS.get(self.kind, self.about)


_SUBJECTS = {
    OutcomeClass.DESTINATION_INVALID: About.DESTINATION,
    OutcomeClass.OPTED_OUT: About.DESTINATION,
    OutcomeClass.PERMANENT: About.MESSAGE,
}


class DeliveryKey(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Natural key of a delivery inside an environment. `destination` 0 is the step's own URL
    (webhook)."""

    env: int
    event: bytes
    workflow: int
    user: int
    step: int
    channel: Channel
    destination: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is handed: already in words. `content` holds the rendered fields of the
    channel.

    `delivery_id` (`dlv_...`) is the same on every retry. `platform` is
    `fcm|apns|webpush|fcm_topic` for push.
    `ttl_seconds` is what is left until the expiry (None: no expiry). `event_type`, `occurred_at`
    (microseconds)
    and `tenant` go into webhooks. `urgent` is True in the critical lane. `silent`:
    it makes no sound, as it is quiet hours. `headers` are further ones of a mail, such as
    List-Unsubscribe (RFC 2369, RFC 8058). `traceparent` names the span of this try, where traces
    are on: only who is meant to is told of it.
    """

    delivery_id: str
    channel: Channel
    address: str
    content: dict[str, Any]
    platform: str = ""
    ttl_seconds: int | None = None
    event_type: str = ""
    occurred_at: int = 0
    tenant: str | None = None
    notification_id: str = ""
    urgent: bool = False
    silent: bool = False
    keys: dict[str, str] = {}
    traceparent: str = ""
    headers: dict[str, str] = {}

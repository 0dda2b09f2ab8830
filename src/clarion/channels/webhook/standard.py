"""Outgoing webhooks after Standard Webhooks 1.0 (sender's side and response handling)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.channels.contract import Capabilities, HttpAnswer, SettingField, Wire
from clarion.channels.webhook.signature import check_secret, signature_header
from clarion.clock import SECOND, to_rfc3339
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.retry_after import parse_retry_after
from clarion.core.workflow import Channel
from clarion.errors import SettingsError

THROTTLED_SECONDS = 60.0
"""How long to wait after 429 without a hint."""

WEBHOOK = Capabilities(
    kind="webhook",
    channel=Channel.WEBHOOK,
    title="Standard Webhooks",
    idempotent=True,
    many_servers=True,
    settings=(
        SettingField(
            name="secrets",
            meaning="signing secrets (`whsec_` or `whsk_`); two while one replaces the other",
            required=True,
            secret=True,
        ),
        SettingField(
            name="traceparent",
            meaning="`true`: receivers are told the place of the call in our trace, by the header "
            "`traceparent`; without traces there is none",
            default=False,
        ),
    ),
)


class WebhookProvider:
    """POSTs the event to the destination's URL, signed. Content: `body`, `type`?, `url`?.

    `webhook-id` is the delivery id: receivers drop repeats by it.
    """

    capabilities = WEBHOOK

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """`settings` as WEBHOOK.settings says; SettingsError when a secret cannot sign."""
        given = settings["secrets"]
        self._secrets = (given,) if isinstance(given, str) else tuple(given)
        if not self._secrets:
            raise SettingsError("`secrets` is empty; give one signing secret, two to rotate")
        for secret in self._secrets:
            check_secret(secret)
        self._tells_trace = settings.get("traceparent", False)
        if not isinstance(self._tells_trace, bool):
            raise SettingsError("`traceparent` is neither true nor false; write one of them")

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """One guarded POST; redirects are failures."""
        url = message.address or str(message.content.get("url") or "")
        if not url:
            detail = "neither the destination nor the step names a url"
            return Outcome(kind=OutcomeClass.PERMANENT, code="no_url", detail=detail)
        body, seconds = envelope(message), wire.now() // SECOND
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.delivery_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature_header(
                self._secrets, message.delivery_id, seconds, body
            ),
        }
        if self._tells_trace and message.traceparent:
            headers["traceparent"] = message.traceparent
        answer = await wire.post(url, headers=headers, body=body, guarded=True)
        return read_answer(answer, wire.now())


def envelope(message: Message) -> bytes:
    """The body: `{"type", "timestamp" (RFC 3339, of the event), "data"}`."""
    return msgspec.json.encode(
        {
            "type": message.content.get("type") or message.event_type,
            "timestamp": to_rfc3339(message.occurred_at),
            "data": message.content.get("body", {}),
        }
    )


def read_answer(answer: HttpAnswer, now: int) -> Outcome:
    """A receiver's answer in our words; `now` in microseconds UTC, for dates in Retry-After."""
    wait = parse_retry_after(answer.headers.get("retry-after"), now)
    kind = _class(answer.status, hinted=wait is not None)
    if kind is OutcomeClass.ACCEPTED:
        return Outcome(kind=kind, code=str(answer.status))
    throttled = kind is OutcomeClass.RETRY_AFTER
    return Outcome(
        kind=kind,
        code=str(answer.status),
        # Receivers echo what they get: their words stay out.
        detail=f"the receiver answered {answer.status}",
        retry_after_seconds=(wait or THROTTLED_SECONDS) if throttled else None,
    )


def _class(status: int, *, hinted: bool) -> OutcomeClass:
    if 200 <= status < 300:
        return OutcomeClass.ACCEPTED
    if status == 410:
        return OutcomeClass.DESTINATION_INVALID
    if status == 429 or (status == 503 and hinted):
        return OutcomeClass.RETRY_AFTER
    return OutcomeClass.RETRY

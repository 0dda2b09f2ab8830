"""Messages through a Slack incoming webhook (Slack's documentation of incoming webhooks)."""

from __future__ import annotations

import msgspec

from clarion.channels.contract import Capabilities, HttpAnswer, Wire
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.retry_after import parse_retry_after
from clarion.core.workflow import Channel

SLACK_WEBHOOK = Capabilities(
    kind="slack_webhook",
    channel=Channel.CHAT,
    title="Slack incoming webhook",
    in_flight=1,
)
MOST_CHARACTERS = 4000
THROTTLED_SECONDS = 1.0

_GONE = {
    "invalid_token", "no_service", "no_service_id", "no_team", "no_active_hooks", "team_disabled",
    "channel_not_found", "user_not_found", "channel_is_archived",
}  # fmt: skip
_CONFIG = {"action_prohibited", "posting_to_general_channel_denied"}
_PERMANENT = {"invalid_payload", "invalid_blocks", "no_text", "too_many_attachments"}


class SlackWebhookProvider:
    """Content: `body`. The address is the webhook's URL, which is a secret."""

    capabilities = SLACK_WEBHOOK

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """One guarded POST."""
        text = escaped(str(message.content.get("body", "")))[:MOST_CHARACTERS]
        body = msgspec.json.encode({"text": text, "unfurl_links": False})
        headers = {"Content-Type": "application/json"}
        answer = await wire.post(message.address, headers=headers, body=body, guarded=True)
        return read_answer(answer, wire.now())


def escaped(text: str) -> str:
    """Text without Slack's control characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_answer(answer: HttpAnswer, now: int) -> Outcome:
    """Slack's answer in our words. Its text decides before the status, as the two differ between
    documents."""
    said = answer.body[:100].decode("utf-8", "replace").strip()
    word = said if said in _GONE | _CONFIG | _PERMANENT else str(answer.status)
    if said in _GONE:
        return Outcome(kind=OutcomeClass.DESTINATION_INVALID, code=word)
    if said in _CONFIG:
        return Outcome(kind=OutcomeClass.CONFIG, code=word)
    if 200 <= answer.status < 300:
        return Outcome(kind=OutcomeClass.ACCEPTED, code=word)
    if answer.status == 429:
        wait = parse_retry_after(answer.headers.get("retry-after"), now)
        return Outcome(
            kind=OutcomeClass.RETRY_AFTER, code=word, retry_after_seconds=wait or THROTTLED_SECONDS
        )
    kind = OutcomeClass.RETRY if answer.status >= 500 else OutcomeClass.PERMANENT
    return Outcome(kind=kind, code=word, detail=f"the receiver answered {answer.status}")

"""Every table, and what an erasure and an export do about it. A test compares this with both
schemas, so that a new table is thought about before it is there."""

from __future__ import annotations

from typing import NamedTuple


class Erasing(NamedTuple):
    """Rows that go with their user: the word of the receipt, the table, and the statement, which
    takes environment and user."""

    word: str
    table: str
    statement: str


AT_ONCE = (
    Erasing("history", "user_history", "people/erase_user_history"),
    Erasing("destinations", "destination", "people/erase_destination"),
    Erasing("settings", "setting", "people/erase_setting"),
    Erasing("setting_history", "setting_history", "people/erase_setting_history"),
    Erasing("subscriptions", "subscription", "people/erase_subscription"),
    Erasing("memberships", "tenant_member", "people/erase_tenant_member"),
    Erasing("item_keys", "item_key", "people/erase_item_key"),
    Erasing("item_members", "item_member", "people/erase_item_member"),
    Erasing("items", "item", "people/erase_item"),
    Erasing("inboxes", "inbox_counter", "people/erase_inbox_counter"),
    Erasing("captures", "capture", "people/erase_capture"),
    Erasing("dedupe_keys", "dedupe", "people/erase_dedupe"),
    Erasing("consents", "consent", "people/erase_consent"),
    Erasing("consent_states", "consent_state", "people/erase_consent_state"),
    Erasing("caps", "cap", "people/erase_cap"),
    Erasing("presence", "presence", "people/erase_presence"),
    Erasing("inboxes", "broadcast_marker", "people/erase_broadcast_marker"),
)
"""Keyed by the user: removed in the erasure's first transaction, and once more in its last (what is
many goes in between, in pieces)."""

BY_PAGE = (
    Erasing("dedupe_keys", "dedupe", "people/erase_dedupe_keys"),
    Erasing("contents", "content", "people/erase_contents"),
    Erasing("details", "delivery", "people/erase_delivery_details"),
    Erasing("details", "attempt", "people/erase_attempt_details"),
    Erasing("digests", "digest", "people/erase_digests"),
    Erasing("payloads", "event_payload", "people/erase_payloads"),
)
"""Keyed by event or workflow: removed page by page of the user's notifications."""

ERASED = {
    "user": "emptied; the row stays as a number that was erased",
    "name": "the id; the number then leads nowhere",
    "source_state": "what waits of the user's states, when the erasure begins",
    **{erasing.table: erasing.word for erasing in (*AT_ONCE, *BY_PAGE)},
}
"""Tables in which an erasure removes something: what."""

NUMBERS_ONLY = {
    "notification": "that somebody was told, when and why",
    "decision": "decisions made again",
    "ready": "canceled before the erasure",
    "waiting": "due at once, and skipped",
    "digest_entry": "what was told together",
    "erasure": "who is being erased, until it is done",
    "provider_reference": "how providers call the messages (on PostgreSQL)",
    "dead_letter": "what was given up; its cause is one of our codes",
    "event_recipient": "who was named",
    "simulation_example": "sends that other rules would change",
    "task": "ranges of numbers",
    "used_ticket": "tickets of streams that were used, for half a minute",
    "blast_cut": "the audience of a blast as it was cut",
    "broadcast": "who was excepted",
}
"""Tables that keep a user's number, which leads nowhere once the name is gone."""

KEYED = {
    "suppression": "addresses that get nothing, each as a keyed hash, so that nobody writes again",
    "source_version": "versions of the state by the hash of the name, so that none comes back",
}
"""Tables that are about persons and keep no number and no name of them."""

PRODUCERS = {
    "event": "type, actor's number, audience by number; correlation, ordering key as sent",
    "event_tag": "tags as sent",
    "event_key": "idempotency keys as sent",
    "ordering": "ordering keys as sent",
    "simulation": "which users and rules somebody asked about",
    "blast": "name and type as sent, and counts",
    "blast_plan": "an event to come, as sent but for its recipients, who are numbers",
    "blast_key": "idempotency keys as sent",
}
"""Tables that keep what producers wrote until it is old; personal data does not belong there."""

NOT_PERSONAL = frozenset(
    {
        "account", "account_report", "alert", "alert_window", "api_key", "broadcast_sequence",
        "cap_history",
        "catalog_stamp",
        "category", "category_history", "defaults", "draft", "environment", "environment_retention",
        "event_count", "event_delta", "event_workflow", "forgotten_event", "leader", "migration",
        "number_sequence", "redrive", "requirement", "retention_mark", "secret", "template",
        "template_history", "tenant", "topic", "topic_history", "worker", "workflow",
        "workflow_history",
    }
)  # fmt: skip
"""Tables that hold nothing about a user."""

EXPORTED = {
    "user": "user",
    "user_history": "user_history",
    "name": "user",
    "destination": "destinations",
    "setting": "preferences",
    "setting_history": "preference_history",
    "subscription": "subscriptions",
    "tenant_member": "memberships",
    "notification": "notifications",
    "delivery": "notifications",
    "content": "notifications",
    "event": "notifications",
    "event_payload": "notifications",
    "item": "inbox",
    "capture": "captures",
    "consent": "consents",
    "suppression": "suppressed",
}
"""Tables with what an export shows, and the section of it."""

NOT_EXPORTED = {
    "consent_state": "the newest of the consents",
    "erasure": "who is being erased has no export",
    "provider_reference": "ids of the providers, for the search",
    "source_state": "what the application says of the user, until it is applied",
    "source_version": "numbers by hash",
    "cap": "counts of what was sent in a window that ends by itself",
    "presence": "whether somebody is active right now",
    "attempt": "each try; the last one is told with the delivery",
    "decision": "told with the notification once it is in force",
    "ready": "a delivery's place in the queue",
    "waiting": "a step's place in the queue",
    "digest": "told as a notification of its own",
    "digest_entry": "told as notifications",
    "dead_letter": "told by the delivery's status",
    "blast": "the producer's",
    "blast_cut": "told as notifications once the blast is fired",
    "blast_key": "the producer's",
    "blast_plan": "the producer's",
    "simulation": "what somebody asked, not what the user did",
    "simulation_example": "what would have been decided",
    "dedupe": "keys of a window that ends by itself",
    "event_recipient": "the same as the notifications",
    "event_tag": "the producer's",
    "event_key": "the producer's",
    "inbox_counter": "counts of the items",
    "item_key": "which of the items tells what comes next",
    "item_member": "told as notifications",
    "ordering": "the producer's",
    "task": "ranges of numbers",
    "broadcast": "told as a notification once it is decided",
    "broadcast_marker": "how far broadcasts are decided",
    "used_ticket": "gone after half a minute",
}
"""Tables about users that an export leaves out: why."""

"""What a line of the log is about: ids of the public API, and whoever follows them finds the rest
there. No address, token or body is among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.tracing import kept_context

if TYPE_CHECKING:
    from clarion.pipeline.flow import Flow
    from clarion.store.contract.deliveries import Claim
    from clarion.store.contract.events import EventRow


class OfEvent:
    """An event, by its id at least. See `telemetry.Subject`."""

    def __init__(
        self, event: bytes, correlation: str | None = None, trace: str | None = None
    ) -> None:
        self._event = event
        self._correlation = correlation
        self._trace = trace

    def log_fields(self) -> Mapping[str, str | int]:
        """Its id, the producer's own, and its trace."""
        fields: dict[str, str | int] = {"event_id": event_name(self._event)}
        if self._correlation is not None:
            fields["correlation_id"] = self._correlation
        if self._trace and (context := kept_context(self._trace)):
            fields |= {"trace_id": context.trace_id, "span_id": context.span_id}
        return fields


def of_row(row: EventRow) -> OfEvent:
    """An event that was read back."""
    return OfEvent(row.id, row.correlation, row.trace)


def of_flow(flow: Flow) -> OfEvent:
    """The event of a flow."""
    return OfEvent(bytes.fromhex(flow.event), flow.correlation, flow.trace)


class OfClaim:
    """A delivery in hand. See `telemetry.Subject`."""

    def __init__(self, claim: Claim, event: EventRow | None = None) -> None:
        self._claim = claim
        self._event = event

    def log_fields(self) -> Mapping[str, str | int]:
        """Its ids, the number of the try, the channel, and the account as `provider`."""
        key = self._claim.key
        of_event = of_row(self._event) if self._event is not None else OfEvent(key.event)
        return {
            **of_event.log_fields(),
            "notification_id": notification_name(key.event, key.workflow, key.user),
            "delivery_id": delivery_name(key),
            "attempt": self._claim.made + 1,
            "channel": key.channel.value,
            "provider": self._claim.account,
        }

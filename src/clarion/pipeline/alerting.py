"""Alerts in words, for each kind of target. No address, token or body is ever in them."""

from __future__ import annotations

import re
import shlex
from typing import Any, Protocol

import msgspec

from clarion.clock import to_rfc3339
from clarion.core.delivery import Message, Outcome
from clarion.core.workflow import Channel
from clarion.store.contract.alerts import AlertNote, AlertRow

EVENT_TYPE = "clarion.alert"
EVERYWHERE = "all environments"

_ADDRESS = re.compile(r"\S+@\S+|\+?\d[\d ()-]{7,}\d|https?://\S+")


class Teller(Protocol):
    """A provider with everything `conduct` puts around it."""

    async def conduct(self, message: Message) -> Outcome: ...


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to tell: the name is kept with the alert, so that a repeat leaves out who has it.
    `address` is what the provider takes."""

    name: str
    channel: Channel
    teller: Teller
    address: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the operators read it."""

    id: str
    environment: str
    account: str
    cause: str
    resolved: bool
    count: int
    first_at: str
    last_at: str
    since: str
    until: str
    last_error: str
    sample: list[str]
    look: str

    @property
    def headline(self) -> str:
        """One line."""
        where = f"{self.account}, {self.environment}: {self.cause}"
        if self.resolved:
            return f"Resolved: {where} has not happened again since {_minute(self.since)} UTC"
        return f"{self.count:,} x {where}"

    @property
    def text(self) -> str:
        """All of it, for a chat or a mail."""
        if self.resolved:
            return self.headline + "."
        lines = [
            self.headline,
            f"first {_minute(self.first_at)}, last {_minute(self.last_at)} UTC",
        ]
        if self.last_error:
            lines.append(f"last error: {self.last_error}")
        lines += [f"e.g. {one}" for one in self.sample]
        return "\n".join([*lines, f"look: {self.look}"])


def report_of(alert: AlertRow, environment: str, public_url: str | None = None) -> Report:
    """The report on a row; `environment` is "" where it concerns all. With a `public_url` the
    samples are links."""
    return Report(
        id=f"alr_{alert.since}_{alert.alert}",
        environment=environment or EVERYWHERE,
        account=alert.account,
        cause=alert.cause,
        resolved=alert.resolved,
        count=alert.count,
        first_at=to_rfc3339(alert.first_at),
        last_at=to_rfc3339(alert.last_at),
        since=to_rfc3339(alert.since),
        until=to_rfc3339(alert.until),
        last_error=_ADDRESS.sub("<address>", alert.detail),
        sample=[_linked(name, public_url) for name in alert.sample],
        look=f"clarion dead list --cause {shlex.quote(alert.cause)}",
    )


def message_of(report: Report, target: Target, now: int) -> Message:
    """The message for a target. Its id is the alert's, the same on every repeat."""
    return Message(
        delivery_id=report.id,
        channel=target.channel,
        address=target.address,
        content=_content(report, target.channel),
        event_type=EVENT_TYPE,
        occurred_at=now,
    )


def _content(report: Report, channel: Channel) -> dict[str, Any]:
    if channel is Channel.EMAIL:
        return {"subject": f"[clarion] {report.headline}"[:200], "text": report.text}
    if channel is Channel.WEBHOOK:
        return {"type": EVENT_TYPE, "body": msgspec.to_builtins(report)}
    return {"body": report.text}


def _linked(name: str, public_url: str | None) -> str:
    if public_url is None:
        return name
    room = "events" if name.startswith("evt_") else "notifications"
    return f"{public_url}/v1/{room}/{name}"


def _minute(instant: str) -> str:
    return instant[:19].replace("T", " ")


def account_trouble(account: str, kind: str, detail: str) -> AlertNote:
    """What to note (`AlertStore.note`) when an account as a whole is in trouble: `kind` is e.g.
    `credential`, `config` or `breaker`."""
    return AlertNote(env=0, account=account, cause=f"account:{kind}", detail=detail)
